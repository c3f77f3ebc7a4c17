"""A model that answers from a script, a finder over a real catalogue, and Jobs made of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from semfs.config import Config
from semfs.engine.client import never
from semfs.errors import Interrupted, ModelUnknown
from semfs.jobs.jobs import Jobs
from semfs.model import (
    Chunk,
    Coverage,
    Document,
    FileId,
    FileRow,
    FileStatus,
    Filters,
    Hit,
    JobId,
    Kept,
    Kind,
    Passage,
    Priority,
    Prompt,
    Query,
    Sampling,
    SearchResult,
    Step,
    Weights,
)
from semfs.store.catalog import Catalog, CatalogWriter, FileState
from semfs.store.state import State

Answer = str | Exception | Callable[[Prompt], str]


@dataclass
class ScriptedEngine:
    """Answers from a script: the first entry whose words stand in the prompt."""

    script: list[tuple[str, Answer]] = field(default_factory=list)
    asked: list[Prompt] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    context: int = 8192
    weights: list[Weights] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def count_tokens(self, text: str) -> int:
        return len(text) // 4 + 1

    def using(self, weights: Weights) -> ScriptedEngine:
        if weights.model == "huge":
            raise ModelUnknown("no model is called 'huge'")
        self.weights.append(weights)
        return self

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = Sampling(),  # noqa: B008
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = never,
    ) -> Iterator[str]:
        self.asked.append(prompt)
        while not self.gate.wait(0.01):
            if cancelled():
                raise Interrupted("cancelled")
        for words, answer in self.script:
            if words in prompt.user or words in prompt.system:
                if isinstance(answer, Exception):
                    raise answer
                yield answer if isinstance(answer, str) else answer(prompt)
                return
        raise AssertionError(f"nobody wrote an answer to: {prompt.user[-200:]}")


class NameFinder:
    """Finds the files whose name holds the words of the query."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def search(self, steps: Sequence[Step]) -> SearchResult:
        last = steps[-1]
        found = self.matching(last.name if isinstance(last, Kept) else str(last), Filters())
        hits = tuple(Hit(n, row, 1.0, None, "name") for n, row in enumerate(found, 1))
        return SearchResult(tuple(Query(str(step), str(step)) for step in steps), hits, Coverage())

    def matching(self, query: str, filters: Filters, *, limit: int | None = None) -> list[FileRow]:
        rows = self.catalog.matching(filters)
        return sorted((row for row in rows if query in Path(row.path).name), key=lambda row: row.path)

    def passages(
        self, question: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[Passage, FileRow, float]]:
        rows = [row for row in self.catalog.matching(Filters()) if within is None or row.id in within]
        return [(p, row, 1.0) for row in rows for p in self.catalog.passages_of(row.id)][:limit]


@dataclass
class House:
    """Everything that jobs need, with a catalogue that tests fill."""

    directory: Path
    engine: ScriptedEngine
    config: Config = field(default_factory=Config)
    running: list[tuple[Jobs, State]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = CatalogWriter(self.directory / "catalog.db", embedder="none", dimension=4)

    def add(self, name: str, text: str, kind: Kind = Kind.TEXT, language: str = "") -> str:
        """Put a file into the catalogue; "" is one that could not be read."""
        path = str(self.directory / "files" / name)
        with self.writer.transaction():
            now = time.time_ns()
            id = self.writer.add(FileState(path, 1, now % 2**40, len(text), now, now), kind)
            if text:
                chunks = [Chunk(part, line=1) for part in text.split("\n\n")]
                self.writer.store(id, b"hash" + name.encode(), Document([], language=language), chunks)
            else:
                self.writer.fail(id, FileStatus.FAILED, "it is damaged")
        return path

    def open(self) -> Jobs:
        """Return Jobs over this directory, as a new process would have them."""
        state = State(self.directory / "state.db")
        catalog = Catalog(self.directory / "catalog.db")
        jobs = Jobs(
            state,
            self.directory / "jobs",
            searcher=NameFinder(catalog),
            catalog=catalog,
            engine=self.engine,
            config=self.config,
        )
        self.running.append((jobs, state))
        return jobs

    def close(self) -> None:
        for jobs, state in self.running:
            jobs.close()
            state.close()
        self.running.clear()

    def state(self) -> State:
        return self.running[-1][1]


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def house(tmp_path: Path, engine: ScriptedEngine) -> Iterator[House]:
    made = House(tmp_path, engine)
    yield made
    engine.gate.set()
    made.close()


@pytest.fixture
def jobs(house: House) -> Jobs:
    return house.open()


@pytest.fixture
def finish() -> Callable[[Jobs, JobId], str]:
    """Wait for a job, but not for ever."""

    def wait(jobs: Jobs, id: JobId) -> str:
        deadline = time.monotonic() + 30
        return jobs.wait(id, lambda: time.monotonic() > deadline)

    return wait


@pytest.fixture
def carry_out(house, jobs: Jobs, finish: Callable[[Jobs, JobId], str]) -> Callable[..., str]:
    """Run a plan and return what it saved, or its error."""

    def run(plan: str, *, request: str = "", within: tuple[str, ...] = ()) -> str:
        text = f"#!semfs plan\n{plan}"
        if request:
            house.engine.script.append((request, plan))
            text = request
        id = jobs.submit(text.encode(), within=within)
        if finish(jobs, id) != "done":
            return f"{jobs.get(id).status}: {jobs.get(id).error.strip()}"
        made = sorted(jobs.output_dir(id).iterdir())
        return made[-1].read_text("utf-8")

    return run
