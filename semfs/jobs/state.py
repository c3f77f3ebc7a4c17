"""The states of a job.  Pure: an event in, the next state and what is to be done out.

    queued ──► planning ──► running ──► done
                  │  ▲         │  ▲
                  ▼  │ go      ▼  │ retry (from the steps that have not ended)
                 held┘       failed, cancelled

A job that was planning or running when its process died is queued again by `RESUMED`;
its finished steps are not run twice because the journal knows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from semfs.errors import BadRequest
from semfs.model import JobStatus

QUEUED, PLANNING, HELD, RUNNING, DONE, FAILED, CANCELLED = JobStatus
ENDED = frozenset({DONE, FAILED, CANCELLED})


class Event(StrEnum):
    """What can happen to a job."""

    TAKEN = "taken"  # a thread took it to plan
    PLANNED = "planned"  # the plan is valid, its steps begin
    HELD = "held"  # the plan is valid and somebody wants to see it first
    GO = "go"
    FINISHED = "finished"
    FAILED = "failed"
    CANCEL = "cancel"
    RETRY = "retry"
    RESUMED = "resumed"  # its process died; a new one goes on


class Instruction(StrEnum):
    """What whoever holds the job must do."""

    ENQUEUE = "enqueue"
    STOP = "stop"  # let it wait for no thread, and ask the one that works on it to leave


@dataclass(frozen=True, slots=True)
class Next:
    """Where an event leads."""

    status: JobStatus
    instruction: Instruction | None = None


TRANSITIONS: dict[Event, dict[JobStatus, Next]] = {
    Event.TAKEN: {QUEUED: Next(PLANNING)},
    Event.PLANNED: {PLANNING: Next(RUNNING)},
    Event.HELD: {PLANNING: Next(HELD)},
    Event.GO: {HELD: Next(QUEUED, Instruction.ENQUEUE)},
    Event.FINISHED: {RUNNING: Next(DONE)},
    Event.FAILED: {PLANNING: Next(FAILED), RUNNING: Next(FAILED), QUEUED: Next(FAILED)},
    Event.CANCEL: {status: Next(CANCELLED, Instruction.STOP) for status in (QUEUED, HELD, PLANNING, RUNNING)},
    Event.RETRY: {
        FAILED: Next(QUEUED, Instruction.ENQUEUE),
        CANCELLED: Next(QUEUED, Instruction.ENQUEUE),
    },
    Event.RESUMED: {status: Next(QUEUED, Instruction.ENQUEUE) for status in (QUEUED, PLANNING, RUNNING)},
}
WORDS = {
    Event.GO: "only a held job can be released",
    Event.CANCEL: "it has ended already",
    Event.RETRY: "only a job that failed or was cancelled can be tried again",
}


def after(status: JobStatus, event: Event, *, history: Sequence[str] = ()) -> Next:
    """Return where the event leads; raise BadRequest with the job's history where it is not possible."""
    found = TRANSITIONS[event].get(status)
    if found is not None:
        return found
    words = WORDS.get(event, f"'{event.value}' cannot happen to it")
    past = f" (so far: {', '.join(history)})" if history else ""
    raise BadRequest(f"the job is {status.value}: {words}{past}")
