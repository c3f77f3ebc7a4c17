"""The work of one job's thread: plan the request, hold it if that is asked, run its steps.

A `Worker` serves all jobs and keeps nothing about any of them; a `Run` is one thread's
attempt at one job, shared with `runner.Runner`, which alone changes states.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from semfs.config import Config
from semfs.engine.client import Engine, never, within
from semfs.errors import NoSuchEntry
from semfs.jobs import directive
from semfs.jobs.context import Context, Finder
from semfs.jobs.execute import execute
from semfs.jobs.folder import Folder
from semfs.jobs.lanes import Lanes
from semfs.jobs.operators.forms import coverage
from semfs.jobs.state import Event
from semfs.model import JobId, Priority, Weights
from semfs.plan.check import check
from semfs.plan.lower import lower
from semfs.plan.operators import operators
from semfs.plan.optimise import optimise
from semfs.plan.parse import parse
from semfs.plan.planner import write_plan
from semfs.plan.program import Program
from semfs.store.catalog import Catalog
from semfs.store.state import JobRow, State


@dataclass(slots=True)
class Run:
    """One thread's work on a job; a retry is another run."""

    id: JobId
    priority: Priority
    stop: threading.Event = field(default_factory=threading.Event)
    removed: bool = False
    cancelled: Callable[[], bool] = never  # raises DeadlinePassed when the job's time is over
    begun: bool = False  # whether its state says that a thread took it
    progress: str = ""


class Worker:
    """Carry jobs from their request to their results."""

    def __init__(
        self,
        state: State,
        folder: Callable[[JobId], Folder],
        *,
        searcher: Finder,
        catalog: Catalog,
        engine: Engine,
        config: Config,
    ) -> None:
        self._state = state
        self._folder = folder
        self._searcher = searcher
        self._catalog = catalog
        self._engine = engine
        self._config = config
        self._lanes = Lanes()

    def work(self, run: Run, advance: Callable[[Event], bool]) -> bool:
        """Return whether the job came to its end; `advance` says whether it may go on.

        Raises what planning or a step failed with, or Interrupted.
        """
        folder = self._folder(run.id)
        folder.create()
        folder.tidy()
        if not advance(Event.TAKEN):
            return False
        row = self._state.job(run.id)
        if row is None:
            raise NoSuchEntry(f"there is no job {run.id}")
        seconds = directive.understand(row.request).seconds
        late = f"not done within the {seconds} s that its first line gives it; `retry` goes on"
        run.cancelled = within(seconds, run.stop.is_set, late)
        optimised = optimise(self._program(row, run, folder))
        folder.write("explain", optimised.explain())
        if self._held(row):
            folder.log("held; the plan can be read and edited, `go` in ctl releases it")
            advance(Event.HELD)
            return False
        if not advance(Event.PLANNED):
            return False
        execute(lower(optimised.program), self._context(row, run, folder))
        if read := coverage(self._state.sources(run.id)):
            folder.log(read)
        folder.log(f"done; in out/: {', '.join(folder.saved()) or 'nothing'}")
        return True

    def _program(self, row: JobRow, run: Run, folder: Folder) -> Program:
        """Return the job's program, written by the model unless there is one."""
        program = checked(row.plan, row) if row.plan else self._written(row, run, folder)
        if str(program) != row.plan:
            self._state.set_plan(row.id, str(program), written=row.written)
        return program

    def _written(self, row: JobRow, run: Run, folder: Folder) -> Program:
        run.progress = "planning"
        folder.log("planning")
        program = write_plan(
            directive.understand(row.request).text,
            self.engine_for(directive.understand(row.request)),
            within=bool(row.within),
            priority=run.priority,
            cancelled=run.cancelled,
        )
        folder.log("\n".join(["plan:", *(f"    {line}" for line in str(program).splitlines())]))
        return program

    def engine_for(self, request: directive.Request) -> Engine:
        """Return the engine with the weights that a request names; raises ModelError."""
        if request.weights in (Weights(), Weights(self._config.engine.model)):
            return self._engine
        return self._engine.using(request.weights)

    def _held(self, row: JobRow) -> bool:
        """Whether it is to stop before it runs, and nobody has released it yet."""
        released = any(item.event == Event.GO for item in self._state.history(row.id))
        return directive.understand(row.request).hold and not released

    def _context(self, row: JobRow, run: Run, folder: Folder) -> Context:
        request = directive.understand(row.request)

        def tell(words: str) -> None:
            run.progress = words

        return Context(
            job=row.id,
            request="" if request.is_plan else request.text,
            within=row.within,
            now=datetime.fromtimestamp(row.created).astimezone(),
            priority=lambda: run.priority,
            engine=self.engine_for(request),
            searcher=self._searcher,
            catalog=self._catalog,
            state=self._state,
            folder=folder,
            lanes=self._lanes,
            config=self._config,
            cancelled=run.cancelled,
            progress=tell,
        )


def checked(plan: str, row: JobRow) -> Program:
    """Return the program of a plan's text; raises PlanError."""
    return check(parse(plan), operators(), within=bool(row.within))
