"""Jobs: take requests, plan them, run them, answer for them.

Owns the threads that work on jobs (at most MOST_RUNNING, one a job) and the directory jobs/.
Every method may be called from any thread; only `wait` blocks.  `state.db` is what is true: a
job goes on where it was after any death, through `recover`.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from semfs.config import Config
from semfs.engine.client import Engine
from semfs.errors import (
    BadRequest,
    DiskFull,
    Interrupted,
    ModelError,
    NoSuchEntry,
    PlanError,
    QueueFull,
    SemfsError,
    StoreBusy,
    StoreError,
)
from semfs.jobs import directive, state, verify
from semfs.jobs.cells import placed
from semfs.jobs.context import Finder
from semfs.jobs.execute import kept_values
from semfs.jobs.folder import CELLS, Folder
from semfs.jobs.queue import Queue
from semfs.jobs.state import Event, Instruction
from semfs.jobs.view import JobView
from semfs.jobs.worker import Run, Worker, checked
from semfs.model import JobId, JobStatus, Priority, Source
from semfs.plan.optimise import optimise
from semfs.store.catalog import Catalog
from semfs.store.state import JobRow, State

log = logging.getLogger(__name__)

MOST_RUNNING = 8  # jobs at once; what they do at once is bounded by the lanes
ROOM = 1 << 20  # bytes that must be free for a request to be taken
TICK_S = 0.05  # how often a waiting caller looks whether it was interrupted, as in the mount
START_S = 0.005  # until a job begins, so that its number is read back before it takes the interpreter
LATER_S = 1.0  # until it is tried again to read a state.db that could not be read
PATIENCE_S = 60.0  # how long a job's thread, for which nobody waits, waits at a time for another program
Outcome = TypeVar("Outcome")
COMMANDS = "cancel, go, retry, priority high, priority normal, priority low"


def nothing(id: JobId) -> None:
    """Be the `also` of a request that goes alone."""


class Jobs:
    """All jobs of one mount."""

    def __init__(
        self,
        state: State,
        directory: Path,
        *,
        searcher: Finder,
        catalog: Catalog,
        engine: Engine,
        config: Config,
    ) -> None:
        self._state = state
        self._patient = state.patient(PATIENCE_S)
        self._directory = directory
        self._config = config
        self._catalog = catalog
        self._worker = Worker(
            self._patient, self._folder, searcher=searcher, catalog=catalog, engine=engine, config=config
        )
        self._changed = threading.Condition(threading.RLock())  # guards what follows
        self._queue = Queue()
        self._running: dict[JobId, Run] = {}
        self._wanted = threading.Event()  # that `_dispatch` looks
        self._starter: threading.Thread | None = None
        self._unwritten: dict[JobId, JobRow] = {}  # ends that the full disk did not take
        self._refused: set[JobId] = set()  # held jobs whose plan was edited last into none
        self._closed = False
        self._listener: Callable[[JobId], object] = nothing

    def listen(self, listener: Callable[[JobId], object]) -> None:
        """Have somebody told of each job whose state changes, on whichever thread; it must return at once."""
        self._listener = listener

    # -- requests

    def admit(self) -> None:
        """Raise QueueFull, DiskFull or StoreBusy while no further request can be taken."""
        self._state.require_writable()
        if shutil.disk_usage(self._directory.parent).free < ROOM:
            raise DiskFull(str(self._directory), "the disk is full")
        if len(self._queue) >= self._config.jobs.queue:
            raise QueueFull(f"{len(self._queue)} jobs are waiting already; try again later")

    def submit(
        self, data: bytes, *, within: tuple[str, ...] = (), also: Callable[[JobId], None] = nothing
    ) -> JobId:
        """Take a request and return its number at once; raises a RequestError or StoreError.

        `also` happens in the transaction that makes the job.
        """
        request = directive.read(data, longest=self._config.jobs.max_request_bytes)
        try:
            self._worker.engine_for(request)
        except ModelError as error:
            raise BadRequest(str(error)) from error
        with self._changed:
            self.admit()
            with self._state.transaction():
                row = self._state.add_job(
                    request.given,
                    within=within,
                    plan=request.text if request.is_plan else "",
                    status=JobStatus.QUEUED,
                    priority=request.priority,
                )
                also(row.id)
            self._enqueue(row)
        self._listener(row.id)
        return row.id

    def recover(self) -> None:
        """Go on with the jobs that were not at their end when the process before this one was."""
        unfinished = self._state.jobs(JobStatus.QUEUED, JobStatus.PLANNING, JobStatus.RUNNING)
        with self._changed:
            for row in unfinished:
                self._resume(row)

    def _resume(self, row: JobRow) -> None:
        try:
            self._happen(row.id, Event.RESUMED)
            log.info("job %s goes on; it was %s", row.id, row.status)
        except StoreBusy:
            self._later(lambda: self._resume(row))
        except StoreError as trouble:  # a full disk is no reason not to mount
            log.error("job %s goes on at the next start: %s", row.id, trouble)

    def close(self) -> None:
        """Stop the threads; what they were at goes on after `recover`."""
        with self._changed:
            self._closed = True
            self._wanted.set()
            self._queue.clear()
            for run in self._running.values():
                run.stop.set()
            self._changed.wait_for(lambda: not self._running, timeout=10)

    # -- looking

    def ids(self) -> list[JobId]:
        return self._state.job_ids()

    def get(self, id: JobId) -> JobView:
        """Raises NoSuchEntry."""
        run = self._running.get(id)
        return JobView(self._row(id), self._folder(id), run.progress if run else "")

    def output_dir(self, id: JobId) -> Path:
        """Return the directory with what the job made; it is there, perhaps empty."""
        self._row(id)
        folder = self._folder(id)
        with suppress(OSError):  # on a full disk it can still be looked at
            folder.create()
        return folder.out

    def sources(self, id: JobId) -> list[Source]:
        """Return the files that the job read."""
        self._row(id)
        return [row.source for row in self._state.sources(id) if not row.reason]

    def source(self, id: JobId, rank: int) -> tuple[str, int]:
        """Return the path of one of the files that the job read, "" beyond them, and how many there are."""
        return self._state.path_read(id, rank)

    def wait(self, id: JobId, cancelled: Callable[[], bool]) -> str:
        """Block until the job's end (or until it is held) and return its status; raises Interrupted."""
        ends = state.ENDED | {JobStatus.HELD}
        with self._changed:
            while (row := self._row(id)).status not in ends:
                if cancelled() or self._closed:
                    raise Interrupted(f"job {id} goes on; nobody waits for it now")
                self._changed.wait(TICK_S)
        return row.status

    def verify(self, id: JobId, cancelled: Callable[[], bool]) -> str:
        """Return what became of the files that a job read, of its quotes and cells; raises Interrupted."""
        sources, folder = self.sources(id), self._folder(id)
        values = kept_values(self._state.steps(id).values(), folder)
        cells, unplaced = placed(folder.read(CELLS))
        made = verify.claims(values, cells, sources)
        found = list(verify.findings(sources, made, self._catalog, cancelled))
        return verify.report(found, unplaced=unplaced)

    # -- doing

    def control(self, id: JobId, command: str) -> None:
        """Carry out what was written to `ctl`; raises BadRequest, NoSuchEntry."""
        words = command.split()
        row = self._row(id)
        self._state.require_writable()  # not with the lock held, for which others would wait too
        match words:
            case ["cancel"]:
                self._controlled(row, Event.CANCEL)
            case ["go"]:
                if id in self._refused:  # a shell may not have said so, as it was when the plan was closed
                    raise BadRequest(
                        "the plan that was written last is not valid, see log; write another one"
                    )
                self._controlled(row, Event.GO)
            case ["retry"]:
                self._controlled(row, Event.RETRY)
            case ["priority", word]:
                self._set_priority(row, directive.priority(word))
            case _:
                raise BadRequest(f"unknown command '{command.strip()[:40]}'; there are: {COMMANDS}")

    def set_plan(self, id: JobId, plan: bytes) -> None:
        """Put an edited plan in the place of a held job's; raises BadRequest if it is not valid."""
        row = self._row(id)
        self._state.require_writable()
        if row.status is not JobStatus.HELD:
            raise BadRequest(f"the job is {row.status}: only the plan of a held job can be edited")
        self._refused.add(id)  # until one is taken
        text = directive.read(plan, longest=self._config.jobs.max_request_bytes).given
        try:
            program = checked(text, row)
        except PlanError as error:
            self._folder(id).log(f"an edited plan was refused: {error}")
            raise BadRequest(f"the plan is not valid: {error}") from error
        with self._changed:
            if self._row(id).status is JobStatus.HELD:
                self._state.set_plan(id, str(program), written=row.written or row.plan)
                self._refused.discard(id)
                self._folder(id).write("explain", optimise(program).explain())
                self._listener(id)

    def remove(self, id: JobId) -> None:
        """Cancel a job and forget it, with everything that it made."""
        self._state.require_writable()
        with self._changed:
            self._row(id)
            self._stop(id, removed=True)
        self._folder(id).remove()  # first, as it may be what makes room for writing that the job is gone
        with self._changed:
            self._state.remove_job(id)
            self._stop(id, removed=True)  # it may have been tried again meanwhile
            self._unwritten.pop(id, None)
            self._changed.notify_all()

    def _controlled(self, row: JobRow, event: Event) -> None:
        with self._changed:
            self._happen(row.id, event)
            self._state.audit("control", event.value, job=row.id)

    def _set_priority(self, row: JobRow, priority: Priority) -> None:
        with self._changed:
            self._state.set_priority(row.id, priority)
            if run := self._running.get(row.id):
                run.priority = priority
            self._queue.set_priority(row.id, priority)

    # -- states (call with the lock held)

    def _happen(self, id: JobId, event: Event, *, error: str = "") -> JobRow:
        """Take a job to its next state and do what that asks for; raises BadRequest."""
        row = self._row(id)
        past = [item.event for item in self._state.history(id)]
        following = state.after(row.status, event, history=past)
        row = self._record(row, event, following.status, error)
        if following.instruction is Instruction.ENQUEUE:
            self._enqueue(row)
        elif following.instruction is Instruction.STOP:
            self._stop(id)
        self._changed.notify_all()
        self._listener(id)
        return row

    def _stop(self, id: JobId, *, removed: bool = False) -> None:
        """Let a job wait for no thread, and ask the one that works on it to leave."""
        self._queue.drop(id)
        if run := self._running.get(id):
            run.removed = run.removed or removed
            run.stop.set()

    def _record(self, row: JobRow, event: Event, status: JobStatus, error: str) -> JobRow:
        """Write a state; an end that cannot be written is at least remembered until the process ends."""
        try:
            written = self._state.record(row.id, event, status, error=error)
            self._unwritten.pop(row.id, None)
            return written
        except StoreBusy:
            raise
        except StoreError as trouble:
            if status not in state.ENDED:
                raise
            log.error("the end of job %s cannot be written: %s", row.id, trouble)
            self._unwritten[row.id] = replace(row, status=status, error=error, ended=time.time())
            return self._unwritten[row.id]

    def _row(self, id: JobId) -> JobRow:
        row = self._known(id)
        if row is None:
            raise NoSuchEntry(f"there is no job {id}")
        return row

    def _known(self, id: JobId) -> JobRow | None:
        return self._unwritten.get(id) or self._state.job(id)

    def _enqueue(self, row: JobRow) -> None:
        """Let a job wait for a thread; whoever asks for it does not wait until it has one."""
        self._queue.add(row.id, row.priority)
        if self._starter is None:
            self._starter = threading.Thread(target=self._start, name="jobs", daemon=True)
            self._starter.start()
        self._wanted.set()

    def _start(self) -> None:
        while self._wanted.wait() and not self._closed:
            time.sleep(START_S)
            self._wanted.clear()
            try:
                with self._changed:
                    self._dispatch()
            except RuntimeError as trouble:  # no further thread is allowed: this one must go on
                log.error("jobs wait until another thread can be started: %s", trouble)
                time.sleep(LATER_S)
                self._wanted.set()

    def _dispatch(self) -> None:
        """Start threads for waiting jobs while there is room; a job whose last run is leaving waits.

        A job waits until its thread has begun: while `state.db` cannot be read it is looked
        for again, so that it is not forgotten.  One that was given up meanwhile is left out.
        """
        while len(self._running) < MOST_RUNNING and not self._closed:
            id = self._queue.first(but=self._running)
            if id is None:
                return
            try:
                row = self._known(id)
            except StoreError as trouble:
                log.error("job %s waits until state.db can be read: %s", id, trouble)
                self._later(self._dispatch)
                return
            self._queue.drop(id)
            if row is not None and row.status is JobStatus.QUEUED:
                run = self._running[id] = Run(id, row.priority)
                try:
                    threading.Thread(target=self._work, args=(run,), name=f"job-{id}", daemon=True).start()
                except RuntimeError:
                    del self._running[id]
                    self._queue.add(id, row.priority)
                    raise

    def _again(self, run: Run) -> None:
        self._queue.add(run.id, run.priority)
        self._dispatch()

    def _later(self, act: Callable[[], None]) -> None:
        """Do something with the lock held, once state.db may be readable again."""

        def locked() -> None:
            with self._changed:
                act()

        timer = threading.Timer(LATER_S, locked)
        timer.daemon = True
        timer.start()

    # -- a job's thread

    def _work(self, run: Run) -> None:
        """Plan and run one job; whatever happens ends in its state."""
        try:
            if self._worker.work(run, lambda event: self._advance(run, event)):
                self._end(run, Event.FINISHED)
        except Interrupted:
            log.info("job %s was stopped", run.id)
        except OSError as error:
            self._end(run, Event.FAILED, f"the disk: {error}; make room or look at the data directory")
        except SemfsError as error:
            if isinstance(error, StoreError) and not isinstance(error, DiskFull) and not run.begun:
                log.error("job %s is begun again: %s", run.id, error)
                self._later(lambda: self._again(run))
            else:
                self._end(run, Event.FAILED, str(error))
        except Exception as error:  # the boundary of a job: its failure is its own
            log.exception("job %s", run.id)
            self._end(run, Event.FAILED, f"failed unexpectedly: {type(error).__name__}: {error}")
        finally:
            with self._changed:
                del self._running[run.id]
                self._dispatch()
                self._changed.notify_all()
            if run.removed:
                self._folder(run.id).remove()

    def _advance(self, run: Run, event: Event) -> bool:
        """Take the job on, unless it was stopped meanwhile."""

        def act() -> bool:
            if run.stop.is_set():
                return False
            self._happen(run.id, event)
            run.begun = True
            return True

        return self._when_writable(act)

    def _end(self, run: Run, event: Event, error: str = "") -> None:
        """Write how the run ended, unless somebody has cancelled or removed the job meanwhile."""

        def act() -> None:
            if not run.stop.is_set():
                self._happen(run.id, event, error=error)
                if error:
                    self._folder(run.id).log(f"failed: {error}")
                    self._listener(run.id)

        try:
            self._when_writable(act)
        except (OSError, StoreError) as trouble:
            log.error("how job %s ended cannot be written: %s", run.id, trouble)

    def _when_writable(self, act: Callable[[], Outcome]) -> Outcome:
        """Act with the lock held; until then wait without it while another program keeps state.db locked."""
        while True:
            try:
                self._patient.require_writable()
                with self._changed:
                    return act()
            except StoreBusy:
                if self._closed:
                    raise

    def _folder(self, id: JobId) -> Folder:
        return Folder(self._directory / str(int(id)))
