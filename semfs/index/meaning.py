"""Which passages get their vectors next; the part of ingest between the embedding process and the catalogue.

`Meaning` belongs to the ingest process's thread.  What it remembers of files that were just saved or
looked at is a matter of order only: every passage without a vector waits in the catalogue.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice

from semfs.index.child import Child
from semfs.index.embedding import Embedding, Passages
from semfs.index.latest import Latest
from semfs.index.order import Work
from semfs.store.catalog import CatalogWriter

AT_ONCE = 100  # files whose passages are asked for together


class Meaning:
    """The passages that wait for a vector, in their order."""

    def __init__(self, catalog: CatalogWriter, command: Sequence[str]) -> None:
        self._catalog = catalog
        self._embedding = Embedding(command)
        self._since = 0.0
        self.saved = Latest()
        self.looked = Latest()

    @property
    def children(self) -> list[Child]:
        return self._embedding.children

    @property
    def busy(self) -> bool:
        return self._embedding.busy

    @property
    def trouble(self) -> str:
        return self._embedding.trouble

    def waiting(self) -> list[Work]:
        """Return what there is to do if its turn comes."""
        _, passages, _ = self._catalog.backlog()
        if not passages:
            return []
        more = ((self.saved, Work.SAVED_VECTORS), (self.looked, Work.LOOKED_VECTORS))
        return [Work.VECTORS, *(work for files, work in more if files)]

    def take(self) -> float:
        """Store what has been embedded; return how many seconds it took, 0 if nothing was."""
        finished = self._embedding.poll()
        if not finished:
            return 0.0
        with self._catalog.transaction():
            for batch, vectors in finished:
                self._catalog.add_vectors(batch.hashes, vectors)
        began, self._since = self._since, time.monotonic()
        return self._since - began

    def give(self, turn: Callable[[], Work | None]) -> None:
        """Have passages embedded whose turn it is, as many as can be taken."""
        if not self._embedding.busy:
            self._since = time.monotonic()
        self._embedding.feed(lambda limit: self._next(turn, limit))

    def _next(self, turn: Callable[[], Work | None], limit: int) -> Passages:
        """Return the first passages of what comes first; what has none left is forgotten."""
        latest = {Work.SAVED_VECTORS: self.saved, Work.LOOKED_VECTORS: self.looked}
        while (work := turn()) in latest:
            files = list(islice(latest[work], AT_ONCE))
            passages = self._catalog.unembedded_of(files, limit)
            if passages:
                return passages
            latest[work].drop(files)
        return self._catalog.unembedded(limit) if work is Work.VECTORS else []

    def timeout(self) -> float:
        return self._embedding.timeout()

    def close(self) -> None:
        self._embedding.close()
