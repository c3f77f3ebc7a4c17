"""The words that are written to a job's `ctl`, and what each asks for.  Pure."""

from __future__ import annotations

from semfs.errors import BadRequest
from semfs.jobs import directive
from semfs.jobs.state import Event
from semfs.model import Priority

EVENTS = {event.value: event for event in (Event.CANCEL, Event.GO, Event.RETRY)}
COMMANDS = (*EVENTS, *(f"priority {priority}" for priority in Priority))


def read(command: str) -> Event | Priority:
    """Return what is to happen to the job, or its new priority; raise BadRequest with the words there are."""
    match command.split():
        case [word] if word in EVENTS:
            return EVENTS[word]
        case ["priority", word]:
            return directive.priority(word)
    raise BadRequest(f"unknown command '{command.strip()[:40]}'; there are: {', '.join(COMMANDS)}")
