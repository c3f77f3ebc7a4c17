"""`sys/metrics`: what semfs counts, in the text format of Prometheus.

Names and units follow Prometheus' naming practices: a `semfs_` before, base units, `_total` behind counters.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from semfs.status import Status

# Seconds; a listing feels instant below 0.1, and the slowest seen among a million passages took 0.2.
BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


@dataclass(slots=True)
class Durations:
    """How often something was done and how long it took; any thread may add to it."""

    _counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    _seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float) -> None:
        """Count one that took so long."""
        with self._lock:
            self._counts[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds

    def cumulative(self) -> tuple[list[tuple[str, int]], float]:
        """Return how many took at most each of `BUCKETS` and "+Inf", and the sum of the seconds."""
        with self._lock:
            counts, seconds = list(self._counts), self._seconds
        totals = [sum(counts[: index + 1]) for index in range(len(counts))]
        return list(zip([*map(str, BUCKETS), "+Inf"], totals, strict=True)), seconds


def exposition(status: Status, searches: Durations, answers: Durations, calls: Mapping[str, int]) -> str:
    """Return the metrics, each with its meaning; `calls` are those of the kernel by name."""
    # Imported late: it brings an HTTP server, 60 ms, and most mounts are never scraped.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collected([*_status(status), *_durations(searches, answers), _calls(calls)]))
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
    yield GaugeMetricFamily("semfs_up_seconds", "How long the mount has been there.", value=status.up_s)
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
    yield _by("semfs_jobs", "Jobs that are kept, by state.", "state", status.jobs)


def _durations(searches: Durations, answers: Durations) -> Iterator[Metric]:
    from prometheus_client.core import HistogramMetricFamily

    for name, meaning, durations in (
        ("semfs_search_seconds", "How long searches took.", searches),
        ("semfs_answer_seconds", "How long it took until the first word of an answer.", answers),
    ):
        buckets, seconds = durations.cumulative()
        yield HistogramMetricFamily(name, meaning, buckets=buckets, sum_value=seconds)


def _calls(calls: Mapping[str, int]) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily("semfs_calls", "What the kernel asked the mount for.", labels=["call"])
    for name, number in sorted(calls.items()):
        family.add_metric([name], number)
    return family


def _by(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
