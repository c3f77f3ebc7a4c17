"""Whether bulk work stands back, because the machine runs on battery or others need it; pure.

What little there is to do is always done, and so is what somebody has just saved: neither is worth a
pause.  On battery the rest waits.  While others use the processors it goes on as a trickle, so that
a server which is always busy is indexed too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FEW_FILES = 500  # that wait: half a minute's work for one processor
FEW_PASSAGES = 2000  # likewise
FEW_SCANS = 20  # likewise
SMOOTH_S = 10.0  # over which the use by others is averaged: a page that loads is no reason
BUSY, CALM = 0.6, 0.35  # parts of all processors that others use: a pause begins, and ends
TRICKLE = 0.05  # part of the time in which bulk work goes on beside others
LONGEST_REST_S = 20.0  # between two pieces of work of a trickle


@dataclass(frozen=True, slots=True)
class Machine:
    """What the rest of the machine does."""

    on_battery: bool = False
    others: float = 0.0  # part of all processors that others used since the last look, 0 to 1


class Neighbour:
    """What has been seen of the machine, and what follows for bulk work; times are given."""

    def __init__(self, *, minds_battery: bool = True, minds_load: bool = True) -> None:
        self._minds_battery = minds_battery
        self._minds_load = minds_load
        self._others = 0.0
        self._seen_at: float | None = None
        self._crowded = False
        self._on_battery = False
        self._much = False
        self._rest_until = -math.inf

    def observe(self, now: float, machine: Machine) -> None:
        """Take note of what the machine does."""
        passed = 0.0 if self._seen_at is None else now - self._seen_at
        weight = 1.0 - math.exp(-passed / SMOOTH_S)
        self._others += weight * (machine.others - self._others)
        self._seen_at = now
        self._crowded = self._minds_load and self._others > (CALM if self._crowded else BUSY)
        self._on_battery = self._minds_battery and machine.on_battery

    def backlog(self, *, files: int, passages: int, scans: int = 0) -> None:
        """Take note of how much waits."""
        self._much = files > FEW_FILES or passages > FEW_PASSAGES or scans > FEW_SCANS

    @property
    def reason(self) -> str:
        """Say why bulk work stands back, "" if it does not."""
        if not self._much:
            return ""
        if self._on_battery:
            return "on battery"
        return "others need the processors" if self._crowded else ""

    def allows(self, now: float) -> bool:
        """Return whether a piece of bulk work may begin."""
        if not self.reason:
            return True
        return not self._on_battery and now >= self._rest_until

    def worked(self, now: float, seconds: float) -> None:
        """Take note that a piece of bulk work took so long; on a trickle a rest follows."""
        if self.reason:
            rest = min(seconds * (1 / TRICKLE - 1), LONGEST_REST_S)
            self._rest_until = max(self._rest_until, now + rest)

    def timeout(self, now: float) -> float:
        """Return in how many seconds a rest is over."""
        resting = self.reason and not self._on_battery and self._rest_until > now
        return self._rest_until - now if resting else math.inf
