"""The numbers of `sys/metrics` are those of `sys/status`, in a form that Prometheus reads."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from semfs.metrics import BUCKETS, Durations, exposition
from semfs.model import Coverage, Progress
from semfs.status import Status

COVERAGE = Coverage(
    files=10,
    indexed=6,
    pending=2,
    failed=1,
    skipped=1,
    passages=30,
    embedded=12,
    scans=3,
    scanned=4,
    activity="embedding",
    progress=Progress(files_per_s=2.5, passages_per_s=50.0),
)
STATUS = Status("1.0", "documents", 7, 60.0, ("/home/me",), COVERAGE, (), "idle", {"done": 2, "failed": 1})


def samples(text: str) -> dict[str, float]:
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sample.labels.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_fact_is_there_with_its_labels() -> None:
    read = samples(exposition(STATUS, Durations(), Durations(), {"getattr": 7, "read": 2}))
    assert {
        name: value for name, value in read.items() if not name.startswith(("semfs_search", "semfs_answer"))
    } == {
        "semfs_info index=documents version=1.0": 1,
        "semfs_up_seconds": 60,
        "semfs_files state=indexed": 6,
        "semfs_files state=pending": 2,
        "semfs_files state=failed": 1,
        "semfs_files state=name_only": 1,
        "semfs_passages state=embedded": 12,
        "semfs_passages state=pending": 18,
        "semfs_pictures state=done": 4,
        "semfs_pictures state=pending": 3,
        "semfs_indexing_per_second what=files": 2.5,
        "semfs_indexing_per_second what=passages": 50,
        "semfs_index_complete": 0,
        "semfs_jobs state=done": 2,
        "semfs_jobs state=failed": 1,
        "semfs_calls_total call=getattr": 7,
        "semfs_calls_total call=read": 2,
    }


def test_durations_are_counted_up_to_each_bound() -> None:
    searches = Durations()
    for seconds in (0.001, 0.005, 0.03, 9.0):
        searches.add(seconds)
    read = samples(exposition(STATUS, searches, Durations(), {}))
    assert read["semfs_search_seconds_bucket le=0.005"] == 2
    assert read["semfs_search_seconds_bucket le=0.02"] == 2
    assert read["semfs_search_seconds_bucket le=0.05"] == 3
    assert read[f"semfs_search_seconds_bucket le={BUCKETS[-1]}"] == 3
    assert read["semfs_search_seconds_bucket le=+Inf"] == 4
    assert read["semfs_search_seconds_count"] == 4
    assert read["semfs_search_seconds_sum"] == 9.036
    assert read["semfs_answer_seconds_count"] == 0


def test_an_index_that_is_built_and_rests_is_complete() -> None:
    done = Coverage(files=1, indexed=1, passages=2, embedded=2, activity="watching")
    status = Status("1.0", "documents", 7, 60.0, (), done, (), "idle", {})
    read = samples(exposition(status, Durations(), Durations(), {}))
    assert read["semfs_index_complete"] == 1
    assert read["semfs_indexing_per_second what=files"] == 0
