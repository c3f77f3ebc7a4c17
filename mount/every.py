"""`jobs/every/`: requests with a time, as files that are written, edited, renamed and removed.

jobs/every/<name>               a request whose first line says when; under it the next run and the last
jobs/every/<name>.runs/<time>   links to the jobs that it made, by the time that they were meant for

A file is taken over when it is closed.  What cannot be a request with a time is refused at the
write, stays readable with the reason in its last line, and runs never.
"""

from __future__ import annotations

import stat
import threading
import time
from dataclasses import dataclass, field, replace

from semfs.errors import NameTooLong, NoSuchEntry, NotPermitted
from semfs.model import JobId
from semfs.mount.content import TextFile, TextHandle
from semfs.mount.control import PlanHandle
from semfs.mount.denied import is_denied
from semfs.mount.names import LONGEST, matched
from semfs.mount.node import WRITABLE, Access, Attr, Directory, Handle, Link, Node
from semfs.mount.ports import Every

RUNS = ".runs"
JUST_S = 2.0  # the kernel remembers names for one
COPIES = (".bak", ".old", ".orig", ".rej", ".tmp")  # what editors set aside would be run beside the original


@dataclass(slots=True)
class Timetable:
    """The requests with a time, the files that were made and not written yet, and those that are open."""

    every: Every
    _made: set[str] = field(default_factory=set)
    _gone: dict[str, float] = field(default_factory=dict)  # when each was removed
    _handles: list[RequestHandle] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, name: str) -> None:
        with self._lock:
            self._made.add(name)

    def is_new(self, name: str) -> bool:
        """Whether a file was made and is open for the first time; it may hold nothing yet."""
        with self._lock:
            return name in self._made

    def is_just_gone(self, name: str) -> bool:
        """Whether a request was removed so lately that the kernel may remember that its runs are there."""
        with self._lock:
            return time.monotonic() - self._gone.get(name, float("-inf")) < JUST_S

    def opened(self, handle: RequestHandle) -> None:
        with self._lock:
            self._handles.append(handle)

    def closed(self, handle: RequestHandle) -> None:
        with self._lock:
            self._handles.remove(handle)
            self._made.discard(handle.name)

    def remove(self, name: str) -> None:
        """Forget a request; what is still written to a file that was open goes nowhere."""
        self._renamed(name, "")
        was_new = self.is_new(name)
        with self._lock:
            self._made.discard(name)
        try:
            self.every.remove(name)
        except NoSuchEntry:
            if not was_new:
                raise
        with self._lock:
            self._gone = {other: at for other, at in self._gone.items() if time.monotonic() - at < JUST_S}
            self._gone[name] = time.monotonic()

    def rename(self, old: str, new: str) -> None:
        self.every.rename(old, new)
        with self._lock:
            self._made.discard(old)
        self._renamed(new, "")
        self._renamed(old, new)

    def _renamed(self, old: str, new: str) -> None:
        with self._lock:
            for handle in self._handles:
                if handle.name == old:
                    handle.name = new

    def text(self, name: str) -> str:
        """Raises NoSuchEntry."""
        try:
            return self.every.text(name)
        except NoSuchEntry:
            if self.is_new(name):
                return ""
            raise


class EveryDirectory(Directory):
    """The requests with a time."""

    def __init__(self, inode: int, mtime: float, timetable: Timetable) -> None:
        super().__init__(inode, mtime)
        self._timetable = timetable

    def lookup(self, name: str) -> Node:
        name = matched(name)
        request = name.removesuffix(RUNS)
        changed = self._timetable.every.names().get(request)
        is_runs = request != name
        there = changed is not None or self._timetable.is_new(request)
        # `rm -r NAME*` comes to the runs after the request, and asks about them once more.
        if not there and not (is_runs and self._timetable.is_just_gone(request)):
            raise NoSuchEntry(name)
        if is_runs:
            return RunsDirectory(self.below(name), changed or self.mtime, request, self._timetable.every)
        return RequestFile(self.below(name), changed or self.mtime, name, self._timetable)

    def entries(self) -> list[tuple[str, Node]]:
        found: list[tuple[str, Node]] = []
        for name, changed in self._timetable.every.names().items():
            found.append((name, RequestFile(self.below(name), changed, name, self._timetable)))
            if self._timetable.every.runs(name):
                found.append((name + RUNS, self.lookup(name + RUNS)))
        return found

    def make(self, name: str) -> None:
        self._timetable.make(_usable(name))

    def make_directory(self, name: str) -> None:
        raise NotPermitted("a request with a time is a file")

    def make_link(self, name: str, target: str) -> None:
        raise NotPermitted("a request with a time is a file")

    def remove(self, name: str) -> None:
        name = matched(name)
        if name.endswith(RUNS):
            return  # what `rm -r` comes to: the jobs stay, and the list goes with its request
        self._timetable.remove(name)

    def take(self, name: str, source: Directory, old: str) -> None:
        if source.inode != self.inode:
            super().take(name, source, old)
        self._timetable.rename(matched(old), _usable(name))


class RequestFile(TextFile):
    """One request with a time."""

    def __init__(self, inode: int, mtime: float, name: str, timetable: Timetable) -> None:
        super().__init__(inode, mtime, lambda: timetable.text(name))
        self._name = name
        self._timetable = timetable

    def attr(self) -> Attr:
        found = super().attr()
        return replace(found, mode=stat.S_IFREG | WRITABLE)

    def open(self, access: Access) -> Handle:
        if not access.write:
            return TextHandle(self._bytes)
        content = b"" if access.truncate else self._bytes()
        return RequestHandle(content, self._name, self._timetable, changed=access.truncate)

    def truncate(self, size: int) -> None:
        """Accept the truncation by name that comes before an open."""

    def change_mode(self) -> None:
        """Accept: who saves a file by writing another one gives that the mode of the first."""


class RequestHandle(PlanHandle):
    """A request that is being written."""

    def __init__(self, content: bytes, name: str, timetable: Timetable, *, changed: bool) -> None:
        super().__init__(content, self._put, changed=changed)
        self.name = name  # "" once it was removed
        self._timetable = timetable
        timetable.opened(self)

    def _put(self, data: bytes) -> None:
        if self.name:
            self._timetable.every.put(self.name, data)

    def write(self, data: bytes, offset: int) -> int:
        written = super().write(data, offset)
        if b"\n" in self._content:
            self._timetable.every.check(bytes(self._content))
        return written

    def close(self) -> None:
        self._timetable.closed(self)


class RunsDirectory(Directory):
    """Links to the jobs that a request made."""

    def __init__(self, inode: int, mtime: float, name: str, every: Every) -> None:
        super().__init__(inode, mtime)
        self._name = name
        self._every = every

    def lookup(self, name: str) -> Node:
        job = self._every.runs(self._name).get(name)
        if job is None:
            raise NoSuchEntry(name)
        return self._link(name, job)

    def entries(self) -> list[tuple[str, Node]]:
        return [(label, self._link(label, job)) for label, job in self._every.runs(self._name).items()]

    def _link(self, label: str, job: JobId) -> Node:
        return Link(self.below(label), f"../../{job}", self.mtime)

    def remove(self, name: str) -> None:
        """Accept, as below a job everywhere: the jobs stay."""


def _usable(name: str) -> str:
    """Return the name that a request may have."""
    name = matched(name)
    if is_denied(name) or name.startswith(".") or name.endswith((RUNS, *COPIES)):
        raise NotPermitted(f"{name} is no name for a request")
    if len(name.encode()) > LONGEST - len(RUNS):
        raise NameTooLong(name)
    return name
