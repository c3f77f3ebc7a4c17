"""The catalogue: files, passages, full text and vectors in one SQLite database.

Owns `catalog.db`.  `CatalogWriter` belongs to the ingest process and to one thread of it;
`Catalog` reads, from any thread of any process, with one connection a thread; a connection
to a catalogue that was set aside meanwhile is replaced by one to its successor.  A server
database could stand in this module's place: nothing outside it writes SQL on the catalogue.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
import threading
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from semfs.errors import CatalogDamaged, DiskFull, StoreError
from semfs.model import (
    Chunk,
    Coverage,
    Document,
    FileId,
    FileRow,
    FileStatus,
    Filters,
    Kind,
    Passage,
    PassageId,
    VectorId,
    shown,
)
from semfs.store.analysis import VERSION as ANALYSIS_VERSION
from semfs.store.analysis import analyse, analyse_name

SCHEMA_VERSION = 1
BATCH = 900  # below SQLite's oldest limit of 999 parameters
HEARTBEAT_S = 15.0  # an activity older than this belongs to an ingest process that died
FILE_COLUMNS = "id, path, kind, size, mtime_ns, status, hash, title, author, created, language, reason"
UNEMBEDDED = (
    "SELECT passages.hash, files.mtime_ns FROM passages JOIN files ON files.id = passages.file"
    " WHERE passages.hash NOT IN (SELECT hash FROM vectors)"
)
PASSAGE_COLUMNS = "id, file, ordinal, text, heading, page, line"

Terms = tuple[str, str]  # analysed words of a passage and of its heading
T = TypeVar("T")
Row = tuple[Any, ...]
Vectors = NDArray[np.float32]  # shape (n, dimension), rows normalised


DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


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
        return cls(path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Pending:
    """A file that waits to be read."""

    id: FileId
    state: FileState
    hash: bytes  # of the content that its passages come from, b"" if it has none
    tries: int  # readings begun and not ended


def create(path: Path) -> None:
    """Make an empty catalogue where there is none, so that readers may come before the writer."""
    if not path.exists():
        CatalogWriter(path).close()


def content_hash(*parts: str) -> bytes:
    """Return BLAKE2b-128 of the parts, each ended by NUL."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()


class Catalog:
    """Read the catalogue; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = 1")
        connection.execute("PRAGMA mmap_size = 268435456")
        return connection

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.inode == self._inode():
            return connection
        self.close()
        with self._trouble():
            connection = self._connect()
        connection.create_function("folded", 1, folded, deterministic=True)
        self._local.connection, self._local.inode = connection, self._inode()
        return connection

    def _inode(self) -> int:
        try:
            return os.stat(self.path).st_ino
        except FileNotFoundError:
            return 0

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Turn what SQLite says about the file into our errors; our own mistakes stay as they are."""
        try:
            yield
        except (sqlite3.DatabaseError, sqlite3.OperationalError) as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in DAMAGE:
                raise CatalogDamaged(str(self.path), str(error)) from error
            if code == sqlite3.SQLITE_FULL:
                raise DiskFull(str(self.path), "the disk is full") from error
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(str(self.path), str(error)) from error
            raise

    def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._trouble():
            rows: list[Row] = self._db.execute(sql, parameters).fetchall()
        return rows

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    # -- facts

    def version(self) -> int:
        """Return a number that changes whenever files, passages or vectors do; for every reader the same."""
        return int(self.meta("generation", "0"))

    def meta(self, key: str, default: str = "") -> str:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else default

    def coverage(self) -> Coverage:
        """Count what is indexed; a few milliseconds, so callers keep it for a second."""
        counts: dict[str, int] = {
            str(status): int(count)
            for status, count in self._rows("SELECT status, count(*) FROM files GROUP BY status")
        }
        passages = int(self._rows("SELECT count(*) FROM passages")[0][0])
        waiting = int(self._rows("SELECT count(*) FROM waiting JOIN passages USING (hash)")[0][0])
        alive = time.time() - float(self.meta("heartbeat", "0")) < HEARTBEAT_S
        return Coverage(
            files=sum(counts.values()),
            indexed=counts.get(FileStatus.INDEXED, 0),
            pending=counts.get(FileStatus.PENDING, 0),
            failed=counts.get(FileStatus.FAILED, 0),
            skipped=counts.get(FileStatus.SKIPPED, 0),
            passages=passages,
            embedded=passages - waiting,
            activity=self.meta("activity") if alive else "",
            current=self.meta("current") if alive else "",
        )

    # -- files

    def files(self, ids: Iterable[FileId]) -> dict[FileId, FileRow]:
        found: dict[FileId, FileRow] = {}
        for part in _batches(list(ids)):
            sql = f"SELECT {FILE_COLUMNS} FROM files WHERE id IN ({_marks(part)})"
            found.update((row.id, row) for row in map(_file, self._rows(sql, part)))
        return found

    def file_at(self, path: str) -> FileRow | None:
        rows = self._rows(f"SELECT {FILE_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),))
        return _file(rows[0]) if rows else None

    def matching(self, filters: Filters, *, limit: int = -1) -> list[FileRow]:
        """Return the files that pass the filters, newest first; `limit` -1 is all of them."""
        where, parameters = _where(filters)
        sql = f"SELECT {FILE_COLUMNS} FROM files WHERE {where} ORDER BY mtime_ns DESC, id LIMIT ?"
        return [_file(row) for row in self._rows(sql, (*parameters, limit))]

    def matching_ids(self, filters: Filters) -> set[FileId]:
        where, parameters = _where(filters)
        return {FileId(row[0]) for row in self._rows(f"SELECT id FROM files WHERE {where}", parameters)}

    def with_status(self, *statuses: FileStatus, limit: int = -1) -> list[FileRow]:
        """Return files by status, newest first."""
        sql = (
            f"SELECT {FILE_COLUMNS} FROM files WHERE status IN ({_marks(statuses)})"
            " ORDER BY mtime_ns DESC, id LIMIT ?"
        )
        return [_file(row) for row in self._rows(sql, (*statuses, limit))]

    # -- passages

    def passages(self, ids: Iterable[PassageId]) -> dict[PassageId, Passage]:
        found: dict[PassageId, Passage] = {}
        for part in _batches(list(ids)):
            sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN ({_marks(part)})"
            found.update((row.id, row) for row in map(_passage, self._rows(sql, part)))
        return found

    def passages_of(self, file: FileId) -> list[Passage]:
        """Return a file's passages in order; their texts joined by newlines are its text."""
        sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE file = ? ORDER BY ordinal"
        return [_passage(row) for row in self._rows(sql, (file,))]

    # -- words

    def match_passages(
        self, match: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[PassageId, FileId, float]]:
        """Return passages for an FTS5 expression over analysed words, best first.

        The score is BM25, higher is better.  Column weights: a heading counts twice.
        """
        sql = (
            "SELECT passages_fts.rowid, passages.file, -bm25(passages_fts, 1.0, 2.0) AS score"
            " FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid"
            " WHERE passages_fts MATCH ?{within} ORDER BY score DESC LIMIT ?"
        )
        return [
            (PassageId(p), FileId(f), s)
            for p, f, s in self._match(sql, match, "passages.file", limit, within)
        ]

    def match_names(
        self, match: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[FileId, float]]:
        """Return files whose name or title matches an FTS5 expression, best first."""
        sql = (
            "SELECT rowid, -bm25(names_fts, 2.0, 1.0) AS score FROM names_fts"
            " WHERE names_fts MATCH ?{within} ORDER BY score DESC LIMIT ?"
        )
        return [(FileId(f), s) for f, s in self._match(sql, match, "rowid", limit, within)]

    def _match(
        self, sql: str, match: str, column: str, limit: int, within: frozenset[FileId] | None
    ) -> list[Row]:
        if within is None:
            return self._rows(sql.format(within=""), (match, limit))
        chosen = f" AND {column} IN (SELECT value FROM json_each(?))"
        return self._rows(sql.format(within=chosen), (match, json.dumps(list(within)), limit))

    def document_frequency(self, word: str) -> int:
        """Return in how many passages an analysed word stands."""
        quoted = '"' + word.replace('"', '""') + '"'
        return int(
            self._rows("SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (quoted,))[0][0]
        )

    # -- vectors

    def vectors_after(self, last: VectorId, *, limit: int = -1) -> tuple[list[VectorId], Vectors]:
        """Return the vectors that are newer than `last`, oldest first."""
        rows = self._rows("SELECT id, value FROM vectors WHERE id > ? ORDER BY id LIMIT ?", (last, limit))
        ids = [VectorId(row[0]) for row in rows]
        values = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2")
        return ids, values.reshape(len(rows), -1).astype(np.float32) if rows else np.empty((0, 0), np.float32)

    def vector_count(self) -> tuple[int, VectorId]:
        """Return how many vectors there are and the newest id (0 if none)."""
        count, newest = self._rows("SELECT count(*), coalesce(max(id), 0) FROM vectors")[0]
        return int(count), VectorId(newest)

    def passages_with(self, vectors: Sequence[VectorId]) -> list[tuple[VectorId, PassageId, FileId]]:
        """Return the passages that have these vectors; one vector may stand for several."""
        found: list[tuple[VectorId, PassageId, FileId]] = []
        for part in _batches(vectors):
            sql = (
                "SELECT vectors.id, passages.id, passages.file FROM vectors"
                f" JOIN passages USING (hash) WHERE vectors.id IN ({_marks(part)})"
            )
            found += [(VectorId(v), PassageId(p), FileId(f)) for v, p, f in self._rows(sql, part)]
        return found

    def vectors_of(self, files: Iterable[FileId]) -> list[VectorId]:
        """Return the vectors of all passages of these files."""
        sql = (
            "SELECT DISTINCT vectors.id FROM passages JOIN vectors USING (hash)"
            " WHERE file IN (SELECT value FROM json_each(?))"
        )
        return [VectorId(row[0]) for row in self._rows(sql, (json.dumps(list(files)),))]


class CatalogWriter(Catalog):
    """The one writer; create the schema if the file is new.  Use from one thread."""

    def __init__(self, path: Path, *, embedder: str = "", dimension: int = 0) -> None:
        """Open for writing; a `dimension` of 0 is learned from the first vectors.

        Raises CatalogDamaged where the file is corrupt or was made by another version: it is
        derived, so the caller sets it aside and opens anew.
        """
        super().__init__(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._trouble():
            self._prepare()
            self._check_versions(embedder, dimension)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_size_limit = 67108864")  # what a large file leaves is given back
        connection.execute("PRAGMA foreign_keys = 1")
        return connection

    def _prepare(self) -> None:
        """Create the schema in a new file; inside one transaction, as `create` may run beside us."""
        with self.transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise CatalogDamaged(str(self.path), f"its schema is version {version}, not {SCHEMA_VERSION}")
            if version == SCHEMA_VERSION:
                return
            for statement in _statements(
                resources.files(__package__).joinpath("catalog.sql").read_text("utf-8")
            ):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self.set_meta("analysis", str(ANALYSIS_VERSION))

    def _check_versions(self, embedder: str, dimension: int) -> None:
        """See that words and vectors are of the kind that readers will look for."""
        if self.meta("analysis") != str(ANALYSIS_VERSION):
            raise CatalogDamaged(str(self.path), "its words were analysed by another version of semfs")
        if embedder and self.meta("embedder") != embedder:
            with self.transaction():
                self.forget_vectors()
                self.set_meta("embedder", embedder)
        if dimension:
            with self.transaction():
                self._check_dimension(dimension)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside as one, or nothing of it; not to be nested."""
        with self._trouble():
            self._db.execute("BEGIN IMMEDIATE")
            before = self._db.total_changes
            try:
                yield
                if self._db.total_changes != before:
                    self.set_meta("generation", str(self.version() + 1))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    self._db.execute("ROLLBACK")
                raise

    def check(self) -> None:
        """Raise CatalogDamaged if SQLite finds the file corrupt (`PRAGMA quick_check`)."""
        result = self._rows("PRAGMA quick_check(1)")[0][0]
        if result != "ok":
            raise CatalogDamaged(str(self.path), str(result))

    def set_meta(self, key: str, value: str) -> None:
        with self._trouble():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def beat(self, activity: str, current: str = "") -> None:
        """Say what ingest does now; outside a transaction."""
        rows = (("activity", activity), ("current", shown(current)), ("heartbeat", str(time.time())))
        with self._trouble():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?), (?, ?), (?, ?)", sum(rows, ()))

    # -- files (call inside a transaction)

    def states(self, below: str = "") -> dict[str, tuple[FileId, FileState]]:
        """Return the known files by path: all of them, or `below` itself and what is below it."""
        sql = "SELECT id, path, device, inode, size, mtime_ns, ctime_ns FROM files"
        parameters: tuple[bytes, ...] = ()
        if below:
            top = os.fsencode(below).rstrip(b"/")
            sql += " WHERE path = ? OR path > ? AND path < ?"
            parameters = (top, top + b"/", top + b"0")  # "0" comes after "/"
        return {state.path: (id, state) for id, state in map(_state, self._rows(sql, parameters))}

    def pending(self, limit: int) -> list[Pending]:
        """Return files that wait to be read, newest first."""
        sql = (
            "SELECT id, path, device, inode, size, mtime_ns, ctime_ns, hash, tries FROM files"
            " WHERE status = ? ORDER BY mtime_ns DESC LIMIT ?"
        )
        rows = self._rows(sql, (FileStatus.PENDING, limit))
        return [Pending(*_state(row[:7]), hash=row[7], tries=row[8]) for row in rows]

    def add(self, state: FileState, kind: Kind) -> FileId:
        """Add a file to be read."""
        path = os.fsencode(state.path)
        cursor = self._db.execute(
            "INSERT INTO files (path, device, inode, size, mtime_ns, ctime_ns, kind, suffix, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                path,
                state.device,
                state.inode,
                state.size,
                state.mtime_ns,
                state.ctime_ns,
                kind,
                _suffix(state.path),
                FileStatus.PENDING,
            ),
        )
        id = FileId(cursor.lastrowid or 0)
        self._name(id, state.path, "")
        return id

    def touch(self, id: FileId, state: FileState, kind: Kind, *, changed: bool) -> None:
        """Note a new state; `changed` sends the file to be read again, its old text stays until then."""
        row = self.files([id])[id]
        if row.path != state.path:
            self._unname(row)
            self._name(id, state.path, row.title)
        if os.path.splitext(row.path)[1] == os.path.splitext(state.path)[1]:
            kind = row.kind  # the content said so, the name says less
        self._db.execute(
            "UPDATE files SET path = ?, device = ?, inode = ?, size = ?, mtime_ns = ?, ctime_ns = ?,"
            " kind = ?, suffix = ? WHERE id = ?",
            (
                os.fsencode(state.path),
                state.device,
                state.inode,
                state.size,
                state.mtime_ns,
                state.ctime_ns,
                kind,
                _suffix(state.path),
                id,
            ),
        )
        if changed:
            self._db.execute(
                "UPDATE files SET status = ?, reason = '', tries = 0 WHERE id = ?", (FileStatus.PENDING, id)
            )

    def remove(self, id: FileId) -> None:
        """Forget a file and its passages; vectors without passages go with `sweep`."""
        row = self.files([id]).get(id)
        if row is None:
            return
        self._clear(id)
        self._unname(row)
        self._db.execute("DELETE FROM files WHERE id = ?", (id,))

    def begin(self, ids: Sequence[FileId]) -> None:
        """Count a try for files whose reading starts, so that one that kills its reader is noticed."""
        for part in _batches(ids):
            self._db.execute(f"UPDATE files SET tries = tries + 1 WHERE id IN ({_marks(part)})", part)

    def release(self, ids: Sequence[FileId]) -> None:
        """Take back the try of files whose reading was stopped through no fault of theirs."""
        for part in _batches(ids):
            self._db.execute(f"UPDATE files SET tries = max(tries - 1, 0) WHERE id IN ({_marks(part)})", part)

    def read_again(self, *statuses: FileStatus) -> int:
        """Send the files of a status to be read again, as when limits or indexers have changed."""
        sql = f"UPDATE files SET status = ?, reason = '', tries = 0 WHERE status IN ({_marks(statuses)})"
        return self._db.execute(sql, (FileStatus.PENDING, *statuses)).rowcount

    def store(
        self,
        id: FileId,
        hash: bytes,
        document: Document,
        chunks: Sequence[Chunk],
        *,
        kind: Kind | None = None,
        terms: Sequence[Terms] | None = None,
        reason: str = "",
    ) -> None:
        """Put a file's text in the place of what was there; its words can be found at once.

        `terms` are the analysed words of each chunk, for a caller who has them already;
        `kind` is what the content showed; `reason` says what was left out, if anything was.
        """
        row = self.files([id])[id]
        self._clear(id)
        terms = terms or [(analyse(chunk.text), analyse(chunk.heading)) for chunk in chunks]
        for ordinal, (chunk, words) in enumerate(zip(chunks, terms, strict=True)):
            cursor = self._db.execute(
                "INSERT INTO passages (file, ordinal, text, heading, page, line, hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    id,
                    ordinal,
                    chunk.text,
                    chunk.heading,
                    chunk.page,
                    chunk.line,
                    content_hash(chunk.heading, chunk.text),
                ),
            )
            self._db.execute(
                "INSERT INTO passages_fts (rowid, text, heading) VALUES (?, ?, ?)", (cursor.lastrowid, *words)
            )
        self._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED} AND files.id = ?", (id,))
        self._unname(row)
        self._db.execute(
            "UPDATE files SET status = ?, reason = ?, hash = ?, title = ?, author = ?, created = ?,"
            " language = ?, kind = ?, tries = 0 WHERE id = ?",
            (
                FileStatus.INDEXED,
                reason,
                hash,
                document.title,
                document.author,
                document.created,
                document.language,
                kind or row.kind,
                id,
            ),
        )
        self._name(id, row.path, document.title)

    def keep(self, id: FileId) -> None:
        """Mark a file read whose content is what its passages come from."""
        self._db.execute("UPDATE files SET status = ?, tries = 0 WHERE id = ?", (FileStatus.INDEXED, id))

    def fail(self, id: FileId, status: FileStatus, reason: str, *, kind: Kind | None = None) -> None:
        """Mark a file FAILED or SKIPPED; its old text goes, its name can still be found."""
        row = self.files([id])[id]
        self._clear(id)
        self._db.execute(
            "UPDATE files SET status = ?, reason = ?, hash = x'', kind = ?, tries = 0 WHERE id = ?",
            (status, reason, kind or row.kind, id),
        )

    def _clear(self, id: FileId) -> None:
        for passage in self.passages_of(id):
            self._db.execute(
                "INSERT INTO passages_fts (passages_fts, rowid, text, heading) VALUES ('delete', ?, ?, ?)",
                (passage.id, analyse(passage.text), analyse(passage.heading)),
            )
        self._db.execute("DELETE FROM passages WHERE file = ?", (id,))

    def _name(self, id: FileId, path: str, title: str) -> None:
        self._db.execute(
            "INSERT INTO names_fts (rowid, name, title) VALUES (?, ?, ?)",
            (id, analyse_name(os.path.basename(path)), analyse(title)),
        )

    def _unname(self, row: FileRow) -> None:
        self._db.execute(
            "INSERT INTO names_fts (names_fts, rowid, name, title) VALUES ('delete', ?, ?, ?)",
            (row.id, analyse_name(os.path.basename(row.path)), analyse(row.title)),
        )

    # -- vectors

    def unembedded(self, limit: int) -> list[tuple[bytes, str, str]]:
        """Return (hash, heading, text) of passages without a vector, those of the newest files first."""
        sql = (
            "SELECT waiting.hash, heading, text FROM waiting JOIN passages ON passages.id ="
            " (SELECT min(id) FROM passages WHERE passages.hash = waiting.hash)"
            " ORDER BY waiting.mtime_ns DESC LIMIT ?"
        )
        return [(h, heading, text) for h, heading, text in self._rows(sql, (limit,))]

    def add_vectors(self, hashes: Sequence[bytes], values: Vectors) -> None:
        """Store vectors, one row of `values` a hash; those already there are left."""
        self._check_dimension(values.shape[1])
        halves = values.astype("<f2")
        self._db.executemany(
            "INSERT OR IGNORE INTO vectors (hash, value) VALUES (?, ?)",
            [(hash, row.tobytes()) for hash, row in zip(hashes, halves, strict=True)],
        )
        self._db.executemany("DELETE FROM waiting WHERE hash = ?", [(hash,) for hash in hashes])

    def _check_dimension(self, dimension: int) -> None:
        """Note how long vectors are; those of another length go."""
        if self.meta("dimension") != str(dimension):
            self.forget_vectors()
            self.set_meta("dimension", str(dimension))

    def forget_vectors(self) -> None:
        """Delete all vectors and let every passage wait for a new one."""
        self._db.execute("DELETE FROM vectors")
        self._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED}")

    def sweep(self) -> int:
        """Delete vectors that no passage has any more; return how many."""
        self._db.execute("DELETE FROM waiting WHERE hash NOT IN (SELECT hash FROM passages)")
        return self._db.execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)").rowcount


def folded(path: bytes | str) -> str:
    """Return a path as it is compared where case and composition do not count."""
    return unicodedata.normalize("NFC", shown(os.fsdecode(path))).casefold()


def _statements(script: str) -> Iterator[str]:
    """Split SQL at the ends of statements."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _state(row: Row) -> tuple[FileId, FileState]:
    return FileId(row[0]), FileState(os.fsdecode(row[1]), *row[2:7])


def _file(row: Row) -> FileRow:
    id, path, kind, size, mtime_ns, status, *rest = row
    return FileRow(FileId(id), os.fsdecode(path), Kind(kind), size, mtime_ns / 1e9, FileStatus(status), *rest)


def _passage(row: Row) -> Passage:
    id, file, *rest = row
    return Passage(PassageId(id), FileId(file), *rest)


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower().encode("utf-8", "replace").decode()


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def _where(filters: Filters) -> tuple[str, list[object]]:
    """Return an SQL condition on `files` and its parameters."""
    terms: list[str] = ["1"]
    parameters: list[object] = []
    if filters.kinds or filters.suffixes:
        kinds, suffixes = sorted(filters.kinds), sorted(filters.suffixes)
        terms.append(f"(kind IN ({_marks(kinds)}) OR suffix IN ({_marks(suffixes)}))")
        parameters += [*kinds, *suffixes]
    if filters.folder:
        terms.append("instr(folded(path), ?) > 0")
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
    return " AND ".join(terms), parameters
