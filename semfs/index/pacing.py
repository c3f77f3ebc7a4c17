"""How fast bulk work goes: what the machine is seen to do, put before `Neighbour` every other second."""

from __future__ import annotations

import time
from collections.abc import Iterable

from semfs.config import Index
from semfs.index.machine import Sampler
from semfs.index.neighbour import Neighbour
from semfs.store.catalog import CatalogWriter

LOOK_S = 2.0


class Pacing:
    """Tells the ingest process's thread whether bulk work may go on."""

    def __init__(self, limits: Index) -> None:
        self._neighbour = Neighbour(minds_battery=limits.pause_on_battery, minds_load=limits.pause_on_load)
        self._sampler = Sampler()
        self._ocr = limits.ocr
        self._look_at = 0.0

    @property
    def reason(self) -> str:
        """Say why bulk work stands back, "" if it does not."""
        return self._neighbour.reason

    def look(self, catalog: CatalogWriter, children: Iterable[int]) -> None:
        """See what waits and, now and then, what the machine does; `children` are ours, by pid."""
        files, passages, scans = catalog.backlog()
        self._neighbour.backlog(files=files, passages=passages, scans=scans * self._ocr)
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_S
            self._neighbour.observe(now, self._sampler.sample(now, children))

    def allows(self) -> bool:
        """Return whether a piece of bulk work may begin now."""
        return self._neighbour.allows(time.monotonic())

    def worked(self, seconds: float) -> None:
        """Take note that a piece of bulk work has ended that took so long."""
        if seconds:
            self._neighbour.worked(time.monotonic(), seconds)

    def timeout(self) -> float:
        """Return in how many seconds there is something to see or to do even if nothing happens."""
        return self._neighbour.timeout(time.monotonic()) if self.reason else 3600.0
