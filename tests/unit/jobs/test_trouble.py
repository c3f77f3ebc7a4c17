"""Jobs whose process, engine or disk fails them on the way."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from fakes.notes import PLAN, Finish, out, start, until
from semfs.errors import EngineLost, ModelMissing, StoreBusy, StoreError
from semfs.jobs.jobs import Jobs
from semfs.jobs.runner import LATER_S
from semfs.model import JobId, JobStatus
from semfs.store.state import JobRow


@pytest.mark.warns
def test_after_a_crash_no_finished_task_runs_again(house, finish: Finish) -> None:
    start(house, 6)
    stuck = threading.Event()

    def slow(prompt) -> str:
        if "note5" in prompt.user:
            stuck.wait(20)
        return f"about {prompt.user.split()[1]}"

    house.engine.script = [("Write one summary", "All."), ("Summarize it", slow)]
    jobs = house.open()
    id = jobs.submit(PLAN)
    journal = jobs.output_dir(id).parent / "steps"
    until(lambda: any(path.read_bytes().count(b"\n") == 5 for path in journal.glob("*.tasks")))
    house.running[0][1].close()  # the process dies: nothing more of it is written
    stuck.set()
    time.sleep(0.2)
    house.running.clear()
    house.engine.asked.clear()
    house.engine.script = [("Write one summary", "All."), ("Summarize it", "again")]
    with next(journal.glob("*.tasks")).open("ab") as file:
        file.write(b'["torn')  # as a crash would leave it
    again = house.open()
    again.recover()
    assert finish(again, id) == "done", again.get(id)
    summaries = [p.user for p in house.engine.asked if "Summarize it" in p.user]
    assert len(summaries) <= 1
    assert len(out(again, id, "s.md").split("[6]")) == 2


def test_closing_leaves_a_running_job_to_the_next_process(house, finish: Finish) -> None:
    start(house)
    house.engine.gate.clear()
    jobs = house.open()
    id = jobs.submit(PLAN)
    until(lambda: jobs.get(id).status == "running")
    house.close()
    house.engine.gate.set()
    again = house.open()
    assert again.get(id).status == "running"
    again.recover()
    assert finish(again, id) == "done"


def test_a_full_disk_fails_the_job_and_nothing_else(house, jobs: Jobs, finish: Finish, monkeypatch) -> None:
    start(house)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("semfs.jobs.folder.os.fsync", full)
        id = jobs.submit(PLAN)
        assert finish(jobs, id) == "failed"
    assert "No space left on device" in jobs.get(id).error
    jobs.control(id, "retry")
    assert finish(jobs, id) == "done"


def refusing(refused: JobStatus, record: Callable[..., JobRow]) -> Callable[..., JobRow]:
    """Record what happens to jobs on a disk that is too full for one status."""

    def full(id: JobId, event: str, status: JobStatus, **rest: str) -> JobRow:
        if status is refused:
            raise StoreError("state.db", "database or disk is full")
        return record(id, event, status, **rest)

    return full


@pytest.mark.warns
def test_an_end_that_cannot_be_written_is_still_seen(house, jobs: Jobs, finish: Finish, monkeypatch) -> None:
    start(house)
    monkeypatch.setattr(house.state(), "record", refusing(JobStatus.DONE, house.state().record))
    id = jobs.submit(PLAN)
    assert finish(jobs, id) == "done"


@pytest.mark.warns
def test_a_failing_operator_is_a_failed_job(house, jobs: Jobs, finish: Finish, monkeypatch) -> None:
    monkeypatch.setitem(
        __import__("semfs.jobs.operators", fromlist=["x"]).OPERATIONS, "find", lambda *_: 1 // 0
    )
    id = jobs.submit(b'#!semfs plan\nsave(find("x"), "x.txt")')
    assert finish(jobs, id) == "failed"
    assert "step 1, find, failed unexpectedly: ZeroDivisionError" in jobs.get(id).error


@pytest.mark.warns
def test_a_job_whose_end_was_not_written_can_be_tried_again(
    house, jobs: Jobs, finish: Finish, monkeypatch
) -> None:
    house.engine.script = [("Summarize", ModelMissing("not here"))]
    house.add("note0.txt", "Note 0 is about cats.")
    with monkeypatch.context() as patch:
        patch.setattr(house.state(), "record", refusing(JobStatus.FAILED, house.state().record))
        id = jobs.submit(PLAN)
        assert finish(jobs, id) == "failed"
    house.engine.script = [("Summarize", "A note about cats.")]
    jobs.control(id, "retry")
    assert finish(jobs, id) == "done"


@pytest.mark.warns
def test_a_full_disk_at_the_start_leaves_unfinished_jobs_for_the_next(house, jobs: Jobs, monkeypatch) -> None:
    house.engine.gate.clear()
    id = jobs.submit(b"plan this")
    house.close()
    again = house.open()
    before = again.get(id).status

    def full(*_: object, **__: object) -> None:
        raise StoreError("state.db", "database or disk is full")

    monkeypatch.setattr(house.state(), "record", full)
    again.recover()
    assert again.get(id).status == before


@contextmanager
def locked(house) -> Iterator[None]:
    """Keep state.db locked as another program may do."""
    with closing(sqlite3.connect(house.state().path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_job_waits_for_who_keeps_the_state_locked_and_who_controls_it_is_told(
    house, jobs: Jobs, finish: Finish
) -> None:
    start(house)
    house.engine.gate.clear()
    id = jobs.submit(PLAN)
    until(lambda: bool(house.engine.asked))
    with locked(house):
        house.engine.gate.set()
        for call in (
            lambda: jobs.control(id, "cancel"),
            lambda: jobs.remove(id),
            lambda: jobs.submit(PLAN),
            jobs.admit,
        ):
            with pytest.raises(StoreBusy):
                call()
        assert (jobs.ids(), jobs.get(id).status) == ([id], "running")
    assert finish(jobs, id) == "done"


def test_a_job_goes_on_when_the_state_that_was_locked_at_the_start_is_free(
    house, jobs: Jobs, finish: Finish
) -> None:
    start(house)
    house.engine.gate.clear()
    id = jobs.submit(PLAN)
    until(lambda: bool(house.engine.asked))
    house.close()
    house.engine.gate.set()
    again = house.open()
    with locked(house):
        again.recover()
        assert again.get(id).status == "running"
    assert finish(again, id) == "done"


def test_removing_a_job_on_a_full_disk_makes_room_first(
    house, jobs: Jobs, finish: Finish, monkeypatch
) -> None:
    start(house)
    id = jobs.submit(PLAN)
    finish(jobs, id)
    folder = jobs.output_dir(id).parent

    def full(*_: object) -> None:
        raise StoreError("state.db", "database or disk is full")

    monkeypatch.setattr(house.state(), "remove_job", full)
    with pytest.raises(StoreError):
        jobs.remove(id)
    assert not folder.exists()


@pytest.mark.warns
def test_a_job_is_not_forgotten_while_the_state_cannot_be_read(
    house, jobs: Jobs, finish: Finish, monkeypatch
) -> None:
    start(house)
    real, calls = house.state().job, []

    def ill(id: JobId):
        calls.append(id)
        if len(calls) < 3:
            raise StoreError("state.db", "disk I/O error")
        return real(id)

    monkeypatch.setattr(house.state(), "job", ill)
    id = jobs.submit(PLAN)
    assert finish_when_readable(jobs, id, finish) == "done"


@pytest.mark.warns
@pytest.mark.parametrize("gone", [Jobs.remove, lambda jobs, id: jobs.control(id, "cancel")])
def test_a_job_that_waits_for_the_state_and_is_given_up_holds_up_nobody(
    house, jobs: Jobs, finish: Finish, monkeypatch, gone: Callable[[Jobs, JobId], None]
) -> None:
    start(house)
    faults: list[object] = []
    monkeypatch.setattr(threading, "excepthook", faults.append)
    real, calls = house.state().record, []

    def ill(*given: object, **rest: object):
        calls.append(given)
        if len(calls) == 1:
            raise StoreError("state.db", "disk I/O error")
        return real(*given, **rest)

    monkeypatch.setattr(house.state(), "record", ill)
    id = jobs.submit(PLAN)
    until(lambda: calls and not jobs._runner._running)
    gone(jobs, id)
    time.sleep(1.5 * LATER_S)
    assert finish(jobs, jobs.submit(PLAN)) == "done"
    assert faults == []


def finish_when_readable(jobs: Jobs, id: JobId, finish: Finish) -> str:
    deadline = time.monotonic() + 20
    while True:
        try:
            return finish(jobs, id)
        except StoreError:
            assert time.monotonic() < deadline


def test_a_file_that_kills_the_engine_is_skipped_with_its_reason(house, jobs: Jobs, finish: Finish) -> None:
    start(house, 3)
    house.add("note-bad.txt", "poison")
    house.engine.script.insert(0, ("poison", EngineLost("lost 4 times")))
    id = jobs.submit(PLAN)
    assert finish(jobs, id) == "done", jobs.get(id)
    text = out(jobs, id, "s.md")
    assert "3 of 4 files read, 1 skipped (the model failed each time it read this: lost 4 times: 1)." in text


def test_files_read_beside_one_that_kills_the_engine_are_read_again_alone(
    house, jobs: Jobs, finish: Finish
) -> None:
    start(house, 2)
    lost = iter([EngineLost("a neighbour's fault")])

    def once(prompt) -> str:
        for error in lost:
            raise error
        return "n"

    house.engine.script = [("Write one summary", "All."), ("Summarize it", once)]
    id = jobs.submit(PLAN)
    assert finish(jobs, id) == "done", jobs.get(id)
    assert out(jobs, id, "s.md").endswith("2 of 2 files read.\n")


def test_an_engine_that_fails_at_every_file_fails_the_job(house, jobs: Jobs, finish: Finish) -> None:
    house.engine.script = [("Summarize", EngineLost("it did not start"))]
    for number in range(3):
        house.add(f"note{number}.txt", "cats")
    id = jobs.submit(PLAN)
    assert (finish(jobs, id), jobs.get(id).error) == ("failed", "it did not start\n")


def test_what_a_killed_step_left_on_the_way_goes_with_the_next_run(house, jobs: Jobs, finish: Finish) -> None:
    start(house)
    good = house.engine.script[:]
    house.engine.script = [("Summarize", ModelMissing("not here"))]
    id = jobs.submit(PLAN)
    finish(jobs, id)
    left = jobs.output_dir(id).parent / "steps" / "tmpabc.scratch"
    (left / "out").mkdir(parents=True)
    house.engine.script = good
    jobs.control(id, "retry")
    assert finish(jobs, id) == "done"
    assert not left.exists()


@pytest.mark.warns
def test_a_job_for_which_no_thread_can_be_started_waits_for_one(
    house, jobs: Jobs, finish: Finish, monkeypatch
) -> None:
    start(house)
    refused: list[str] = []

    class Scarce(threading.Thread):
        def start(self) -> None:
            if self.name.startswith("job-") and not refused:
                refused.append(self.name)
                raise RuntimeError("can't start new thread")
            super().start()

    monkeypatch.setattr("semfs.jobs.runner.threading.Thread", Scarce)
    first, second = jobs.submit(PLAN), jobs.submit(PLAN)
    assert [finish(jobs, id) for id in (first, second)] == ["done", "done"]
    assert len(refused) == 1
