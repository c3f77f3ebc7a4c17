"""The catalogue: files, passages, full text and vectors in one SQLite database.

Owns `catalog.db`.  `CatalogWriter` belongs to the ingest process and to one thread of it;
`Catalog`, in `reader`, reads.  A server database could stand in the place of the two: nothing
outside them writes SQL on the catalogue.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib import resources
from pathlib import Path

from semfs.errors import CatalogDamaged, StoreError
from semfs.model import Chunk, Document, FileId, FileRow, FileStatus, Kind, PassageId, Progress, shown
from semfs.store.analysis import VERSION as ANALYSIS_VERSION
from semfs.store.analysis import analyse, analyse_name
from semfs.store.fulltext import FullText
from semfs.store.reader import Catalog
from semfs.store.rows import (
    STATE_COLUMNS,
    FileState,
    Pending,
    Terms,
    Vectors,
    batches,
    content_hash,
    folded,
    marks,
    state_of,
    suffix_of,
)

__all__ = ["Catalog", "CatalogWriter", "FileState", "Pending", "Terms", "Vectors", "content_hash", "create"]

SCHEMA_VERSION = 6
UNEMBEDDED = (
    "SELECT passages.hash, files.mtime_ns FROM passages JOIN files ON files.id = passages.file"
    " WHERE passages.hash NOT IN (SELECT hash FROM vectors)"
)
EMBEDDED = "NOT EXISTS (SELECT 1 FROM passages JOIN waiting USING (hash) WHERE passages.file = files.id)"
# Of a file of pictures nothing is there to be found, or not yet.
EMPTY = (
    "((scans <> '[]' OR scanned > 0) AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.file = files.id))"
)
NO_TEXT = "no text inside but what may be in pictures"


def create(path: Path) -> None:
    """Make an empty catalogue where there is none, so that readers may come before the writer."""
    if not path.exists():
        CatalogWriter(path).close()


class CatalogWriter(Catalog):
    """The one writer; create the schema if the file is new.  Use from one thread."""

    def __init__(self, path: Path, *, embedder: str = "", dimension: int = 0) -> None:
        """Open for writing; a `dimension` of 0 is learned from the first vectors.

        Raises CatalogDamaged where the file is corrupt or was made by another version: it is
        derived, so the caller sets it aside and opens anew.
        """
        super().__init__(path)
        self._fulltext = FullText()
        self._open: sqlite3.Connection | None = None  # while a transaction is
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with self._trouble():
                self._prepare()
                self._check_versions(embedder, dimension)
        except BaseException:
            self.close()  # at once: closing deletes the log by its name, which will be the successor's
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "PRAGMA cache_size = -16384"
        )  # KB; else what a batch changes goes to the log twice
        connection.execute(
            "PRAGMA wal_autocheckpoint = 4000"
        )  # pages, 16 MB: a checkpoint waits for the disk
        connection.execute("PRAGMA journal_size_limit = 67108864")  # what a large file leaves is given back
        connection.execute("PRAGMA foreign_keys = 1")
        return connection

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Take a catalogue without its tables for damaged: its file was emptied while in use."""
        try:
            with super()._trouble():
                yield
        except StoreError as error:
            if error.reason.startswith("no such table"):
                raise CatalogDamaged(error.path, error.reason) from error
            raise

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
            self.set_meta("analysis", ANALYSIS_VERSION)

    def _check_versions(self, embedder: str, dimension: int) -> None:
        """See that words and vectors are of the kind that readers will look for."""
        if not self.identity():
            with self.transaction():
                self.set_meta("identity", uuid.uuid4().hex)
        if self.meta("analysis") != ANALYSIS_VERSION:
            raise CatalogDamaged(str(self.path), "its words were analysed by another version of semfs")
        if embedder and self.meta("embedder") != embedder:
            with self.transaction():
                self.forget_vectors()
                self.set_meta("embedder", embedder)
        if dimension:
            with self.transaction():
                self._check_dimension(dimension)

    @property
    def _db(self) -> sqlite3.Connection:
        """Return the connection; what is written to a file that nobody can open any more would be lost."""
        if self._open:  # inside a transaction
            return self._open
        if getattr(self._local, "connection", None) is not None and self._local.inode != self._inode():
            raise CatalogDamaged(str(self.path), "it was deleted, emptied or replaced")
        return super()._db

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside as one, or nothing of it; not to be nested."""
        with self._trouble():
            connection = self._db
            connection.execute("BEGIN IMMEDIATE")
            self._open = connection
            before = self._db.total_changes
            try:
                yield
                if self._db.total_changes != before:
                    self.set_meta("generation", str(self.version() + 1))
                    self._fulltext.write(connection)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._open = None
                self._fulltext.forget()

    def check(self) -> None:
        """Raise CatalogDamaged if SQLite finds the file corrupt (`PRAGMA quick_check`)."""
        result = self._rows("PRAGMA quick_check(1)")[0][0]
        if result != "ok":
            raise CatalogDamaged(str(self.path), str(result))

    def set_meta(self, key: str, value: str) -> None:
        with self._trouble():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def beat(self, activity: str, current: str = "", progress: Progress | None = None) -> None:
        """Say what ingest does now and how fast; outside a transaction."""
        rows = (
            ("activity", activity),
            ("current", shown(current)),
            ("progress", json.dumps(asdict(progress or Progress()))),
            ("heartbeat", str(time.time())),
        )
        with self._trouble():
            self._db.execute(
                f"INSERT OR REPLACE INTO meta VALUES {', '.join(['(?, ?)'] * len(rows))}", sum(rows, ())
            )

    # -- files (call inside a transaction)

    def states(self, below: str = "") -> dict[str, tuple[FileId, FileState]]:
        """Return the known files by path: all of them, or `below` itself and what is below it."""
        sql = f"SELECT {STATE_COLUMNS} FROM files"
        parameters: tuple[bytes, ...] = ()
        if below:
            top = os.fsencode(below).rstrip(b"/")
            sql += " WHERE path = ? OR path > ? AND path < ?"
            parameters = (top, top + b"/", top + b"0")  # "0" comes after "/"
        return {state.path: (id, state) for id, state in map(state_of, self._rows(sql, parameters))}

    def linked(self, states: Iterable[FileState]) -> set[str]:
        """Return the known paths of these files: all names of one with several, by its inode."""
        sql = "SELECT path FROM files WHERE device = ? AND inode = ?"
        identities = {(state.device, state.inode) for state in states}
        return {os.fsdecode(path) for identity in identities for (path,) in self._rows(sql, identity)}

    def pending(self, limit: int) -> list[Pending]:
        """Return files that wait to be read, newest first."""
        sql = (
            f"SELECT {STATE_COLUMNS}, hash, tries FROM files WHERE status = ? ORDER BY mtime_ns DESC LIMIT ?"
        )
        rows = self._rows(sql, (FileStatus.PENDING, limit))
        return [Pending(*state_of(row[:7]), hash=row[7], tries=row[8]) for row in rows]

    def pending_of(self, ids: Sequence[FileId]) -> list[Pending]:
        """Return which of these files wait to be read, in the order of `ids`."""
        found: dict[int, Pending] = {}
        for part in batches(ids):
            sql = f"SELECT {STATE_COLUMNS}, hash, tries FROM files WHERE status = ? AND id IN ({marks(part)})"
            for row in self._rows(sql, (FileStatus.PENDING, *part)):
                found[row[0]] = Pending(*state_of(row[:7]), hash=row[7], tries=row[8])
        return [found[id] for id in dict.fromkeys(ids) if id in found]

    def add(self, state: FileState, kind: Kind) -> FileId:
        """Add a file to be read."""
        path = os.fsencode(state.path)
        cursor = self._db.execute(
            "INSERT INTO files (path, folder, device, inode, size, mtime_ns, ctime_ns, kind, suffix, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                path,
                self._folder(path),
                state.device,
                state.inode,
                state.size,
                state.mtime_ns,
                state.ctime_ns,
                kind,
                suffix_of(state.path),
                FileStatus.PENDING,
            ),
        )
        id = FileId(cursor.lastrowid or 0)
        self._name(id, state.path, "", "")
        return id

    def _folder(self, file: bytes) -> int:
        """Return the number of the folder that a file lies in."""
        path = os.path.dirname(file)
        known = self._rows("SELECT id FROM folders WHERE path = ?", (path,))
        if known:
            return int(known[0][0])
        values = (path, f"{folded(path).rstrip('/')}/")
        return self._db.execute("INSERT INTO folders (path, folded) VALUES (?, ?)", values).lastrowid or 0

    def touch(self, id: FileId, state: FileState, kind: Kind, *, changed: bool) -> None:
        """Note a new state; `changed` sends the file to be read again, its old text stays until then."""
        row = self.files([id])[id]
        if row.path != state.path:
            self._unname(row)
            self._name(id, state.path, row.title, row.language)
        if os.path.splitext(row.path)[1] == os.path.splitext(state.path)[1]:
            kind = row.kind  # the content said so, the name says less
        self._db.execute(
            "UPDATE files SET path = ?, folder = ?, device = ?, inode = ?, size = ?, mtime_ns = ?,"
            " ctime_ns = ?, kind = ?, suffix = ? WHERE id = ?",
            (
                os.fsencode(state.path),
                self._folder(os.fsencode(state.path)),
                state.device,
                state.inode,
                state.size,
                state.mtime_ns,
                state.ctime_ns,
                kind,
                suffix_of(state.path),
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
        self._clear(row)
        self._unname(row)
        self._db.execute("DELETE FROM files WHERE id = ?", (id,))

    def unsettle(self, id: FileId) -> None:
        """Have a file read again when it is next looked at, even if it is the same."""
        self._db.execute("UPDATE files SET ctime_ns = 0 WHERE id = ?", (id,))

    def begin(self, ids: Sequence[FileId], *, tries: int = 1) -> None:
        """Count a try for files whose reading starts, so that one that kills its reader is noticed."""
        for part in batches(ids):
            sql = f"UPDATE files SET tries = tries + ? WHERE id IN ({marks(part)})"
            self._db.execute(sql, (tries, *part))

    def release(self, ids: Sequence[FileId]) -> None:
        """Take back the try of files whose reading was stopped through no fault of theirs."""
        for part in batches(ids):
            self._db.execute(f"UPDATE files SET tries = max(tries - 1, 0) WHERE id IN ({marks(part)})", part)

    def read_again(self, *statuses: FileStatus) -> int:
        """Send the files of a status to be read again, as when limits or indexers have changed."""
        sql = f"UPDATE files SET status = ?, reason = '', tries = 0 WHERE status IN ({marks(statuses)})"
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
    ) -> list[PassageId]:
        """Put a file's text in the place of what was there; return its passages, which can be found at once.

        Where pictures in it wait to be read and a file of the same content has been read already, that
        one's text is taken, and nothing is returned.  `terms` are the words of each chunk in the
        document's language, for a caller who has them already; `kind` is what the content showed;
        `reason` says what was left out, if anything was.
        """
        row = self.files([id])[id]
        self._clear(row)
        scanned = 0
        if document.scans and (twin := self._twin(hash, id)):
            found, scanned = twin
            chunks, terms = self._chunks_of(found.id), None
            document, reason = replace(document, language=found.language, scans=()), found.reason
        language = document.language
        terms = terms or [
            (analyse(chunk.text, language), analyse(chunk.heading, language)) for chunk in chunks
        ]
        passages = self._insert(id, chunks)
        rows = ((passage, *words) for passage, words in zip(passages, terms, strict=True))
        self._fulltext.insert("passages_fts", rows)
        self._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED} AND files.id = ?", (id,))
        self._unname(row)
        self._db.execute(
            "UPDATE files SET status = ?, reason = ?, hash = ?, title = ?, author = ?, recipients = ?,"
            " created = ?, language = ?, kind = ?, tries = 0, scans = ?, scanned = ?, scan_tries = 0,"
            f" embedded = {EMBEDDED} WHERE id = ?",
            (
                FileStatus.INDEXED,
                reason,
                hash,
                document.title,
                document.author,
                document.recipients,
                document.created,
                language,
                kind or row.kind,
                json.dumps(list(document.scans)),
                scanned,
                id,
            ),
        )
        self._name(id, row.path, document.title, language)
        if document.scans or scanned:
            self.keep(id)
        return [] if scanned else passages

    def _twin(self, hash: bytes, id: FileId) -> tuple[FileRow, int] | None:
        """Return another file of the same content, all of whose pictures are read, and how many they are."""
        sql = "SELECT id, scanned FROM files WHERE hash = ? AND scanned > 0 AND scans = '[]' AND id <> ?"
        rows = self._rows(f"{sql} LIMIT 1", (hash, id))
        return (self.files([rows[0][0]])[rows[0][0]], rows[0][1]) if rows else None

    def _chunks_of(self, file: FileId) -> list[Chunk]:
        return [Chunk(row.text, row.heading, row.page, row.line) for row in self.passages_of(file)]

    def _insert(self, file: FileId, chunks: Sequence[Chunk], *, first: int = 0) -> list[PassageId]:
        sql = (
            "INSERT INTO passages (file, ordinal, text, heading, page, line, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        inserted = (
            self._db.execute(
                sql,
                (
                    file,
                    ordinal,
                    chunk.text,
                    chunk.heading,
                    chunk.page,
                    chunk.line,
                    content_hash(chunk.heading, chunk.text),
                ),
            )
            for ordinal, chunk in enumerate(chunks, first)
        )
        return [PassageId(cursor.lastrowid or 0) for cursor in inserted]

    def keep(self, id: FileId) -> None:
        """Mark a file read whose passages come from its content; SKIPPED if it is an empty picture."""
        sql = (
            f"UPDATE files SET status = iif({EMPTY}, ?, ?), reason = iif({EMPTY}, ?, replace(reason, ?, '')),"
            f" tries = 0, embedded = NOT {EMPTY} AND {EMBEDDED} WHERE id = ?"
        )
        self._db.execute(sql, (FileStatus.SKIPPED, FileStatus.INDEXED, NO_TEXT, NO_TEXT, id))

    def read_once_more(self, id: FileId) -> None:
        """Send a file to be read again; what is known of it stays until then."""
        self._db.execute("UPDATE files SET status = ?, tries = 0 WHERE id = ?", (FileStatus.PENDING, id))

    def fail(
        self,
        id: FileId,
        status: FileStatus,
        reason: str,
        *,
        kind: Kind | None = None,
        about: Document | None = None,
    ) -> None:
        """Mark a file FAILED or SKIPPED; its old text goes, its name and what it says about itself stay."""
        row = self.files([id])[id]
        about = about or Document(())
        self._clear(row)
        self._unname(row)
        self._db.execute(
            "UPDATE files SET status = ?, reason = ?, hash = x'', title = ?, author = ?, recipients = ?,"
            " created = ?, language = '', kind = ?, tries = 0, scans = '[]', scanned = 0, scan_tries = 0"
            " WHERE id = ?",
            (
                status,
                reason,
                about.title,
                about.author,
                about.recipients,
                about.created,
                kind or row.kind,
                id,
            ),
        )
        self._name(id, row.path, about.title, "")

    def _clear(self, row: FileRow) -> None:
        self._fulltext.delete(
            "passages_fts",
            (
                (passage.id, analyse(passage.text, row.language), analyse(passage.heading, row.language))
                for passage in self.passages_of(row.id)
            ),
        )
        self._db.execute("DELETE FROM passages WHERE file = ?", (row.id,))

    def _name(self, id: FileId, path: str, title: str, language: str) -> None:
        name = analyse_name(os.path.basename(path), language)
        self._fulltext.insert("names_fts", [(id, name, analyse(title, language))])

    def _unname(self, row: FileRow) -> None:
        name = analyse_name(os.path.basename(row.path), row.language)
        self._fulltext.delete("names_fts", [(row.id, name, analyse(row.title, row.language))])

    # -- for the words beside the catalogue

    def passages_after(self, last: PassageId, *, limit: int) -> list[tuple[PassageId, FileId]]:
        """Return passages that are newer than `last`, oldest first."""
        sql = "SELECT id, file FROM passages WHERE id > ? ORDER BY id LIMIT ?"
        return [(PassageId(p), FileId(f)) for p, f in self._rows(sql, (last, limit))]

    def texts_after(self, last: PassageId, *, limit: int) -> list[tuple[PassageId, FileId, str, str, str]]:
        """Return (id, file, text, heading, language) of passages that are newer than `last`, oldest first."""
        sql = (
            "SELECT passages.id, file, text, heading, language FROM passages"
            " JOIN files ON files.id = passages.file WHERE passages.id > ? ORDER BY passages.id LIMIT ?"
        )
        return [(PassageId(p), FileId(f), *words) for p, f, *words in self._rows(sql, (last, limit))]

    def forgotten(self, *, after: PassageId, limit: int) -> list[PassageId]:
        """Return passages that are gone, by number."""
        sql = "SELECT passage FROM forgotten WHERE passage > ? ORDER BY passage LIMIT ?"
        return [PassageId(row[0]) for row in self._rows(sql, (after, limit))]

    def told_forgotten(self, passages: Sequence[PassageId]) -> None:
        """Take note that everybody knows that these passages are gone."""
        for part in batches(passages):
            self._db.execute(f"DELETE FROM forgotten WHERE passage IN ({marks(part)})", part)

    # -- vectors

    def backlog(self) -> tuple[int, int, int]:
        """Return how many files wait to be read, passages for a vector, and pictures to be recognised."""
        counts = self._counts(pending := f"status:{FileStatus.PENDING}", "waiting", "scans")
        return counts[pending], counts["waiting"], counts["scans"]

    def unembedded_of(self, files: Sequence[FileId], limit: int) -> list[tuple[bytes, str, str]]:
        """Return (hash, heading, text) of passages of these files without a vector, in the files' order."""
        found: dict[bytes, tuple[bytes, str, str]] = {}
        sql = (
            "SELECT hash, heading, text FROM passages WHERE file = ?"
            " AND hash IN (SELECT hash FROM waiting) ORDER BY ordinal LIMIT ?"
        )
        for file in files:
            if len(found) >= limit:
                break
            found |= {row[0]: (row[0], row[1], row[2]) for row in self._rows(sql, (file, limit))}
        return list(found.values())[:limit]

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
        for part in batches(hashes):
            self._db.execute(
                f"UPDATE files SET embedded = 1 WHERE status = ? AND {EMBEDDED}"
                f" AND id IN (SELECT file FROM passages WHERE hash IN ({marks(part)}))",
                (FileStatus.INDEXED, *part),
            )

    def _check_dimension(self, dimension: int) -> None:
        """Note how long vectors are; those of another length go."""
        if self.meta("dimension") != str(dimension):
            self.forget_vectors()
            self.set_meta("dimension", str(dimension))

    def forget_vectors(self) -> None:
        """Delete all vectors and let every passage wait for a new one."""
        self._db.execute("DELETE FROM vectors")
        self._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED}")
        self._db.execute(f"UPDATE files SET embedded = 0 WHERE embedded AND NOT {EMBEDDED}")

    def sweep(self) -> int:
        """Delete vectors that no passage has any more; return how many."""
        unused = (
            "hash IN (SELECT hash FROM dropped WHERE NOT EXISTS"
            " (SELECT 1 FROM passages WHERE passages.hash = dropped.hash))"
        )
        self._db.execute(f"DELETE FROM waiting WHERE {unused}")
        deleted = self._db.execute(f"DELETE FROM vectors WHERE {unused}").rowcount
        self._db.execute("DELETE FROM dropped")
        return deleted


def _statements(script: str) -> Iterator[str]:
    """Split SQL at the ends of statements."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
