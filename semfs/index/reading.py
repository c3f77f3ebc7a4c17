"""Which file is read next, and what becomes of its text; the part of ingest between pool and catalogue.

`Reading` belongs to the ingest process's thread.  A step that fails because the disk is full
can be repeated: nothing is forgotten before it is committed.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from semfs.index.extract import Answer
from semfs.index.latest import Latest
from semfs.index.order import Work
from semfs.index.pool import Outcome, Pool, Task
from semfs.model import FileId, FileStatus, PassageId
from semfs.store.catalog import CatalogWriter, Pending, Terms

logger = logging.getLogger(__name__)

PREFETCH = 64  # files whose turn is decided at once
HELD_S = 0.25  # that an outcome waits for others: a transaction for each would take twice the time
HELD_PASSAGES = 500  # in a transaction of 0.2 s, as somebody may save a file meanwhile
# A file is given up when its reader has died of it twice, or when ten times the ingest process was killed
# meanwhile: that may be its fault where memory ran out, and is not its fault where somebody did it.
MOST_TRIES = 10
DEATH = 5  # tries that the death of a reader counts for
CALM = 10  # a file that keeps changing is read for a tenth of the time at most
MOST_VOIDED = 2  # readings that a change made void, before what is read counts all the same
UNSETTLED_S = 1.0  # before a file is read again that was written while it was read
LONGEST_CALM_S = 300.0


class Reading:
    """The files that wait, are being read, and have been read but not stored."""

    def __init__(
        self,
        catalog: CatalogWriter,
        pool: Pool,
        *,
        most_bytes: int,
        offer: Callable[[Sequence[PassageId], Sequence[Terms]], None] = lambda *_: None,
        fresh: Callable[[Sequence[FileId]], None] = lambda _: None,
    ) -> None:
        """`offer` is told the words of each passage that has been stored, `fresh` the files just saved."""
        self._catalog = catalog
        self._pool = pool
        self._offer = offer
        self._fresh = fresh
        self._most_bytes = most_bytes
        self._queue: deque[Pending] = deque()
        self._saved = Latest()  # before the queue
        self._outcomes: list[Outcome] = []
        self._held_until = 0.0
        self._outdated: set[FileId] = set()  # changed while they were read
        self._calm: dict[FileId, float] = {}  # not to be read before
        self._voided: Counter[FileId] = Counter()  # readings in a row that a change made void
        self.doubtful: set[str] = set()  # paths whose state is not what the catalogue says
        self._avoided: frozenset[str] = frozenset()
        self._spent = 0.0  # seconds of readers

    def avoid(self, folders: frozenset[str]) -> None:
        """Read nothing below these folders, which do not answer, unless somebody has just saved it."""
        if folders != self._avoided:
            self._avoided = folders
            self._queue.clear()

    def busy(self) -> bool:
        return bool(self._urgent() or self._queue or self._pool.tasks or self._outcomes)

    def behind(self) -> bool:
        """Return whether more files wait than one, which may take long."""
        return bool(self._queue or self._outcomes) or len(self._pool.tasks) > 1

    def current(self) -> str:
        """Return what is being read."""
        return self._pool.tasks[0].path if self._pool.tasks else ""

    def outdate(self, ids: Iterable[FileId]) -> None:
        """Take note that files have changed or gone: the queue is made anew, what is being read is void."""
        self._queue.clear()
        reading = {task.id for task in self._pool.tasks} | {outcome.task.id for outcome in self._outcomes}
        self._outdated |= reading.intersection(ids)

    def spent(self) -> float:
        """Return how long readers took for bulk, since this was asked last."""
        spent, self._spent = self._spent, 0.0
        return spent

    def hurry(self, paths: Iterable[str]) -> None:
        """Read these files, which somebody has just saved, before all others; the last one first."""
        self._queue.clear()  # they may be there too, and are not to be read twice
        self._saved.note(row.id for row in map(self._catalog.file_at, paths) if row is not None)

    def timeout(self) -> float:
        """Return in how many seconds a file may be read, or an outcome stored, that had to wait."""
        times = [self._held_until] if self._outcomes else []
        times += self._calm.values() if self._pool.room() > 0 else []
        return min(times, default=3600.0 + time.monotonic()) - time.monotonic()

    def waiting(self) -> list[Work]:
        """Return what there is to do if its turn comes."""
        return [Work.SAVED_WORDS] * bool(self._urgent()) + [Work.WORDS] * self.behind()

    def advance(self, *, bulk: bool = True) -> None:
        """Take what has been read, give the readers more to do, then store what was taken.

        Without `bulk` only files that were just saved are begun.
        """
        if not self._outcomes:
            self._held_until = time.monotonic() + HELD_S
        outcomes = self._pool.poll()
        self._outcomes += outcomes
        self._spent += sum(outcome.seconds for outcome in outcomes if not outcome.task.urgent)
        self._feed(bulk=bulk)
        if self._is_due():
            self._store()

    def _is_due(self) -> bool:
        """Return whether what was taken is to be stored now."""
        return bool(self._outcomes) and (
            time.monotonic() >= self._held_until
            or not self._pool.tasks
            or any(outcome.task.urgent for outcome in self._outcomes)
            or sum(len(outcome.chunks) for outcome in self._outcomes) >= HELD_PASSAGES
        )

    def close(self) -> None:
        """End the readers; it was not the files' fault."""
        stopped = [task.id for task in self._pool.close()]
        with self._catalog.transaction():
            self._catalog.release(stopped)

    # -- giving work

    def _feed(self, *, bulk: bool) -> None:
        chosen, refused = self._chosen(bulk=bulk)
        if chosen or refused:
            with self._catalog.transaction():
                for task, status, reason in refused:
                    self._catalog.fail(task.id, status, reason)
                self._catalog.begin([task.id for task in chosen])
        for task in chosen:
            self._pool.submit(task)

    def _chosen(self, *, bulk: bool) -> tuple[list[Task], list[tuple[Task, FileStatus, str]]]:
        """Return what is to be read now, and what is not to be read at all and why."""
        chosen: list[Task] = []
        refused: list[tuple[Task, FileStatus, str]] = []
        for file, urgent in self._next(bulk=bulk):
            restless = self._voided.get(file.id, 0) >= MOST_VOIDED
            state = file.state
            task = Task(file.id, state.path, file.hash, file.tries, urgent, state.inode, restless)
            if file.tries >= MOST_TRIES:
                refused.append((task, FileStatus.FAILED, "was being read whenever its reader died"))
            elif state.size > self._most_bytes:
                limit = self._most_bytes >> 20
                refused.append((task, FileStatus.SKIPPED, f"larger than {limit} MB (index.max_file_mb)"))
            else:
                chosen.append(task)
        return chosen, refused

    def _next(self, *, bulk: bool) -> Iterator[tuple[Pending, bool]]:
        """Yield files for which there is room, and whether they were just saved."""
        all_room = self._pool.room(urgent=True)
        saved = self._next_saved(all_room)
        yield from ((file, True) for file in saved)
        room = min(self._pool.room(), all_room - len(saved))
        if room <= 0 or not bulk:
            return
        self._refill({file.id for file in saved})
        for _ in range(min(room, len(self._queue))):
            yield self._queue.popleft(), False

    def _next_saved(self, room: int) -> list[Pending]:
        """Take the files that were just saved off their list, as many as there is room for."""
        ids = self._urgent()[: max(room, 0)]
        self._saved.drop(ids)
        return self._catalog.pending_of(ids)

    def _urgent(self) -> list[FileId]:
        """Return the files that were just saved and may be read now: one that was saved while it was being
        read, or is to rest, stays for later."""
        held = self._held() if self._saved else set()
        return [id for id in self._saved if id not in held]

    def _refill(self, chosen: AbstractSet[FileId]) -> None:
        """Look for what else waits, but for those that have just been chosen."""
        if self._queue:
            return
        taken = self._held().union(chosen, self._saved)
        waiting = self._catalog.pending(PREFETCH + len(taken), avoid=self._avoided)
        self._queue.extend(file for file in waiting if file.id not in taken)

    def _held(self) -> set[FileId]:
        """Return the files that are not to be read now."""
        now = time.monotonic()
        self._calm = {id: until for id, until in self._calm.items() if until > now}
        reading = {task.id for task in self._pool.tasks} | {outcome.task.id for outcome in self._outcomes}
        return reading.union(self._calm)

    # -- taking results

    def _store(self) -> None:
        stored: list[tuple[Outcome, list[PassageId]]] = []
        with self._catalog.transaction():
            present = self._catalog.files([outcome.task.id for outcome in self._outcomes])
            for outcome in self._outcomes:
                if outcome.task.id in present:
                    stored.append((outcome, self._settle(outcome)))
        for outcome, passages in stored:
            self._offer(passages, outcome.terms)
            if outcome.task.urgent and passages:
                self._fresh([outcome.task.id])
        self._outdated -= {outcome.task.id for outcome in self._outcomes}
        self._outcomes.clear()

    def _settle(self, outcome: Outcome) -> list[PassageId]:
        """Write down what came of one file; return its passages if they are new."""
        task = outcome.task
        changed = task.id in self._outdated or outcome.answer in (Answer.CHANGED, Answer.OTHER)
        if changed and not task.restless:
            self._voided[task.id] += 1
        else:
            self._voided.pop(task.id, None)
        if task.restless and outcome.answer is Answer.READ:
            # A log that is always written to is found by what it said a moment ago, and read again.
            self._calm[task.id] = time.monotonic() + max(UNSETTLED_S, self._rest(outcome))
            passages = self._end(outcome)
            self._catalog.read_once_more(task.id)
            self.doubtful.add(task.path)
            return passages
        if task.id in self._outdated or outcome.answer is Answer.RETURNED:
            self._catalog.release([task.id])
        elif outcome.answer is Answer.OTHER:  # as when it was saved again: a look comes next, and reads that
            self._catalog.release([task.id])
            self.doubtful.add(task.path)
        elif outcome.answer in (Answer.CHANGED, Answer.GONE) or self._reopened(outcome):
            self._catalog.release([task.id])
            self.doubtful.add(task.path)
            rest = self._rest(outcome) if outcome.answer is Answer.CHANGED else 0.0
            self._calm[task.id] = time.monotonic() + max(UNSETTLED_S, rest)
        elif outcome.answer is Answer.DIED and task.tries + DEATH < MOST_TRIES:
            self._catalog.begin([task.id], tries=DEATH - 1)
            logger.info("%s is read once more: %s", task.path, outcome.reason)
        else:
            if outcome.answer is Answer.LATE:
                self.doubtful.add(task.path)  # perhaps nothing answers where it lies
            self._calm[task.id] = time.monotonic() + self._rest(outcome)
            return self._end(outcome)
        return []

    def _end(self, outcome: Outcome) -> list[PassageId]:
        id = outcome.task.id
        match outcome.answer:
            case Answer.READ:
                return self._catalog.store(
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
        return []

    @staticmethod
    def _reopened(outcome: Outcome) -> bool:
        return outcome.answer is Answer.CLOSED and os.access(outcome.task.path, os.R_OK)

    @staticmethod
    def _rest(outcome: Outcome) -> float:
        return min(CALM * outcome.seconds, LONGEST_CALM_S)
