"""The numbers of `sys/metrics` are those of `sys/status`, in a form that Prometheus reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from semfs.engine.report import EngineStatus, ModelReport
from semfs.metrics import ANSWER_BUCKETS, Counted, exposition
from semfs.model import Coverage, Progress
from semfs.status import Status

PROMTOOL = shutil.which("promtool")
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
STATUS = Status(
    version="1.0",
    name="documents",
    process=7,
    up_s=60.0,
    folders=("/home/me",),
    coverage=COVERAGE,
    notices=("no room",),
    engine="idle",
    jobs={"done": 2, "failed": 1},
    started=1.7e9,
    deaths={"ingest": 0, "engine": 3},
)
ENGINE = EngineStatus(
    pid=8,
    model="small",
    models=(
        ModelReport("small", loaded=True, running=2, waiting=1, blocks=256, given=40, cached=31),
        ModelReport("large", loaded=False, waiting=4),
    ),
    budget=12_000_000_000,
    memory_mb=900,
    served=1234,
    read=56_000,
    written=7_800,
)


def samples(text: str) -> dict[str, float]:
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sample.labels.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_fact_is_there_with_its_labels() -> None:
    read = samples(exposition(STATUS, None, Counted(), {"getattr": 7, "read": 2}))
    assert {name: value for name, value in read.items() if "_duration_" not in name} == {
        "semfs_info index=documents version=1.0": 1,
        "semfs_start_time_seconds": 1.7e9,
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
        "semfs_notices": 1,
        "semfs_jobs state=queued": 0,
        "semfs_jobs state=planning": 0,
        "semfs_jobs state=held": 0,
        "semfs_jobs state=running": 0,
        "semfs_jobs state=done": 2,
        "semfs_jobs state=failed": 1,
        "semfs_calls_total call=getattr": 7,
        "semfs_calls_total call=read": 2,
        "semfs_jobs state=cancelled": 0,
        "semfs_child_deaths_total process=ingest": 0,
        "semfs_child_deaths_total process=engine": 3,
        "semfs_engine_up": 0,
    }


def test_an_engine_that_runs_is_counted_model_by_model() -> None:
    read = samples(exposition(STATUS, ENGINE, Counted(), {}))
    assert {name: value for name, value in read.items() if name.startswith("semfs_engine_")} == {
        "semfs_engine_up": 1,
        "semfs_engine_resident_memory_bytes": 900e6,
        "semfs_engine_memory_limit_bytes": 12e9,
        "semfs_engine_requests_total": 1234,
        "semfs_engine_tokens_total what=read": 56_000,
        "semfs_engine_tokens_total what=written": 7_800,
        "semfs_engine_active_requests model=small state=running": 2,
        "semfs_engine_active_requests model=small state=waiting": 1,
        "semfs_engine_active_requests model=large state=running": 0,
        "semfs_engine_active_requests model=large state=waiting": 4,
        "semfs_engine_context_tokens model=small state=requests": 40 * 32,
        "semfs_engine_context_tokens model=small state=kept": 31 * 32,
        "semfs_engine_context_tokens model=small state=free": 185 * 32,
    }


def test_durations_are_counted_up_to_each_bound() -> None:
    counted = Counted()
    for seconds in (0.001, 0.005, 0.03, 9.0):
        counted.searches.add(seconds)
    counted.answers.add(45.0)
    read = samples(exposition(STATUS, None, counted, {}))
    search, answer = "semfs_search_duration_seconds", "semfs_answer_start_duration_seconds"
    assert read[f"{search}_bucket le=0.005"] == 2
    assert read[f"{search}_bucket le=0.02"] == 2
    assert read[f"{search}_bucket le=0.05"] == 3
    assert read[f"{search}_bucket le=5.0"] == 3
    assert read[f"{search}_bucket le=+Inf"] == 4
    assert read[f"{search}_count"] == 4
    assert read[f"{search}_sum"] == 9.036
    assert read[f"{answer}_bucket le=20.0"] == 0
    assert read[f"{answer}_bucket le={ANSWER_BUCKETS[-1]}"] == 1


def test_an_index_that_is_built_and_rests_is_complete() -> None:
    done = Coverage(files=1, indexed=1, passages=2, embedded=2, activity="watching")
    read = samples(exposition(replace(STATUS, coverage=done), None, Counted(), {}))
    assert read["semfs_index_complete"] == 1
    assert read["semfs_indexing_per_second what=files"] == 0


def test_names_follow_the_practices_of_prometheus() -> None:
    """A prefix, base units, and `_total` at counters alone, so that `promtool check metrics` is content."""
    text = exposition(STATUS, ENGINE, Counted(), {})
    declared = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    assert set(re.findall(r"^# HELP (\S+) \S", text, re.M)) == set(declared)
    for name, sort in declared.items():
        assert re.fullmatch(r"semfs(_[a-z]+)+", name)
        assert name.endswith("_total") == (sort == "counter")
        assert not re.search(r"_(ms|milliseconds|minutes|mb|megabytes|percent)\b", name)


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool: sudo apt install prometheus")
def test_promtool_finds_nothing_to_say() -> None:
    text = exposition(STATUS, ENGINE, Counted(), {})
    done = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
