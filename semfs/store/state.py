"""The user's own state in `state.db`: jobs, their steps and sources.

Owns `state.db`; `audit` has the audit trail, `saved` the saved queries and `schedules` the scheduled
requests, over the same connections, which `statefile` has.  Belongs to the mount process; any thread of
it may call.  A job whose number was given out survives a power cut.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from semfs.model import JobId, JobStatus, Priority, Source
from semfs.store import audit
from semfs.store.statefile import Row, StateFile

JOB_COLUMNS = "id, request, within, plan, written, status, error, priority, created, started, ended, changed"


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as it is kept."""

    id: JobId
    request: str
    within: tuple[str, ...]
    plan: str
    written: str
    status: JobStatus
    error: str
    priority: Priority
    created: float
    started: float | None
    ended: float | None
    changed: float  # when something last happened to it


@dataclass(frozen=True, slots=True)
class EventRow:
    """One thing that happened to a job."""

    at: float
    event: str
    detail: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that has ended well."""

    fingerprint: str
    step: str
    operator: str
    result: str
    usage: dict[str, float]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A file that a job read, or skipped for a reason."""

    source: Source
    reason: str = ""


class State(StateFile):
    """Read and write state.db."""

    # -- jobs

    def add_job(
        self, request: str, *, within: Sequence[str], plan: str, status: JobStatus, priority: Priority
    ) -> JobRow:
        """Add a job and its first event; a single commit."""
        now = time.time()
        with self.transaction() as db:
            cursor = db.execute(
                "INSERT INTO jobs (request, within, plan, status, priority, created, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (request, json.dumps(list(within)), plan, status, priority, now, now),
            )
            id = JobId(cursor.lastrowid or 0)
            db.execute("INSERT INTO events (job, at, event) VALUES (?, ?, 'submitted')", (id, now))
            audit.append(db, now, "request", _asked(request, within), id)
        return JobRow(id, request, tuple(within), plan, "", status, "", priority, now, None, None, now)

    def job(self, id: JobId) -> JobRow | None:
        rows = self.rows(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id = ?", (id,))
        return _job(rows[0]) if rows else None

    def jobs(self, *statuses: JobStatus) -> list[JobRow]:
        """Return the jobs in one of these states, all of them if none is given, oldest first."""
        where = f"WHERE status IN ({','.join('?' * len(statuses))})" if statuses else ""
        return [
            _job(row) for row in self.rows(f"SELECT {JOB_COLUMNS} FROM jobs {where} ORDER BY id", statuses)
        ]

    def newest_jobs(self, most: int) -> list[JobRow]:
        """Return so many of the jobs, oldest first."""
        rows = self.rows(f"SELECT {JOB_COLUMNS} FROM jobs ORDER BY id DESC LIMIT ?", (most,))
        return [_job(row) for row in reversed(rows)]

    def newest_steps(self, jobs: int, most: int) -> list[tuple[float, dict[str, float]]]:
        """Return when steps of the newest `jobs` ended and what they used, oldest first."""
        sql = (
            "SELECT ended, usage FROM steps WHERE job IN (SELECT id FROM jobs ORDER BY id DESC LIMIT ?)"
            " ORDER BY ended DESC LIMIT ?"
        )
        return [(ended, json.loads(usage)) for ended, usage in reversed(self.rows(sql, (jobs, most)))]

    def job_ids(self) -> list[JobId]:
        return [JobId(row[0]) for row in self.rows("SELECT id FROM jobs ORDER BY id")]

    def job_counts(self) -> dict[str, int]:
        """Return how many jobs there are in each state that some are in, in the order of the states."""
        counts: dict[str, int] = dict(self.rows("SELECT status, count(*) FROM jobs GROUP BY status"))
        return {status: counts[status] for status in map(str, JobStatus) if status in counts}

    def record(
        self, id: JobId, event: str, status: JobStatus, *, detail: str = "", error: str = ""
    ) -> JobRow:
        """Note an event and the state that it led to; the times follow from the state."""
        now = time.time()
        with self.transaction() as db:
            db.execute(
                "INSERT INTO events (job, at, event, detail) VALUES (?, ?, ?, ?)", (id, now, event, detail)
            )
            db.execute(
                "UPDATE jobs SET status = ?, error = ?, changed = ?,"
                " started = CASE WHEN ? IN ('planning', 'running') THEN coalesce(started, ?)"
                " ELSE started END,"
                " ended = CASE WHEN ? IN ('done', 'failed', 'cancelled') THEN ? END WHERE id = ?",
                (status, error, now, status, now, status, now, id),
            )
            row = db.execute(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id = ?", (id,)).fetchone()
        return _job(row)

    def set_plan(self, id: JobId, plan: str, *, written: str = "") -> JobRow:
        """Keep a plan; `written` is what the model had written where a person changed it."""
        with self.transaction() as db:
            db.execute(
                "UPDATE jobs SET plan = ?, written = ?, changed = ? WHERE id = ?",
                (plan, written, time.time(), id),
            )
            audit.append(db, time.time(), "plan", plan, id)
            row = db.execute(f"SELECT {JOB_COLUMNS} FROM jobs WHERE id = ?", (id,)).fetchone()
        return _job(row)

    def set_priority(self, id: JobId, priority: Priority) -> None:
        with self.transaction() as db:
            db.execute("UPDATE jobs SET priority = ? WHERE id = ?", (priority, id))

    def remove_job(self, id: JobId) -> None:
        """Forget a job; its audit lines stay."""
        with self.transaction() as db:
            db.execute("DELETE FROM jobs WHERE id = ?", (id,))
            audit.append(db, time.time(), "removed", "", id)

    def history(self, id: JobId) -> list[EventRow]:
        """Return what happened to a job, oldest first."""
        sql = "SELECT at, event, detail FROM events WHERE job = ? ORDER BY id"
        return [EventRow(*row) for row in self.rows(sql, (id,))]

    # -- steps and sources

    def add_step(self, job: JobId, step: StepRow) -> None:
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO steps (job, fingerprint, step, operator, result, usage, ended)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    job,
                    step.fingerprint,
                    step.step,
                    step.operator,
                    step.result,
                    json.dumps(step.usage),
                    time.time(),
                ),
            )

    def steps(self, job: JobId) -> dict[str, StepRow]:
        """Return a job's finished steps by fingerprint."""
        sql = "SELECT fingerprint, step, operator, result, usage FROM steps WHERE job = ?"
        rows = [StepRow(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in self.rows(sql, (job,))]
        return {row.fingerprint: row for row in rows}

    def add_sources(self, job: JobId, sources: Sequence[SourceRow]) -> None:
        """Note files that were read or skipped; a file that was read once counts as read."""
        with self.transaction() as db:
            for row in sources:
                noted = db.execute(
                    "INSERT INTO sources (job, path, hash, page, line, reason) VALUES (?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET hash = excluded.hash, page = excluded.page,"
                    " line = excluded.line, reason = excluded.reason WHERE sources.reason != ''",
                    (
                        job,
                        os.fsencode(row.source.path),
                        row.source.hash,
                        row.source.page,
                        row.source.line,
                        row.reason,
                    ),
                )
                if noted.rowcount and not row.reason:
                    self.audit_read(row.source, job=job)

    def sources(self, job: JobId) -> list[SourceRow]:
        sql = "SELECT path, hash, page, line, reason FROM sources WHERE job = ? ORDER BY path"
        return [
            SourceRow(Source(os.fsdecode(path), hash, page, line), reason)
            for path, hash, page, line, reason in self.rows(sql, (job,))
        ]

    def path_read(self, job: JobId, rank: int) -> tuple[str, int]:
        """Return which of the files that a job read has this rank from 1, "" for none, and their number."""
        which = "FROM sources WHERE job = ? AND reason = ''"
        found = self.rows(f"SELECT path {which} ORDER BY path LIMIT 1 OFFSET ?", (job, rank - 1))
        ((count,),) = self.rows(f"SELECT count(*) {which}", (job,))
        return os.fsdecode(found[0][0]) if found else "", count

    # -- audit

    def audit(self, what: str, detail: str, *, job: JobId | None = None) -> None:
        """Append a line to the audit trail; it is on the disk when this returns."""
        with self.transaction() as db:
            audit.append(db, time.time(), what, detail, job)

    def audit_read(self, source: Source, *, job: JobId | None = None) -> None:
        """Append that a file was read, with the hash of what it held."""
        self.audit("read", f"{source.hash.hex() or 'unknown'} {source.path}", job=job)

    def audit_size(self) -> int:
        """Return how many bytes the trail has as a text."""
        return int(self.rows("SELECT ends FROM audit_head")[0][0])

    def audit_text(self, offset: int, size: int) -> bytes:
        """Return a part of the trail as a text, a line of JSON each."""
        with self.reading() as db:
            return audit.text_at(db, offset, size)

    def audited(self, job: JobId | None = None) -> list[tuple[str, str, str]]:
        """Return (who, what, detail), oldest first."""
        where, parameters = ("WHERE job = ?", (job,)) if job is not None else ("", ())
        rows = self.rows(f"SELECT line FROM audit {where} ORDER BY id", parameters)
        lines = (json.loads(line) for (line,) in rows)
        return [(line["who"], line["what"], line["detail"]) for line in lines]


def _asked(request: str, within: Sequence[str]) -> str:
    """Return what the trail says of a request: its words, and the query directory it was written in."""
    return f"{request}\nin: {' / '.join(within)}" if within else request


def _job(row: Row) -> JobRow:
    id, request, within, plan, written, status, error, priority, *times = row
    return JobRow(
        JobId(id), request, tuple(json.loads(within)), plan, written, JobStatus(status), error,
        Priority(priority), *times,
    )  # fmt: skip
