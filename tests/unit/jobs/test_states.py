"""The states of a job, and what may happen in each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.errors import BadRequest
from semfs.jobs.state import ENDED, Event, Instruction, after
from semfs.model import JobStatus


def walk(*events: Event) -> JobStatus:
    status = JobStatus.QUEUED
    for event in events:
        status = after(status, event).status
    return status


def test_a_job_is_planned_run_and_done() -> None:
    assert walk(Event.TAKEN, Event.PLANNED, Event.FINISHED) is JobStatus.DONE


def test_a_held_job_is_queued_again_by_go() -> None:
    assert walk(Event.TAKEN, Event.HELD) is JobStatus.HELD
    assert after(JobStatus.HELD, Event.GO).instruction is Instruction.ENQUEUE


def test_cancelling_what_runs_stops_its_thread() -> None:
    assert after(JobStatus.RUNNING, Event.CANCEL).instruction is Instruction.STOP


def test_cancelling_what_waits_stops_a_thread_that_has_just_taken_it() -> None:
    assert after(JobStatus.QUEUED, Event.CANCEL).instruction is Instruction.STOP


def test_what_failed_can_be_tried_again() -> None:
    assert walk(Event.TAKEN, Event.FAILED, Event.RETRY) is JobStatus.QUEUED


@pytest.mark.parametrize("status", ["queued", "planning", "running"])
def test_what_was_unfinished_goes_on_after_a_crash(status: str) -> None:
    assert after(JobStatus(status), Event.RESUMED).status is JobStatus.QUEUED


def test_an_impossible_event_says_why_and_what_happened_before() -> None:
    with pytest.raises(
        BadRequest, match=r"done: only a held job can be released \(so far: taken, finished\)"
    ):
        after(JobStatus.DONE, Event.GO, history=["taken", "finished"])


@given(st.lists(st.sampled_from(list(Event)), max_size=20))
def test_nothing_but_a_retry_leaves_an_end(events: list[Event]) -> None:
    status = JobStatus.QUEUED
    for event in events:
        try:
            following = after(status, event).status
        except BadRequest:
            continue
        assert status not in ENDED or event is Event.RETRY
        status = following
