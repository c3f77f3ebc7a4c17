"""The values that cross boundaries between packages. Imports nothing of semfs.

Paths are `str` with surrogate escapes (`os.fsdecode`), absolute, as the kernel gave
them; text that is shown goes through `shown`.  Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

FileId = NewType("FileId", int)
PassageId = NewType("PassageId", int)
VectorId = NewType("VectorId", int)
JobId = NewType("JobId", int)

# The way to a picture in a file: the number, from 0, of each file inside of another, outermost first, then
# the page or picture in the innermost one, from 1.
Route = tuple[int, ...]

BETWEEN_HEADINGS = " > "  # in a path of headings


_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def shown(path: str) -> str:
    """Return a path that can be encoded as UTF-8, undecodable bytes replaced by U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def shown_line(path: str) -> str:
    """Return a path fit for one line of a text: controls but tabs, which a name may hold, as U+FFFD."""
    return _CONTROLS.sub("\ufffd", shown(path))


class Kind(StrEnum):
    """What sort of file it is, in a user's words; the values of `kind=` in a plan."""

    TEXT = "text"
    CODE = "code"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    DOCUMENT = "document"
    SPREADSHEET = "spreadsheet"
    PRESENTATION = "presentation"
    EBOOK = "ebook"
    EMAIL = "email"
    DATA = "data"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    ARCHIVE = "archive"
    OTHER = "other"


CONTAINERS = frozenset({Kind.ARCHIVE, Kind.EMAIL})  # the headings in these begin with what is inside of them


class FileStatus(StrEnum):
    """How far a file has come in the catalogue."""

    PENDING = "pending"  # known, not read yet
    INDEXED = "indexed"  # its passages are in the full text
    FAILED = "failed"  # `reason` says why it could not be read
    SKIPPED = "skipped"  # no text to index by design (no indexer, too large): found by its name


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document as its indexer found it, before it is cut into passages."""

    text: str
    heading: str = ""  # path of headings, "Budget > 2024"
    page: int | None = None  # page, slide or sheet, from 1; of a member those of the member
    line: int | None = None  # first line in the file or member, from 1, where lines mean something


@dataclass(frozen=True, slots=True)
class Document:
    """What an indexer makes of one file."""

    sections: Sequence[Section]
    title: str = ""
    author: str = ""  # author or sender
    created: float | None = None  # the date that the document itself gives
    language: str = ""  # ISO 639-1 where it is known
    recipients: str = ""  # of a mail, or who is invited: names and addresses, joined by ", "
    incomplete: str = ""  # what of it could not be read, in words for a user
    scans: Sequence[Route] = ()  # pictures whose text is still to be read; of a picture, its first page


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read in one picture."""

    text: str = ""
    page: int | None = None  # that it stands on, None where there are no pages
    pages: int = 1  # of a picture that has several, how many there are
    heading: str = ""  # of the file inside of another that it is in


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage before it has an identity: what the chunker makes of sections."""

    text: str
    heading: str = ""
    page: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the catalogue."""

    id: FileId
    path: str
    kind: Kind
    size: int
    mtime: float
    status: FileStatus
    hash: bytes = b""  # BLAKE2b-128 of the content that was indexed, empty if never read
    title: str = ""
    author: str = ""
    created: float | None = None
    language: str = ""
    reason: str = ""
    recipients: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a file that is ranked and cited; the passages of a file, joined, are its text."""

    id: PassageId
    file: FileId
    ordinal: int  # position in the file, from 0
    text: str
    heading: str = ""
    page: int | None = None
    line: int | None = None

    def place(self) -> str:
        """Return where it stands in words: "page 3", "line 120" or ""."""
        if self.page is not None:
            return f"page {self.page}"
        return f"line {self.line}" if self.line is not None else ""


def cited(file: FileRow, passage: Passage) -> str:
    """Return where a passage stands in its file: "page 3"; in an archive "2023/q1.pdf, page 3"."""
    inside = file.kind in CONTAINERS and passage.heading != file.title
    return ", ".join(filter(None, (passage.heading if inside else "", passage.place())))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a query asks for besides its meaning; every empty field lets everything through.

    Times are half-open, `since <= t < until`, and hold for a file's modification time or
    the date that the document itself gives.  Sizes are bytes, both bounds inclusive.
    """

    kinds: frozenset[Kind] = frozenset()
    suffixes: frozenset[str] = frozenset()  # ".pdf"; together with `kinds` a union
    folder: str = ""  # a component of the path, or several joined by "/", case-insensitive
    since: float | None = None
    until: float | None = None
    min_size: int | None = None
    max_size: int | None = None
    author: str = ""  # words of the author's or sender's name; a file without one passes if it has the words
    recipient: str = ""  # words of the name of somebody it was sent to
    language: str = ""  # ISO 639-1
    excluded: tuple[Filters, ...] = ()  # a file that passes any of these does not pass

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Understood:
    """Words of a query that ask for something besides its matter: a filter or an exclusion."""

    words: str  # as they stand in the query
    meaning: str  # "2024-03-01 to 2024-04-01"
    filters: Filters = Filters()  # what these words ask for and nothing else
    without: str = ""  # a matter to be left out, "" for none
    span: tuple[int, int] = (0, 0)  # of the words in the query, its white space made single
    doubt: int = 0  # the higher, the sooner it is left aside where nothing passes; 0 never
    content: bool = False  # the words may as well be about the matter

    def __str__(self) -> str:
        return f"{self.words}: {self.meaning}"


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was understood."""

    given: str
    text: str  # what is left for meaning and full text
    filters: Filters = Filters()  # all of what was understood
    phrases: tuple[str, ...] = ()  # quoted, to be found exactly
    notes: tuple[str, ...] = ()  # "last March: 2024-03-01 to 2024-04-01"
    understood: tuple[Understood, ...] = ()  # in the order of the words
    relaxed: tuple[Understood, ...] = ()  # understood, and left aside because nothing passed


@dataclass(frozen=True, slots=True)
class Hit:
    """A file that matches, with its best passage."""

    rank: int  # from 1
    file: FileRow
    score: float  # comparable within one result only
    passage: Passage | None  # None if only the name or a filter matched
    why: str  # "words", "meaning", "words+meaning", "name", "filter" or "pinned"

    @property
    def place(self) -> str:
        """Where its best passage stands in the file, "" if there is nothing to say."""
        return cited(self.file, self.passage) if self.passage is not None else ""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that matches too, ranked after those that are shown and not looked up yet."""

    file: FileId
    score: float
    passage: PassageId | None
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved query, with what was left out of it and pinned in it."""

    name: str  # which is its words


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The files nearest in meaning to one."""

    path: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Of the whole result so far, the part that has a value of a facet."""

    facet: str
    value: str


# How a directory came to its hits, a tuple of these from the outermost inwards: a `str` is a query
# in plain words among the hits before it.
Step = str | Kept | Neighbours | Narrowed


@dataclass(frozen=True, slots=True)
class Progress:
    """How fast the index is built, and in how many seconds it will be; None where nobody knows."""

    files_per_s: float = 0.0  # 0 where nothing has been measured
    passages_per_s: float = 0.0
    words_left_s: float | None = None  # until every file can be found by its words
    meaning_left_s: float | None = None  # until every passage can be found by meaning


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the folder is in the catalogue."""

    files: int = 0
    indexed: int = 0
    pending: int = 0
    failed: int = 0
    skipped: int = 0
    passages: int = 0
    embedded: int = 0  # passages that have a vector
    activity: str = ""  # "scanning", "reading", "embedding", "recognising", "watching"; "" if none runs
    current: str = ""  # what is being read now
    meaning: int = 0  # indexed files none of whose passages waits for a vector
    scans: int = 0  # pictures and scanned pages that wait for the recognition of their text
    scanned: int = 0  # those that it is done with
    progress: Progress = Progress()

    @property
    def working(self) -> bool:
        """Whether files are read or passages embedded just now."""
        return self.activity in ("reading", "embedding")

    @property
    def complete(self) -> bool:
        """Whether every file and picture has been dealt with and every passage has its vector."""
        return (
            not self.pending
            and not self.scans
            and self.embedded >= self.passages
            and self.activity == "watching"
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One snapshot of the answer to a query directory."""

    queries: tuple[Query, ...]  # outermost first; more than one where queries are nested
    hits: tuple[Hit, ...]
    coverage: Coverage
    best_score: float = 0.0  # probability that the best passage is what was asked for
    threshold: float = 0.0  # of `best_score`, below which nothing was found
    notices: tuple[str, ...] = ()
    took_ms: float = 0.0
    more: Sequence[Found] = ()  # what matches besides, beyond `search.limit`


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is given; `system` is the part worth sharing between requests."""

    user: str
    system: str = ""
    prefill: str = ""  # the beginning of the model's own turn


class Priority(StrEnum):
    """Who goes first at the engine."""

    HIGH = "high"  # somebody waits at a terminal
    NORMAL = "normal"
    LOW = "low"


class JobStatus(StrEnum):
    """The one word in `jobs/N/status`."""

    QUEUED = "queued"
    PLANNING = "planning"
    HELD = "held"  # planned, waits for `go`
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Weights:
    """Which model writes: "" is the one of the configuration, and no adapter."""

    model: str = ""  # a name from the list, a path or a name on the hub
    adapter: str = ""  # a path to a LoRA adapter in GGUF, or its name on the hub


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model's words are chosen."""

    max_tokens: int = 512
    temperature: float = 0.0  # 0 is greedy, so that a repeated request gives the same words
    grammar: str = ""  # GBNF
    copied_from: str = (
        ""  # a text: in the place of a grammar, only words that stand there in a row are written
    )
    stop: tuple[str, ...] = ()
    seed: int = 0
    # A word that the answer could begin with and never does: how likely it was (natural logarithm)
    # is written on a line before the answer.
    way_out: str = ""
    other_than: str = ""  # words that the answer does not begin as, so that another one is written
    # The end of the prompt's `user`: how likely it is after what stands before (natural logarithm) is the
    # whole answer, and nothing is written.  A server elsewhere answers nothing.
    weighed: str = ""
    seconds: float = 0.0  # after which it is given up, waiting included; 0 is never


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: enough to find it again and to see whether it has changed since."""

    path: str
    hash: bytes
    page: int | None = None
    line: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Citations:
    """The numbered sources of one answer, `[1]` being the first."""

    sources: tuple[Source, ...] = field(default=())
