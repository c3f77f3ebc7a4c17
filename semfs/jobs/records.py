"""What is true of each job: its row in `state.db`, or the end that could not be written there.

Owns the ends that a full disk did not take.  Any thread may read; who writes holds the lock of
`runner.Runner`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from semfs.errors import NoSuchEntry, StoreBusy, StoreError
from semfs.jobs import state
from semfs.jobs.state import Event, Instruction
from semfs.model import JobId, JobStatus
from semfs.store.state import JobRow, State

log = logging.getLogger(__name__)


class Records:
    """The state of every job, as everybody is to see it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._unwritten: dict[JobId, JobRow] = {}

    def known(self, id: JobId) -> JobRow | None:
        return self._unwritten.get(id) or self._state.job(id)

    def row(self, id: JobId) -> JobRow:
        row = self.known(id)
        if row is None:
            raise NoSuchEntry(f"there is no job {id}")
        return row

    def unfinished(self) -> list[JobRow]:
        """Return the jobs that a thread waits for or works on; those of the process before, at its start."""
        return self._state.jobs(JobStatus.QUEUED, JobStatus.PLANNING, JobStatus.RUNNING)

    def happen(self, id: JobId, event: Event, *, error: str) -> tuple[JobRow, Instruction | None]:
        """Write where an event leads, and return that with what is to be done now; raises BadRequest."""
        row = self.row(id)
        past = [item.event for item in self._state.history(id)]
        following = state.after(row.status, event, history=past)
        return self._write(row, event, following.status, error), following.instruction

    def remove(self, id: JobId) -> None:
        self._state.remove_job(id)
        self._unwritten.pop(id, None)

    def _write(self, row: JobRow, event: Event, status: JobStatus, error: str) -> JobRow:
        """Write a state; an end that cannot be written is at least remembered until the process ends."""
        try:
            written = self._state.record(row.id, event, status, error=error)
            self._unwritten.pop(row.id, None)
            return written
        except StoreBusy:
            raise
        except StoreError as trouble:
            if status not in state.ENDED:
                raise
            log.error("the end of job %s cannot be written: %s", row.id, trouble)
            self._unwritten[row.id] = replace(row, status=status, error=error, ended=time.time())
            return self._unwritten[row.id]
