"""Take jobs from state to state on threads of their own, at most MOST_RUNNING at once.

Owns these threads, the queue before them, and the lock under which the state of a job changes.
Every method may be called from any thread, those below "states" with the lock held.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from semfs.errors import DiskFull, Interrupted, SemfsError, StoreBusy, StoreError
from semfs.jobs.folder import Folder
from semfs.jobs.queue import Queue
from semfs.jobs.records import Records
from semfs.jobs.state import Event, Instruction
from semfs.jobs.worker import Run, Worker
from semfs.model import JobId, JobStatus, Priority
from semfs.store.state import JobRow, State

log = logging.getLogger(__name__)

MOST_RUNNING = 8  # jobs at once; what they do at once is bounded by the lanes
START_S = 0.005  # until a job begins, so that its number is read back before it takes the interpreter
LATER_S = 1.0  # until it is tried again to read a state.db that could not be read
PATIENCE_S = 60.0  # how long a job's thread, for which nobody waits, waits at a time for another program
Outcome = TypeVar("Outcome")


def nobody(id: JobId) -> None:
    """Be the listener where there is none."""


class Runner:
    """The jobs that wait for a thread, and those that have one."""

    def __init__(
        self, records: Records, patient: State, worker: Worker, folder: Callable[[JobId], Folder]
    ) -> None:
        self.listener: Callable[[JobId], object] = nobody
        self.changed = threading.Condition(threading.RLock())  # guards what follows, and the records
        self._records = records
        self._patient = patient
        self._worker = worker
        self._folder = folder
        self._queue = Queue()
        self._running: dict[JobId, Run] = {}
        self._wanted = threading.Event()  # that `_dispatch` looks
        self._starter: threading.Thread | None = None
        self.closed = False

    def waiting(self) -> int:
        """Return how many jobs wait for a thread."""
        return len(self._queue)

    def run_of(self, id: JobId) -> Run | None:
        """Return the work on a job that is under way."""
        return self._running.get(id)

    def recover(self) -> None:
        """Go on with the jobs that were not at their end when the process before this one was."""
        unfinished = self._records.unfinished()
        with self.changed:
            for row in unfinished:
                self._resume(row)

    def _resume(self, row: JobRow) -> None:
        try:
            self.happen(row.id, Event.RESUMED)
            log.info("job %s goes on; it was %s", row.id, row.status)
        except StoreBusy:
            self._later(lambda: self._resume(row))
        except StoreError as trouble:  # a full disk is no reason not to mount
            log.error("job %s goes on at the next start: %s", row.id, trouble)

    def close(self) -> None:
        """Stop the threads; what they were at goes on after `recover`."""
        with self.changed:
            self.closed = True
            self._wanted.set()
            self._queue.clear()
            for run in self._running.values():
                run.stop.set()
            self.changed.wait_for(lambda: not self._running, timeout=10)

    # -- states (call with the lock held)

    def happen(self, id: JobId, event: Event, *, error: str = "") -> JobRow:
        """Take a job to its next state and do what that asks for; raises BadRequest."""
        row, instruction = self._records.happen(id, event, error=error)
        if instruction is Instruction.ENQUEUE:
            self.enqueue(row)
        elif instruction is Instruction.STOP:
            self.stop(id)
        self.changed.notify_all()
        self.listener(id)
        return row

    def stop(self, id: JobId, *, removed: bool = False) -> None:
        """Let a job wait for no thread, and ask the one that works on it to leave."""
        self._queue.drop(id)
        if run := self._running.get(id):
            run.removed = run.removed or removed
            run.stop.set()

    def set_priority(self, id: JobId, priority: Priority) -> None:
        """Let a job go before others, or after them, from now on."""
        if run := self._running.get(id):
            run.priority = priority
        self._queue.set_priority(id, priority)

    def enqueue(self, row: JobRow) -> None:
        """Let a job wait for a thread; whoever asks for it does not wait until it has one."""
        self._queue.add(row.id, row.priority)
        if self._starter is None:
            self._starter = threading.Thread(target=self._start, name="jobs", daemon=True)
            self._starter.start()
        self._wanted.set()

    # -- the threads

    def _start(self) -> None:
        while self._wanted.wait() and not self.closed:
            time.sleep(START_S)
            self._wanted.clear()
            try:
                with self.changed:
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
        while len(self._running) < MOST_RUNNING and not self.closed:
            id = self._queue.first(but=self._running)
            if id is None:
                return
            try:
                row = self._records.known(id)
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
            with self.changed:
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
            with self.changed:
                del self._running[run.id]
                self._dispatch()
                self.changed.notify_all()
            if run.removed:
                self._folder(run.id).remove()

    def _advance(self, run: Run, event: Event) -> bool:
        """Take the job on, unless it was stopped meanwhile."""

        def act() -> bool:
            if run.stop.is_set():
                return False
            self.happen(run.id, event)
            run.begun = True
            return True

        return self._when_writable(act)

    def _end(self, run: Run, event: Event, error: str = "") -> None:
        """Write how the run ended, unless somebody has cancelled or removed the job meanwhile."""

        def act() -> None:
            if not run.stop.is_set():
                self.happen(run.id, event, error=error)
                if error:
                    self._folder(run.id).log(f"failed: {error}")
                    self.listener(run.id)

        try:
            self._when_writable(act)
        except (OSError, StoreError) as trouble:
            log.error("how job %s ended cannot be written: %s", run.id, trouble)

    def _when_writable(self, act: Callable[[], Outcome]) -> Outcome:
        """Act with the lock held; until then wait without it while another program keeps state.db locked."""
        while True:
            try:
                self._patient.require_writable()
                with self.changed:
                    return act()
            except StoreBusy:
                if self.closed:
                    raise
