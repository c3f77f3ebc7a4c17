"""The vectors of all passages, by nearness: a cache of the catalogue that follows it.

A `VectorIndex` may be used from many threads.  It fetches what is newer than what it has into
memory (`Flat`); when that is too much it writes all into a folder of files (`Coded`) in a thread
of its own, and searches go on with what is there until the new folder takes its place.  Of a
catalogue's folders the newest that is whole counts, and one process at a time writes them.
Vectors that the catalogue has dropped stay until there are too many of them; they belong to
no passage, so they are in nobody's hits.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from pathlib import Path

import numpy as np

from semfs.errors import CacheUnfit, StoreError
from semfs.model import VectorId
from semfs.search.nearest import Coded, Flat, Floats, Found, Ids
from semfs.store.catalog import Catalog

log = logging.getLogger(__name__)

# Vectors in memory: 38 MB of 384 dimensions, compared in 4 ms. So many new ones take 20 minutes to
# embed, and all of a million are written anew in half a minute.
MOST_FLAT = 50_000
_FETCHED = 5_000  # vectors fetched at once: 8 MB of 384 dimensions
_STALE_SHARE = 0.25  # of vectors that the catalogue no longer has, before all is built again
_CHECK_S = 60.0  # between two looks for stale vectors, which count rows
_RETRY_S = 600.0  # after the folder could not be written
_NICE = 10  # of the thread that writes
_CHECKED = 64  # vectors of a folder that are compared with the catalogue's
_PRIOR = (0.05, 0.01, 50.0)  # mean and variance of a cosine for a small index, as so many vectors


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest vectors to a query, and how far from chance their cosines are."""

    found: tuple[tuple[VectorId, float], ...]  # best first
    mean: float  # of the query's cosine with all vectors
    deviation: float

    def z(self, cosine: float) -> float:
        """Return by how many deviations a cosine exceeds the mean."""
        return (cosine - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class _Moments:
    """What the distribution of a query's cosines follows from."""

    count: int
    mean: Floats
    second: Floats

    @classmethod
    def of(cls, part: Flat | Coded) -> _Moments:
        moments = part.moments()
        return cls(len(part), moments[0], moments[1:])

    def chance(self, query: Floats) -> tuple[float, float]:
        """Return mean and deviation of the query's cosine with a random passage.

        From the vectors' mean m and second moment M: E = q·m, Var = qᵀMq - E².
        """
        first = float(self.mean @ query)
        spread = max(float(query @ self.second @ query) - first * first, 1e-6)
        prior_mean, prior_spread, weight = _PRIOR
        share = self.count / (self.count + weight)
        return (
            share * first + (1 - share) * prior_mean,
            float(np.sqrt(share * spread + (1 - share) * prior_spread)),
        )


class VectorIndex:
    """Search all vectors of the catalogue."""

    def __init__(self, catalog: Catalog, folder: Path, *, most_flat: int = MOST_FLAT) -> None:
        self._catalog = catalog
        self._folder = folder
        self._most_flat = most_flat
        self._lock = threading.Lock()  # of all below
        self._identity: str | None = None
        self._coded: Coded | None = None
        self._recent: Flat | None = None
        self._last = VectorId(0)
        self._moments: _Moments | None = None
        self._checked = 0.0
        self._writing: threading.Thread | None = None
        self._checking: threading.Thread | None = None
        self._retry_at = 0.0
        self._closing = threading.Event()

    def search(self, query: Floats, *, limit: int, within: Sequence[VectorId] | None = None) -> Near | None:
        """Return the vectors nearest to a normalised query, or None while there are none."""
        only = None if within is None else np.asarray(within, np.int64)
        try:
            return self._near(query, limit, only)
        except CacheUnfit as error:
            self._give_up(error)
            return self._near(query, limit, only)

    def _near(self, query: Floats, limit: int, only: Ids | None) -> Near | None:
        with self._lock:
            self._follow()
            coded, largest = self._coded, self._coded or self._recent
            if largest is None or largest.dimension != query.shape[-1]:
                return None
            chance = self._moments_of(largest).chance(query)
            recent = self._recent.nearest(query, limit, only) if self._recent else []
        found: Found = coded.nearest(query, limit, only) if coded else []
        both = merge(recent, found, key=lambda item: -item[1])
        return Near(tuple(islice(both, limit)), *chance)

    def chance(self, query: Floats) -> tuple[float, float] | None:
        """Return mean and deviation of a query's cosine with a random passage; None if there are none."""
        with self._lock:
            largest = self._coded or self._recent
            if largest is None or largest.dimension != query.shape[-1]:
                return None
            return self._moments_of(largest).chance(query)

    def close(self) -> None:
        """End the thread that writes, if there is one; what it has not finished is done another time."""
        self._closing.set()
        for thread in (self._writing, self._checking):
            if thread is not None:
                thread.join()

    def settle(self) -> None:
        """Wait until a folder that is being written is in use."""
        writing = self._writing
        if writing is not None:
            writing.join()

    def _moments_of(self, part: Flat | Coded) -> _Moments:
        known = self._moments
        if known is None or len(part) > 1.2 * known.count + 20:
            known = self._moments = _Moments.of(part)
        return known

    # -- following the catalogue; under the lock

    def _follow(self) -> None:
        identity = self._catalog.identity()
        if identity != self._identity:
            self._identity = identity
            self._forget()
            self._adopt()
        if time.monotonic() - self._checked > _CHECK_S:
            self._checked = time.monotonic()
            self._check_stale()
        self._fetch()
        if self._recent is not None and len(self._recent) > self._most_flat:
            self._write_soon()

    def _fetch(self) -> None:
        """Take up new vectors; while a folder is being written, not without end."""
        while self._recent is None or len(self._recent) <= 2 * self._most_flat or not self._writing:
            ids, values = self._catalog.vectors_after(self._last, limit=_FETCHED)
            if not ids:
                return
            dimension = values.shape[1]
            if self._coded is not None and self._coded.dimension != dimension:
                self._coded = self._moments = None
            if self._recent is None or self._recent.dimension != dimension:
                self._recent, self._moments = Flat(dimension), None
            self._recent.add(ids, values)
            self._last = ids[-1]
            if len(self._recent) > self._most_flat:
                self._write_soon()

    def _forget(self) -> None:
        self._coded, self._recent, self._last, self._moments = None, None, VectorId(0), None

    def _check_stale(self) -> None:
        """Build again if the catalogue has lost, or never had, much of what is here."""
        count, newest = self._catalog.vector_count()
        here = sum(len(part) for part in (self._coded, self._recent) if part is not None)
        if self._last > newest:
            self._forget()
        elif here > count / (1 - _STALE_SHARE) + 1000:
            log.info("vector index has %d of %d vectors: building it again", here, count)
            if self._coded is None or count <= self._most_flat:
                self._forget()
            else:
                self._write_soon()

    # -- the folder

    def _adopt(self) -> None:
        """Use the newest folder that is this catalogue's, if there is one."""
        for folder in sorted(self._folder.glob("[0-9]*"), reverse=True):
            try:
                coded = Coded(folder)
                if coded.catalog != self._identity or not self._agrees(coded):
                    raise CacheUnfit(str(folder), "it is not of this catalogue")
            except CacheUnfit as error:
                log.info("not used: %s", error)
                continue
            self._use(coded)
            self._checking = threading.Thread(target=self._check, args=(coded,), name="check vectors")
            self._checking.start()
            return

    def _give_up(self, error: CacheUnfit) -> None:
        """Leave a folder that is damaged; all is fetched anew, and another one written."""
        log.warning("%s; it is written again", error)
        shutil.rmtree(error.path, ignore_errors=True)
        with self._lock:
            if self._coded is not None and str(self._coded.folder) == error.path:
                self._forget()

    def _check(self, coded: Coded) -> None:
        """Read through a folder that was there before us, in a thread of its own."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            coded.check(self._go_on)
        except CacheUnfit as error:
            if Path(error.path).exists():  # else another has taken its place meanwhile
                self._give_up(error)
        except _Stopped:
            pass

    def _agrees(self, coded: Coded) -> bool:
        """Compare some vectors with the catalogue's; those that it has dropped since do not count."""
        same = 0
        for place in np.linspace(0, len(coded) - 1, min(len(coded), _CHECKED)).astype(int).tolist():
            id, row = coded.row(place)
            ids, values = self._catalog.vectors_after(VectorId(id - 1), limit=1)
            if ids and ids[0] == id:
                if values.shape[1] != coded.dimension or not np.array_equal(values[0], row):
                    return False
                same += 1
        return same > 0

    def _use(self, coded: Coded) -> None:
        self._coded, self._recent, self._moments = coded, None, None
        self._last = coded.last

    def _write_soon(self) -> None:
        if self._writing is None and time.monotonic() >= self._retry_at and not self._closing.is_set():
            self._writing = threading.Thread(target=self._write, args=(self._identity or "",), name="vectors")
            self._writing.start()

    # -- in the thread that writes

    def _write(self, identity: str) -> None:
        """Write a folder and put it in the place of what is used now; a full disk costs only memory."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        coded = None
        try:
            with self._alone():
                coded = self._written(identity)
        except _Stopped:
            pass
        except (OSError, StoreError) as error:
            log.warning("cannot write the vector index, which is kept in memory: %s", error)
        finally:
            with self._lock:
                if coded is not None and identity == self._identity:
                    self._use(coded)
                else:
                    self._retry_at = time.monotonic() + _RETRY_S
                self._writing = None
            self._catalog.close()

    def _written(self, identity: str) -> Coded:
        for leftover in self._folder.glob("new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        older = list(self._folder.glob("[0-9]*"))
        beside = self._folder / f"new-{os.getpid()}"
        try:
            dimension = int(self._catalog.meta("dimension", "0"))
            batches = self._all(dimension)
            Coded.write(beside, catalog=identity, dimension=dimension, batches=batches, go_on=self._go_on)
            final = beside.rename(self._folder / f"{time.time_ns():020}")
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        for folder in older:
            shutil.rmtree(folder, ignore_errors=True)
        return Coded(final)

    def _all(self, dimension: int) -> Iterator[tuple[list[VectorId], Floats]]:
        last = VectorId(0)
        while True:
            self._go_on()
            ids, values = self._catalog.vectors_after(last, limit=_FETCHED)
            if not ids:
                return
            if values.shape[1] != dimension:
                raise StoreError(str(self._catalog.path), "its vectors are being made by another model")
            last = ids[-1]
            yield ids, values

    def _go_on(self) -> None:
        if self._closing.is_set():
            raise _Stopped

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder for one writer; another one's work is taken up at the next start."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / "lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _Stopped from None
            yield


class _Stopped(Exception):
    """Somebody else writes, or the index is being closed."""
