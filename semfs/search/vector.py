"""The passages' vectors in memory, with FAISS; the only file that knows it.

A `VectorIndex` is a cache of the catalogue's vectors and may be used from many threads: one
lock guards it, because FAISS may not add while it searches.  It follows the catalogue by
fetching what is newer than what it has.  Vectors that the catalogue has dropped stay until
there are too many of them; they belong to no passage, so they are in nobody's hits.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from semfs.model import VectorId
from semfs.store.catalog import Catalog

if TYPE_CHECKING:
    import faiss

log = logging.getLogger(__name__)

_FETCHED = 50_000  # vectors fetched at once: 77 MB of 384 dimensions
_STALE_SHARE = 0.25  # of vectors that the catalogue no longer has, before all is built again
_CHECK_S = 60.0  # between two looks for stale vectors, which count rows
_SAMPLE = 20_000  # vectors that the distribution of scores is derived from
_PRIOR = (0.05, 0.01, 50.0)  # mean and variance of a cosine for a small index, as so many vectors

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest vectors to a query, and how far from chance their cosines are."""

    found: tuple[tuple[VectorId, float], ...]  # best first
    mean: float  # of the query's cosine with all vectors
    deviation: float

    def z(self, cosine: float) -> float:
        """Return by how many deviations a cosine exceeds the mean."""
        return (cosine - self.mean) / self.deviation


class VectorIndex:
    """Search all vectors of the catalogue exactly, held as half floats."""

    def __init__(self, catalog: Catalog, file: Path) -> None:
        self._catalog = catalog
        self._file = file
        self._lock = threading.Lock()
        self._index: faiss.IndexIDMap2 | None = None
        self._opened = False
        self._last = VectorId(0)
        self._saved = 0
        self._checked = 0.0
        self._moments: tuple[int, Floats, Floats] | None = None

    def search(self, query: Floats, *, limit: int, within: Sequence[VectorId] | None = None) -> Near | None:
        """Return the vectors nearest to a normalised query, or None while there are none."""
        with self._lock:
            self._refresh()
            if self._index is None or not self._index.ntotal or self._index.d != query.shape[-1]:
                return None
            mean, deviation = self._chance(query)
            return Near(self._nearest(query, limit, within), mean, deviation)

    def close(self) -> None:
        """Save what was added since the last time."""
        with self._lock:
            if self._index is not None and self._index.ntotal != self._saved:
                self._save()

    def _nearest(
        self, query: Floats, limit: int, within: Sequence[VectorId] | None
    ) -> tuple[tuple[VectorId, float], ...]:
        import faiss

        assert self._index is not None
        faiss.omp_set_num_threads(1)  # of this thread; waking a pool costs more than one query's work
        limit = min(limit, self._index.ntotal)
        if within is not None:
            if not within:
                return ()
            limit = min(limit, len(within))
            selector = faiss.IDSelectorBatch(np.asarray(within, np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
            scores, ids = self._index.search(query.reshape(1, -1), limit, params=parameters)
        else:
            scores, ids = self._index.search(query.reshape(1, -1), limit)
        return tuple(
            (VectorId(int(id)), float(score)) for id, score in zip(ids[0], scores[0], strict=True) if id >= 0
        )

    # -- following the catalogue

    def _refresh(self) -> None:
        if not self._opened:
            self._opened = True
            self._load()
        if time.monotonic() - self._checked > _CHECK_S:
            self._checked = time.monotonic()
            self._drop_if_stale()
        while True:
            ids, values = self._catalog.vectors_after(self._last, limit=_FETCHED)
            if not ids:
                break
            self._append(ids, values)
        if self._index is not None and self._index.ntotal > self._saved * 1.1 + 1000:
            self._save()

    def _append(self, ids: Sequence[VectorId], values: Floats) -> None:
        import faiss

        if self._index is None or self._index.d != values.shape[1]:
            flat = faiss.IndexScalarQuantizer(
                values.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            )
            self._index = faiss.IndexIDMap2(flat)
            self._saved, self._moments = 0, None
        self._index.add_with_ids(np.ascontiguousarray(values), np.asarray(ids, np.int64))
        self._last = ids[-1]

    def _drop_if_stale(self) -> None:
        """Forget everything if the catalogue has lost, or never had, much of what is here."""
        count, newest = self._catalog.vector_count()
        here = self._index.ntotal if self._index is not None else 0
        if here and (self._last > newest or here > count / (1 - _STALE_SHARE) + 1000):
            log.info("vector index has %d of %d vectors: building it again", here, count)
            self._forget()

    def _forget(self) -> None:
        self._index, self._last, self._saved, self._moments = None, VectorId(0), 0, None

    def _load(self) -> None:
        """Take up the cache file if its vectors are the catalogue's."""
        import faiss

        if not self._file.exists():
            return
        try:
            index: Any = faiss.read_index(str(self._file))
            ids = faiss.vector_to_array(index.id_map)
            good = len(ids) == index.ntotal > 0 and all(
                self._same(index, int(ids[place])) for place in (0, len(ids) // 2, -1)
            )
        except (RuntimeError, AttributeError) as error:
            log.warning("%s cannot be used and is built again: %s", self._file, error)
            return
        if good:
            self._index, self._last, self._saved = index, VectorId(int(ids[-1])), len(ids)
        else:
            log.info("%s is not of this catalogue: building it again", self._file)

    def _same(self, index: Any, id: int) -> bool:
        ids, values = self._catalog.vectors_after(VectorId(id - 1), limit=1)
        return (
            bool(ids)
            and ids[0] == id
            and values.shape[1] == index.d
            and bool(np.allclose(index.reconstruct(id), values[0], atol=1e-3))
        )

    def _save(self) -> None:
        """Write the cache file; a full disk costs only the next start its time."""
        import faiss

        assert self._index is not None
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            faiss.write_index(self._index, str(beside))
            beside.replace(self._file)
        except (OSError, RuntimeError) as error:
            log.warning("cannot write %s: %s", self._file, error)
            beside.unlink(missing_ok=True)
        self._saved = self._index.ntotal

    # -- what chance would give

    def _chance(self, query: Floats) -> tuple[float, float]:
        """Return mean and deviation of the query's cosine with a random passage.

        From the vectors' mean m and second moment M: E = q·m, Var = qᵀMq - E².
        """
        mean, second = self._moments_now()
        first = float(mean @ query)
        spread = max(float(query @ second @ query) - first * first, 1e-6)
        count = self._index.ntotal if self._index is not None else 0
        prior_mean, prior_spread, weight = _PRIOR
        share = count / (count + weight)
        return (
            share * first + (1 - share) * prior_mean,
            float(np.sqrt(share * spread + (1 - share) * prior_spread)),
        )

    def _moments_now(self) -> tuple[Floats, Floats]:
        assert self._index is not None
        count = self._index.ntotal
        known = self._moments
        if known is None or count > 1.2 * known[0] + 20:
            places = np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64)
            sample: Floats = self._index.index.reconstruct_batch(places)
            second: Floats = (sample.T @ sample / np.float32(len(sample))).astype(np.float32)
            known = self._moments = (count, sample.mean(0), second)
        return known[1], known[2]
