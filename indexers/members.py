"""The documents inside of a file: members of an archive, attachments of a mail.

Each is read by the indexer of its own content, out of memory: nothing is unpacked to the disk, so
that a member's name is only a name.  What one file may cost with everything inside of it, however
deep, is counted in one `Spending`; that is where bombs end.  A member that cannot be read costs
only itself, and is named in what the document says is missing.  A picture in a member is only noted, by
the member's number; when its turn comes the same readers walk there again, and read nothing else (`sought`).
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache

from semfs.errors import ExtractError, Unsupported
from semfs.index.extract import MOST_TEXT
from semfs.indexers.base import ENCRYPTED, MOST_SCANS
from semfs.indexers.outline import SEPARATOR
from semfs.indexers.registry import Registry
from semfs.indexers.source import MAX_RATIO, MAX_UNPACKED, standing_in
from semfs.model import Document, Recognised, Route, Section

DEEPEST = 4  # files inside of each other; a document in an archive in a mail in a mailbox is three
MOST_MEMBERS = 20_000  # a large project's sources; each costs 0.05 ms even if it is tiny
MOST_BYTES = 100_000_000  # of one member, as index.max_file_mb is for files
ENOUGH_S = (
    30.0  # after that no further member is begun, so that what is read is there before index.file_seconds
)
NAMED = 3  # members that are named with the reason why they could not be read
LONGEST_REASON = 300  # characters of it; that of an archive in an archive names members of its own
RATIO_FROM = 2_000_000  # bytes; a text of that length is thousands of passages
MOST_NAMES = 2_000  # of members without text; they are found by these

Load = Callable[[], bytes]


class Bomb(ExtractError):
    """What is packed unpacks to far more than anybody packs."""


@dataclass(slots=True)
class Spending:
    """What the reading of one of the user's files has cost so far, with all that is inside of it."""

    until: float  # of time.monotonic()
    packed: int = 0  # bytes of the file on the disk
    depth: int = 0
    members: int = 0
    unpacked: int = 0  # bytes
    text: int = 0  # characters
    pictured: set[bytes] = field(default_factory=set)  # hashes of members that have pictures

    def enough(self, more: int = 0) -> str:
        """Say why no member of `more` bytes is read any more, "" while there is room."""
        limits = (
            (self.members >= MOST_MEMBERS, "there are very many"),
            (self.unpacked + more > MAX_UNPACKED, f"they unpack to more than {MAX_UNPACKED // 1_000_000} MB"),
            (self.text >= MOST_TEXT, f"they have more than {MOST_TEXT:,} characters"),
            (time.monotonic() > self.until, f"reading them takes longer than {ENOUGH_S:.0f} s"),
        )
        return next((words for reached, words in limits if reached), "")


@dataclass(slots=True)
class Sought:
    """The one member that is wanted; the others are passed by."""

    number: int
    recognise: Callable[[str], Recognised]  # is given a path that stands for it
    found: Recognised | None = None


_spending: ContextVar[Spending | None] = ContextVar("spending", default=None)
_sought: ContextVar[Sought | None] = ContextVar("sought", default=None)
_registry = cache(Registry)


@contextmanager
def _entered(path: str, packed: int) -> Iterator[Spending]:
    """Go one file deeper; the outermost one begins to count."""
    spending = _spending.get()
    token = None
    if spending is None:
        # Recognition has a limit of its own, and is halted for longer than this.
        until = math.inf if _sought.get() else time.monotonic() + ENOUGH_S
        spending = Spending(until, packed)
        token = _spending.set(spending)
    if spending.depth >= DEEPEST:
        raise ExtractError(path, f"not read: it lies more than {DEEPEST} files deep")
    spending.depth += 1
    try:
        yield spending
    finally:
        spending.depth -= 1
        if token is not None:
            _spending.reset(token)


@contextmanager
def members_of(path: str, packed: int) -> Iterator[Members]:
    """Begin to read what is inside of a file of `packed` bytes; raises ExtractError if it lies too deep."""
    with _entered(path, packed) as spending:
        yield Members(path, packed, spending, _sought.get())


def sought(
    path: str, number: int, read: Callable[[str], Document], recognise: Callable[[str], Recognised]
) -> Recognised:
    """Return what `recognise` makes of the member of this number, to which `read` finds the way."""
    wanted = Sought(number, recognise)
    token = _sought.set(wanted)
    try:
        document = read(path)
    finally:
        _sought.reset(token)
    if wanted.found is None:
        raise ExtractError(path, document.incomplete or "it is no longer what it was")
    return wanted.found


@dataclass(slots=True)
class Members:
    """What was found inside of one file; made by `members_of`."""

    path: str
    packed: int
    _spending: Spending
    _sought: Sought | None = None
    sections: list[Section] = field(default_factory=list)
    _unpacked: int = 0
    _count: int = 0
    _without_text: list[str] = field(default_factory=list)
    _failed: dict[str, str] = field(default_factory=dict)  # reasons by name
    _scans: list[Route] = field(default_factory=list)
    _stopped: str = ""

    def room(self, more: int = 0) -> bool:
        """Say whether a member of `more` bytes, if that is known, is to be read; raises Bomb."""
        if self.done:
            return False
        self._check(more)
        self._stopped = self._spending.enough(more)
        return not self._stopped

    def unpacking(self, count: int) -> None:
        """Count bytes as they are unpacked; raises Bomb where they are too many for what they come from."""
        self._unpacked += count
        self._spending.unpacked += count
        self._check()

    def _check(self, more: int = 0) -> None:
        spent = self._spending
        for unpacked, packed in ((self._unpacked, self.packed), (spent.unpacked, spent.packed)):
            if unpacked + more > max(RATIO_FROM, MAX_RATIO * packed):
                times = (unpacked + more) // max(packed, 1)
                raise Bomb(self.path, f"refused: it unpacks to {times:,} times its size")

    @property
    def done(self) -> bool:
        """Whether the member that was wanted has been found."""
        return self._sought is not None and self._sought.found is not None

    def add(self, name: str, load: Load, *, under: str = "", size: int = 0) -> None:
        """Read one member; its headings begin with `under`, if anything is there, and its name.

        `size` is what passing it by costs in bytes, where that is known.
        """
        number, heading = self._count, SEPARATOR.join(filter(None, (under, name)))
        self._count += 1
        self._spending.members += 1
        inner = f"{self.path}/{name.rpartition('/')[2]}"
        if self._sought is None:
            self._read(number, name, heading, inner, load)
        elif number == self._sought.number:
            self._sought.found = _recognised(self._sought, name, heading, inner, load)
        else:
            self.unpacking(size)

    def _read(self, number: int, name: str, heading: str, inner: str, load: Load) -> None:
        try:
            data = load()
        except Bomb:
            raise
        except ExtractError as error:
            self._failed[name] = error.reason
            return
        try:
            with standing_in(inner, data):
                _, document = _registry().read(inner)
        except Unsupported:
            self._without_text.append(name)
            return
        except ExtractError as error:
            self._failed[name] = error.reason
            return
        if not document.sections:
            self._without_text.append(name)
        if document.incomplete:
            self._failed[name] = document.incomplete
        for section in document.sections:
            path = SEPARATOR.join(filter(None, (heading, section.heading)))
            self.sections.append(Section(section.text, path, section.page, section.line))
            self._spending.text += len(section.text)
        if document.scans and self._is_new(data):
            self._scans += [(number, *route) for route in document.scans]

    def _is_new(self, data: bytes) -> bool:
        """Say whether this is the first of its kind: the letters of a mailbox all have the same emblem."""
        hash = hashlib.blake2b(data, digest_size=16).digest()
        known = hash in self._spending.pictured
        self._spending.pictured.add(hash)
        return not known

    def stop(self, why: str) -> None:
        """Take note that what follows cannot be read."""
        self._stopped = why

    @property
    def scans(self) -> tuple[Route, ...]:
        """The pictures in them that wait to be read."""
        return tuple(self._scans[:MOST_SCANS])

    @property
    def names(self) -> tuple[Section, ...]:
        """The names of members that hold no text: they are found by these."""
        names = self._without_text[:MOST_NAMES]
        return (Section("\n".join(names)),) if names else ()

    @property
    def missing(self) -> str:
        """What could not be read, in words, "" if nothing."""
        parts = []
        if self._failed:
            named = ", ".join(f"{name} ({_cut(why)})" for name, why in list(self._failed.items())[:NAMED])
            more = ", …" if len(self._failed) > NAMED else ""
            parts.append(f"{len(self._failed)} of {self._count} members could not be read: {named}{more}")
        if self._stopped:
            parts.append(f"only the first {self._count:,} members are indexed: {self._stopped}")
        return "; ".join(parts)

    def document(self) -> Document:
        """Return what is inside as one document; raises ExtractError if nothing of it can be read."""
        sections = (*self.names, *self.sections)
        if not sections and self.missing:
            locked = self._failed and set(self._failed.values()) == {ENCRYPTED}
            raise ExtractError(self.path, ENCRYPTED if locked else self.missing)
        return Document(sections, incomplete=self.missing, scans=self.scans)


def _recognised(sought: Sought, name: str, heading: str, inner: str, load: Load) -> Recognised:
    try:
        with standing_in(inner, load()):
            found = sought.recognise(inner)
    except Bomb:
        raise
    except ExtractError as error:
        raise ExtractError(error.path, f"{name}: {error.reason}") from error
    return replace(found, heading=SEPARATOR.join(filter(None, (heading, found.heading))))


def _cut(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]} …"
