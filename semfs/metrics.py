"""`sys/metrics`: what semfs counts, in the text format of Prometheus.

Names and units follow Prometheus' naming practices: a `semfs_` before, base units, `_total` behind counters.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from semfs.engine.cells import BLOCK
from semfs.engine.report import EngineStatus, ModelReport
from semfs.model import JobStatus

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from semfs.status import Status

# Seconds; a listing feels instant below 0.1, and the slowest seen among a million passages took 0.2.
SEARCH_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
# The first word of an answer takes seconds on two cores, and minutes where the model has others to serve.
ANSWER_BUCKETS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 180.0, 600.0)


@dataclass(slots=True)
class Durations:
    """How often something was done and how long it took; any thread may add to it."""

    buckets: Sequence[float]
    _counts: list[int] = field(init=False)
    _seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._counts = [0] * (len(self.buckets) + 1)

    def add(self, seconds: float) -> None:
        """Count one that took so long."""
        with self._lock:
            self._counts[bisect_left(self.buckets, seconds)] += 1
            self._seconds += seconds

    def cumulative(self) -> tuple[list[tuple[str, int]], float]:
        """Return how many took at most each of `buckets` and "+Inf", and the sum of the seconds."""
        with self._lock:
            counts, seconds = list(self._counts), self._seconds
        totals = accumulate(counts)
        return list(zip([*map(str, self.buckets), "+Inf"], totals, strict=True)), seconds


@dataclass(slots=True)
class Counted:
    """What a mount has counted since it began."""

    searches: Durations = field(default_factory=lambda: Durations(SEARCH_BUCKETS))
    answers: Durations = field(default_factory=lambda: Durations(ANSWER_BUCKETS))


def exposition(
    status: Status, engine: EngineStatus | None, counted: Counted, calls: Mapping[str, int]
) -> str:
    """Return the metrics, each with its meaning.

    `engine` is None where none runs here or none answers; `calls` are those of the kernel by name.
    """
    # Imported late: it brings an HTTP server, 60 ms, and most mounts are never scraped.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collected([*_status(status), *_engine(engine), *_durations(counted), _calls(calls)]))
    return generate_latest(registry).decode()


@dataclass(eq=False, slots=True)  # a registry takes it for a key
class _Collected:
    """What a registry asks for its metrics."""

    metrics: Sequence[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.metrics


def _status(status: Status) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

    covered = status.coverage
    yield InfoMetricFamily(
        "semfs", "Which semfs this is.", value={"version": status.version, "index": status.name}
    )
    yield GaugeMetricFamily(
        "semfs_start_time_seconds", "When the mount began, in seconds since the epoch.", value=status.started
    )
    yield _by(
        "semfs_files",
        "Files in the catalogue.",
        "state",
        {
            "indexed": covered.indexed,
            "pending": covered.pending,
            "failed": covered.failed,
            "name_only": covered.skipped,
        },
    )
    yield _by(
        "semfs_passages",
        "Passages of the indexed files, by whether they can be found by meaning.",
        "state",
        {"embedded": covered.embedded, "pending": covered.passages - covered.embedded},
    )
    yield _by(
        "semfs_pictures",
        "Pictures and scanned pages, by whether their text has been recognised.",
        "state",
        {"done": covered.scanned, "pending": covered.scans},
    )
    yield _by(
        "semfs_indexing_per_second",
        "The pace of indexing just now, smoothed.",
        "what",
        {
            "files": covered.progress.files_per_s if covered.working else 0.0,
            "passages": covered.progress.passages_per_s if covered.working else 0.0,
        },
    )
    yield GaugeMetricFamily(
        "semfs_index_complete",
        "1 once every file can be found by words and by meaning.",
        value=float(covered.complete),
    )
    yield GaugeMetricFamily(
        "semfs_notices", "What a user should know, in sys/status.", value=len(status.notices)
    )
    jobs = dict.fromkeys(JobStatus, 0) | dict(status.jobs)
    yield _by("semfs_jobs", "Jobs that are kept, by state.", "state", jobs)
    yield _by(
        "semfs_child_deaths",
        "How often a child process ended that should not have.",
        "process",
        status.deaths,
        counter=True,
    )


def _engine(engine: EngineStatus | None) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    yield GaugeMetricFamily(
        "semfs_engine_up", "1 while the engine's process runs here and answers.", value=float(bool(engine))
    )
    if engine is None:
        return
    yield GaugeMetricFamily(
        "semfs_engine_resident_memory_bytes", "Memory of the engine's process.", value=engine.memory_mb * 1e6
    )
    yield GaugeMetricFamily(
        "semfs_engine_memory_limit_bytes", "Memory that models may take together.", value=engine.budget
    )
    yield CounterMetricFamily("semfs_engine_requests", "Requests that were served.", value=engine.served)
    yield _by(
        "semfs_engine_tokens",
        "Tokens that the models have computed.",
        "what",
        {"read": engine.read, "written": engine.written},
        counter=True,
    )
    requests = GaugeMetricFamily(
        "semfs_engine_active_requests", "Requests of now.", labels=["model", "state"]
    )
    blocks = GaugeMetricFamily(
        "semfs_engine_context_tokens", "Room in the contexts of the loaded models.", labels=["model", "state"]
    )
    for model in engine.models:
        requests.add_metric([model.name, "running"], model.running)
        requests.add_metric([model.name, "waiting"], model.waiting)
        for state, count in _context(model) if model.loaded else ():
            blocks.add_metric([model.name, state], count * BLOCK)
    yield requests
    yield blocks


def _context(model: ModelReport) -> Iterator[tuple[str, int]]:
    yield "requests", model.given
    yield "kept", model.cached
    yield "free", model.blocks - model.given - model.cached


def _durations(counted: Counted) -> Iterator[Metric]:
    from prometheus_client.core import HistogramMetricFamily

    for name, meaning, durations in (
        ("semfs_search_duration_seconds", "How long searches took.", counted.searches),
        (
            "semfs_answer_start_duration_seconds",
            "How long it took until the first words of an answer.",
            counted.answers,
        ),
    ):
        buckets, seconds = durations.cumulative()
        yield HistogramMetricFamily(name, meaning, buckets=buckets, sum_value=seconds)


def _calls(calls: Mapping[str, int]) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily("semfs_calls", "What the kernel asked the mount for.", labels=["call"])
    for name, number in sorted(calls.items()):
        family.add_metric([name], number)
    return family


def _by(name: str, meaning: str, label: str, values: Mapping[str, float], *, counter: bool = False) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    family = (CounterMetricFamily if counter else GaugeMetricFamily)(name, meaning, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
