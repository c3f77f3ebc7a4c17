"""Reading the catalogue.

A `Catalog` may be used from any thread of any process, with one connection a thread; a
connection to a catalogue that was set aside meanwhile is replaced by one to its successor.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from semfs.errors import CatalogDamaged, DiskFull, StoreError
from semfs.model import Coverage, FileId, FileRow, FileStatus, Filters, Passage, PassageId, Progress, VectorId
from semfs.store.analysis import quoted
from semfs.store.rows import (
    BATCH,
    FILE_COLUMNS,
    PASSAGE_COLUMNS,
    Row,
    Vectors,
    batches,
    file_of,
    is_named,
    marks,
    passage_of,
    where_of,
)
from semfs.store.words import WordIndex

HEARTBEAT_S = 15.0  # an activity older than this belongs to an ingest process that died
# A language is looked for if so many files are in it, or such a share of those whose language is known.
_ENOUGH, _SHARE = 20, 0.01
_MOST_LANGUAGES = 8  # each costs a form of every word
_NAMED = "SELECT rowid FROM names_fts WHERE names_fts MATCH ? LIMIT ?"
COUNTED = 1000  # rows that are joined each second, to be exact
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def suspicion(path: Path) -> Path:
    """Return the file in which readers say that a catalogue is damaged."""
    return path.with_name(f"{path.name}.suspect")


class Catalog:
    """Read the catalogue; safe to use from many threads."""

    common_names = 10_000  # that have a word and are still ranked, in 7 ms; of more some are taken

    def __init__(self, path: Path) -> None:
        self.path = path
        self._words = WordIndex(path.with_name("words"))
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = 1")
        return connection

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.inode == self._inode():
            return connection
        self.close()
        with self._trouble():
            connection = self._connect()
        connection.create_function("is_named", 2, is_named, deterministic=True)
        self._local.connection, self._local.inode = connection, self._inode()
        return connection

    def _inode(self) -> int:
        """Return which file it is, 0 if there is none or an empty one, whose log SQLite ignores."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return 0
        return found.st_ino if found.st_size else 0

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Turn what SQLite says about the file into our errors; our own mistakes stay as they are."""
        try:
            yield
        except (sqlite3.DatabaseError, sqlite3.OperationalError) as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in DAMAGE:
                self._tell_damage()
                raise CatalogDamaged(str(self.path), str(error)) from error
            if code == sqlite3.SQLITE_FULL:
                raise DiskFull(str(self.path), "the disk is full") from error
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(str(self.path), str(error)) from error
            raise

    def _tell_damage(self) -> None:
        """Leave word for the ingest process, which may never meet the page; of this inode alone."""
        with suppress(OSError):
            suspicion(self.path).write_text(str(getattr(self._local, "inode", 0) or self._inode()), "ascii")

    def suspected(self) -> bool:
        """Return whether a reader has found this catalogue to be damaged."""
        try:
            return suspicion(self.path).read_text("ascii") == str(self._inode())
        except (OSError, ValueError):
            return False

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

    def identity(self) -> str:
        """Return what no other catalogue has, so that caches know theirs."""
        return self.meta("identity")

    def meta(self, key: str, default: str = "") -> str:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else default

    def passage_count(self) -> int:
        return self._counts("passages")["passages"]

    def _whole(self) -> tuple[str, int]:
        return self.identity(), self.passage_count()

    def _counts(self, *what: str) -> dict[str, int]:
        found = self._rows(f"SELECT what, value FROM counts WHERE what IN ({marks(what)})", what)
        return dict.fromkeys(what, 0) | {str(name): int(value) for name, value in found}

    def sources(self) -> tuple[str, ...]:
        """Return the source folders, absolute and without links."""
        return tuple(json.loads(self.meta("sources", "[]")))

    def coverage(self) -> Coverage:
        """Say how much is indexed."""
        status = {status: f"status:{status}" for status in FileStatus}
        counts = self._counts("passages", "waiting", "embedded", "scans", "scanned", *status.values())
        files = {status: counts[what] for status, what in status.items()}
        passages = counts["passages"]
        alive = abs(time.time() - float(self.meta("heartbeat", "0"))) < HEARTBEAT_S
        return Coverage(
            files=sum(files.values()),
            indexed=files[FileStatus.INDEXED],
            pending=files[FileStatus.PENDING],
            failed=files[FileStatus.FAILED],
            skipped=files[FileStatus.SKIPPED],
            passages=passages,
            embedded=max(passages - self._waiting(counts["waiting"]), 0),
            activity=self.meta("activity") if alive else "",
            current=self.meta("current") if alive else "",
            meaning=counts["embedded"],
            scans=counts["scans"] if self.meta("ocr") else 0,
            scanned=counts["scanned"],
            progress=self._progress() if alive else Progress(),
        )

    def _progress(self) -> Progress:
        return Progress(**json.loads(self.meta("progress", "{}")))

    def _waiting(self, hashes: int) -> int:
        """Return how many passages have no vector; of very many that wait, equal ones count once."""
        if not hashes or hashes > COUNTED:
            return hashes
        # Not the other way round: the passages may be a million.
        return int(self._rows("SELECT count(*) FROM waiting CROSS JOIN passages USING (hash)")[0][0])

    # -- files

    def files(self, ids: Iterable[FileId]) -> dict[FileId, FileRow]:
        found: dict[FileId, FileRow] = {}
        for part in batches(list(ids)):
            sql = f"SELECT {FILE_COLUMNS} FROM files WHERE id IN ({marks(part)})"
            found.update((row.id, row) for row in map(file_of, self._rows(sql, part)))
        return found

    def file_at(self, path: str) -> FileRow | None:
        rows = self._rows(f"SELECT {FILE_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),))
        return file_of(rows[0]) if rows else None

    def with_content(self, hashes: Iterable[bytes]) -> list[FileRow]:
        """Return the files that have one of these contents; looks at every file."""
        wanted = list(hashes)
        sql = f"SELECT {FILE_COLUMNS} FROM files WHERE hash IN ({marks(wanted[:BATCH])}) ORDER BY id"
        return [file_of(row) for row in self._rows(sql, wanted[:BATCH])]

    def is_folder(self, path: str) -> bool:
        """Say whether a file is known below this path."""
        top = os.fsencode(path).rstrip(b"/")
        sql = "SELECT 1 FROM files WHERE path > ? AND path < ? LIMIT 1"
        return bool(self._rows(sql, (top + b"/", top + b"0")))  # "0" comes after "/"

    def matching(self, filters: Filters, *, limit: int = -1) -> list[FileRow]:
        """Return the files that pass the filters, newest first; `limit` -1 is all of them."""
        where, parameters = where_of(filters)
        sql = f"SELECT {FILE_COLUMNS} FROM files WHERE {where} ORDER BY mtime_ns DESC, id LIMIT ?"
        return [file_of(row) for row in self._rows(sql, (*parameters, limit))]

    def matching_ids(self, filters: Filters) -> set[FileId]:
        where, parameters = where_of(filters)
        return {FileId(row[0]) for row in self._rows(f"SELECT id FROM files WHERE {where}", parameters)}

    def any_passes(self, filters: Filters) -> bool:
        where, parameters = where_of(filters)
        return bool(self._rows(f"SELECT 1 FROM files WHERE {where} LIMIT 1", parameters))

    def any_author(self, name: str) -> bool:
        """Say whether some author or sender has all words of this name."""
        authors = "SELECT DISTINCT author FROM files WHERE author <> ''"
        return bool(self._rows(f"SELECT 1 FROM ({authors}) WHERE is_named(author, ?) LIMIT 1", (name,)))

    def any_recipient(self, name: str) -> bool:
        """Say whether some mail was sent to somebody who has all words of this name."""
        recipients = "SELECT DISTINCT recipients FROM files WHERE recipients <> ''"
        return bool(
            self._rows(f"SELECT 1 FROM ({recipients}) WHERE is_named(recipients, ?) LIMIT 1", (name,))
        )

    def troubles(self) -> list[FileRow]:
        """Return the files that could not be read, or not all of them, newest first."""
        partly = f"SELECT {FILE_COLUMNS} FROM files WHERE status = 'indexed' AND reason <> ''"
        rows = [*self.with_status(FileStatus.FAILED), *map(file_of, self._rows(partly))]
        return sorted(rows, key=lambda row: -row.mtime)

    def with_status(self, *statuses: FileStatus, limit: int = -1) -> list[FileRow]:
        """Return files by status, newest first."""
        sql = (
            f"SELECT {FILE_COLUMNS} FROM files WHERE status IN ({marks(statuses)})"
            " ORDER BY mtime_ns DESC, id LIMIT ?"
        )
        return [file_of(row) for row in self._rows(sql, (*statuses, limit))]

    # -- passages

    def passages(self, ids: Iterable[PassageId]) -> dict[PassageId, Passage]:
        found: dict[PassageId, Passage] = {}
        for part in batches(list(ids)):
            sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN ({marks(part)})"
            found.update((row.id, row) for row in map(passage_of, self._rows(sql, part)))
        return found

    def passages_of(self, file: FileId) -> list[Passage]:
        """Return a file's passages in order; their texts joined by newlines are its text."""
        sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE file = ? ORDER BY ordinal"
        return [passage_of(row) for row in self._rows(sql, (file,))]

    def passage_counts(self, files: Iterable[FileId]) -> dict[FileId, int]:
        """Return how many passages each of these files has."""
        sql = (
            "SELECT file, count(*) FROM passages WHERE file IN (SELECT value FROM json_each(?)) GROUP BY file"
        )
        return {FileId(file): int(count) for file, count in self._rows(sql, (json.dumps(list(files)),))}

    # -- words

    def match_passages(
        self, match: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[PassageId, FileId, float]]:
        """Return passages for an FTS5 expression over analysed words, best first.

        The score is BM25, higher is better.  Column weights: a heading counts twice.
        """
        rows = self._words.match(match, limit=limit, within=within, of=self._whole)
        if rows is not None:
            return rows
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
        if limit < 0 or within is not None:
            # With "+" FTS5 is not asked once for each file of `within`.
            return [(FileId(f), s) for f, s in self._match(sql, match, "+rowid", limit, within)]
        few, many = self._by_frequency(match)
        rows = self._match(sql, few, "", limit, None) if few else []
        if many and len(rows) < limit:
            there = {row[0] for row in rows}
            rows += [(id, 0.0) for (id,) in self._rows(_NAMED, (many, limit)) if id not in there]
        return [(FileId(f), s) for f, s in rows[:limit]]

    def _by_frequency(self, match: str) -> tuple[str, str]:
        """Part the words that very many names have from the others: those take too long to rank."""
        parts = match.split(" OR ")
        most = self.common_names
        many = [part for part in parts if len(self._rows(_NAMED, (part, most))) == most]
        return " OR ".join(part for part in parts if part not in many), " OR ".join(many)

    def _match(
        self, sql: str, match: str, column: str, limit: int, within: frozenset[FileId] | None
    ) -> list[Row]:
        if within is None:
            return self._rows(sql.format(within=""), (match, limit))
        chosen = f" AND {column} IN (SELECT value FROM json_each(?))"
        return self._rows(sql.format(within=chosen), (match, json.dumps(list(within)), limit))

    def document_frequency(self, word: str) -> int:
        """Return in how many passages an analysed word stands."""
        known = self._words.frequency(word, of=self._whole)
        if known is not None:
            return known
        sql = "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?"
        return int(self._rows(sql, (quoted(word),))[0][0])

    def languages(self) -> dict[str, int]:
        """Return how many files each language has that has more than stray ones, the most frequent first."""
        rows = self._rows(
            "SELECT substr(what, 10), value FROM counts WHERE what > 'language:' AND what < 'language;'"
        )
        counts: list[tuple[str, int]] = sorted(rows, key=lambda row: (-row[1], row[0]))
        enough = min(_ENOUGH, _SHARE * sum(count for _, count in counts))
        return {language: count for language, count in counts[:_MOST_LANGUAGES] if count >= enough}

    def in_other_language(self, language: str, files: Iterable[FileId]) -> set[FileId]:
        """Return which of the files are known to be in another language."""
        sql = "SELECT id FROM files WHERE language NOT IN ('', ?) AND id IN (SELECT value FROM json_each(?))"
        return {FileId(row[0]) for row in self._rows(sql, (language, json.dumps(list(files))))}

    # -- vectors

    def vectors_after(self, last: VectorId, *, limit: int = -1) -> tuple[list[VectorId], Vectors]:
        """Return the vectors that are newer than `last`, oldest first."""
        rows = self._rows("SELECT id, value FROM vectors WHERE id > ? ORDER BY id LIMIT ?", (last, limit))
        ids = [VectorId(row[0]) for row in rows]
        return ids, _vectors([row[1] for row in rows]) if rows else np.empty((0, 0), np.float32)

    def vector_count(self) -> tuple[int, VectorId]:
        """Return how many vectors there are and the newest id (0 if none)."""
        newest = self._rows("SELECT coalesce(max(id), 0) FROM vectors")[0][0]
        return self._counts("vectors")["vectors"], VectorId(newest)

    def passages_with(self, vectors: Sequence[VectorId]) -> list[tuple[VectorId, PassageId, FileId]]:
        """Return the passages that have these vectors; one vector may stand for several.

        By the index, as the rows are pages of values: 3 ms in the place of 13 for 400 of a million.
        """
        found: list[tuple[VectorId, PassageId, FileId]] = []
        for part in batches(vectors):
            sql = (
                "SELECT vectors.id, passages.id, passages.file FROM vectors INDEXED BY vectors_hashes"
                f" JOIN passages USING (hash) WHERE vectors.id IN ({marks(part)})"
            )
            found += [(VectorId(v), PassageId(p), FileId(f)) for v, p, f in self._rows(sql, part)]
        return found

    def vectors_by_passage(self, passages: Iterable[PassageId]) -> dict[PassageId, Vectors]:
        """Return the vectors of passages that have one."""
        found: dict[PassageId, Vectors] = {}
        for part in batches(list(passages)):
            sql = (
                "SELECT passages.id, vectors.value FROM passages JOIN vectors USING (hash)"
                f" WHERE passages.id IN ({marks(part)})"
            )
            for id, value in self._rows(sql, part):
                found[PassageId(id)] = np.frombuffer(value, dtype="<f2").astype(np.float32)
        return found

    def vectors_of(self, files: Iterable[FileId]) -> list[VectorId]:
        """Return the vectors of all passages of these files."""
        sql = (
            "SELECT DISTINCT vectors.id FROM passages JOIN vectors USING (hash)"
            " WHERE file IN (SELECT value FROM json_each(?))"
        )
        return [VectorId(row[0]) for row in self._rows(sql, (json.dumps(list(files)),))]

    def file_vectors(
        self, files: Iterable[FileId], *, most: int
    ) -> dict[FileId, tuple[list[PassageId], Vectors]]:
        """Return passages with their vectors by file: up to `most` of each, evenly spread over it."""
        sql = (
            "WITH chosen AS (SELECT file, count(*) AS length FROM passages"
            " WHERE file IN (SELECT value FROM json_each(?)) GROUP BY file)"
            " SELECT passages.file, passages.id, vectors.value FROM chosen JOIN passages USING (file)"
            " JOIN vectors USING (hash) WHERE ordinal % ((length + ?) / ?) = 0 ORDER BY ordinal"
        )
        rows: dict[FileId, list[tuple[PassageId, bytes]]] = {}
        for file, passage, value in self._rows(sql, (json.dumps(list(files)), most - 1, most)):
            rows.setdefault(FileId(file), []).append((PassageId(passage), value))
        return {
            file: ([passage for passage, _ in found], _vectors([value for _, value in found]))
            for file, found in rows.items()
        }


def _vectors(values: Sequence[bytes]) -> Vectors:
    """Return vectors as they are stored, one a row."""
    return np.frombuffer(b"".join(values), dtype="<f2").reshape(len(values), -1).astype(np.float32)
