"""Read files in child processes, so that a file which breaks its parser costs only itself.

`Pool` is the ingest process's end and belongs to its one thread: it starts children when
there is work, kills one whose file takes too long, replaces one that died, retires one that
has grown, and lets all of them go when nothing was to do for a while.  What a child does
is in `extract`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from semfs.config import Index
from semfs.index.child import Child, Frame, FramesBroken, Pit
from semfs.index.extract import Answer, clean
from semfs.model import Chunk, Document, FileId, Kind
from semfs.store.catalog import Terms

logger = logging.getLogger(__name__)

RETIRE_FILES = 500  # parsers leak
RETIRE_MB = 400
IDLE_S = 10.0  # a child without work for so long goes, as it holds 50 to 200 MB
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
    """A child with what it does now."""

    child: Child
    task: Task | None = None
    since: float = 0.0  # of the task, or of idleness
    files: int = 0


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
        """What is being read."""
        return [worker.task for worker in self._workers if worker.task]

    @property
    def resting(self) -> bool:
        """Whether children do not start and none is tried for now."""
        return time.monotonic() < self._resting_until

    def room(self) -> int:
        """Return how many tasks can be taken now; start children for those that could be."""
        if self.resting:
            return 0
        return self._size - len(self.tasks)

    def submit(self, task: Task) -> None:
        """Take a task; there must be room."""
        idle = [worker for worker in self._workers if worker.task is None]
        worker = idle[0] if idle else self._start()
        worker.task, worker.since = task, time.monotonic()
        worker.child.send(Frame({"path": os.fsencode(task.path).hex(), "hash": task.hash.hex()}))

    def _start(self) -> _Worker:
        child = Child(self._command, {"memory_mb": self._limits.file_memory_mb, "verbose": _verbose()})
        worker = _Worker(child, since=time.monotonic())
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
        return worker.since + (self._limits.file_seconds if worker.task else IDLE_S)

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
        if frames and worker.task:
            return [self._answered(worker, worker.task, frames[0])]
        if time.monotonic() >= self._deadline(worker):
            return self._late(worker)
        return []

    def _answered(self, worker: _Worker, task: Task, frame: Frame) -> Outcome:
        now = time.monotonic()
        seconds, worker.task, worker.since = now - worker.since, None, now
        worker.files += 1
        if worker.files >= RETIRE_FILES or frame.fields.get("rss_mb", 0) > RETIRE_MB:
            self._dismiss(worker)
        try:
            return parse_answer(task, frame, seconds)
        except (KeyError, TypeError, ValueError) as error:
            return Outcome(task, Answer.FAILED, f"the reader answered nonsense: {error!r}")

    def _died(self, worker: _Worker) -> list[Outcome]:
        death = worker.child.death()
        if worker.child.ready:
            logger.info("a reading process ended (%s) at %s", death, worker.task and worker.task.path)
            return self._drop(worker, Answer.DIED, f"the reader crashed ({death})")
        return self._did_not_start(worker, death)

    def _did_not_start(self, worker: _Worker, why: str) -> list[Outcome]:
        """Hand the task back; after several in a row it is the program that is broken, not the file."""
        self._failed_starts += 1
        if self._failed_starts >= START_TRIES:
            logger.error("reading processes do not start (%s); next try in %d s", why, REST_S)
            self._resting_until = time.monotonic() + REST_S
        return self._drop(worker, Answer.RETURNED, why)

    def _late(self, worker: _Worker) -> list[Outcome]:
        if not worker.child.ready:
            return self._did_not_start(worker, f"no word in {START_S:.0f} s")
        if worker.task is None:
            self._dismiss(worker)
            return []
        return self._drop(worker, Answer.FAILED, f"took longer than {self._limits.file_seconds} s")

    def _drop(self, worker: _Worker, answer: Answer, reason: str) -> list[Outcome]:
        self._dismiss(worker)
        return [Outcome(worker.task, answer, reason)] if worker.task else []

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._pit.take(worker.child)

    def close(self) -> list[Task]:
        """End all children; return what they were reading."""
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


def _verbose() -> bool:
    return logger.isEnabledFor(logging.DEBUG)
