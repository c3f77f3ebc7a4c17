"""The catalogue: files, passages, full text and vectors in one SQLite database.

Owns `catalog.db`.  `CatalogWriter` belongs to the ingest process and to one thread of it;
`Catalog` reads, from any thread of any process, with one connection a thread.  A server
database could stand in this module's place: nothing outside it writes SQL on the catalogue.
"""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from semfs.errors import CatalogDamaged, StoreError
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
)
from semfs.store.analysis import VERSION as ANALYSIS_VERSION
from semfs.store.analysis import analyse, analyse_name

SCHEMA_VERSION = 1
BATCH = 900  # below SQLite's oldest limit of 999 parameters
HEARTBEAT_S = 15.0  # an activity older than this belongs to an ingest process that died
FILE_COLUMNS = "id, path, kind, size, mtime_ns, status, hash, title, author, created, language, reason"
PASSAGE_COLUMNS = "id, file, ordinal, text, heading, page, line"

T = TypeVar("T")
Row = tuple[Any, ...]
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
        return cls(path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


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
        if connection is None:
            with self._trouble():
                connection = self._local.connection = self._connect()
        return connection

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(
                error, sqlite3.OperationalError
            )
            raise (CatalogDamaged if damaged else StoreError)(str(self.path), str(error)) from error

    def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._trouble():
            return self._db.execute(sql, parameters).fetchall()  # type: ignore[arg-type]

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    # -- facts

    def version(self) -> int:
        """Return a number that changes whenever another process has committed."""
        return int(self._rows("PRAGMA data_version")[0][0])

    def meta(self, key: str, default: str = "") -> str:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else default

    def coverage(self) -> Coverage:
        """Count what is indexed; a few milliseconds, so callers keep it for a second."""
        counts = dict(self._rows("SELECT status, count(*) FROM files GROUP BY status"))
        passages = self._rows("SELECT count(*) FROM passages")[0][0]
        waiting = self._rows("SELECT count(*) FROM passages WHERE hash NOT IN (SELECT hash FROM vectors)")[0][
            0
        ]
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
        ids = ",".join(str(int(id)) for id in within)  # integers, so safe to paste; no limit on their number
        return self._rows(sql.format(within=f" AND {column} IN ({ids})"), (match, limit))

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
        ids = ",".join(str(int(id)) for id in files)
        sql = f"SELECT DISTINCT vectors.id FROM passages JOIN vectors USING (hash) WHERE file IN ({ids})"
        return [VectorId(row[0]) for row in self._rows(sql)]


class CatalogWriter(Catalog):
    """The one writer; create the schema if the file is new.  Use from one thread."""

    def __init__(self, path: Path, *, embedder: str, dimension: int) -> None:
        super().__init__(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._trouble():
            self._prepare(embedder, dimension)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = 1")
        return connection

    def _prepare(self, embedder: str, dimension: int) -> None:
        """Create what is missing; another schema, analysis or embedder means building again."""
        wanted = {"analysis": str(ANALYSIS_VERSION), "embedder": embedder, "dimension": str(dimension)}
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise CatalogDamaged(str(self.path), f"its schema is version {version}, not {SCHEMA_VERSION}")
        if version == 0:
            schema = resources.files(__package__).joinpath("catalog.sql").read_text("utf-8")
            self._db.executescript(f"BEGIN; {schema} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        with self.transaction():
            before = dict(self._db.execute("SELECT key, value FROM meta"))
            if before and before.get("analysis") != wanted["analysis"]:
                raise CatalogDamaged(str(self.path), "its words were analysed by another version")
            if before and any(before.get(key) != wanted[key] for key in ("embedder", "dimension")):
                self._db.execute("DELETE FROM vectors")
            for key, value in wanted.items():
                self.set_meta(key, value)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside as one, or nothing of it."""
        with self._trouble():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def check(self) -> None:
        """Raise CatalogDamaged if SQLite finds the file corrupt (`PRAGMA quick_check`)."""
        result = self._rows("PRAGMA quick_check(1)")[0][0]
        if result != "ok":
            raise CatalogDamaged(str(self.path), str(result))

    def set_meta(self, key: str, value: str) -> None:
        with self._trouble():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def beat(self, activity: str, current: str = "") -> None:
        """Say what ingest does now."""
        with self.transaction():
            for key, value in (("activity", activity), ("current", current), ("heartbeat", str(time.time()))):
                self.set_meta(key, value)

    # -- files (call inside a transaction)

    def states(self) -> dict[bytes, tuple[FileId, FileState]]:
        """Return every known file by its path in bytes."""
        sql = "SELECT id, path, device, inode, size, mtime_ns, ctime_ns FROM files"
        return {row[1]: (FileId(row[0]), FileState(os.fsdecode(row[1]), *row[2:])) for row in self._rows(sql)}

    def add(self, state: FileState, kind: Kind) -> FileId:
        """Add a file to be read."""
        path = os.fsencode(state.path)
        cursor = self._db.execute(
            "INSERT INTO files (path, device, inode, size, mtime_ns, ctime_ns, kind, suffix, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (path, state.device, state.inode, state.size, state.mtime_ns, state.ctime_ns)
            + (kind, _suffix(state.path), FileStatus.PENDING),
        )
        id = FileId(cursor.lastrowid or 0)
        self._name(id, state.path, "")
        return id

    def touch(self, id: FileId, state: FileState, kind: Kind, *, changed: bool) -> None:
        """Note a new state; `changed` sends the file to be read again, its old text stays until then."""
        row = self.files([id])[id]
        self._unname(row)
        self._db.execute(
            "UPDATE files SET path = ?, device = ?, inode = ?, size = ?, mtime_ns = ?, ctime_ns = ?,"
            " kind = ?, suffix = ? WHERE id = ?",
            (os.fsencode(state.path), state.device, state.inode, state.size, state.mtime_ns)
            + (state.ctime_ns, kind, _suffix(state.path), id),
        )
        if changed:
            self._db.execute(
                "UPDATE files SET status = ?, reason = '', tries = 0 WHERE id = ?", (FileStatus.PENDING, id)
            )
        self._name(id, state.path, row.title)

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

    def tries(self, id: FileId) -> int:
        rows = self._rows("SELECT tries FROM files WHERE id = ?", (id,))
        return int(rows[0][0]) if rows else 0

    def store(self, id: FileId, hash: bytes, document: Document, chunks: Sequence[Chunk]) -> None:
        """Put a file's text in the place of what was there; its words can be found at once."""
        row = self.files([id])[id]
        self._clear(id)
        for ordinal, chunk in enumerate(chunks):
            cursor = self._db.execute(
                "INSERT INTO passages (file, ordinal, text, heading, page, line, hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (id, ordinal, chunk.text, chunk.heading, chunk.page, chunk.line)
                + (content_hash(chunk.heading, chunk.text),),
            )
            self._db.execute(
                "INSERT INTO passages_fts (rowid, text, heading) VALUES (?, ?, ?)",
                (cursor.lastrowid, analyse(chunk.text), analyse(chunk.heading)),
            )
        self._unname(row)
        self._db.execute(
            "UPDATE files SET status = ?, reason = '', hash = ?, title = ?, author = ?, created = ?,"
            " language = ?, tries = 0 WHERE id = ?",
            (FileStatus.INDEXED, hash, document.title, document.author, document.created)
            + (document.language, id),
        )
        self._name(id, row.path, document.title)

    def fail(self, id: FileId, status: FileStatus, reason: str, *, hash: bytes = b"") -> None:
        """Mark a file FAILED or SKIPPED; its old text goes, its name can still be found."""
        self._clear(id)
        self._db.execute(
            "UPDATE files SET status = ?, reason = ?, hash = ?, tries = 0 WHERE id = ?",
            (status, reason, hash, id),
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
            "SELECT passages.hash, heading, text FROM passages JOIN files ON files.id = passages.file"
            " WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = passages.hash)"
            " GROUP BY passages.hash ORDER BY max(files.mtime_ns) DESC LIMIT ?"
        )
        return [(h, heading, text) for h, heading, text in self._rows(sql, (limit,))]

    def add_vectors(self, hashes: Sequence[bytes], values: Vectors) -> None:
        """Store vectors, one row of `values` a hash; those already there are left."""
        halves = values.astype("<f2")
        self._db.executemany(
            "INSERT OR IGNORE INTO vectors (hash, value) VALUES (?, ?)",
            [(hash, row.tobytes()) for hash, row in zip(hashes, halves, strict=True)],
        )

    def sweep(self) -> int:
        """Delete vectors that no passage has any more; return how many."""
        return self._db.execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)").rowcount


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
        terms.append("instr(lower(CAST(path AS TEXT)), ?) > 0")
        parameters.append(f"/{filters.folder.strip('/').lower()}/")
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
