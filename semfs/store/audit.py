"""The audit trail in `state.db`: who asked what, which files were read, which code ran.

Each line is JSON and ends in a hash over itself and the hash of the line before, so that no line can
be changed, removed, added or moved unseen.  The last number and hash stand in `audit_head` as
well: a trail that was cut off at its end is seen too.  Whoever can write the database can forge all of
it, head included; a head that was noted elsewhere tells even then.

Functions that take a connection belong into a transaction of `State`; the others are pure.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from semfs import caller
from semfs.model import JobId

_HASH = ', "hash": "'
FIRST = "0" * 64  # what stands for the hash before the first line


@dataclass(frozen=True, slots=True)
class Head:
    """Where the trail ends."""

    id: int = 0
    hash: str = FIRST
    ends: int = 0  # bytes of the whole trail


@dataclass(frozen=True, slots=True)
class Break:
    """A place at which the trail does not hold."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


# -- writing


def chained(before: str, id: int, at: float, who: str, job: int | None, what: str, detail: str) -> str:
    """Return a line; `before` is the hash of the line before.  Undecodable bytes are shown as \\udcXX."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"line": id, "at": moment, "who": who, "job": job, "what": what, "detail": detail}
    body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    return f'{body[:-1]}{_HASH}{_digest(before, body)}"}}'


def following(before: str, id: int, at: float, who: str, job: int | None, what: str, detail: str) -> str:
    """Return a line; `before` is the line before, "" for the first.  A function of SQL in migrations."""
    return chained(hash_of(before) if before else FIRST, id, at, who, job, what, detail)


def append(db: sqlite3.Connection, at: float, what: str, detail: str, job: JobId | None = None) -> None:
    """Add a line for whom this thread works, and move the head."""
    head = head_of(db)
    line = chained(head.hash, head.id + 1, at, caller.current(), job, what, detail)
    ends = head.ends + len(line.encode()) + 1
    db.execute("INSERT INTO audit (id, job, line, ends) VALUES (?, ?, ?, ?)", (head.id + 1, job, line, ends))
    db.execute("UPDATE audit_head SET id = ?, hash = ?, ends = ?", (head.id + 1, hash_of(line), ends))


# -- reading


def head_of(db: sqlite3.Connection) -> Head:
    """Return the head as it is kept beside the trail; an empty one if it is gone."""
    row = db.execute("SELECT id, hash, ends FROM audit_head").fetchone()
    return Head(*row) if row else Head()


def lines_of(db: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line, in order."""
    yield from db.execute("SELECT id, line FROM audit ORDER BY id")


def text_at(db: sqlite3.Connection, offset: int, size: int) -> bytes:
    """Return at most `size` bytes of the trail as a text, a line each, from `offset`."""
    found = bytearray()
    for line, ends in db.execute("SELECT line, ends FROM audit WHERE ends > ? ORDER BY ends", (offset,)):
        data = line.encode() + b"\n"
        found += data[max(0, offset - (ends - len(data))) :]
        if len(found) >= size:
            break
    return bytes(found[:size])


def hash_of(line: str) -> str:
    """Return the hash that a line ends in, "" if it has none."""
    return line.rpartition(_HASH)[2].removesuffix('"}')


# -- checking


def breaks(lines: Iterable[tuple[int, str]], head: Head, *, noted: str = "") -> list[Break]:
    """Return where the trail does not hold, in order; `noted` is a head that somebody wrote down once."""
    found: list[Break] = []
    last, before = 0, FIRST
    met = not noted
    for id, line in lines:
        if id != last + 1:
            found.append(Break(last + 1, _gone(last + 1, id - 1, "")))
        elif not _follows(before, id, line):
            found.append(Break(id, "it was changed, or the hash at the end of the line before it"))
        last, before = id, hash_of(line)
        met = met or before == noted
    if head.id > last:
        found.append(Break(last + 1, _gone(last + 1, head.id, " at the end")))
    elif (head.id, head.hash) != (last, before):
        found.append(Break(last, "the head kept beside the trail is another: lines were written anew"))
    if not met:
        found.append(Break(last, f"no line has the hash {noted}: lines were written anew or removed"))
    return found


def _follows(before: str, id: int, line: str) -> bool:
    body = line.rpartition(_HASH)[0] + "}"
    try:
        named = json.loads(line).get("line")
    except (ValueError, AttributeError):
        return False
    return bool(named == id and _digest(before, body) == hash_of(line))


def _gone(first: int, last: int, where: str) -> str:
    return f"removed{where}" if first == last else f"lines {first} to {last} were removed{where}"


def _digest(before: str, body: str) -> str:
    return hashlib.sha256(f"{before}\n{body}".encode()).hexdigest()
