"""Have the text in pictures recognised, one page after the other, when nothing else is to be done.

`Recognising` is the ingest process's end and belongs to its one thread.  The work is done by a
reading process of its own (`extract.recognise`), as it takes seconds a page and half a gigabyte.
When other work comes it is halted where it stands, and ended if that work lasts, to make room; what it was
at is begun anew later.  A picture that kills the process, or takes too long twice, is given up.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Sequence
from enum import Enum, auto

from semfs.index.child import Child, Frame, FramesBroken, Pit
from semfs.index.extract import Answer
from semfs.index.pool import Outcome, Task, parse_answer
from semfs.index.priority import Standing
from semfs.model import FileId
from semfs.store.catalog import CatalogWriter
from semfs.store.rows import Scan

logger = logging.getLogger(__name__)

CPU_S = 120  # that a page may take: a full one takes 4
PAGE_S = 900.0  # of running, at the lowest priority beside others; what takes longer hangs
MEMORY_MB = 3000  # address space: 1400 for a full page, the rest for what large pictures unpack to
RETIRE_MB = 700  # resident after a page: 460 are usual
IDLE_S = 10.0  # then the process goes
HALTED_S = 3.0  # then one that is halted goes as well: a saved file has been read by now, an import has not
START_S = 60.0  # for it to say that it is there
REST_S = 60.0  # after it did not start
MOST_TRIES = 2
UNSETTLED_S = 60.0  # before a file is looked at again that changed or could not be opened


class State(Enum):
    """What a recogniser does."""

    IDLE = auto()
    RUNNING = auto()
    HALTED = auto()


class Recognising:
    """The recognition of what waits in the catalogue."""

    def __init__(
        self, catalog: CatalogWriter, command: Sequence[str], *, wanted: bool, doubtful: set[str]
    ) -> None:
        """`doubtful` gets the paths whose state is not what the catalogue says."""
        self._catalog = catalog
        self._scans = catalog.scans
        self._command = command
        self._wanted = wanted
        self._child: Child | None = None
        self._pit = Pit()
        self._scan: Scan | None = None
        self._state = State.IDLE
        self._since = 0.0  # of the state
        self._ran = 0.0  # seconds on this page before it was halted
        self._spent = 0.0
        self._not_before = 0.0
        self._news = False  # there are passages that want vectors
        self._calm: dict[FileId, float] = {}
        self._doubtful = doubtful

    @property
    def children(self) -> list[Child]:
        return [self._child] if self._child else []

    @property
    def busy(self) -> bool:
        return self._state is State.RUNNING

    def spent(self) -> float:
        """Return how many seconds were spent on pages since this was asked last."""
        spent, self._spent = self._spent, 0.0
        return spent

    def current(self) -> str:
        """Return what is being read."""
        return self._scan.state.path if self._scan else ""

    def timeout(self) -> float:
        """Return in how many seconds `advance` has something to do even if the child says nothing."""
        now = time.monotonic()
        times = [0.0] if self._news else []
        times += [self._deadline(self._child) - now] if self._child else []
        times += [self._not_before - now] if self._not_before > now else []
        return min(times, default=3600.0)

    def _deadline(self, child: Child) -> float:
        if self._state is State.HALTED:
            return self._since + HALTED_S
        if not child.ready:
            return max(child.started, self._since) + START_S
        return self._since + (PAGE_S - self._ran if self._scan else IDLE_S)

    def advance(self, *, free: bool) -> None:
        """Take what has been read; go on if nothing else is to be done (`free`), else halt."""
        self._pit.reap()
        self._news = False
        if self._child:
            self._attend(self._child)
        if not free:
            self._halt()
            return
        if self._state is State.HALTED:
            self._resume()
        if self._wanted and self._state is State.IDLE and time.monotonic() >= self._not_before:
            self._begin()

    # -- giving work

    def _begin(self) -> None:
        now = time.monotonic()
        self._calm = {id: until for id, until in self._calm.items() if until > now}
        scan = self._scans.waiting(without=list(self._calm))
        while scan and scan.tries >= MOST_TRIES:
            with self._catalog.transaction():
                self._scans.fail(scan, "its recognition ended the process twice")
            scan = self._scans.waiting(without=list(self._calm))
        if scan is None:
            return
        with self._catalog.transaction():
            self._scans.begin(scan)
        if self._child is None:
            self._child = Child(self._command, {"memory_mb": MEMORY_MB, "standing": Standing.BULK})
        self._scan, self._ran = scan, 0.0
        self._turn(State.RUNNING)
        self._child.send(
            Frame(
                {
                    "path": os.fsencode(scan.state.path).hex(),
                    "inode": scan.state.inode,
                    "route": scan.route,
                    "cpu_s": CPU_S,
                    "kind": scan.kind,
                    "language": scan.language,
                }
            )
        )

    def _turn(self, state: State) -> None:
        self._state, self._since = state, time.monotonic()

    def _halt(self) -> None:
        if self._child and self._state is not State.HALTED:
            self._ran += time.monotonic() - self._since
            os.kill(self._child.pid, signal.SIGSTOP)  # not reaped before `gone`, the number is still its own
            self._turn(State.HALTED)

    def _resume(self) -> None:
        if self._child:
            os.kill(self._child.pid, signal.SIGCONT)
        self._turn(State.RUNNING if self._scan else State.IDLE)

    # -- taking results

    def _attend(self, child: Child) -> None:
        was_ready = child.ready
        try:
            frames = child.receive()
        except FramesBroken as error:
            self._end(f"the reader answered nonsense: {error}")
            return
        if frames is None:
            self._died(child)
        elif frames and self._scan:
            self._answered(self._scan, frames[0])
        elif child.ready and not was_ready:
            self._since = time.monotonic()
        elif time.monotonic() >= self._deadline(child):
            self._late(child)

    def _answered(self, scan: Scan, frame: Frame) -> None:
        try:
            outcome = parse_answer(Task(scan.id, scan.state.path), frame, 0.0)
            pages = int(frame.fields.get("pages", 1))
        except (KeyError, TypeError, ValueError) as error:
            self._end(f"the reader answered nonsense: {error!r}")
            return
        self._settle(scan, outcome, pages)
        self._scan, self._news = None, True
        self._spent += self._ran + (time.monotonic() - self._since if self.busy else 0.0)
        if self._state is not State.HALTED:
            self._turn(State.IDLE)
        if frame.fields.get("rss_mb", 0) > RETIRE_MB:
            self._dismiss()

    def _settle(self, scan: Scan, outcome: Outcome, pages: int) -> None:
        with self._catalog.transaction():
            if not self._scans.is_current(scan):
                self._scans.release(scan)
            elif outcome.answer is Answer.READ:
                language = outcome.document.language
                self._scans.read(scan, outcome.chunks, outcome.terms, language=language, pages=pages)
            elif outcome.answer in (Answer.CHANGED, Answer.GONE, Answer.OTHER, Answer.CLOSED):
                self._scans.release(scan)
                self._calm[scan.id] = time.monotonic() + UNSETTLED_S
                self._doubtful.add(scan.state.path)
            else:
                self._scans.fail(scan, outcome.reason)

    def _died(self, child: Child) -> None:
        death = child.death()
        if not child.ready:
            self._did_not_start(death)
        elif self._scan:
            logger.info("recognition ended (%s) at %s", death, self._scan.state.path)
            self._end(f"its recognition crashed ({death})", again=True)
        else:
            self._dismiss()

    def _late(self, child: Child) -> None:
        if self._state is State.HALTED or not self._scan:
            self.release()
        elif not child.ready:
            self._did_not_start(f"no word in {START_S:.0f} s")
        else:
            self._end(f"took longer than {PAGE_S:.0f} s", again=True)

    def _did_not_start(self, why: str) -> None:
        logger.error("text recognition does not start (%s); next try in %d s", why, REST_S)
        self._not_before = time.monotonic() + REST_S
        self.release()

    def _end(self, reason: str, *, again: bool = False) -> None:
        """End the process for what became of its picture, which may have another try."""
        scan = self._scan
        self._dismiss()
        if scan is None or (again and scan.tries + 1 < MOST_TRIES):
            return
        with self._catalog.transaction():
            if self._scans.is_current(scan):
                self._scans.fail(scan, reason)

    def release(self) -> None:
        """End the process; it was not the picture's fault."""
        scan = self._scan
        self._dismiss()
        if scan:
            with self._catalog.transaction():
                self._scans.release(scan)

    def _dismiss(self) -> None:
        self._scan = None
        self._turn(State.IDLE)
        if self._child:
            self._pit.take(self._child)
            self._child = None
