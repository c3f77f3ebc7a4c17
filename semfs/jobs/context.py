"""What a step is given to work with: the model, the files, the lanes, and the books that are kept.

A `Context` belongs to one run of one job.  The job's thread and the threads of its tasks may
use it; `Usage` and the list of sources are behind its lock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from semfs.config import Config
from semfs.engine.client import Engine
from semfs.errors import DeadlinePassed, Interrupted, StepFailed
from semfs.jobs import prompts
from semfs.jobs.folder import Folder
from semfs.jobs.lanes import Lanes
from semfs.jobs.sandbox import Limits
from semfs.jobs.values import Files, Rows, Text, Value, estimate_tokens
from semfs.jobs.windows import Window, windows
from semfs.model import (
    FileId,
    FileRow,
    FileStatus,
    Filters,
    JobId,
    Passage,
    Priority,
    Prompt,
    Sampling,
    SearchResult,
    Source,
    Step,
    shown,
)
from semfs.plan.operators import Lane
from semfs.store.catalog import Catalog
from semfs.store.state import SourceRow, State

log = logging.getLogger(__name__)

# A prompt that begins with the document repeats the instructions, some 50 tokens, which the engine
# otherwise has: shorter files gain nothing.  Of two plans in `benchmarks/plans`, sharing from 60 tokens
# on saves 17 % and 40 %, from 150 on 9 % and 18 %.
SHARED_TOKENS = 60


class Finder(Protocol):
    """What steps need of search; `semfs.search.searcher.Searcher` has it."""

    def search(self, steps: Sequence[Step]) -> SearchResult: ...

    def matching(self, query: str, filters: Filters, *, limit: int | None = None) -> list[FileRow]: ...

    def passages(
        self, question: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[Passage, FileRow, float]]: ...


@dataclass(slots=True)
class Usage:
    """What a step used; tokens are estimates."""

    seconds: float = 0.0
    requests: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0

    def as_dict(self) -> dict[str, float]:
        return {
            "seconds": round(self.seconds, 3),
            "model_requests": self.requests,
            "prompt_tokens": self.prompt_tokens,
            "answer_tokens": self.answer_tokens,
        }


def some(files: Files) -> Files:
    """Return the files, of which there is one at least: nothing can be made of none."""
    if not files.paths:
        raise StepFailed("no file was found for this; use other words in find()")
    return files


@dataclass(frozen=True, slots=True)
class Inputs:
    """The values that a step takes, by parameter, with the names they have in the plan."""

    values: dict[str, list[tuple[str, Value]]] = field(default_factory=dict)

    def one(self, parameter: str) -> Value | None:
        given = self.values.get(parameter)
        return given[0][1] if given else None

    def named(self, parameter: str) -> list[tuple[str, Value]]:
        return self.values.get(parameter, [])

    def files(self, parameter: str) -> Files:
        value = self.one(parameter)
        if not isinstance(value, Files):
            raise StepFailed(f"{parameter} must be files")
        return value

    def some_files(self, parameter: str) -> Files:
        return some(self.files(parameter))

    def rows(self, parameter: str) -> Rows:
        value = self.one(parameter)
        if not isinstance(value, Rows):
            raise StepFailed(f"{parameter} must be rows")
        return value

    def text(self, parameter: str) -> Text:
        value = self.one(parameter)
        if not isinstance(value, Text):
            raise StepFailed(f"{parameter} must be text")
        return value


@dataclass(frozen=True, slots=True)
class FileText:
    """A file that a task reads: its row, and its text in windows."""

    row: FileRow
    windows: tuple[Window, ...]

    @property
    def name(self) -> str:
        return shown(self.row.path.rsplit("/", 1)[-1])

    @property
    def path(self) -> str:
        return shown(self.row.path)

    @property
    def worth_sharing(self) -> bool:
        """Whether it is in the engine's memory still when the next step asks about it, and long enough."""
        return len(self.windows) == 1 and estimate_tokens(self.windows[0].text) >= SHARED_TOKENS

    @property
    def source(self) -> SourceRow:
        return SourceRow(Source(self.row.path, self.row.hash))


class Skip(Exception):
    """Raised by a task to leave its file out; the words become the reason."""


@dataclass(slots=True)
class Context:
    """Everything a step may use."""

    job: JobId
    request: str
    within: tuple[str, ...]
    now: datetime
    priority: Callable[[], Priority]
    engine: Engine
    searcher: Finder
    catalog: Catalog
    state: State
    folder: Folder
    lanes: Lanes
    config: Config
    cancelled: Callable[[], bool]
    progress: Callable[[str], None]
    fingerprint: str = ""  # of the step that runs; each step has a context of its own
    shares: bool = False  # whether its prompts about a document begin with it
    usage: Usage = field(default_factory=Usage)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _about: threading.local = field(default_factory=threading.local)

    # -- the model and other lanes

    def ask(self, prompt: Prompt, sampling: Sampling) -> str:
        """Return what the model writes, holding a place in its lane meanwhile; raises Skip if it is late."""
        if getattr(self._about, "shares", False):
            prompt = prompts.document_first(prompt)
        try:
            with self.lane(Lane.MODEL):
                words = self.engine.generate(
                    prompt, sampling, priority=self.priority(), cancelled=self.cancelled
                )
                pieces = list(words)
        except DeadlinePassed as error:
            self.check()  # raises if it was the job's
            raise Skip(str(error)) from error
        answer = "".join(pieces)
        given = prompt.system + prompt.user + prompt.prefill
        with self._lock:
            self.usage.requests += 1
            self.usage.prompt_tokens += self.engine.count_tokens(given)
            self.usage.answer_tokens += self.engine.count_tokens(answer)
        return answer

    @contextmanager
    def about(self, file: FileText) -> Iterator[None]:
        """Let what this thread asks inside begin with the file, if other steps ask about it too."""
        self._about.shares = self.shares and file.worth_sharing
        try:
            yield
        finally:
            self._about.shares = False

    @contextmanager
    def lane(self, lane: Lane) -> Iterator[None]:
        with self.lanes.place(lane, self.priority(), self.cancelled):
            yield

    @property
    def limits(self) -> Limits:
        """Return what one sandboxed program or one SELECT may use."""
        jobs = self.config.jobs
        return Limits(jobs.sandbox_seconds, jobs.sandbox_memory_mb << 20, jobs.sandbox_output_mb << 20)

    def check(self) -> None:
        """Raise Interrupted if the job was cancelled, DeadlinePassed if its time is over."""
        if self.cancelled():
            raise Interrupted("cancelled")

    def log(self, line: str) -> None:
        self.folder.log(line)

    def audit(self, what: str, detail: str) -> None:
        self.state.audit(what, detail, job=self.job)

    # -- files

    def read(self, path: str) -> FileText:
        """Return a file's text, and note that it was read; raises Skip."""
        text = self.text_of(path)
        self.note([text.source])
        return text

    def text_of(self, path: str) -> FileText:
        """Return a file's text as the catalogue has it; raises Skip."""
        row = self.catalog.file_at(path)
        if row is None:
            raise Skip("it is no longer there")
        if row.status is not FileStatus.INDEXED:
            raise Skip(_why(row))
        found = windows(self.catalog.passages_of(row.id))
        if not any(window.text.strip() for window in found):
            raise Skip("it holds no text")
        return FileText(row, tuple(found))

    def note(self, sources: Sequence[SourceRow]) -> None:
        """Record files that were read or skipped."""
        self.state.add_sources(self.job, sources)

    def rows_of(self, files: Files) -> list[FileRow]:
        """Return what the catalogue knows of the files that are still there."""
        rows = (self.catalog.file_at(path) for path in files.paths)
        return [row for row in rows if row is not None]


def _why(row: FileRow) -> str:
    """Say why a file has no text in the catalogue."""
    match row.status:
        case FileStatus.PENDING:
            return "not in the index yet"
        case FileStatus.FAILED:
            return f"cannot be read ({row.reason})"
    return row.reason or "it holds no text"


@contextmanager
def timed(usages: Sequence[Usage]) -> Iterator[None]:
    """Share the time inside among those who used it together, by their tokens."""
    began = time.monotonic()
    try:
        yield
    finally:
        seconds = time.monotonic() - began
        tokens = [usage.prompt_tokens + usage.answer_tokens for usage in usages]
        for usage, mine in zip(usages, tokens, strict=True):
            usage.seconds += seconds * (mine / sum(tokens) if any(tokens) else 1 / len(usages))
