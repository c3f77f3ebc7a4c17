"""The vectors nearest to a query, by FAISS; the only file that knows it.

`Flat` holds few vectors in memory and compares all of them; one thread at a time may use it.
`Coded` holds many on disk and never changes, so that any thread may search it: codes of one
bit a dimension (RaBitQ) choose candidates, and the cosines of those are computed exactly from
half floats in a mapped file, of which a lease is held.  Both return cosines of the same vectors as they
were given.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from semfs.errors import CacheUnfit
from semfs.model import VectorId
from semfs.store.leases import Lease
from semfs.store.segments import crc_of

if TYPE_CHECKING:
    import faiss

VERSION = 2  # of the files of `Coded`
# Candidates whose cosines are computed, at least and for each vector that is asked for: of a million,
# .998 of the true nearest 10 are among 1,000, and .88 of the nearest 400, .96 among 2,000.
_CANDIDATES = (1000, 4)
_SAMPLE = 20_000  # vectors that the codes' centre and the distribution of scores are derived from
_EXACT_SHARE = 10  # a part of this size or less is searched without codes, a larger one with more candidates
_EXACT = 20_000
_TOUCHED = 12_000  # rows; the kernel maps up to 16 pages around each
_ROWS = 5_000  # vectors worked on at once: 8 MB of 384 dimensions

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Found = list[tuple[VectorId, float]]  # best first


class Flat:
    """All vectors as half floats in memory, every one compared."""

    def __init__(self, dimension: int) -> None:
        import faiss

        flat = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self.dimension = dimension
        self._index: faiss.IndexIDMap2 = faiss.IndexIDMap2(flat)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Sequence[VectorId], values: Floats) -> None:
        self._index.add_with_ids(np.ascontiguousarray(values), np.asarray(ids, np.int64))

    def nearest(self, query: Floats, limit: int, within: Ids | None) -> Found:
        faiss = _quiet()
        limit = min(limit, len(self), len(within) if within is not None else limit)
        if not limit:
            return []
        selector = None if within is None else faiss.IDSelectorBatch(within)
        parameters = None if selector is None else faiss.SearchParameters(sel=selector)
        scores, ids = self._index.search(query.reshape(1, -1), limit, params=parameters)
        return [
            (VectorId(id), s) for id, s in zip(ids[0].tolist(), scores[0].tolist(), strict=True) if id >= 0
        ]

    def moments(self) -> Floats:
        """Return the mean of the vectors and, below it, their second moment."""
        return _moments(self._index.index.reconstruct_batch(_spread(len(self))))


class Coded:
    """Codes in memory, vectors in a mapped file; made by `write`, once."""

    def __init__(self, folder: Path) -> None:
        """Open what `write` made; raises CacheUnfit where it is not whole or of another version."""
        faiss = _quiet()
        self.folder = folder
        try:
            about = json.loads((folder / "about.json").read_text("utf-8"))
            if about["version"] != VERSION:
                raise CacheUnfit(str(folder), "it is of another version")
            self.catalog = str(about["catalog"])
            self.dimension = int(about["dimension"])
            self.ids: Ids = np.fromfile(folder / "ids", np.int64)
            self._moments: Floats = np.fromfile(folder / "moments", np.float32).reshape(-1, self.dimension)
            self._sums: dict[str, int] = dict(about["crc"])
            self._lease = Lease(folder / "rows")
            self._map = mmap.mmap(self._lease.fileno(), 0, access=mmap.ACCESS_READ)
            self._touched = 0
            self._rows = np.frombuffer(self._map, "<f2").reshape(-1, self.dimension)
            self._codes: Any = faiss.read_index(str(folder / "codes"))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise CacheUnfit(str(folder), str(error)) from error
        sizes = {int(about["count"]), len(self.ids), len(self._rows), int(self._codes.ntotal)}
        if len(sizes) != 1 or self._codes.d != self.dimension or len(self._moments) != self.dimension + 1:
            raise CacheUnfit(str(folder), f"its parts do not fit together: {sorted(sizes)}")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last(self) -> VectorId:
        return VectorId(int(self.ids[-1]))

    def check(self, go_on: Callable[[], None]) -> None:
        """Read all files; raises CacheUnfit where one is not as it was written, and what `go_on` raises."""
        for name, expected in self._sums.items():
            try:
                with (self.folder / name).open("rb") as file:
                    found = crc_of(file.fileno(), os.fstat(file.fileno()).st_size, go_on)
            except OSError as error:
                raise CacheUnfit(str(self.folder), f"{name} cannot be read: {error.strerror}") from error
            if found != expected:
                raise CacheUnfit(str(self.folder), f"{name} is not as it was written")

    def _guard(self) -> None:
        """Raise CacheUnfit if the mapped file has become shorter, or is about to."""
        if not self._lease.whole():
            raise CacheUnfit(str(self.folder), "somebody else writes to its vectors")

    def row(self, place: int) -> tuple[VectorId, Floats]:
        self._guard()
        return VectorId(int(self.ids[place])), self._rows[place].astype(np.float32)

    def moments(self) -> Floats:
        """Return the mean of the vectors and, below it, their second moment."""
        return self._moments

    def nearest(self, query: Floats, limit: int, within: Ids | None) -> Found:
        places = None if within is None else self._places(within)
        wanted = max(_CANDIDATES[0], _CANDIDATES[1] * limit)
        if places is not None and len(places) <= max(_EXACT, len(self) // _EXACT_SHARE, wanted):
            chosen = places
        else:
            chosen = self._candidates(query, wanted, places)
        scores = self._cosines(query, chosen)
        order = np.argsort(-scores, kind="stable")[:limit]
        ids = self.ids[chosen[order]].tolist()
        return [(VectorId(id), score) for id, score in zip(ids, scores[order].tolist(), strict=True)]

    def _places(self, ids: Ids) -> Ids:
        """Return where these vectors stand, in order; those that are not here are left out."""
        ids = np.unique(ids)
        places = np.searchsorted(self.ids, ids)
        ids, places = ids[places < len(self)], places[places < len(self)]
        there: Ids = places[self.ids[places] == ids]
        return there

    def _candidates(self, query: Floats, wanted: int, places: Ids | None) -> Ids:
        """Return the places of vectors that may be the nearest, in order."""
        _quiet()
        if places is not None:
            wanted = int(1.2 * wanted * len(self) / len(places))
        _, found = self._codes.search(query.reshape(1, -1), min(wanted, len(self)))
        chosen: Ids = np.sort(found[0][found[0] >= 0])
        return chosen if places is None else chosen[np.isin(chosen, places, assume_unique=True)]

    def _cosines(self, query: Floats, places: Ids) -> Floats:
        scores = np.empty(len(places), np.float32)
        for start in range(0, len(places), _ROWS):
            self._guard()
            part = places[start : start + _ROWS]
            scores[start : start + _ROWS] = self._rows[part].astype(np.float32) @ query
        self._give_back(len(places))
        return scores

    def _give_back(self, touched: int) -> None:
        """Have no more than half a gigabyte mapped, or soon the whole file would count as our memory."""
        self._touched += touched
        if self._touched > _TOUCHED:
            self._touched = 0
            self._map.madvise(mmap.MADV_DONTNEED)

    @classmethod
    def write(
        cls,
        folder: Path,
        *,
        catalog: str,
        dimension: int,
        batches: Iterable[tuple[Sequence[VectorId], Floats]],
        go_on: Callable[[], None],
    ) -> Self:
        """Write vectors, oldest first, into a folder that is not there yet, and open it.

        Takes about 120 bytes of memory a vector; raises OSError where the disk is full, and
        whatever `go_on` raises, which is called some times a second.
        """
        folder.mkdir(parents=True, mode=0o700)
        count = 0
        with (folder / "rows").open("wb") as rows, (folder / "ids").open("wb") as ids:
            for names, values in batches:
                rows.write(values.astype("<f2").tobytes())
                ids.write(np.asarray(names, np.int64).tobytes())
                count += len(names)
        _encode(folder, dimension, count, go_on)
        sums = {file.name: _kept(file, go_on) for file in folder.iterdir()}
        about = {"version": VERSION, "catalog": catalog, "dimension": dimension, "count": count, "crc": sums}
        (folder / "about.json").write_text(json.dumps(about), "utf-8")
        _kept(folder / "about.json", go_on)
        return cls(folder)


def _encode(folder: Path, dimension: int, count: int, go_on: Callable[[], None]) -> None:
    faiss = _quiet()
    rows = np.memmap(folder / "rows", "<f2", "r", shape=(count, dimension))
    sample = rows[_spread(count)].astype(np.float32)
    _moments(sample).tofile(folder / "moments")
    codes = faiss.IndexRaBitQFastScan(dimension, faiss.METRIC_INNER_PRODUCT)
    codes.train(sample)
    for start in range(0, count, _ROWS):
        go_on()
        codes.add(rows[start : start + _ROWS].astype(np.float32))
    try:
        faiss.write_index(codes, str(folder / "codes"))
    except RuntimeError as error:
        raise OSError(f"cannot write {folder / 'codes'}: {error}") from error


def _spread(count: int) -> Ids:
    """Return the places of a sample from all parts."""
    return np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64)


def _moments(sample: Floats) -> Floats:
    second = sample.T @ sample / np.float32(len(sample))
    return np.vstack([sample.mean(0), second]).astype(np.float32)


def _kept(file: Path, go_on: Callable[[], None]) -> int:
    """See that a file outlives a crash of the machine, and return its CRC-32."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        return crc_of(opened.fileno(), os.fstat(opened.fileno()).st_size, go_on)


def _quiet() -> Any:
    """Return FAISS, which computes in this thread alone: waking a pool costs more than one query's work."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss
