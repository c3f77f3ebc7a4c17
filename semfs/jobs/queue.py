"""The jobs that wait for a thread, the more urgent first, then whoever came first.  Pure."""

from __future__ import annotations

from collections.abc import Container

from semfs.jobs.lanes import RANK
from semfs.model import JobId, Priority


class Queue:
    """Who waits; the caller holds a lock."""

    def __init__(self) -> None:
        self._waiting: dict[JobId, Priority] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, id: JobId, priority: Priority) -> None:
        self._waiting[id] = priority

    def drop(self, id: JobId) -> None:
        """Let a job wait no longer; harmless if it does not."""
        self._waiting.pop(id, None)

    def clear(self) -> None:
        self._waiting.clear()

    def set_priority(self, id: JobId, priority: Priority) -> None:
        """Move a job forwards or backwards, if it waits."""
        if id in self._waiting:
            self._waiting[id] = priority

    def first(self, *, but: Container[JobId]) -> JobId | None:
        """Return who is next, leaving out some; it goes on waiting until it is dropped."""
        ready = [id for id in self._waiting if id not in but]
        return min(ready, key=lambda id: (RANK[self._waiting[id]], id), default=None)
