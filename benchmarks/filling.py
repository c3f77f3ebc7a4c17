"""A catalogue of any number of passages, written without reading or embedding a file for each.

The files are there, and empty; what the catalogue says of them are real passages and copies of these
with other words, with noise in their vectors.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import numpy as np
from copies import Copier, Embedded, Source, Vectors, hash_of, say

from semfs.config import data_dir
from semfs.model import Document, Kind
from semfs.search.vector import VectorIndex
from semfs.store.catalog import Catalog, CatalogWriter, FileState
from semfs.store.following import WordWriter

EMBEDDER = "all-minilm-l6-v2"
AT_ONCE = 500  # files a transaction


def embedded(sources: Sequence[Source]) -> dict[bytes, Vectors]:
    """Return the vectors of real passages, which are computed once and kept below $XDG_CACHE_HOME."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "semfs" / "benchmarks"
    return Embedded(cache, EMBEDDER).of(sources)


def fill(
    base: Path,
    sources: Sequence[Source],
    known: Mapping[bytes, Vectors],
    *,
    passages: int,
    name: str,
) -> None:
    """Write BASE/semfs/NAME/catalog.db and BASE/files; what was at BASE is replaced when it is whole."""
    begun = time.perf_counter()
    chance = np.random.default_rng(5)
    shuffled = [sources[place] for place in chance.permutation(len(sources))]
    unfinished = base.with_name(f"{base.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    writer = CatalogWriter(unfinished / "semfs" / name / "catalog.db", embedder=EMBEDDER, dimension=384)
    filler = _Filler(writer, unfinished, Copier(shuffled), known, chance)
    done, reported = 0, 0
    for start in count(0, AT_ONCE):
        if done >= passages:
            break
        with writer.transaction():
            for number in range(start, start + AT_ONCE):
                if done < passages:
                    done += filler.put(shuffled[number % len(shuffled)], number // len(shuffled))
        if done - reported >= 20_000:
            reported = done
            say(f"{done} of {passages} passages, {time.perf_counter() - begun:.0f} s")
    writer.close()
    shutil.rmtree(base, ignore_errors=True)
    unfinished.rename(base)


class _Filler:
    """Stores files as ingest would."""

    def __init__(
        self,
        writer: CatalogWriter,
        base: Path,
        copier: Copier,
        known: Mapping[bytes, Vectors],
        chance: np.random.Generator,
    ) -> None:
        self._writer = writer
        self._base = base
        self._copier = copier
        self._known = known
        self._chance = chance

    def put(self, source: Source, generation: int) -> int:
        """Store one file and its vectors, a copy but for generation 0; return how many passages it has."""
        real = np.stack([self._known[hash_of(piece)] for piece in source.chunks])
        chunks = self._copier.copy(source) if generation else source.chunks
        values = self._copier.vectors(real) if generation else real
        path = self._base / "files" / source.collection / str(generation) / source.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (0, int(1.4e9 + self._chance.integers(0, 350_000_000))))
        name = self._base.name
        final = str(path).replace(f"{name}/files", f"{name.removesuffix('.new')}/files")
        state = FileState.of(final, path.stat())
        if self._writer.file_at(final) is not None:
            return 0  # two of a collection have one name
        id = self._writer.add(state, Kind.TEXT)
        document = Document(sections=(), title=source.title, language=source.language)
        self._writer.store(id, b"", document, chunks)
        self._writer.add_vectors([hash_of(piece) for piece in chunks], values)
        return len(chunks)


def words(name: str) -> None:
    """Have the words beside the catalogue written, as ingest does."""
    catalog = CatalogWriter(data_dir(name) / "catalog.db")
    writer = WordWriter(catalog.path.with_name("words"))
    writer.follow(catalog)
    while writer.timeout() < 60:
        time.sleep(writer.timeout())
        writer.follow(catalog)
    writer.settle()
    catalog.close()


def vectors(name: str) -> VectorIndex:
    """Return the vector index when what it keeps on disk is there."""
    catalog = Catalog(data_dir(name) / "catalog.db")
    index = VectorIndex(catalog, catalog.path.parent / "vectors")
    index.search(np.ones(384, np.float32), limit=1)
    index.settle()
    return index
