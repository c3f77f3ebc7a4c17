"""Who is blocked in the mount, counted, so that a crowd of readers never takes every worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from semfs.errors import Interrupted, QueueFull

# How often a blocked reader looks whether it was interrupted: Ctrl-C feels immediate below 0.1 s,
# and 48 readers cost about one percent of a core.
POLL_S = 0.05


class Waiters:
    """Lets `limit` callers wait at once; any thread may use it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting = 0
        self._lock = threading.Lock()
        self.closing = False

    def close(self) -> None:
        """Send everybody who waits away, now and from now on."""
        self.closing = True

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count the caller among those who wait, or raise QueueFull or Interrupted."""
        with self._lock:
            if self.closing:
                raise Interrupted("the mount is being unmounted")
            if self._waiting >= self._limit:
                raise QueueFull(f"{self._limit} readers are waiting already; try again later")
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
