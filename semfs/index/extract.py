"""What a reading process does: one file after the other, from path to passages with their words.

`serve` is its main function.  It has no connection to the catalogue and may die at any time:
the pool in `pool` notes what it was doing.  The text is cut up and analysed here as well, so
that the writer only has to store it.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, TypeVar

from semfs.errors import ExtractError, Unsupported
from semfs.index.child import Frame, Frames, rss_mb, settle, spend_at_most
from semfs.index.chunk import chunk
from semfs.index.language import language_of
from semfs.model import Chunk, Document, Kind, Recognised, Route, Section
from semfs.store.analysis import analyse

logger = logging.getLogger(__name__)

MOST_TEXT = 10_000_000  # characters of one file: two Bibles; what is longer is a log or a dump
MOST_REASON = 2_000  # characters of what a document lacks
HASH_BYTES = 1 << 20  # read at a time
LONGEST_REASON = 500  # characters; archives within archives give one for each member


T = TypeVar("T")


class Answer(StrEnum):
    """How the reading of a file ended."""

    READ = "read"
    SAME = "same"  # the content is what was indexed before
    CHANGED = "changed"  # somebody wrote while it was read
    GONE = "gone"
    OTHER = "other"  # another file has taken its place
    CLOSED = "closed"  # it, or its folder, may not be opened for now
    FAILED = "failed"
    LATE = "late"  # it took too long
    SKIPPED = "skipped"
    RETURNED = "returned"  # it was not begun
    DIED = "died"  # the reading process did; perhaps not the file's fault


class Reader(Protocol):
    """What the registry of indexers offers."""

    def kind_of(self, path: str) -> Kind:
        """Say by the name alone what kind of file it is."""
        ...

    def read(self, path: str) -> tuple[Kind, Document]:
        """Return what the file says; raise ExtractError, or Unsupported where there is no text by design."""
        ...

    def recognise(self, path: str, route: Route) -> Recognised:
        """Return the text in one of its pictures; raise as `read` does."""
        ...


class _Refused(Exception):
    """The end of a reading, other than with a text."""

    def __init__(self, answer: Answer, reason: str = "") -> None:
        super().__init__(reason)
        self.answer = answer
        self.reason = reason


def serve(reader: Reader) -> None:
    """Answer requests on standard input until it is closed."""
    frames = Frames()
    settle(frames.settings)
    frames.send(Frame({"ready": True}))
    if not frames.settings.get("verbose"):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # parsers complain about files at length
    while (request := frames.receive()) is not None:
        path = os.fsdecode(bytes.fromhex(request.fields["path"]))
        answer = _guarded(path, partial(_answer, reader, path, request.fields))
        frames.send(Frame({**answer, "rss_mb": rss_mb()}))


def _answer(reader: Reader, path: str, request: dict[str, Any]) -> dict[str, Any]:
    if "route" in request:
        spend_at_most(int(request["cpu_s"]))
        kind, language = Kind(request["kind"]), request["language"]
        return recognise(reader, path, tuple(request["route"]), kind, language, inode=request["inode"])
    known = bytes.fromhex(request["hash"])
    return read(reader, path, known, inode=request["inode"], restless=request["restless"])


def _guarded(path: str, answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Read a file, whatever its parser does about it."""
    try:
        return answer()
    except _Refused as refused:
        return {"answer": refused.answer, "reason": refused.reason}
    except Unsupported as error:
        return {
            "answer": Answer.SKIPPED,
            "reason": error.reason[:LONGEST_REASON],
            **(_said(error.about) if error.about else {}),
        }
    except ExtractError as error:
        return {"answer": _failure(path), "reason": error.reason[:LONGEST_REASON]}
    except MemoryError:
        return {"answer": Answer.FAILED, "reason": "needs more memory than index.file_memory_mb allows"}
    except Exception as error:
        logger.info("the reader failed at %s", path, exc_info=True)
        return {
            "answer": _failure(path),
            "reason": f"the reader failed: {type(error).__name__}: {error}"[:LONGEST_REASON],
        }


def _failure(path: str) -> Answer:
    """Say whether a parser failed at the content, or at opening a file that was closed meanwhile."""
    return Answer.FAILED if os.access(path, os.R_OK) else Answer.CLOSED


def read(
    reader: Reader, path: str, known: bytes, *, inode: int | None = None, restless: bool = False
) -> dict[str, Any]:
    """Return the fields of the answer for a file; `known` is the hash of what is indexed already.

    A file that is written meanwhile is refused, as half of it may be new, and one that is not the file
    with that `inode`, as folders may have changed places; but for one that never rests.
    """
    before = _stat(path, None if restless else inode)
    hash = content_of(path)
    if hash == known:
        return {"answer": Answer.SAME, "hash": hash.hex()}
    kind, document = reader.read(path)
    if _stat(path) != before and not restless:
        raise _Refused(Answer.CHANGED)
    sections, left_out = limited(document)
    chunks = chunk(sections)
    language = language_of(kind, [item.text for item in chunks], declared=document.language)
    return {
        "answer": Answer.READ,
        "hash": hash.hex(),
        "kind": kind,
        "reason": clean("; ".join(_left_out(document, cut=left_out))),
        **_said(document),
        "scans": list(document.scans),
        **_passages(chunks, language),
    }


def recognise(
    reader: Reader, path: str, route: Route, kind: Kind, language: str, *, inode: int | None = None
) -> dict[str, Any]:
    """Return the fields of the answer for one picture, in a file whose language may be known."""
    before = _stat(path, inode)
    found = reader.recognise(path, route)
    if _stat(path) != before:
        raise _Refused(Answer.CHANGED)
    chunks = chunk([Section(clean(found.text), clean(found.heading), found.page)])
    language = language or language_of(kind, [item.text for item in chunks])
    return {"answer": Answer.READ, "pages": found.pages, **_passages(chunks, language)}


def _passages(chunks: Sequence[Chunk], language: str) -> dict[str, Any]:
    return {
        "language": language,
        "chunks": [[item.text, item.heading, item.page, item.line] for item in chunks],
        "terms": [[analyse(item.text, language), analyse(item.heading, language)] for item in chunks],
    }


def _left_out(document: Document, *, cut: bool) -> Iterator[str]:
    """Yield what is not indexed of a document that is."""
    if document.incomplete:
        yield document.incomplete[:MOST_REASON]
    if cut:
        yield f"only the first {MOST_TEXT:,} characters are indexed"


def _said(document: Document) -> dict[str, Any]:
    """Return the fields of what a document says about itself."""
    return {
        "title": clean(document.title),
        "author": clean(document.author),
        "created": document.created,
        "recipients": clean(document.recipients),
    }


def _stat(path: str, inode: int | None = None) -> tuple[int, int, int, int]:
    """Return what says whether a file has changed; `inode` is the one that it must have, as it is stored."""
    result = _tried(lambda: os.lstat(path))
    if not stat.S_ISREG(result.st_mode):
        raise _Refused(Answer.GONE)
    if inode is not None and (result.st_ino - inode) % 2**64:  # SQLite keeps it with a sign
        raise _Refused(Answer.OTHER)
    return result.st_ino, result.st_size, result.st_mtime_ns, result.st_ctime_ns


def content_of(path: str) -> bytes:
    """Return BLAKE2b-128 of a file; it is never waited for, even if it has become a FIFO."""
    descriptor = _tried(lambda: os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC))
    digest = hashlib.blake2b(digest_size=16)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        while data := _tried(lambda: file.read(HASH_BYTES)):
            digest.update(data)
    return digest.digest()


def _tried(call: Callable[[], T]) -> T:
    """Do something with the file; say why it cannot be done."""
    try:
        return call()
    except (FileNotFoundError, NotADirectoryError):
        raise _Refused(Answer.GONE) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _Refused(Answer.GONE) from None  # it has become a symbolic link
        answer = Answer.CLOSED if isinstance(error, PermissionError) else Answer.FAILED
        raise _Refused(answer, f"cannot be opened: {error.strerror}") from None


def limited(document: Document) -> tuple[list[Section], bool]:
    """Return the sections that are indexed, fit to be stored, and whether others are left out."""
    room = MOST_TEXT
    taken: list[Section] = []
    for section in _cleaned(document):
        if room <= 0:
            return taken, True
        taken.append(Section(section.text[:room], section.heading, section.page, section.line))
        room -= len(section.text)
    return taken, room < 0


def _cleaned(document: Document) -> Iterator[Section]:
    for section in document.sections:
        yield Section(clean(section.text), clean(section.heading), section.page, section.line)


def clean(text: str) -> str:
    """Replace what SQLite cannot keep: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
