"""Read one damaged file as a reading process does, and say what is wrong with that."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType

from semfs.errors import ExtractError, Unsupported
from semfs.index import extract
from semfs.indexers.base import MOST_SCANS, Picture
from semfs.indexers.detect import HEAD, detect
from semfs.indexers.formats import FORMATS, Format
from semfs.indexers.registry import Registry
from semfs.indexers.source import begin, load
from semfs.model import Document, Kind, Recognised, Route

SLOW_S = 2.0  # for a file of up to 400,000 bytes
MOST_TEXT = 200  # characters for a byte of the file, above MUCH: more is a bomb that was not refused
MUCH = 2_000_000
MOST_PASSAGES = 50_000
OPENED = 2  # pictures of a file
UNFORESEEN = "damaged: cannot be read as"  # what the registry says of an exception that no indexer expects
OURS = str(Path(extract.__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong; two with the same words are the same."""

    what: str  # "crash", "hang", "memory", "exception", "slow", "text", "place", "size", "time" or "caught"
    words: str


class Direct:
    """Read with one indexer, whatever the content looks like, and let everything through."""

    def __init__(self, format: Format) -> None:
        self._format = format

    def kind_of(self, path: str) -> Kind:
        return self._format.kind

    def read(self, path: str) -> tuple[Kind, Document]:
        module, name, *arguments = self._format.reader.split(":")
        indexer = getattr(import_module(f"semfs.indexers.{module}"), name)(*arguments)
        return self._format.kind, indexer.read(path)


class Opening(Registry):
    """Open pictures without reading them: recognition takes whatever pixels there are, and seconds for it."""

    def said_in(self, picture: Picture) -> Recognised:
        return Recognised(page=picture.page, pages=picture.pages)


def format_of(path: str) -> Format | None:
    """Return the format that a file is read as."""
    return detect(path, begin(path, HEAD), partial(load, path))


def readable() -> dict[str, Format]:
    """Return the formats that have an indexer, by name."""
    return {format.name: format for format in FORMATS if format.reader}


def examine(path: str, format: Format, *, direct: bool) -> list[Finding]:
    """Return what is wrong with the reading of a file; it may as well not return at all."""
    reader = Direct(format) if direct else Registry()
    began = time.process_time()
    findings = []
    scans: list[Route] = []
    try:
        answer = extract.read(reader, path, b"")
    except (extract._Refused, Unsupported):
        pass
    except ExtractError as error:
        if error.__cause__ and error.reason.startswith(UNFORESEEN):
            findings += _raised(error.__cause__)
        if error.reason == "needs more memory than one file may use":
            findings.append(Finding("memory", format.name))
    except MemoryError as error:
        findings.append(Finding("memory", f"{format.name} {_where(error.__traceback__)}"))
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        findings += _raised(error)
    else:
        findings += _answered(answer, path, format)
        scans = answer["scans"]
    spent = time.process_time() - began
    if spent > SLOW_S:
        findings.append(Finding("slow", format.name))
    for route in scans[:OPENED]:
        findings += _opened(path, tuple(route), format)
    return findings


def _opened(path: str, route: Route, format: Format) -> list[Finding]:
    """Return what is wrong with the opening of a picture."""
    try:
        found = Opening().recognise(path, route)
    except ExtractError as error:
        if error.__cause__ and error.reason.startswith(UNFORESEEN):
            return _raised(error.__cause__)
        if error.reason == "needs more memory than one file may use":
            return [Finding("memory", f"{format.name} picture")]
        return []
    return [Finding("size", f"{format.name} pages")] if found.pages > MOST_SCANS else []


def _raised(error: BaseException) -> list[Finding]:
    """Judge an exception that nobody foresaw: one from a line of ours is our mistake.

    A library in another language leaves no line of its own behind, but its own exception.
    """
    where = _where(error.__traceback__)
    words = f"{type(error).__name__} {where}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = bool(frames) and frames[-1].filename.startswith(OURS)
    expected = isinstance(error, (ExtractError, Unsupported, UnicodeError, OSError)) or (
        type(error).__module__ not in ("builtins", "re") and not type(error).__module__.startswith("semfs")
    )
    return [Finding("exception" if ours and not expected else "caught", words)]


def _where(trace: TracebackType | None) -> str:
    """Return the last line of ours on the way to an exception."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(OURS)]
    return f"{Path(frames[-1].filename).stem}:{frames[-1].name}" if frames else "elsewhere"


def _answered(answer: dict[str, object], path: str, format: Format) -> list[Finding]:
    chunks = answer["chunks"]
    assert isinstance(chunks, list)
    size = Path(path).stat().st_size
    total = sum(len(text) for text, *_ in chunks)
    checks: list[tuple[str, Callable[[], bool]]] = [
        ("text", lambda: any(_unfit(word) for text, heading, *_ in chunks for word in (text, heading))),
        ("text", lambda: any(_unfit(str(answer[key])) for key in ("title", "author", "language", "reason"))),
        (
            "place",
            lambda: any(
                place is not None and place < 1 for *_, page, line in chunks for place in (page, line)
            ),
        ),
        ("place", lambda: _beyond(path, format, max((line or 0 for *_, line in chunks), default=0))),
        ("size", lambda: total > MUCH and total > MOST_TEXT * size),
        ("size", lambda: len(chunks) > MOST_PASSAGES),
        ("time", lambda: not _is_time(answer["created"])),
    ]
    return [
        Finding(what, f"{format.name} {number}") for number, (what, wrong) in enumerate(checks) if wrong()
    ]


def _unfit(text: str) -> bool:
    return "\0" in text or text != text.encode("utf-8", "replace").decode()


def _is_time(created: object) -> bool:
    """Whether a document's date is none, or one that the calendar has."""
    return created is None or (
        isinstance(created, float | int) and -62_135_600_000 <= created < 253_402_300_800
    )


def _beyond(path: str, format: Format, line: int) -> bool:
    """Whether a line is given that the file does not have; asked of text in one byte a character."""
    if not format.textual or line < 2:
        return False
    data = Path(path).read_bytes()
    return line > data.count(b"\n") + data.count(b"\r") + 1 and b"\0" not in data
