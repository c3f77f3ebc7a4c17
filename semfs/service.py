"""The one face of semfs that the mount and the command line see.

Owns the processes beside the mount (ingest, engine), `state.db`, and the objects that read
the catalogue.  Every method may be called from any thread; none of them imports torch or
llama_cpp, and only `search`, `ask` and `submit` cost more than a few milliseconds.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from semfs import __version__, dashboard
from semfs.ask.answer import Asker
from semfs.config import Config, data_dir, declared, make_private, runtime_dir
from semfs.engine import glance, tuning
from semfs.engine.client import Engine, EngineClient
from semfs.engine.embed import Embedder
from semfs.engine.glance import Glance
from semfs.engine.models import ModelRow
from semfs.engine.remote import KEY_VARIABLE, RemoteEngine
from semfs.errors import BadRequest, ModelError, StoreError
from semfs.jobs import directive
from semfs.jobs.every import Every
from semfs.jobs.jobs import Jobs
from semfs.jobs.runner import PATIENCE_S
from semfs.metrics import Counted, exposition
from semfs.model import Coverage, FileRow, Hit, JobId, Kept, Narrowed, SearchResult, Source, Step
from semfs.plan.operators import describe, operators
from semfs.search import atlas, scope
from semfs.search.kept import KeptQueries
from semfs.search.paths import Paths
from semfs.search.searcher import Searcher
from semfs.status import Status
from semfs.store import looks
from semfs.store.catalog import Catalog
from semfs.store.state import State
from semfs.supervise import Supervised

log = logging.getLogger(__name__)

COVERAGE_S = 1.0  # how long a count of the catalogue stays good
RETRY_S = 30.0  # how soon a missing embedder is looked for again


@dataclass(frozen=True, slots=True)
class Commands:
    """How the children are started: argument vectors, `engine` taking the socket it listens on."""

    ingest: Sequence[str]
    engine: Callable[[Path], Sequence[str]]


class Service:
    """Search, ask and run over one set of folders."""

    def __init__(self, *, name: str, sources: Sequence[str], config: Config, commands: Commands) -> None:
        self.name = name
        self.sources = tuple(sources)
        self.config = config
        self.directory = data_dir(name)
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log_path = self.directory / "semfs.log"
        self._started = time.time()
        self._up = time.monotonic()
        self._looks = looks.Teller(self.directory)
        self._catalog = Catalog(self.directory / "catalog.db")
        self._state = State(self.directory / "state.db")
        self._embedder = _Lazy(config.index.embedder)
        self.paths = Paths(self._catalog)
        self.saved = KeptQueries(self._state, self._catalog)
        self._searcher = Searcher(
            self._catalog,
            self._embedder.get,
            cache_dir=self.directory,
            limit=config.search.limit,
            choices=self.saved.resolved,
        )
        self._ingest = Supervised(
            commands.ingest,
            name="ingest",
            log=self.directory / "ingest.log",
            nice=10,
            environment={KEY_VARIABLE: ""},  # what reads hostile files has no use for it
        )
        self._engine_process: Supervised | None = None
        self.engine, self._glance = self._make_engine(commands)
        self._asker = Asker(self._searcher, self.engine, record=self._record)
        self.jobs = Jobs(
            self._state,
            self.directory / "jobs",
            searcher=self._searcher,
            catalog=self._catalog,
            engine=self.engine,
            config=config,
        )
        self.every = Every(self._state, self.jobs.submit, longest=config.jobs.max_request_bytes)
        self._coverage = (0.0, Coverage())
        self._counted = Counted()
        self._warming = threading.Thread(target=self.warm, name="warm")

    def _make_engine(self, commands: Commands) -> tuple[Engine, Glance]:
        if self.config.engine.url:
            remote = RemoteEngine(self.config.engine)
            return remote, Glance(partial(glance.at_server, remote))
        socket = make_private(runtime_dir()) / f"{self.name}.engine"
        process = Supervised(commands.engine(socket), name="engine", log=self.directory / "engine.log")
        self._engine_process = process
        engine = self.config.engine
        client = EngineClient(
            socket,
            start=process.start,
            end=process.kill,
            deaths=lambda: (process.deaths, process.last_words()),
            seconds=engine.answer_seconds,
            context=engine.context,
            model=engine.model,
        )
        return client, Glance(partial(glance.at_process, client))

    def start(self) -> None:
        """Start the ingest process, load what a first search needs, go on with unfinished jobs."""
        self._ingest.start()
        self._warming.start()
        self.jobs.recover()
        self.every.start()

    def warm(self) -> None:
        """Load what a first search needs."""
        self._embedder.get()
        # What is there now stays, so the collector need not look through it again: 30 ms within a search.
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        """End the children and the jobs' threads; unfinished jobs go on at the next start."""
        self._ingest.dismiss()  # it ends while the others do
        self.every.close()
        self.jobs.close()
        if self._engine_process is not None:
            self._engine_process.dismiss()
        self._ingest.stop()
        if self._warming.is_alive():
            self._warming.join()  # native code that is still loading must not meet the end of the interpreter
        if self._engine_process is not None:
            self._engine_process.stop()
        self._searcher.close()
        self._state.close()

    # -- what people ask for

    def search(self, steps: Sequence[Step]) -> SearchResult:
        """Take the steps, outermost first; an index that is not there yet finds nothing."""
        try:
            began = time.monotonic()
            result = self._searcher.search(steps)
            self._counted.searches.add(time.monotonic() - began)
            self._looks.tell([hit.file.id for hit in reversed(result.hits)])
            return result
        except StoreError as error:
            log.info("search without an index: %s", error)
            queries = tuple(scope.query_of(step, _now()) for step in steps)
            notice = "the index is being built; look again in a moment"
            return SearchResult(queries, (), self.coverage(), notices=(notice,))

    def hits_of(self, name: str) -> list[str]:
        """Return the paths that a saved query finds now; nobody has asked, so nothing is noted."""
        return [hit.file.path for hit in self._searcher.search((Kept(name),)).hits]

    def generation(self) -> object:
        """Return something that differs when the catalogue may."""
        log_of_writes = self._catalog.path.with_name(f"{self._catalog.path.name}-wal")
        return tuple(_written(path) for path in (self._catalog.path, log_of_writes))

    def looked(self, hit: Hit) -> None:
        """Let the ingest process know that somebody opens this; never waits."""
        self._looks.tell([hit.file.id])

    def narrow(self, result: SearchResult, step: Narrowed) -> SearchResult:
        """Return the part of a result that has a value of a facet; searches nothing again."""
        return self._searcher.narrow(result, step)

    def counts(self, result: SearchResult) -> dict[str, dict[str, int]]:
        """Return for each facet how many files of the whole result have each value."""
        return self._searcher.counts(result)

    def ask(self, question: str, cancelled: Callable[[], bool]) -> Iterator[str]:
        """Yield the answer piece by piece, then its sources."""
        began = time.monotonic()
        for number, piece in enumerate(self._asker.ask(question, cancelled=cancelled)):
            if not number:
                self._counted.answers.add(time.monotonic() - began)
            yield piece

    def submit(self, request: bytes, *, within: Sequence[Step] = ()) -> JobId:
        """Queue a request; raises a RequestError that the write to `run` ends with."""
        if directive.read(request, longest=self.config.jobs.max_request_bytes).every:
            raise BadRequest("a request with every= is written into jobs/every/NAME")
        return self.jobs.submit(request, within=tuple(map(scope.written, within)))

    def _record(self, question: str, files: Sequence[FileRow]) -> None:
        """Note a question and the files that it is answered from, as one."""
        state = self._state.patient(PATIENCE_S)  # who asks waits for the model anyway
        with state.transaction():
            state.audit("ask", question)
            for row in files:
                state.audit_read(Source(row.path, row.hash))

    # -- what people look at

    def audit_size(self) -> int:
        """Return how many bytes `sys/audit.log` has."""
        return self._state.audit_size()

    def audit_text(self, offset: int, size: int) -> bytes:
        """Return a part of `sys/audit.log`."""
        return self._state.audit_text(offset, size)

    def coverage(self) -> Coverage:
        """Return how much is indexed, counted at most once a second."""
        counted, coverage = self._coverage
        if time.monotonic() - counted > COVERAGE_S:
            try:
                coverage = self._catalog.coverage()
            except StoreError as error:
                log.debug("no coverage: %s", error)
                coverage = Coverage()
            self._coverage = (time.monotonic(), coverage)
        return coverage

    def failures(self) -> list[FileRow]:
        """Return the files that could not be read, newest first."""
        try:
            return self._catalog.troubles()
        except StoreError as error:
            log.debug("no failures: %s", error)
            return []

    def status(self) -> Status:
        """Return what `sys/status` says."""
        return Status(
            version=__version__,
            name=self.name,
            process=os.getpid(),
            up_s=time.monotonic() - self._up,
            folders=self.sources,
            coverage=self.coverage(),
            notices=tuple(self._notices()),
            engine=self.engine_status().splitlines()[0],
            jobs=self._state.job_counts(),
            started=self._started,
            deaths={child.name: child.deaths for child in (self._ingest, self._engine_process) if child},
        )

    def metrics(self, calls: Mapping[str, int], /) -> str:
        """Return what `sys/metrics` says; `calls` are those of the kernel by name."""
        return exposition(self.status(), self._glance.now().report, self._counted, calls)

    def dashboard(self) -> str:
        """Return `sys/dashboard.html`: one page of `dashboard_bytes`."""
        marks = [
            dashboard.JobMark(row.id, row.status, row.request, row.created, row.ended)
            for row in self._state.newest_jobs(dashboard.JOBS)
        ]
        spent = [
            dashboard.Spent(ended, int(used.get("prompt_tokens", 0)), int(used.get("answer_tokens", 0)))
            for ended, used in self._state.newest_steps(dashboard.JOBS, dashboard.STEPS)
        ]
        try:
            drawn = atlas.drawn(self._catalog, most=dashboard.FILES)
        except StoreError as error:
            log.debug("no map: %s", error)
            drawn = atlas.EMPTY
        seen = self._glance.now()
        return dashboard.page(
            dashboard.Facts(
                at=time.time(),
                status=self.status(),
                engine=seen.texts["engine"],
                report=seen.report,
                jobs=marks,
                spent=spent,
                map=drawn,
            )
        )

    def dashboard_beginning(self) -> str:
        """Return what the page begins with, which is made of nothing."""
        return dashboard.beginning()

    def dashboard_bytes(self) -> int:
        """Return how long the page is, whatever it shows."""
        return dashboard.BYTES

    def _notices(self) -> list[str]:
        if not self._catalog.path.exists():
            return []  # the process that writes it has just been started
        try:
            return self._catalog.meta("notice").splitlines()
        except StoreError as error:
            return [f"the index cannot be read ({error.reason}): it is built again"]

    def engine_status(self, topic: str = "engine") -> str:
        """Return `sys/engine`, `sys/memory` or `sys/scheduler`, without starting the engine."""
        return self._glance.now().texts[topic]

    def operators(self) -> str:
        """Return `sys/operators`: what a plan can be made of."""
        return describe(operators())

    def config_text(self) -> str:
        """Return `sys/config`: every key as it is in force, in TOML."""
        lines: list[str] = []
        for section, key, _, meaning in declared():
            if f"[{section}]" not in lines:
                lines += ["", f"[{section}]"]
            lines.append(f"{key} = {_toml(getattr(getattr(self.config, section), key))}  # {meaning}")
        return "\n".join(lines[1:]) + "\n"

    def models(self) -> list[tuple[str, str]]:
        """Return (name, description) of the models that semfs knows."""
        from semfs.engine import models

        return [(row.name, _about(row)) for row in models.rows()]


def _about(row: ModelRow) -> str:
    facts = f"{row.what}\nlicence {row.licence}\nbytes   {row.size}\nstate   {row.state}\n"
    entry = tuning.entry_for(row.path) if row.path.is_file() else None
    if entry is None:
        return facts
    return facts + f"bench   {entry.when}\n" + "".join(f"        {line}\n" for line in entry.told)


class _Lazy:
    """The query embedder, loaded once by whoever needs it first; None while it is not here."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._model: Embedder | None = None
        self._retry = 0.0

    def get(self) -> Embedder | None:
        with self._lock:
            if self._model is None and time.monotonic() >= self._retry:
                try:
                    self._model = Embedder.open(self._name, streams=1)
                except ModelError as error:
                    if not self._retry:
                        log.warning("search by words only: %s", error)
                    self._retry = time.monotonic() + RETRY_S
            return self._model


def _written(path: Path) -> tuple[int, int]:
    """Return when a file was written and how long it is, zeros if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _now() -> datetime:
    return datetime.now().astimezone()


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)
