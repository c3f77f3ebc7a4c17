"""How fast the index is built and how long that will take, from counts taken now and then; pure.

`Estimate` is told the counts of the catalogue with the time at which they held, and says what a
person would: nothing before it has seen enough, and nothing of a stage that has not begun.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from semfs.model import Coverage, Progress

WINDOW_S = 30.0  # what was done longer ago counts little: files of a folder are much alike
KNOWN_AFTER_S = 4.0  # of work, before a rate is told
LONGEST_GAP_S = 60.0  # between two counts; the machine slept, or nothing was to be done


@dataclass(slots=True)
class Pace:
    """The rate at which something is done, the latest of it weighing most."""

    _done: float = 0.0  # both fade alike, so that their ratio is a mean from the beginning on
    _spent: float = 0.0
    _seen: float = 0.0  # seconds without fading

    def add(self, done: int, seconds: float) -> None:
        """Take note of what was done in the last seconds."""
        fading = math.exp(-seconds / WINDOW_S)
        self._done = self._done * fading + done
        self._spent = self._spent * fading + seconds
        self._seen += seconds

    @property
    def rate(self) -> float | None:
        """Return how many are done a second; None while that is not known."""
        return self._done / self._spent if self._seen >= KNOWN_AFTER_S and self._done else None

    def left(self, waiting: int) -> float | None:
        """Return in how many seconds what waits is done, at this pace."""
        return waiting / self.rate if self.rate else None


@dataclass(slots=True)
class Estimate:
    """Files are read first, then passages are embedded: each has a pace, measured while it is its turn."""

    _files: Pace = field(default_factory=Pace)
    _passages: Pace = field(default_factory=Pace)
    _before: Coverage | None = None
    _at: float = 0.0

    def observe(self, now: float, coverage: Coverage) -> Progress:
        """Return what can be said now."""
        before, seconds = self._before, now - self._at
        self._before, self._at = coverage, now
        if not coverage.pending:
            self._files = Pace()
        if not _unembedded(coverage):
            self._passages = Pace()
        if before is not None and before.working and coverage.working and 0 < seconds < LONGEST_GAP_S:
            if before.pending:
                self._files.add(max(_read(coverage) - _read(before), 0), seconds)
            elif _unembedded(before):
                self._passages.add(max(coverage.embedded - before.embedded, 0), seconds)
        return self._progress(coverage)

    def _progress(self, coverage: Coverage) -> Progress:
        files, passages = self._files, self._passages
        words = files.left(coverage.pending) if coverage.pending else 0.0
        meaning = passages.left(_unembedded(coverage)) if _unembedded(coverage) else words
        known = coverage.working and not coverage.pending
        return Progress(
            files_per_s=files.rate or 0.0,
            passages_per_s=passages.rate or 0.0,
            words_left_s=words if coverage.working else None,
            meaning_left_s=meaning if known else None,  # files that wait hold nobody knows how many passages
        )


def _read(coverage: Coverage) -> int:
    return coverage.files - coverage.pending


def _unembedded(coverage: Coverage) -> int:
    return coverage.passages - coverage.embedded
