"""Read files in child processes, so that a file which breaks its parser costs only itself.

`Pool` is the ingest process's end and belongs to its one thread: it starts children when
there is work, kills one whose file takes too long, replaces one that died, retires one that
has grown, and lets all of them go when nothing was to do for a while.  Each child has its next
file waiting, so that it never waits for the writer.  One child more than was asked for reads
files that are urgent, so that they need not wait for a long one.  What a child does is in `extract`.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from semfs.config import Index
from semfs.index.child import Child, Frame, FramesBroken, Pit
from semfs.index.extract import Answer, clean
from semfs.index.priority import Standing
from semfs.model import Chunk, Document, FileId, Kind, Route
from semfs.store.catalog import Terms

logger = logging.getLogger(__name__)

RETIRE_FILES = 5000  # parsers leak; a start costs half a second
RETIRE_MB = 400
DEPTH = 2  # files that a child has: one that it reads and one that waits
IDLE_S = 10.0  # a child without work for so long goes, as it holds 50 to 200 MB
SPARE_IDLE_S = 120.0  # for the one that reads what was just saved: people save again, and a start takes long
START_S = 30.0  # for a child to say that it is there
START_TRIES = 3  # children that do not start before the pool rests
REST_S = 30.0


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read."""

    id: FileId
    path: str
    hash: bytes = b""  # of the content that is indexed already
    tries: int = 0  # readings before this one that did not end
    urgent: bool = False  # somebody has just saved it
    inode: int | None = None  # if it must be this file and no other
    restless: bool = False  # it changed whenever it was read, so what is read counts all the same


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task."""

    task: Task
    answer: Answer
    reason: str = ""
    seconds: float = 0.0
    kind: Kind | None = None
    hash: bytes = b""
    document: Document = Document(sections=())
    chunks: tuple[Chunk, ...] = ()
    terms: tuple[Terms, ...] = ()


@dataclass(slots=True)
class _Worker:
    """A child with what it does now and what it will do next."""

    child: Child
    spare: bool = False  # for urgent files only
    tasks: deque[Task] = field(default_factory=deque)
    since: float = 0.0  # of the first task, or of idleness
    files: int = 0
    retiring: bool = False  # takes nothing more


class Pool:
    """Children that read files; see the module for who may use it."""

    def __init__(self, command: Sequence[str], limits: Index) -> None:
        self._command = command
        self._limits = limits
        self._size = limits.workers or min(2, os.cpu_count() or 1)
        self._workers: list[_Worker] = []
        self._pit = Pit()
        self._failed_starts = 0
        self._resting_until = 0.0

    @property
    def children(self) -> list[Child]:
        return [worker.child for worker in self._workers]

    @property
    def tasks(self) -> list[Task]:
        """What is being read, and what waits at the children."""
        return [task for worker in self._workers for task in worker.tasks]

    @property
    def resting(self) -> bool:
        """Whether children do not start and none is tried for now."""
        return time.monotonic() < self._resting_until

    def room(self, *, urgent: bool = False) -> int:
        """Return how many tasks can be taken now."""
        if self.resting:
            return 0
        common = sum(len(worker.tasks) for worker in self._workers if not worker.spare)
        spare = sum(len(worker.tasks) for worker in self._workers if worker.spare)
        return max(self._size * DEPTH - common, 0) + (max(DEPTH - spare, 0) if urgent else 0)

    def submit(self, task: Task) -> None:
        """Take a task; there must be room for it."""
        worker = (self._spare() if task.urgent else None) or self._idle() or self._shortest() or self._start()
        if not worker.tasks:
            worker.since = time.monotonic()
        worker.tasks.append(task)
        request = {
            "path": os.fsencode(task.path).hex(),
            "hash": task.hash.hex(),
            "inode": task.inode,
            "restless": task.restless,
        }
        worker.child.send(Frame(request))

    def _common(self) -> list[_Worker]:
        return [worker for worker in self._workers if not worker.spare and not worker.retiring]

    def _idle(self) -> _Worker | None:
        """Return a child that has nothing to do; start one if there may be more."""
        common = self._common()
        idle = next((worker for worker in common if not worker.tasks), None)
        return idle or (self._start() if len(common) < self._size else None)

    def _spare(self) -> _Worker | None:
        """Return the child for urgent files if it can take one more."""
        spare = [worker for worker in self._workers if worker.spare and not worker.retiring]
        worker = spare[0] if spare else self._start(spare=True)
        return worker if len(worker.tasks) < DEPTH else None

    def _shortest(self) -> _Worker | None:
        return min(self._common(), key=lambda worker: len(worker.tasks), default=None)

    def _start(self, *, spare: bool = False) -> _Worker:
        standing = Standing.SOON if spare else Standing.BULK
        settings = {"memory_mb": self._limits.file_memory_mb, "verbose": _verbose(), "standing": standing}
        child = Child(self._command, settings)
        worker = _Worker(child, spare=spare, since=time.monotonic())
        self._workers.append(worker)
        return worker

    def timeout(self) -> float:
        """Return in how many seconds `poll` has something to do even if no child speaks."""
        now = time.monotonic()
        rest = [self._resting_until - now] if self.resting else []
        return min([*rest, *(self._deadline(worker) - now for worker in self._workers)], default=3600.0)

    def _deadline(self, worker: _Worker) -> float:
        if not worker.child.ready:
            return worker.child.started + START_S
        idle = SPARE_IDLE_S if worker.spare else IDLE_S
        return worker.since + (self._limits.file_seconds if worker.tasks else idle)

    def poll(self) -> list[Outcome]:
        """Return what has come of tasks since the last time, and see to the children."""
        self._pit.reap()
        outcomes: list[Outcome] = []
        for worker in list(self._workers):
            outcomes += self._attend(worker)
        return outcomes

    def _attend(self, worker: _Worker) -> list[Outcome]:
        was_ready = worker.child.ready
        try:
            frames = worker.child.receive()
        except FramesBroken as error:
            return self._drop(worker, Answer.FAILED, f"the reader answered nonsense: {error}")
        if frames is None:
            return self._died(worker)
        if worker.child.ready and not was_ready:
            self._failed_starts, worker.since = 0, time.monotonic()
        answered = [self._answered(worker, frame) for frame in frames[: len(worker.tasks)]]
        if worker.retiring and not worker.tasks:
            self._dismiss(worker)
        elif not answered and time.monotonic() >= self._deadline(worker):
            return self._late(worker)
        return answered

    def _answered(self, worker: _Worker, frame: Frame) -> Outcome:
        now = time.monotonic()
        task, seconds, worker.since = worker.tasks.popleft(), now - worker.since, now
        worker.files += 1
        worker.retiring = worker.files >= RETIRE_FILES or frame.fields.get("rss_mb", 0) > RETIRE_MB
        try:
            return parse_answer(task, frame, seconds)
        except (KeyError, TypeError, ValueError) as error:
            return Outcome(task, Answer.FAILED, f"the reader answered nonsense: {error!r}")

    def _died(self, worker: _Worker) -> list[Outcome]:
        death = worker.child.death()
        if worker.child.ready:
            at = worker.tasks[0].path if worker.tasks else "no file"
            logger.info("a reading process ended (%s) at %s", death, at)
            return self._drop(worker, Answer.DIED, f"the reader crashed ({death})")
        return self._did_not_start(worker, death)

    def _did_not_start(self, worker: _Worker, why: str) -> list[Outcome]:
        """Hand the tasks back; after several in a row it is the program that is broken, not the file."""
        self._failed_starts += 1
        if self._failed_starts >= START_TRIES:
            logger.error("reading processes do not start (%s); next try in %d s", why, REST_S)
            self._resting_until = time.monotonic() + REST_S
        return self._drop(worker, Answer.RETURNED, why)

    def _late(self, worker: _Worker) -> list[Outcome]:
        if not worker.child.ready:
            return self._did_not_start(worker, f"no word in {START_S:.0f} s")
        if not worker.tasks:
            self._dismiss(worker)
            return []
        return self._drop(worker, Answer.LATE, f"took longer than {self._limits.file_seconds} s")

    def _drop(self, worker: _Worker, answer: Answer, reason: str) -> list[Outcome]:
        """End a child for what became of its first task; it has not begun the others."""
        self._dismiss(worker)
        ends = [(answer, reason), *[(Answer.RETURNED, "")] * len(worker.tasks)]
        return [Outcome(task, *end) for task, end in zip(worker.tasks, ends, strict=False)]

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._pit.take(worker.child)

    def close(self) -> list[Task]:
        """End all children; return what they were to read."""
        stopped = self.tasks
        for worker in list(self._workers):
            self._dismiss(worker)
        return stopped


def parse_answer(task: Task, frame: Frame, seconds: float) -> Outcome:
    """Check and convert what a child says, so that nothing of it can fail to be stored."""
    fields = frame.fields
    outcome = Outcome(
        task,
        Answer(fields["answer"]),
        reason=clean(str(fields.get("reason", ""))),
        seconds=seconds,
        kind=Kind(fields["kind"]) if fields.get("kind") else None,
        hash=bytes.fromhex(fields.get("hash", "")),
    )
    created = fields.get("created")
    about = Document(
        sections=(),
        title=clean(str(fields.get("title", ""))),
        author=clean(str(fields.get("author", ""))),
        created=None if created is None else float(created),
        language=clean(str(fields.get("language", ""))),
        recipients=clean(str(fields.get("recipients", ""))),
        scans=tuple(filter(None, map(_route, fields.get("scans", ())))),
    )
    outcome = replace(outcome, document=about)
    if outcome.answer is not Answer.READ:
        return outcome
    return replace(
        outcome,
        chunks=tuple(
            Chunk(clean(str(text)), clean(str(heading)), _place(page), _place(line))
            for text, heading, page, line in fields["chunks"]
        ),
        terms=tuple((clean(str(text)), clean(str(heading))) for text, heading in fields["terms"]),
    )


def _place(given: object) -> int | None:
    """Return a page or line; what cannot be one would end the writer."""
    return given if isinstance(given, int) and 0 <= given < 1 << 31 else None


def _route(given: object) -> Route:
    """Return the way to a picture, () for what cannot be one."""
    steps = [_place(step) for step in given] if isinstance(given, list) else []
    route = tuple(step for step in steps if step is not None)
    return route if len(route) == len(steps) and any(route[-1:]) else ()


def _verbose() -> bool:
    return logger.isEnabledFor(logging.DEBUG)
