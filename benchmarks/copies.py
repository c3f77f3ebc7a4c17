"""Real passages, and perturbed copies of them, for catalogues of any size.

A copy keeps its file's shape and about two thirds of its words: the others are dropped, change
places with a neighbour, become other words of the same collection (drawn as often as they stand
there, so that common words stay common) or, rarely, words that stand nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semfs.engine.embed import Embedder
from semfs.index.chunk import chunk
from semfs.index.embedding import Batch
from semfs.index.language import language_of
from semfs.indexers.registry import default_registry
from semfs.model import Chunk, Document, Kind, Section
from semfs.store.catalog import content_hash

PLAIN = {".txt", ".md", ".rst"}  # read in this process, so only formats that no parser can die of
# A piece with the space that follows it; letters of scripts without spaces stand alone.
PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+\s*|\s+"
)
DROPPED, REPLACED, SWAPPED, INVENTED = 0.08, 0.22, 0.08, 0.004  # shares of a copy's words
NOISE = 0.6  # length of what is added to a vector of length 1: the copy's cosine with it is about .86

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Source:
    """A real file cut into passages, with the collection that it is from."""

    collection: str
    name: str
    title: str
    language: str
    chunks: tuple[Chunk, ...]

    @classmethod
    def of(cls, collection: str, name: str, document: Document) -> Source:
        chunks = tuple(chunk(document.sections))
        language = language_of(Kind.TEXT, [piece.text for piece in chunks], declared=document.language)
        return cls(collection, name, document.title, language, chunks)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def real_files(sets: Path | None, docs: Path | None, *, most: int | None = None) -> Iterator[Source]:
    """Yield the documents of all sets (BEIR layout) below one folder, and the texts below another.

    `most` bounds how many of each set.
    """
    for corpus in sorted(sets.glob("*/corpus.jsonl")) if sets else ():
        with corpus.open(encoding="utf-8") as file:
            for number, row in enumerate(map(json.loads, islice(file, most))):
                text = f"{row['title']}\n\n{row['text']}" if row.get("title") else row["text"]
                yield Source.of(corpus.parent.name, f"d{number:06}.txt", Document(sections=(Section(text),)))
    registry = default_registry()
    for path in sorted(docs.rglob("*")) if docs else ():
        if path.suffix in PLAIN and path.is_file():
            yield Source.of(path.relative_to(docs).parts[0], path.name, registry.read(str(path))[1])


def queries(sets: Path, count: int) -> list[str]:
    """Return judged queries, as many of each set."""
    chance = np.random.default_rng(1)
    found = []
    folders = sorted(path.parent for path in sets.glob("*/queries.jsonl"))
    for folder in folders:
        with (folder / "queries.jsonl").open(encoding="utf-8") as file:
            texts = [json.loads(line)["text"] for line in file]
        found += [texts[place] for place in chance.permutation(len(texts))[: -(-count // len(folders))]]
    return [found[place] for place in chance.permutation(len(found))[:count]]


class Embedded:
    """Vectors of real passages by content, kept in a file so that they are computed once."""

    def __init__(self, cache: Path, embedder: str) -> None:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._name = embedder
        self._db = sqlite3.connect(cache / f"{embedder}.db")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
        )

    def of(self, sources: Sequence[Source]) -> dict[bytes, Vectors]:
        known = {
            hash: np.frombuffer(value, "<f2") for hash, value in self._db.execute("SELECT * FROM vectors")
        }
        rows = {hash_of(piece): piece for source in sources for piece in source.chunks}
        missing = [(hash, piece.heading, piece.text) for hash, piece in rows.items() if hash not in known]
        if missing:
            say(f"{len(missing)} real passages are embedded, once")
            model = Embedder.open(self._name)
        for start in range(0, len(missing), 64):
            batch = Batch.of(missing[start : start + 64])
            values = model.embed(batch.texts).astype("<f2")
            known.update(zip(batch.hashes, values, strict=True))
            with self._db:
                self._db.executemany(
                    "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                    [(hash, value.tobytes()) for hash, value in zip(batch.hashes, values, strict=True)],
                )
            if start % 6400 == 0:
                say(f"{start} of {len(missing)} embedded")
        return {hash: known[hash].astype(np.float32) for hash in rows}


def hash_of(piece: Chunk) -> bytes:
    return content_hash(piece.heading, piece.text)


class Copier:
    """Make copies that differ from their originals and from each other; the same ones every time."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._chance = np.random.default_rng(7)
        self._pools: dict[str, list[str]] = {}
        for source in sources:
            pool = self._pools.setdefault(source.collection, [])
            for piece in source.chunks:
                pool += map(sys.intern, PIECE.findall(piece.text))

    def copy(self, source: Source) -> tuple[Chunk, ...]:
        pool = self._pools[source.collection]
        return tuple(
            Chunk(self._perturbed(piece.text, pool), piece.heading, piece.page, piece.line)
            for piece in source.chunks
        )

    def _perturbed(self, text: str, pool: Sequence[str]) -> str:
        pieces = PIECE.findall(text)
        dice = self._chance.random(len(pieces)).tolist()
        others = self._chance.integers(0, len(pool), len(pieces)).tolist()
        for place, die in enumerate(dice):
            if die < DROPPED:
                pieces[place] = ""
            elif die < DROPPED + REPLACED:
                pieces[place] = pool[others[place]]
            elif die < DROPPED + REPLACED + SWAPPED and place:
                pieces[place - 1], pieces[place] = pieces[place], pieces[place - 1]
            elif die > 1 - INVENTED:
                pieces[place] = hashlib.blake2b(repr(die).encode(), digest_size=4).hexdigest() + " "
        return "".join(pieces)

    def vectors(self, real: Vectors) -> Vectors:
        """Return these vectors with noise, normalised."""
        noise = self._chance.normal(0, NOISE / np.sqrt(real.shape[1]), real.shape)
        moved = real + noise.astype(np.float32)
        normalised: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return normalised
