"""state.db: what it promises to whoever writes a request."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.errors import StateNewer, StoreError
from semfs.model import JobId, JobStatus, Priority, Source
from semfs.store.migrations import migrations
from semfs.store.state import JobRow, SourceRow, State, StepRow


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path / "data" / "state.db")
    yield opened
    opened.close()


def add(state: State, request: str = "count the files") -> JobRow:
    return state.add_job(
        request, within=("tax", "2023"), plan="", status=JobStatus.QUEUED, priority=Priority.NORMAL
    )


def test_a_job_is_there_after_the_file_is_opened_anew(state: State) -> None:
    row = add(state)
    again = State(state.path)
    assert again.job(row.id) == row
    again.close()


def test_only_the_owner_may_look(state: State) -> None:
    assert state.path.parent.stat().st_mode & 0o777 == 0o700
    assert state.path.stat().st_mode & 0o777 == 0o600


def test_a_number_is_never_given_out_twice(state: State) -> None:
    first = add(state)
    state.remove_job(first.id)
    assert add(state).id == first.id + 1


def test_events_make_a_history_and_times(state: State) -> None:
    id = add(state).id
    assert state.record(id, "taken", JobStatus.PLANNING).started is not None
    row = state.record(id, "failed", JobStatus.FAILED, error="no")
    assert (row.status, row.error, row.ended is None) == (JobStatus.FAILED, "no", False)
    assert state.record(id, "retry", JobStatus.QUEUED).ended is None
    assert [item.event for item in state.history(id)] == ["submitted", "taken", "failed", "retry"]


def test_jobs_are_counted_by_how_they_are(state: State) -> None:
    ids = [add(state).id for _ in range(3)]
    state.record(ids[0], "done", JobStatus.DONE)
    state.record(ids[2], "done", JobStatus.DONE)
    assert state.job_counts() == {"done": 2, "queued": 1}


def test_the_newest_jobs_come_with_what_their_steps_used(state: State) -> None:
    ids = [add(state).id for _ in range(4)]
    for number, id in enumerate(ids):
        state.add_step(id, StepRow(f"f{number}", "rows", "extract", "f.json", {"prompt_tokens": number}))
    assert [row.id for row in state.newest_jobs(2)] == ids[2:]
    assert [used for _, used in state.newest_steps(3, 9)] == [{"prompt_tokens": n} for n in (1, 2, 3)]
    assert [used for _, used in state.newest_steps(3, 1)] == [{"prompt_tokens": 3}]


def test_steps_and_sources_go_with_their_job_and_the_audit_stays(state: State) -> None:
    id = add(state).id
    state.add_step(id, StepRow("f00", "rows", "extract", "f00.json", {"seconds": 1.5}))
    state.add_sources(id, [SourceRow(Source("/\udcff", b"h", 3, None))])
    assert state.steps(id)["f00"].usage == {"seconds": 1.5}
    state.remove_job(id)
    assert (state.steps(id), state.sources(id), state.job(id)) == ({}, [], None)
    assert [what for _, what, _ in state.audited(id)] == ["request", "read", "removed"]


def test_a_file_that_was_read_after_all_counts_as_read(state: State) -> None:
    id = add(state).id
    state.add_sources(id, [SourceRow(Source("/a", b""), "not in the index yet")])
    state.add_sources(id, [SourceRow(Source("/a", b"h"))])
    state.add_sources(id, [SourceRow(Source("/a", b""), "gone")])
    assert state.sources(id) == [SourceRow(Source("/a", b"h"))]


def test_one_of_the_files_that_were_read_is_found_by_its_rank(state: State) -> None:
    id = add(state).id
    state.add_sources(id, [SourceRow(Source(path, b"h")) for path in ("/c", "/a", "/\udcff")])
    state.add_sources(id, [SourceRow(Source("/b", b""), "gone")])
    assert [state.path_read(id, rank) for rank in (1, 2, 3, 4)] == [
        ("/a", 3),
        ("/c", 3),
        ("/\udcff", 3),
        ("", 3),
    ]


def test_nothing_of_an_unknown_job_is_kept(state: State) -> None:
    with pytest.raises(StoreError):
        state.add_sources(JobId(99), [SourceRow(Source("/a", b""))])


def test_a_file_of_a_newer_semfs_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateNewer, match="install that version again"):
        State(path)
    assert path.read_bytes() == before


def test_a_migration_backs_up_first_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    State(path, scripts=migrations()[:1]).close()
    old = sqlite3.connect(path)
    old.execute(
        "INSERT INTO jobs (request, status, priority, created, changed)"
        " VALUES ('old', 'done', 'normal', 1, 1)"
    )
    old.commit()
    old.close()
    new = State(path)
    assert [row.request for row in new.jobs()] == ["old"]
    assert new.rows("SELECT count(*) FROM saved") == [(0,)]
    new.close()
    backup = sqlite3.connect(tmp_path / "state.db.v1.bak")
    assert backup.execute("PRAGMA user_version").fetchone() == (1,)
    assert backup.execute("SELECT request FROM jobs").fetchall() == [("old",)]
    backup.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    State(path).close()
    with pytest.raises(StoreError, match="nonsense"):
        State(path, scripts=[*migrations(), "CREATE TABLE added (x); SELECT nonsense"])
    again = State(path)
    assert again.jobs() == []
    again.close()
