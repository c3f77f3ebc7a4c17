"""Requests with a time: kept, shown, run when their time has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from dateutil import tz

from semfs.errors import BadRequest, NoSuchEntry, QueueFull
from semfs.jobs.every import Every
from semfs.model import JobId, JobStatus, Priority
from semfs.store.state import State

BERLIN = tz.gettz("Europe/Berlin")
REPORT = b'#!semfs every="weekdays 8:00" priority=low\nsummarize the mail of yesterday\n'


def at(moment: str) -> float:
    return datetime.fromisoformat(moment).replace(tzinfo=BERLIN).timestamp()


class Desk:
    """A clock that is set by hand, and what was submitted."""

    def __init__(self, path: Path) -> None:
        self.now = at("2026-11-20T12:00")  # a Friday
        self.path = path
        self.full = False
        self.refused = ""
        self.submitted: list[tuple[str, str]] = []
        self.open()

    def open(self) -> None:
        """As a mount does, also one that comes after a crash."""
        self.state = State(self.path)
        self.every = Every(self.state, self.submit, longest=1000, clock=lambda: self.now, zone=lambda: BERLIN)

    def submit(self, data: bytes, *, also: Callable[[JobId], None]) -> JobId:
        if self.full:
            raise QueueFull("64 jobs are waiting")
        if self.refused:
            raise BadRequest(self.refused)
        with self.state.transaction():
            row = self.state.add_job(
                data.decode(), within=(), plan="", status=JobStatus.QUEUED, priority=Priority.NORMAL
            )
            also(row.id)
        self.submitted.append((f"{datetime.fromtimestamp(self.now, BERLIN):%a %H:%M}", data.decode()))
        return row.id

    def look(self, moment: str) -> int:
        """Look at the clock at a time; return how many were run."""
        self.now = at(moment)
        before = len(self.submitted)
        self.every.tick()
        return len(self.submitted) - before

    def end(self, id: int) -> None:
        self.state.record(JobId(id), "finished", JobStatus.DONE)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "state.db")
    yield made
    made.state.close()


def test_a_request_runs_when_its_time_has_come_and_once(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    assert desk.look("2026-11-23T07:59") == 0
    assert desk.look("2026-11-23T08:00") == 1
    assert desk.look("2026-11-23T08:01") == 0
    assert desk.submitted == [("Mon 08:00", REPORT.decode())]
    assert desk.every.runs("report") == {"2026-11-23T08:00": 1}


def test_its_file_shows_the_next_run_and_the_last(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    following = "# next: Monday 2026-11-23 08:00 (At 08:00 on Monday through Friday)\n"
    assert desk.every.text("report") == REPORT.decode() + following
    desk.look("2026-11-23T08:00")
    desk.end(1)
    assert desk.every.text("report").endswith(
        "# next: Tuesday 2026-11-24 08:00 (At 08:00 on Monday through Friday)\n"
        "# last: Monday 2026-11-23 08:00, job 1, done\n"
    )


def test_what_it_shows_can_be_written_back(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    shown = desk.every.text("report")
    desk.every.put("report", shown.replace("8:00", "9:00", 1).encode())
    assert desk.every.text("report").startswith(REPORT.decode().replace("8:00", "9:00") + "# next: Monday")


def test_runs_that_were_missed_while_nothing_ran_are_made_up_for_once(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.state.close()
    desk.open()
    assert desk.look("2026-11-26T15:30") == 1
    assert desk.every.runs("report") == {"2026-11-26T08:00": 1}
    desk.end(1)
    assert desk.look("2026-11-27T08:00") == 1


def test_a_run_that_was_submitted_is_not_run_again_after_a_crash(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.look("2026-11-23T08:00")
    desk.state.close()
    desk.open()
    desk.end(1)
    assert desk.look("2026-11-23T08:01") == 0


def test_a_run_waits_for_the_one_before(desk: Desk) -> None:
    desk.every.put("often", b'#!semfs every="every 15 minutes"\ncount the files')
    assert desk.look("2026-11-20T12:15") == 1
    assert desk.look("2026-11-20T12:30") == 0
    assert desk.look("2026-11-20T12:45") == 0
    desk.end(1)
    assert desk.look("2026-11-20T12:50") == 1
    assert list(desk.every.runs("often")) == ["2026-11-20T12:15", "2026-11-20T12:45"]


def test_a_full_queue_only_delays(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.full = True
    assert desk.look("2026-11-23T08:00") == 0
    desk.full = False
    assert desk.look("2026-11-23T08:01") == 1


@pytest.mark.warns
def test_what_is_refused_when_its_time_comes_says_so(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.refused = "there is no model of this name"
    assert desk.look("2026-11-23T08:00") == 0
    assert "# refused: there is no model of this name\n" in desk.every.text("report")
    desk.refused = ""
    assert desk.look("2026-11-23T08:01") == 0
    assert desk.look("2026-11-24T08:00") == 1


def test_a_request_that_is_not_understood_stays_readable_with_the_reason(desk: Desk) -> None:
    with pytest.raises(BadRequest):
        desk.every.put("report", b'#!semfs every="wekdays 8:00"\nsummarize the mail\n')
    shown = desk.every.text("report")
    assert shown.startswith('#!semfs every="wekdays 8:00"\nsummarize the mail\n# refused: every=')
    assert "'wekdays' is not understood" in shown
    assert list(desk.every.names()) == ["report"]
    assert desk.look("2026-11-23T08:00") == 0
    desk.every.put("report", REPORT)
    assert "refused" not in desk.every.text("report")


def test_an_edit_that_is_refused_leaves_the_request_in_force(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    with pytest.raises(BadRequest):
        desk.every.put("report", b"summarize the mail\n")
    assert desk.every.text("report").startswith(REPORT.decode())
    assert "# refused: its first line must say when" in desk.every.text("report")
    assert desk.look("2026-11-23T08:00") == 1


def test_a_request_that_was_removed_runs_no_more_and_its_jobs_stay(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.look("2026-11-23T08:00")
    desk.every.remove("report")
    assert desk.look("2026-11-24T08:00") == 0
    assert desk.state.job(JobId(1)) is not None
    with pytest.raises(NoSuchEntry):
        desk.every.text("report")


def test_a_name_that_is_taken_over_brings_its_own_request(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.every.put("new", REPORT.replace(b"mail", b"news"))
    desk.every.rename("new", "report")
    assert "news" in desk.every.text("report")
    assert list(desk.every.names()) == ["report"]


def test_a_name_that_is_taken_over_keeps_its_runs_and_those_of_the_one_that_takes_it(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    assert desk.look("2026-11-23T08:00") == 1
    desk.end(1)
    desk.every.put("new", REPORT.replace(b"8:00", b"9:00"))
    assert desk.look("2026-11-23T09:00") == 1
    desk.end(2)
    desk.every.rename("new", "report")
    assert list(desk.every.runs("report")) == ["2026-11-23T08:00", "2026-11-23T09:00"]
    assert desk.look("2026-11-24T08:00") == 0
    assert desk.look("2026-11-24T09:00") == 1


def test_a_refused_request_is_renamed_like_any_and_leaves_one_of_that_name_in_force(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    with pytest.raises(BadRequest):
        desk.every.put("new", b"summarize the mail\n")
    desk.every.rename("new", "report")
    assert "# refused: its first line must say when" in desk.every.text("report")
    assert list(desk.every.names()) == ["report"]
    assert desk.look("2026-11-23T08:00") == 1


def test_the_trail_says_what_was_scheduled_and_who_ran_it(desk: Desk) -> None:
    desk.every.put("report", REPORT)
    desk.look("2026-11-23T08:00")
    desk.every.remove("report")
    assert [what for _, what, _ in desk.state.audited()] == ["schedule", "request", "unschedule"]


@pytest.mark.parametrize("data", [b"summarize", b'#!semfs every="never"\n', b'#!semfs every="daily 8:00\n'])
def test_a_beginning_that_cannot_become_a_request_is_refused_at_once(desk: Desk, data: bytes) -> None:
    with pytest.raises(BadRequest):
        desk.every.check(data)
