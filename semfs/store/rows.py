"""How the catalogue's rows become values, and filters become SQL; pure."""

from __future__ import annotations

import hashlib
import math
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from semfs.model import FileId, FileRow, FileStatus, Filters, Kind, Passage, PassageId, Route, shown
from semfs.store.analysis import is_unspaced, phrase_terms, quoted

LARGEST = 2**63 - 1  # number that SQLite keeps; as a time in nanoseconds it is in 2262
BATCH = 900  # below SQLite's oldest limit of 999 parameters
FILE_COLUMNS = (
    "id, path, kind, size, mtime_ns, status, hash, title, author, created, language, reason, recipients"
)
PASSAGE_COLUMNS = "id, file, ordinal, text, heading, page, line"
STATE_COLUMNS = "id, path, device, inode, size, mtime_ns, ctime_ns"

_WORD = re.compile(r"\w+")

T = TypeVar("T")
Row = tuple[Any, ...]
Terms = tuple[str, str]  # analysed words of a passage and of its heading
Vectors = NDArray[np.float32]  # shape (n, dimension), rows normalised


@dataclass(frozen=True, slots=True)
class FileState:
    """What `stat` says of a file: enough to tell whether it has changed or only moved."""

    path: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, path: str, stat: os.stat_result) -> FileState:
        """Take the numbers as SQLite can keep them: some file systems give more than 63 bits."""
        return cls(
            path,
            stat.st_dev,
            (stat.st_ino + LARGEST + 1) % 2**64 - LARGEST - 1,
            stat.st_size,
            max(-LARGEST, min(stat.st_mtime_ns, LARGEST)),
            max(-LARGEST, min(stat.st_ctime_ns, LARGEST)),
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A file that waits to be read."""

    id: FileId
    state: FileState
    hash: bytes  # of the content that its passages come from, b"" if it has none
    tries: int  # readings begun and not ended


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture that waits for the recognition of its text."""

    id: FileId
    state: FileState
    language: str  # of the file, as far as it is known
    kind: Kind
    route: Route  # to it
    tries: int  # recognitions begun and not ended


def content_hash(*parts: str) -> bytes:
    """Return BLAKE2b-128 of the parts, each ended by NUL."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()


def folded(path: bytes | str) -> str:
    """Return a path as it is compared where case and composition do not count."""
    return unicodedata.normalize("NFC", shown(os.fsdecode(path))).casefold()


def state_of(row: Row) -> tuple[FileId, FileState]:
    return FileId(row[0]), FileState(os.fsdecode(row[1]), *row[2:7])


def file_of(row: Row) -> FileRow:
    id, path, kind, size, mtime_ns, status, *rest = row
    return FileRow(FileId(id), os.fsdecode(path), Kind(kind), size, mtime_ns / 1e9, FileStatus(status), *rest)


def passage_of(row: Row) -> Passage:
    id, file, *rest = row
    return Passage(PassageId(id), FileId(file), *rest)


def suffix_of(path: str) -> str:
    return os.path.splitext(path)[1].lower().encode("utf-8", "replace").decode()


def marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def names_of(text: str) -> str:
    """Return the words of a name as they are compared, each between two spaces."""
    return f" {' '.join(_WORD.findall(unicodedata.normalize('NFKC', text).casefold()))} "


def is_named(names: str, wanted: str) -> bool:
    """Say whether a list of people has all words of a name; where no spaces part them, their letters."""
    there, asked = names_of(names), names_of(wanted).split()
    return bool(asked) and all(
        f" {word} " in there or (is_unspaced(word) and word in there) for word in asked
    )


# Most files do not say who wrote them: there the name may stand in their text or name.
_BY_AUTHOR = (
    "CASE author WHEN '' THEN id IN (SELECT passages.file FROM passages_fts"
    " JOIN passages ON passages.id = passages_fts.rowid WHERE passages_fts MATCH ?)"
    " OR id IN (SELECT rowid FROM names_fts WHERE names_fts MATCH ?) ELSE is_named(author, ?) END"
)


def where_of(filters: Filters) -> tuple[str, list[object]]:
    """Return an SQL condition on `files` and its parameters."""
    terms: list[str] = ["1"]
    parameters: list[object] = []
    if filters.kinds or filters.suffixes:
        kinds, suffixes = sorted(filters.kinds), sorted(filters.suffixes)
        terms.append(f"(kind IN ({marks(kinds)}) OR suffix IN ({marks(suffixes)}))")
        parameters += [*kinds, *suffixes]
    if filters.folder:
        terms.append("folder IN (SELECT id FROM folders WHERE instr(folded, ?) > 0)")
        parameters.append(f"/{folded(filters.folder).strip('/')}/")
    if filters.since is not None or filters.until is not None:
        span = (
            -math.inf if filters.since is None else filters.since,
            math.inf if filters.until is None else filters.until,
        )
        terms.append("(mtime_ns / 1e9 >= ? AND mtime_ns / 1e9 < ? OR created >= ? AND created < ?)")
        parameters += [*span, *span]
    for size, comparison in ((filters.min_size, ">="), (filters.max_size, "<=")):
        if size is not None:
            terms.append(f"size {comparison} ?")
            parameters.append(size)
    if filters.author:
        terms.append(_BY_AUTHOR)
        parameters += [*[quoted(phrase_terms(filters.author)) or '""'] * 2, filters.author]
    if filters.recipient:
        terms.append("recipients <> '' AND is_named(recipients, ?)")
        parameters.append(filters.recipient)
    if filters.language:
        terms.append("language = ?")
        parameters.append(filters.language)
    for excluded in filters.excluded:
        condition, values = where_of(excluded)
        terms.append(f"({condition}) IS NOT 1")  # unknown is not excluded
        parameters += values
    return " AND ".join(terms), parameters
