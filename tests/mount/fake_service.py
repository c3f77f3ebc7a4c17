"""A service with scripted results, so that the mount is tested without an index or a model."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from semfs import caller
from semfs.errors import (
    AlreadyExists,
    BadRequest,
    Interrupted,
    ModelMissing,
    NoSuchEntry,
    QueueFull,
    StoreError,
)
from semfs.model import (
    Coverage,
    FileId,
    FileRow,
    FileStatus,
    Hit,
    JobId,
    Kept,
    Kind,
    Narrowed,
    Passage,
    PassageId,
    Query,
    SearchResult,
    Source,
    Step,
)
from semfs.search import facets
from semfs.search.scope import renumbered, written
from semfs.status import Status

Cancelled = Callable[[], bool]
ENDED = ("done", "failed", "cancelled")


def row(path: str, *, reason: str = "") -> FileRow:
    status = FileStatus.FAILED if reason else FileStatus.INDEXED
    return FileRow(FileId(1), path, Kind.TEXT, 5, 1_700_000_000.0, status, reason=reason)


def result(steps: Sequence[Step], paths: Sequence[str]) -> SearchResult:
    passage = Passage(PassageId(1), FileId(1), 0, "the text of a passage", page=3)
    return SearchResult(
        queries=tuple(Query(written(step), written(step)) for step in steps),
        hits=tuple(Hit(rank, row(path), 1.0, passage, "words") for rank, path in enumerate(paths, 1)),
        coverage=Coverage(files=len(paths), indexed=len(paths)),
        took_ms=1.5,
    )


@dataclass
class FakeSaved:
    """Saved queries in a dictionary: path -> (whether it is pinned, the name of its link)."""

    kept: dict[str, dict[str, tuple[bool, str]]] = field(default_factory=dict)

    def names(self) -> dict[str, float]:
        return dict.fromkeys(self.kept, 1_700_000_000.0)

    def created(self, name: str, /) -> float | None:
        return self.names().get(name)

    def _choices(self, name: str) -> dict[str, tuple[bool, str]]:
        if name not in self.kept:
            raise NoSuchEntry(name)
        return self.kept[name]

    def add(self, name: str, /) -> None:
        if name in self.kept:
            raise AlreadyExists(name)
        self.kept[name] = {}

    def remove(self, name: str, /) -> None:
        self._choices(name)
        del self.kept[name]

    def rename(self, old: str, new: str, /) -> None:
        choices = self._choices(old)
        if old == new:
            return
        self.add(new)
        self.kept[new] = choices
        del self.kept[old]

    def pins(self, name: str, /) -> dict[str, str]:
        return {link: path for path, (pinned, link) in self._choices(name).items() if pinned}

    def pin(self, name: str, path: str, link: str, /) -> None:
        if not Path(path).exists():
            raise NoSuchEntry(path)
        choices = self._choices(name)
        choices.pop(path, None)
        choices[path] = (True, link)

    def take_out(self, name: str, path: str, /) -> None:
        if path in self.pins(name).values():
            del self.kept[name][path]
        else:
            self.kept[name][path] = (False, "")

    def listing(self, name: str, /, *, pinned: bool) -> str:
        return "".join(f"{path}\n" for path, (first, _) in self._choices(name).items() if first == pinned)

    def applied(self, name: str, paths: Sequence[str]) -> list[str]:
        choices = self.kept.get(name, {})
        return [*self.pins(name).values(), *(path for path in paths if path not in choices)]


@dataclass
class FakeEvery:
    """Requests with a time, in a dictionary; a valid one says `every=`."""

    kept: dict[str, bytes] = field(default_factory=dict)
    made: dict[str, JobId] = field(default_factory=dict)

    def names(self) -> dict[str, float]:
        return dict.fromkeys(sorted(self.kept), 1_700_000_000.0)

    def text(self, name: str, /) -> str:
        if name not in self.kept:
            raise NoSuchEntry(name)
        return self.kept[name].decode() + "# next: soon\n"

    def check(self, data: bytes, /) -> None:
        if b"every=" not in data:
            raise BadRequest("say when")

    def put(self, name: str, data: bytes, /) -> None:
        self.check(data)
        self.kept[name] = data.replace(b"# next: soon\n", b"")

    def remove(self, name: str, /) -> None:
        self.text(name)
        del self.kept[name]

    def rename(self, old: str, new: str, /) -> None:
        self.text(old)
        self.kept[new] = self.kept.pop(old)

    def runs(self, name: str, /) -> dict[str, JobId]:
        return self.made


@dataclass
class FakePaths:
    """An index that knows these files, and their folders."""

    known: list[str] = field(default_factory=list)

    def file(self, parts: Sequence[str], /) -> str | None:
        path = "/" + "/".join(parts)
        return path if path in self.known else None

    def is_folder(self, parts: Sequence[str], /) -> bool:
        return any(path.startswith("/" + "/".join(parts) + "/") for path in self.known)

    def may_be_file(self, name: str, /) -> bool:
        return "." in name


@dataclass(frozen=True)
class View:
    """As `semfs.jobs` shows a job."""

    status: str
    request: str
    plan: str = "save(find('x'), 'x.csv')\n"
    explain: str = "nothing to merge\n"
    progress: str = "step 1 of 2"
    log: str = "began\n"
    error: str = ""
    usage: str = '{"seconds": 1}'
    cells: str = "rows,row,column\n"
    created: float = 1_700_000_000.0
    changed: float = 1_700_000_100.0

    @property
    def log_size(self) -> int:
        return len(self.log)

    @property
    def cells_size(self) -> int:
        return len(self.cells)


class FakeJobs:
    """Jobs that change when the test says so."""

    def __init__(self, directory: Path) -> None:
        self.views: dict[JobId, View] = {}
        self.said: list[tuple[int, str]] = []
        self.read: list[Source] = []
        self.listed = 0  # how often all of them were asked for
        self.full = False
        self.trouble: StoreError | None = None
        self.listener: Callable[[JobId], None] = lambda id: None
        self._directory = directory
        self._changed = threading.Condition()

    def add(self, request: str, status: str) -> JobId:
        id = JobId(max(self.views, default=0) + 1)
        self.views[id] = View(status, request)
        self.output_dir(id).mkdir(parents=True, exist_ok=True)
        self.listener(id)
        return id

    def change(self, id: int, **changes: str) -> None:
        with self._changed:
            self.views[JobId(id)] = replace(self.views[JobId(id)], **changes)  # type: ignore[arg-type]
            self._changed.notify_all()
        self.listener(JobId(id))

    def admit(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        if self.full:
            raise QueueFull("the queue is full")

    def ids(self) -> list[JobId]:
        return list(self.views)

    def listen(self, listener: Callable[[JobId], None], /) -> None:
        self.listener = listener

    def get(self, id: JobId, /) -> View:
        if id not in self.views:
            raise NoSuchEntry(f"there is no job {id}")
        return self.views[id]

    def control(self, id: JobId, command: str, /) -> None:
        if command.split()[0] not in ("cancel", "go", "retry", "priority"):
            raise BadRequest(f"unknown word {command}")
        self.said.append((id, command))
        if command == "cancel":
            self.change(id, status="cancelled")

    def set_plan(self, id: JobId, plan: bytes, /) -> None:
        try:
            text = plan.decode()
        except UnicodeDecodeError as error:
            raise BadRequest("a plan is text in UTF-8") from error
        if "(" not in text:
            raise BadRequest("line 1: this is no call")
        self.change(id, plan=text)

    def remove(self, id: JobId, /) -> None:
        self.get(id)
        del self.views[id]

    def wait(self, id: JobId, /, cancelled: Cancelled) -> str:
        with self._changed:
            while self.get(id).status not in (*ENDED, "held"):
                if cancelled():
                    raise Interrupted("stopped waiting")
                self._changed.wait(0.05)
        return self.get(id).status

    def verify(self, id: JobId, /, cancelled: Cancelled) -> str:
        return f"{len(self.read)} of {len(self.read)} files are as they were read\n"

    def output_dir(self, id: JobId, /) -> Path:
        return self._directory / str(int(id)) / "out"

    def sources(self, id: JobId, /) -> list[Source]:
        self.listed += 1
        return self.read

    def source(self, id: JobId, rank: int, /) -> tuple[str, int]:
        return self.read[rank - 1].path if rank <= len(self.read) else "", len(self.read)


@dataclass
class FakeService:
    """Search, ask and run by script; `searched`, `asked` and `submitted` tell what was called."""

    directory: Path
    files: dict[str, list[str]] = field(default_factory=dict)  # first word of the innermost step -> paths
    pieces: list[str] = field(default_factory=lambda: ["The deposit ", "was 2,400 euros [1].\n"])
    may_go_on: threading.Event = field(default_factory=threading.Event)  # before the second piece
    failed: list[FileRow] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)  # for whom was asked and submitted
    followed: list[str] = field(default_factory=list)
    drawn: int = 0  # how often the dashboard was
    full: bool = False
    missing: bool = False
    searched: list[tuple[Step, ...]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hits_asked: list[str] = field(default_factory=list)  # saved queries that nobody looked at
    looked_at: threading.Condition = field(default_factory=threading.Condition)
    given_up: list[str] = field(default_factory=list)
    submitted: list[tuple[bytes, tuple[Step, ...]]] = field(default_factory=list)
    saved: FakeSaved = field(default_factory=FakeSaved)
    paths: FakePaths = field(default_factory=FakePaths)
    now: Coverage = field(default_factory=lambda: Coverage(files=3, indexed=3))

    def __post_init__(self) -> None:
        self.every = FakeEvery()
        self.jobs = FakeJobs(self.directory / "jobs")
        self.log_path = self.directory / "semfs.log"
        self.log_path.write_text("started\n")

    def search(self, steps: Sequence[Step], /) -> SearchResult:
        self.searched.append(tuple(steps))
        last = steps[-1]
        name = last.name if isinstance(last, Kept) else written(last)
        paths = self.files.get(name.split()[0], [])
        return result(steps, self.saved.applied(name, paths) if isinstance(last, Kept) else paths)

    def narrow(self, result: SearchResult, step: Narrowed, /) -> SearchResult:
        hits = facets.narrowed(result.hits, step.facet, step.value, roots=("/home/me",))
        return replace(result, hits=renumbered(hits))

    def hits_of(self, name: str, /) -> list[str]:
        with self.looked_at:
            self.hits_asked.append(name)
            self.looked_at.notify_all()
        return self.saved.applied(name, self.files.get(name.split()[0], []))

    def generation(self) -> object:
        return str(self.files)

    def looked(self, hit: Hit, /) -> None:
        self.followed.append(hit.file.path)

    def counts(self, result: SearchResult, /) -> dict[str, dict[str, int]]:
        return {facet: facets.counts(result.hits, facet, roots=("/home/me",)) for facet in facets.FACETS}

    def ask(self, question: str, cancelled: Cancelled, /) -> Iterator[str]:
        self.asked.append(question)
        self.callers.append(caller.current())
        if self.missing:
            raise ModelMissing("the model is missing: run `semfs model pull qwen`")
        for number, piece in enumerate(self.pieces):
            while number == 1 and not self.may_go_on.is_set():
                if cancelled():
                    self.given_up.append(question)
                    raise Interrupted("nobody reads")
                time.sleep(0.01)
            yield piece

    def submit(self, request: bytes, /, *, within: Sequence[Step] = ()) -> JobId:
        if self.full:
            raise QueueFull("the queue is full")
        self.submitted.append((request, tuple(within)))
        self.callers.append(caller.current())
        return self.jobs.add(request.decode(), "running")

    def audit_size(self) -> int:
        return len(self.audit_text(0, 1 << 20))

    def audit_text(self, offset: int, size: int, /) -> bytes:
        return b'{"line": 1, "what": "ask"}\n'[offset : offset + size]

    def coverage(self) -> Coverage:
        return self.now

    def status(self) -> Status:
        return Status("0", "documents", 1, 60.0, ("/home/me",), self.now, (), "not started", {})

    def metrics(self, calls: Mapping[str, int], /) -> str:
        return f"semfs_start_time_seconds 60.0\nsemfs_calls_total {sum(calls.values())}\n"

    def dashboard(self) -> str:
        self.drawn += 1
        return self.dashboard_beginning().ljust(self.dashboard_bytes())

    def dashboard_beginning(self) -> str:
        return "<!doctype html>".ljust(32)

    def dashboard_bytes(self) -> int:
        return 64

    def failures(self) -> list[FileRow]:
        return self.failed

    def operators(self) -> str:
        return "find(query)\n"

    def config_text(self) -> str:
        return "[index]\nworkers = 0\n"

    def engine_status(self, topic: str = "engine") -> str:
        return "not started\n"

    def models(self) -> list[tuple[str, str]]:
        return [("qwen", json.dumps({"state": "missing"}))]
