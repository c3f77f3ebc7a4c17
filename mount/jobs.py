"""`jobs/`: a directory for each request, with what there is to know about it and what it made.

The files of a job are the tables below.  `wait` is there at any time but listed only when
reading it returns at once, so that a program that reads everything it sees never blocks.
Files below a job are not removed one by one: unlinking them is accepted without effect, so
that `rm -r` comes to the job's own directory, and with that the job goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.model import JobId
from semfs.mount.content import RealDirectory, TextFile
from semfs.mount.control import ControlFile, PlanFile, ReportFile, WaitFile
from semfs.mount.every import EveryDirectory, Timetable
from semfs.mount.names import matched, rank_of, ranked, ranked_as
from semfs.mount.node import Directory, Link, Node
from semfs.mount.ports import Jobs, JobView
from semfs.mount.waiting import Waiters

LAST = "last"
EVERY = "every"
ENDED = frozenset(["done", "failed", "cancelled", "held"])  # reading `wait` returns at once


def _line(text: str) -> str:
    """Return a text that ends in a newline, as a shell's `read` wants it; nothing stays nothing."""
    return text if not text or text.endswith("\n") else text + "\n"


TEXTS: dict[str, Callable[[JobView], str]] = {
    "request": lambda view: view.request,
    "explain": lambda view: view.explain,
    "status": lambda view: view.status,
    "progress": lambda view: view.progress,
    "log": lambda view: view.log,
    "error": lambda view: view.error,
    "usage.json": lambda view: view.usage,
    "cells.csv": lambda view: view.cells,
}
GROWING = frozenset(["log"])
# How long texts are that may be too long to be read whenever somebody looks at their names.
LENGTHS: dict[str, Callable[[JobView], int]] = {
    "log": lambda view: view.log_size,
    "cells.csv": lambda view: view.cells_size,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One job, as the nodes below it know it."""

    id: JobId
    jobs: Jobs
    waiters: Waiters

    def view(self) -> JobView:
        return self.jobs.get(self.id)

    def text(self, name: str) -> str:
        return _line(TEXTS[name](self.view()))


class JobsDirectory(Directory):
    """All jobs by number, `last`, and the requests with a time."""

    def __init__(self, inode: int, mtime: float, jobs: Jobs, waiters: Waiters, timetable: Timetable) -> None:
        super().__init__(inode, mtime)
        self._jobs = jobs
        self._waiters = waiters
        self._timetable = timetable

    def lookup(self, name: str) -> Node:
        if name == LAST:
            return self._last()
        if name == EVERY:
            return EveryDirectory(self.below(EVERY), self.mtime, self._timetable)
        job = Job(self._number(name), self._jobs, self._waiters)
        return JobDirectory(self.below(name), job)

    def _number(self, name: str) -> JobId:
        if not (name.isascii() and name.isdecimal() and len(name) < 19 and name == str(int(name))):
            raise NoSuchEntry(name)
        return JobId(int(name))

    def _last(self) -> Node:
        newest = max(self._jobs.ids(), default=None)
        if newest is None:
            raise NoSuchEntry(LAST)
        return _Last(self.below(LAST), str(newest), self._jobs.get(newest).created)

    def entries(self) -> list[tuple[str, Node]]:
        numbers = [str(number) for number in sorted(self._jobs.ids())]
        found: list[tuple[str, Node]] = []
        for name in numbers + [LAST] * bool(numbers) + [EVERY]:
            try:
                found.append((name, self.lookup(name)))
            except NoSuchEntry:
                continue  # removed since
        return found

    def remove(self, name: str) -> None:
        """Cancel a job and remove it with all that it made."""
        if name == EVERY:
            raise NotPermitted("the requests with a time are removed one by one")
        if name == LAST:
            raise NotPermitted("`last` follows the jobs; remove a job by its number")
        self._jobs.remove(self._number(name))


class _Last(Link):
    """Leads elsewhere with each job."""

    lasts = False


class JobDirectory(Directory):
    """One job; raises NoSuchEntry if there is none of this number."""

    lasts = False

    def __init__(self, inode: int, job: Job) -> None:
        view = job.view()
        super().__init__(inode, view.changed)
        self._created = view.created
        self._ended = view.status in ENDED
        self._job = job

    def lookup(self, name: str) -> Node:
        if name in TEXTS:
            return self._text(name)
        if name not in SPECIAL:
            raise NoSuchEntry(name)
        return SPECIAL[name](self.below(name), self.mtime, self._job)

    def _text(self, name: str) -> Node:
        mtime = self._created if name == "request" else self.mtime
        measure = LENGTHS.get(name)
        length = (lambda: measure(self._job.view())) if measure else None
        render = lambda: self._job.text(name)  # noqa: E731
        return TextFile(self.below(name), mtime, render, length=length, growing=name in GROWING)

    def entries(self) -> list[tuple[str, Node]]:
        names = [name for name in (*TEXTS, *SPECIAL) if name != "wait" or self._ended]
        return [(name, self.lookup(name)) for name in names]

    def remove(self, name: str) -> None:
        """Accept; what `rm -r` unlinks goes when it comes to the directory itself."""


def _plan(inode: int, mtime: float, job: Job) -> Node:
    held = job.view().status == "held"
    return PlanFile(
        inode,
        mtime,
        lambda: _line(job.view().plan),
        save=lambda plan: job.jobs.set_plan(job.id, plan),
        held=held,
    )


def _wait(inode: int, mtime: float, job: Job) -> Node:
    return WaitFile(inode, mtime, lambda cancelled: job.jobs.wait(job.id, cancelled), job.waiters)


def _verify(inode: int, mtime: float, job: Job) -> Node:
    return ReportFile(inode, mtime, lambda cancelled: job.jobs.verify(job.id, cancelled), job.waiters)


def _control(inode: int, mtime: float, job: Job) -> Node:
    return ControlFile(inode, mtime, lambda word: job.jobs.control(job.id, word))


def _out(inode: int, mtime: float, job: Job) -> Node:
    return RealDirectory(inode, job.jobs.output_dir(job.id))


def _sources(inode: int, mtime: float, job: Job) -> Node:
    return SourcesDirectory(inode, mtime, job)


SPECIAL: dict[str, Callable[[int, float, Job], Node]] = {
    "plan": _plan,
    "wait": _wait,
    "verify": _verify,
    "ctl": _control,
    "out": _out,
    "sources": _sources,
}


class SourcesDirectory(Directory):
    """Links to the files that a job read, in the order of their paths; there may be thousands."""

    def __init__(self, inode: int, mtime: float, job: Job) -> None:
        super().__init__(inode, mtime)
        self._job = job

    def lookup(self, name: str) -> Node:
        name = matched(name)
        rank = rank_of(name)
        path, count = self._job.jobs.source(self._job.id, rank) if rank else ("", 0)
        if not path or name != ranked_as(rank, path, of=count):
            raise NoSuchEntry(name)
        return self._link(name, path)

    def entries(self) -> list[tuple[str, Node]]:
        paths = [source.path for source in self._job.jobs.sources(self._job.id)]
        return [(name, self._link(name, path)) for name, path in zip(ranked(paths), paths, strict=True)]

    def _link(self, name: str, path: str) -> Node:
        return Link(self.below(name), path, self.mtime)

    def remove(self, name: str) -> None:
        """Accept, as below a job everywhere."""
