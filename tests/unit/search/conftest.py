"""A catalogue with a few files, and an embedder whose meaning is a handful of topics."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from semfs.model import Chunk, Document, FileId, Kind
from semfs.search.kept import ChoicesOf, nothing_chosen
from semfs.search.searcher import Searcher
from semfs.store.catalog import CatalogWriter, FileState, content_hash

NOW = datetime(2025, 6, 18, 14, 30)
TOPICS = (
    {"money", "invoice", "invoices", "total", "pay", "bill", "amount", "costs"},
    {"dog", "cat", "animal", "animals", "pet", "puppy"},
    {"python", "code", "function", "program", "programming"},
    {"rain", "weather", "sun", "storm"},
)


class TopicEmbedder:
    """Give texts of one topic the same direction, and each text a little of its own."""

    name = "topics"
    dimension = 32

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query(text) for text in texts])

    def letters_a_piece(self, text: str) -> float:
        return 4.0

    def embed_query(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).digest())
        vector = np.random.default_rng(seed).normal(0, 0.15, self.dimension)
        words = set(text.casefold().replace(".", " ").split())
        for place, topic in enumerate(TOPICS):
            vector[place] += 2.0 * bool(words & topic)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


class Shelf:
    """Put files into a catalogue as ingest would."""

    def __init__(self, folder: Path) -> None:
        self.writer = CatalogWriter(folder / "catalog.db", embedder="topics", dimension=32)
        self.embedder = TopicEmbedder()

    def put(
        self,
        path: str,
        *texts: str,
        kind: Kind = Kind.TEXT,
        modified: datetime = NOW,
        title: str = "",
        author: str = "",
        recipients: str = "",
        language: str = "",
        size: int = 1000,
    ) -> FileId:
        inode = len(self.writer.states()) + 1
        nanoseconds = int(modified.timestamp()) * 10**9
        state = FileState(path, 1, inode, size, nanoseconds, nanoseconds)
        with self.writer.transaction():
            id = self.writer.add(state, kind)
            if texts:
                document = Document((), title, author, language=language, recipients=recipients)
                chunks = [Chunk(text, page=page) for page, text in enumerate(texts, 1)]
                self.writer.store(id, content_hash(*texts), document, chunks)
        return id

    def move(self, old: str, new: str) -> None:
        row = self.writer.file_at(old)
        assert row is not None
        nanoseconds = int(row.mtime * 10**9)
        with self.writer.transaction():
            state = FileState(new, 1, row.id, row.size, nanoseconds, nanoseconds)
            self.writer.touch(row.id, state, row.kind, changed=False)

    def embed(self) -> None:
        missing = self.writer.unembedded(1000)
        if missing:
            with self.writer.transaction():
                vectors = self.embedder.embed([text for _, _, text in missing])
                self.writer.add_vectors([hash for hash, _, _ in missing], vectors)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def searcher(shelf: Shelf, tmp_path: Path) -> Searcher:
    """A searcher over a shelf of small files about money, animals, programs and the weather."""
    shelf.put(
        "/d/invoices/acme.pdf", "ACME bill. Total amount 120.", kind=Kind.PDF, modified=datetime(2023, 3, 1)
    )
    shelf.put(
        "/d/invoices/bolt.pdf", "Invoice of Bolt Ltd. Total 80.", kind=Kind.PDF, modified=datetime(2024, 5, 1)
    )
    shelf.put("/d/notes/pets.txt", "The dog sleeps.", "My cat is an animal that likes fish.")
    shelf.put("/d/code/pep-0484.rst", "Type hints for python code.", title="Type Hints", kind=Kind.MARKDOWN)
    shelf.put("/d/code/main.py", "def read_invoice(path): function of a program", kind=Kind.CODE)
    shelf.put(
        "/d/archive/weather.txt", "Rain and storm all week.", modified=datetime(2023, 7, 1), size=5_000_000
    )
    for number in range(30):
        shelf.put(f"/d/misc/{number}.txt", f"Entry {number} of a list without any matter {number * 7}.")
    shelf.embed()
    return make(shelf, tmp_path)


def make(
    shelf: Shelf,
    folder: Path,
    embedder: Callable[[], TopicEmbedder | None] | None = None,
    *,
    limit: int = 50,
    choices: ChoicesOf = nothing_chosen,
) -> Searcher:
    give = embedder if embedder is not None else lambda: shelf.embedder
    return Searcher(
        shelf.writer,
        give,  # type: ignore[arg-type]
        cache_dir=folder / "cache",
        limit=limit,
        now=lambda: NOW,
        choices=choices,
    )


@pytest.fixture
def searcher_with(shelf: Shelf, searcher: Searcher, tmp_path: Path) -> Callable[..., Searcher]:
    """Make another searcher over the same shelf: `limit=`, `choices=`."""
    return partial(make, shelf, tmp_path)


@pytest.fixture
def bare(shelf: Shelf, tmp_path: Path) -> Searcher:
    """A searcher over a shelf that the test fills."""
    return make(shelf, tmp_path)


@pytest.fixture
def words_only(shelf: Shelf, searcher: Searcher, tmp_path: Path) -> Searcher:
    """The same shelf without an embedder."""
    return make(shelf, tmp_path, lambda: None)


@pytest.fixture
def names() -> Callable[[object], list[str]]:
    """Return the base names of hits or rows."""

    def base(found: object) -> list[str]:
        rows = [getattr(item, "file", item) for item in found]  # type: ignore[attr-defined]
        return [os.path.basename(row.path) for row in rows]

    return base
