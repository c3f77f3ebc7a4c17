"""What there is to read about one job; nothing is read from the disk before it is asked for.

A view is made for every `stat` below jobs/N, so it costs one row of `state.db`.
"""

from __future__ import annotations

from dataclasses import dataclass

from semfs.jobs.folder import CELLS, Folder
from semfs.model import JobId, JobStatus, Priority
from semfs.store.state import JobRow


@dataclass(frozen=True, slots=True)
class JobView:
    """One job at one moment; what its thread writes meanwhile is seen when it is read."""

    row: JobRow
    folder: Folder
    running: str = ""  # what its thread says that it does, "" if none works on it

    @property
    def id(self) -> JobId:
        return self.row.id

    @property
    def status(self) -> JobStatus:
        return self.row.status

    @property
    def request(self) -> str:
        return _line(self.row.request)

    @property
    def within(self) -> tuple[str, ...]:
        return self.row.within

    @property
    def plan(self) -> str:
        return _line(self.row.plan)

    @property
    def explain(self) -> str:
        return self.folder.read("explain")

    @property
    def progress(self) -> str:
        works = self.status in (JobStatus.PLANNING, JobStatus.RUNNING) and self.running
        return _line(self.running if works else self.status)

    @property
    def log(self) -> str:
        return self.folder.read("log")

    @property
    def log_size(self) -> int:
        """Return the log's length in bytes without reading it."""
        return self.folder.size("log")

    @property
    def error(self) -> str:
        return _line(self.row.error)

    @property
    def usage(self) -> str:
        """Return JSON, "" until a step has ended."""
        return self.folder.read("usage.json")

    @property
    def cells(self) -> str:
        """Return CSV: where in the documents each cell of extracted rows stands."""
        return self.folder.read(CELLS)

    @property
    def cells_size(self) -> int:
        return self.folder.size(CELLS)

    @property
    def priority(self) -> Priority:
        return self.row.priority

    @property
    def created(self) -> float:
        return self.row.created

    @property
    def started(self) -> float | None:
        return self.row.started

    @property
    def ended(self) -> float | None:
        return self.row.ended

    @property
    def changed(self) -> float:
        return self.row.changed


def _line(text: str) -> str:
    """Return the text with a newline at its end, unless it is empty."""
    return text if not text or text.endswith("\n") else f"{text}\n"
