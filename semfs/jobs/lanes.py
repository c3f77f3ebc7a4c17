"""The lanes: how many tasks of all jobs together may use a resource at once.

One `Lanes` serves all jobs of the mount process; any thread may wait in it.  Within a lane
the more urgent goes first, then whoever came first.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from semfs.errors import Interrupted
from semfs.model import Priority
from semfs.plan.operators import Lane

# The engine reads and writes faster the more requests it has at once, up to `engine.sequences`, of which
# some are for whoever asks meanwhile; one program at a time leaves a core to it.
WIDTHS = {Lane.MODEL: 12, Lane.CPU: 2, Lane.IO: 4, Lane.SANDBOX: 1}
RANK = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}
TICK_S = 0.1  # how often a waiting task looks whether it was cancelled


class Lanes:
    """Give out places in the lanes."""

    def __init__(self) -> None:
        self._lanes = {lane: _Places(width) for lane, width in WIDTHS.items()}

    @contextmanager
    def place(self, lane: Lane, priority: Priority, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Hold a place; raises Interrupted if cancelled while waiting."""
        places = self._lanes[lane]
        places.take(RANK[priority], cancelled)
        try:
            yield
        finally:
            places.leave()


class _Places:
    """The places of one lane."""

    def __init__(self, width: int) -> None:
        self._free = width
        self._waiting: list[tuple[int, int]] = []
        self._tickets = itertools.count()
        self._changed = threading.Condition()

    def take(self, rank: int, cancelled: Callable[[], bool]) -> None:
        with self._changed:
            mine = (rank, next(self._tickets))
            heapq.heappush(self._waiting, mine)
            try:
                while not (self._free and self._waiting[0] == mine):
                    if cancelled():
                        raise Interrupted("cancelled")
                    self._changed.wait(TICK_S)
                self._free -= 1
            finally:
                self._waiting.remove(mine)
                heapq.heapify(self._waiting)
                self._changed.notify_all()

    def leave(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
