"""Say in the catalogue what ingest does, how far it is and what a user should know.

`Telling` belongs to the ingest process's thread.  Whoever looks at the mount reads what stands
there and computes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from semfs.index.progress import Estimate
from semfs.store.catalog import CatalogWriter

BEAT_S = 2.0  # between two notes of the same activity; each is a small transaction

Notices = Callable[[], Iterable[str]]


class Telling:
    """What has been told, and when the next word is due."""

    def __init__(self, catalog: CatalogWriter, notices: Notices) -> None:
        self._catalog = catalog
        self._notices = notices
        self._estimate = Estimate()
        self._activity = ""
        self.due = 0.0  # on the monotonic clock

    def tell(self, activity: str, current: str = "") -> None:
        """Write down what is done now, if that is new or the last word is old."""
        now = time.monotonic()
        if activity == self._activity and now < self.due:
            return
        self._activity, self.due = activity, now + BEAT_S
        self._catalog.beat(activity, current, self._estimate.observe(now, self._catalog.coverage()))
        notice = "\n".join(self._notices())
        if notice != self._catalog.meta("notice"):
            self._catalog.set_meta("notice", notice)
