"""Scheduled requests in `state.db`, and which jobs they made.

Any thread of the mount process may call, as with `State`, whose connection this uses.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from semfs.errors import NoSuchEntry
from semfs.model import JobId
from semfs.store import audit
from semfs.store.state import State


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A scheduled request as it is kept."""

    name: str
    request: str
    changed: float
    reached: float  # times up to this one have been dealt with


@dataclass(frozen=True, slots=True)
class RunRow:
    """A job that a schedule made."""

    due: float  # the time that it was meant for
    job: JobId


class Schedules:
    """The scheduled requests by name."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[ScheduleRow]:
        """Return them in the order of their names."""
        rows = self._state.rows("SELECT name, request, changed, reached FROM schedules ORDER BY name")
        return [ScheduleRow(*row) for row in rows]

    def get(self, name: str) -> ScheduleRow | None:
        sql = "SELECT name, request, changed, reached FROM schedules WHERE name = ?"
        rows = self._state.rows(sql, (name,))
        return ScheduleRow(*rows[0]) if rows else None

    def put(self, name: str, request: str, *, now: float) -> None:
        """Keep a request, in the place of one of this name; what was due before is no more."""
        with self._state.transaction() as db:
            db.execute(
                "INSERT INTO schedules (name, request, changed, reached) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET request = excluded.request, changed = excluded.changed,"
                " reached = excluded.reached",
                (name, request, now, now),
            )
            audit.append(db, time.time(), "schedule", f"{name}\n{request}")

    def remove(self, name: str) -> None:
        """Forget a request; the jobs that it made stay."""
        with self._state.transaction() as db:
            if not db.execute("DELETE FROM schedules WHERE name = ?", (name,)).rowcount:
                raise NoSuchEntry(f"there is no scheduled request {name}")
            audit.append(db, time.time(), "unschedule", name)

    def rename(self, old: str, new: str) -> None:
        """Give it another name; of what had that name the request goes and the runs stay.

        So does whoever saves a file by writing another one and renaming it.
        """
        with self._state.transaction() as db:
            if old == new:
                return
            row = db.execute("SELECT id, request, changed, reached FROM schedules WHERE name = ?", (old,))
            if (found := row.fetchone()) is None:
                raise NoSuchEntry(f"there is no scheduled request {old}")
            id, *written = found
            db.execute(
                "UPDATE OR IGNORE runs SET schedule = (SELECT id FROM schedules WHERE name = ?)"
                " WHERE schedule = ? AND EXISTS (SELECT 1 FROM schedules WHERE name = ?)",
                (new, id, new),
            )
            sql = "UPDATE schedules SET request = ?, changed = ?, reached = ? WHERE name = ?"
            if db.execute(sql, (*written, new)).rowcount:
                db.execute("DELETE FROM schedules WHERE id = ?", (id,))
            else:
                db.execute("UPDATE schedules SET name = ? WHERE id = ?", (new, id))
            audit.append(db, time.time(), "schedule", f"{old} is now {new}")

    def ran(self, name: str, due: float, job: JobId, *, now: float) -> None:
        """Note the job for a time that has come; belongs into the transaction that makes the job."""
        with self._state.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO runs (schedule, due, job)"
                " SELECT id, ?, ? FROM schedules WHERE name = ?",
                (due, job, name),
            )
            self.reach(name, now)

    def reach(self, name: str, now: float) -> None:
        """Note that the times up to now have been dealt with."""
        with self._state.transaction() as db:
            db.execute("UPDATE schedules SET reached = ? WHERE name = ?", (now, name))

    def runs(self, name: str) -> list[RunRow]:
        """Return the jobs that it made and that are still there, oldest first."""
        return self._runs(name, "ORDER BY job")

    def last_run(self, name: str) -> RunRow | None:
        """Return the newest of them; there may be thousands."""
        return next(iter(self._runs(name, "ORDER BY job DESC LIMIT 1")), None)

    def _runs(self, name: str, order: str) -> list[RunRow]:
        sql = f"SELECT due, job FROM runs JOIN schedules ON schedules.id = schedule WHERE name = ? {order}"
        return [RunRow(due, JobId(job)) for due, job in self._state.rows(sql, (name,))]
