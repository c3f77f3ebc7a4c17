"""Which file is read next, and what becomes of its text; the part of ingest between pool and catalogue.

`Reading` belongs to the ingest process's thread.  A step that fails because the disk is full
can be repeated: nothing is forgotten before it is committed.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Iterable

from semfs.index.extract import Answer
from semfs.index.pool import Outcome, Pool, Task
from semfs.model import FileId, FileStatus
from semfs.store.catalog import CatalogWriter, Pending

logger = logging.getLogger(__name__)

PREFETCH = 64  # files whose turn is decided at once
# A file is given up when its reader has died of it twice, or when ten times the ingest process was killed
# meanwhile: that may be its fault where memory ran out, and is not its fault where somebody did it.
MOST_TRIES = 10
DEATH = 5  # tries that the death of a reader counts for
CALM = 10  # a file that keeps changing is read for a tenth of the time at most
UNSETTLED_S = 1.0  # before a file is read again that was written while it was read
LONGEST_CALM_S = 300.0


class Reading:
    """The files that wait, are being read, and have been read but not stored."""

    def __init__(self, catalog: CatalogWriter, pool: Pool, *, most_bytes: int) -> None:
        self._catalog = catalog
        self._pool = pool
        self._most_bytes = most_bytes
        self._queue: deque[Pending] = deque()
        self._outcomes: list[Outcome] = []
        self._outdated: set[FileId] = set()  # changed while they were read
        self._calm: dict[FileId, float] = {}  # not to be read before
        self.doubtful: set[str] = set()  # paths whose state is not what the catalogue says

    def busy(self) -> bool:
        return bool(self._queue or self._pool.tasks or self._outcomes)

    def behind(self) -> bool:
        """Return whether more files wait than are being read."""
        return bool(self._queue or self._outcomes) or self._pool.room() <= 0

    def current(self) -> str:
        """Return what is being read."""
        return self._pool.tasks[0].path if self._pool.tasks else ""

    def outdate(self, ids: Iterable[FileId]) -> None:
        """Take note that files have changed or gone: the queue is made anew, what is being read is void."""
        self._queue.clear()
        reading = {task.id for task in self._pool.tasks} | {outcome.task.id for outcome in self._outcomes}
        self._outdated |= reading.intersection(ids)

    def timeout(self) -> float:
        """Return in how many seconds a file may be read that had to wait."""
        if not self._calm or self._pool.room() <= 0:
            return 3600.0
        return min(self._calm.values()) - time.monotonic()

    def advance(self) -> None:
        """Take what has been read, give the readers more to do, then store what was taken."""
        self._outcomes += self._pool.poll()
        self._feed()
        self._store()

    def close(self) -> None:
        """End the readers; it was not the files' fault."""
        stopped = [task.id for task in self._pool.close()]
        with self._catalog.transaction():
            self._catalog.release(stopped)

    # -- giving work

    def _feed(self) -> None:
        room = self._pool.room()
        if room <= 0:
            return
        self._refill()
        chosen: list[Pending] = []
        refused: list[tuple[Pending, FileStatus, str]] = []
        while self._queue and len(chosen) < room:
            file = self._queue.popleft()
            if file.tries >= MOST_TRIES:
                refused.append((file, FileStatus.FAILED, "was being read whenever its reader died"))
            elif file.state.size > self._most_bytes:
                limit = self._most_bytes >> 20
                refused.append((file, FileStatus.SKIPPED, f"larger than {limit} MB (index.max_file_mb)"))
            else:
                chosen.append(file)
        if chosen or refused:
            with self._catalog.transaction():
                for file, status, reason in refused:
                    self._catalog.fail(file.id, status, reason)
                self._catalog.begin([file.id for file in chosen])
        for file in chosen:
            self._pool.submit(Task(file.id, file.state.path, file.hash, file.tries))

    def _refill(self) -> None:
        if self._queue:
            return
        now = time.monotonic()
        self._calm = {id: until for id, until in self._calm.items() if until > now}
        taken = {task.id for task in self._pool.tasks} | {outcome.task.id for outcome in self._outcomes}
        taken.update(self._calm)
        waiting = self._catalog.pending(PREFETCH + len(taken))
        self._queue.extend(file for file in waiting if file.id not in taken)

    # -- taking results

    def _store(self) -> None:
        if not self._outcomes:
            return
        with self._catalog.transaction():
            present = self._catalog.files([outcome.task.id for outcome in self._outcomes])
            for outcome in self._outcomes:
                if outcome.task.id in present:
                    self._settle(outcome)
        self._outdated -= {outcome.task.id for outcome in self._outcomes}
        self._outcomes.clear()

    def _settle(self, outcome: Outcome) -> None:
        """Write down what came of one file."""
        task = outcome.task
        if task.id in self._outdated or outcome.answer is Answer.RETURNED:
            self._catalog.release([task.id])
        elif outcome.answer in (Answer.CHANGED, Answer.GONE) or self._reopened(outcome):
            self._catalog.release([task.id])
            self.doubtful.add(task.path)
            self._calm[task.id] = time.monotonic() + max(UNSETTLED_S, self._rest(outcome))
        elif outcome.answer is Answer.DIED and task.tries + DEATH < MOST_TRIES:
            self._catalog.begin([task.id], tries=DEATH - 1)
            logger.info("%s is read once more: %s", task.path, outcome.reason)
        else:
            self._end(outcome)
            self._calm[task.id] = time.monotonic() + self._rest(outcome)

    def _end(self, outcome: Outcome) -> None:
        id = outcome.task.id
        match outcome.answer:
            case Answer.READ:
                self._catalog.store(
                    id,
                    outcome.hash,
                    outcome.document,
                    outcome.chunks,
                    kind=outcome.kind,
                    terms=outcome.terms,
                    reason=outcome.reason,
                )
            case Answer.SAME:
                self._catalog.keep(id)
            case Answer.SKIPPED:
                self._catalog.fail(
                    id, FileStatus.SKIPPED, outcome.reason, kind=outcome.kind, about=outcome.document
                )
            case Answer.CLOSED:
                self._catalog.fail(id, FileStatus.FAILED, outcome.reason)
                self._catalog.unsettle(id)  # a folder may be opened, and nothing of its files changes
            case _:
                logger.info("%s cannot be read: %s", outcome.task.path, outcome.reason)
                self._catalog.fail(id, FileStatus.FAILED, outcome.reason)

    @staticmethod
    def _reopened(outcome: Outcome) -> bool:
        return outcome.answer is Answer.CLOSED and os.access(outcome.task.path, os.R_OK)

    @staticmethod
    def _rest(outcome: Outcome) -> float:
        return min(CALM * outcome.seconds, LONGEST_CALM_S)
