"""What the service tells about itself holds while things go on."""

from __future__ import annotations

from types import SimpleNamespace

from semfs.errors import NoSuchEntry
from semfs.model import JobId
from semfs.service import Service


class VanishingJobs:
    """Has two jobs, of which the first is removed as soon as it was listed."""

    def ids(self) -> list[JobId]:
        return [JobId(1), JobId(2)]

    def get(self, id: JobId) -> SimpleNamespace:
        if id == 1:
            raise NoSuchEntry("there is no job 1")
        return SimpleNamespace(status="done")


def test_a_job_that_is_removed_meanwhile_is_not_counted() -> None:
    assert Service._jobs_line(SimpleNamespace(jobs=VanishingJobs())) == "1 done"  # type: ignore[arg-type]
