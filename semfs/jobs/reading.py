"""Read every file that a step maps over, several at once; steps over the same files share one reading.

An operator that maps is a generator: it yields a `Reading` and is sent what became of the
files.  `carry_out` opens each file once and gives it to all the steps that read it, one
after the other, so that their prompts about it come close together.  Each result is in the
journal of its step as soon as it is there, so that no file is done twice if the process dies.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

from semfs.errors import EngineLost
from semfs.jobs.context import Context, FileText, Skip
from semfs.jobs.lanes import WIDTHS
from semfs.jobs.values import Files, Value
from semfs.model import Source, shown
from semfs.plan.operators import Lane
from semfs.store.state import SourceRow

log = logging.getLogger(__name__)

MOST_LOST = 12  # files during which the engine died while none was done: then it is the engine that is ill

Result = dict[str, Any]  # {"value": what JSON can hold} or {"skipped": why}
Found = list[tuple[str, Any]]  # (path, value) of the files that were read, in their order


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be done with each of some files; `work` may raise Skip and gives what JSON can hold."""

    files: Files
    work: Callable[[FileText], Any]


Mapping = Generator[Reading, Found, Value]
Mapped = Value | Mapping  # what an operator gives back


@dataclass(slots=True)
class _Member:
    """One step's part in a reading."""

    context: Context
    reading: Reading
    done: dict[str, Result]

    @property
    def journal(self) -> str:
        return f"{self.context.fingerprint}.tasks"

    def put(self, path: str, result: Result) -> None:
        """Keep a result; what was skipped is looked at again by a retry."""
        if "value" in result:
            self.context.folder.append(self.journal, [path, result])
        self.done[path] = result

    def found(self) -> Found:
        paths = self.reading.files.paths
        found = [(path, self.done[path]["value"]) for path in paths if "value" in self.done[path]]
        skipped = f", {len(paths) - len(found)} skipped" if len(found) < len(paths) else ""
        self.context.log(f"{len(found)} of {len(paths)} files read{skipped}")
        return found


@dataclass(slots=True)
class _Pass:
    """One way through all the files."""

    members: Sequence[_Member]
    count: int
    total: int
    lost: list[str] = field(default_factory=list)  # the engine died while they were read
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self) -> None:
        self.members[0].context.progress(f"{self.count}/{self.total} files")

    def file(self, path: str) -> None:
        """Do what is left to do with one file; raises EngineLost."""
        text: FileText | Skip | None = None
        for member in self.members:
            if path in member.done:
                continue
            member.context.check()
            text = _text(path, member.context) if text is None else text
            member.put(path, _attempt(text, path, member))
        with self.lock:
            self.count += 1
            self.tell()

    def first(self, path: str) -> None:
        """Do a file among others; one during which the engine dies is done alone later."""
        try:
            self.file(path)
        except EngineLost as error:
            with self.lock:
                self.lost.append(path)
                if len(self.lost) >= MOST_LOST and not self._any_done():
                    raise
            log.info("the engine was lost while a file was read; it is tried alone later: %s", error)

    def alone(self, path: str, *, spare: bool) -> None:
        """Do a file while no other is read: whatever ends the engine now, it is this one."""
        try:
            self.file(path)
        except EngineLost as error:
            if spare and not self._any_done():
                raise  # nothing could be read at all
            for member in self.members:
                if path not in member.done:
                    member.put(
                        path, _skipped(path, f"the model failed each time it read this: {error}", member)
                    )
            with self.lock:
                self.count += 1
                self.tell()

    def _any_done(self) -> bool:
        return any("value" in result for member in self.members for result in member.done.values())


def carry_out(given: Sequence[tuple[Context, Reading]]) -> list[Found]:
    """Read the files for all of these, which read the same ones, and return what each found.

    Files that cannot be read are left out and counted as skipped.
    """
    members = [_Member(context, reading, _journal(context)) for context, reading in given]
    paths = members[0].reading.files.paths
    waiting = [path for path in paths if any(path not in member.done for member in members)]
    way = _Pass(members, len(paths) - len(waiting), len(paths))
    way.tell()
    name = f"job-{members[0].context.job}"
    with ThreadPoolExecutor(WIDTHS[Lane.MODEL], thread_name_prefix=name) as pool:
        futures = [pool.submit(way.first, path) for path in waiting]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    for place, path in enumerate(way.lost, 1):
        way.alone(path, spare=place == len(way.lost))
    return [member.found() for member in members]


def together(made: Sequence[tuple[Mapped, Context]]) -> list[Value]:
    """Run operators that read the same files to their ends, each file being read once for all of them."""
    ends: dict[int, Value] = {}
    found: dict[int, Found | None] = {}
    for place, (value, _) in enumerate(made):
        if isinstance(value, Generator):
            found[place] = None
        else:
            ends[place] = value
    while found:
        asked: dict[int, Reading] = {}
        for place, given in found.items():
            try:
                asked[place] = cast(Mapping, made[place][0]).send(cast(Found, given))
            except StopIteration as end:
                ends[place] = end.value
        found = {}
        for group in _same_files(asked):
            results = carry_out([(made[place][1], asked[place]) for place in group])
            found |= dict(zip(group, results, strict=True))
    return [ends[place] for place in range(len(made))]


def _same_files(asked: dict[int, Reading]) -> list[list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, reading in asked.items():
        groups.setdefault(reading.files.paths, []).append(place)
    return list(groups.values())


def _journal(context: Context) -> dict[str, Result]:
    return dict(context.folder.records(f"{context.fingerprint}.tasks"))


def _text(path: str, context: Context) -> FileText | Skip:
    try:
        return context.text_of(path)
    except Skip as reason:
        return reason


def _attempt(text: FileText | Skip, path: str, member: _Member) -> Result:
    try:
        if isinstance(text, Skip):
            raise text
        with member.context.about(text):
            value = member.reading.work(text)
        member.context.note([text.source])
        return {"value": value}
    except Skip as reason:
        return _skipped(path, str(reason), member)


def _skipped(path: str, reason: str, member: _Member) -> Result:
    member.context.note([SourceRow(Source(path, b""), reason)])
    member.context.log(f"skipped {shown(path)}: {reason}")
    return {"skipped": reason}
