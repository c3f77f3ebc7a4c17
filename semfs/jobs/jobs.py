"""The jobs of a mount: take requests, show how far they are, do what was written about them.

Owns the directory jobs/.  Every method may be called from any thread; only `wait` blocks.
`state.db` is what is true: a job goes on where it was after any death, through `recover`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from semfs.config import Config
from semfs.engine.client import Engine
from semfs.errors import BadRequest, DiskFull, Interrupted, ModelError, PlanError, QueueFull
from semfs.jobs import commands, directive, state, verify
from semfs.jobs.cells import placed
from semfs.jobs.context import Finder
from semfs.jobs.execute import kept_values
from semfs.jobs.folder import CELLS, Folder
from semfs.jobs.records import Records
from semfs.jobs.runner import PATIENCE_S, Runner
from semfs.jobs.state import Event
from semfs.jobs.view import JobView
from semfs.jobs.worker import Worker, checked
from semfs.model import JobId, JobStatus, Priority, Source
from semfs.plan.optimise import optimise
from semfs.store.catalog import Catalog
from semfs.store.state import State

ROOM = 1 << 20  # bytes that must be free for a request to be taken
TICK_S = 0.05  # how often a waiting caller looks whether it was interrupted, as in the mount


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
        self._directory = directory
        self._config = config
        self._catalog = catalog
        self._records = Records(state)
        patient = state.patient(PATIENCE_S)
        self._worker = Worker(
            patient, self._folder, searcher=searcher, catalog=catalog, engine=engine, config=config
        )
        self._runner = Runner(self._records, patient, self._worker, self._folder)
        self._changed = self._runner.changed
        self._refused: set[JobId] = set()  # held jobs whose plan was edited last into none

    def listen(self, listener: Callable[[JobId], object]) -> None:
        """Have somebody told of each job whose state changes, on whichever thread; it must return at once."""
        self._runner.listener = listener

    # -- requests

    def admit(self) -> None:
        """Raise QueueFull, DiskFull or StoreBusy while no further request can be taken."""
        self._state.require_writable()
        if shutil.disk_usage(self._directory.parent).free < ROOM:
            raise DiskFull(str(self._directory), "the disk is full")
        if self._runner.waiting() >= self._config.jobs.queue:
            raise QueueFull(f"{self._runner.waiting()} jobs are waiting already; try again later")

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
            self._runner.enqueue(row)
        self._runner.listener(row.id)
        return row.id

    def recover(self) -> None:
        """Go on with the jobs that were not at their end when the process before this one was."""
        self._runner.recover()

    def close(self) -> None:
        """Stop the threads; what they were at goes on after `recover`."""
        self._runner.close()

    # -- looking

    def ids(self) -> list[JobId]:
        return self._state.job_ids()

    def get(self, id: JobId) -> JobView:
        """Raises NoSuchEntry."""
        run = self._runner.run_of(id)
        return JobView(self._records.row(id), self._folder(id), run.progress if run else "")

    def output_dir(self, id: JobId) -> Path:
        """Return the directory with what the job made; it is there, perhaps empty."""
        self._records.row(id)
        folder = self._folder(id)
        with suppress(OSError):  # on a full disk it can still be looked at
            folder.create()
        return folder.out

    def sources(self, id: JobId) -> list[Source]:
        """Return the files that the job read."""
        self._records.row(id)
        return [row.source for row in self._state.sources(id) if not row.reason]

    def source(self, id: JobId, rank: int) -> tuple[str, int]:
        """Return the path of one of the files that the job read, "" beyond them, and how many there are."""
        return self._state.path_read(id, rank)

    def wait(self, id: JobId, cancelled: Callable[[], bool]) -> str:
        """Block until the job's end (or until it is held) and return its status; raises Interrupted."""
        ends = state.ENDED | {JobStatus.HELD}
        with self._changed:
            while (row := self._records.row(id)).status not in ends:
                if cancelled() or self._runner.closed:
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
        self._records.row(id)
        self._state.require_writable()  # not with the lock held, for which others would wait too
        asked = commands.read(command)
        if asked is Event.GO and id in self._refused:
            # A shell may not have said so, as it was when the plan was closed.
            raise BadRequest("the plan that was written last is not valid, see log; write another one")
        with self._changed:
            if isinstance(asked, Priority):
                self._state.set_priority(id, asked)
                self._runner.set_priority(id, asked)
            else:
                self._runner.happen(id, asked)
                self._state.audit("control", asked.value, job=id)

    def set_plan(self, id: JobId, plan: bytes) -> None:
        """Put an edited plan in the place of a held job's; raises BadRequest if it is not valid."""
        row = self._records.row(id)
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
            if self._records.row(id).status is JobStatus.HELD:
                self._state.set_plan(id, str(program), written=row.written or row.plan)
                self._refused.discard(id)
                self._folder(id).write("explain", optimise(program).explain())
                self._runner.listener(id)

    def remove(self, id: JobId) -> None:
        """Cancel a job and forget it, with everything that it made."""
        self._state.require_writable()
        with self._changed:
            self._records.row(id)
            self._runner.stop(id, removed=True)
        self._folder(id).remove()  # first, as it may be what makes room for writing that the job is gone
        with self._changed:
            self._records.remove(id)
            self._runner.stop(id, removed=True)  # it may have been tried again meanwhile
            self._changed.notify_all()

    def _folder(self, id: JobId) -> Folder:
        return Folder(self._directory / str(int(id)))
