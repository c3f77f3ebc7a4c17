"""The engine's heartbeat: a file whose time changes while the engine works, and what watches it.

An engine can stand still without being dead: native code that never comes back, a driver that waits.
It beats between two steps.  A client that waits for words looks whether the time of the file still
changes; how long it has not is measured with the client's own clock, so that setting the clock of the
wall, or a night's sleep, means nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

WEDGED_SECONDS = 180.0  # the longest step: loading a large model from a slow disk


def heart_of(socket: Path) -> Path:
    """Return the file beside an engine's socket that beats."""
    return socket.with_name(socket.name + ".lock")


def beat(heart: Path) -> None:
    """Say that the engine goes on."""
    os.utime(heart)


class Watch:
    """One client's view of the heart; used by one thread."""

    def __init__(
        self, heart: Path, *, patience: float = WEDGED_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._heart = heart
        self._patience = patience
        self._clock = clock
        self._last = self._look()
        self._since = clock()

    def stands_still(self) -> bool:
        """Whether there was no beat for longer than anything takes."""
        last, now = self._look(), self._clock()
        if last != self._last:
            self._last, self._since = last, now
        return now - self._since > self._patience

    def _look(self) -> int:
        try:
            return self._heart.stat().st_mtime_ns
        except OSError:
            return 0
