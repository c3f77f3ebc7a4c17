"""The catalogue: files, passages, full text and vectors in one SQLite database.

Owns `catalog.db`.  `CatalogWriter` belongs to the ingest process and to one thread of it;
`Catalog`, in `reader`, reads.  A server database could stand in the place of the two: nothing
outside them writes SQL on the catalogue.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from importlib import resources
from pathlib import Path

from semfs.errors import CatalogDamaged
from semfs.model import Chunk, Document, FileId, FileRow, FileStatus, Kind, PassageId, Progress, shown
from semfs.store.analysis import VERSION as ANALYSIS_VERSION
from semfs.store.derived import EMBEDDED, Derived
from semfs.store.filing import Filing
from semfs.store.reader import Catalog
from semfs.store.rows import FileState, Pending, Terms, Vectors, content_hash
from semfs.store.scans import Scans
from semfs.store.texts import terms_of
from semfs.store.transactions import Transactions

__all__ = [
    "UNFINISHED",
    "Catalog",
    "CatalogWriter",
    "FileState",
    "Pending",
    "Terms",
    "Vectors",
    "content_hash",
    "create",
    "drop_logs",
]

SCHEMA_VERSION = 8
UNFINISHED = "new-"  # begins the name of a folder in which a catalogue is made


def create(path: Path) -> None:
    """Make an empty catalogue where there is none, so that readers may come before the writer.

    It is put in its place whole.  A reader of SQLite's that has opened an empty file deletes the log of that
    name, which is another catalogue's once the file has been set aside: nobody could read that one any more.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=path.parent) as folder:
        whole = Path(folder, path.name)
        CatalogWriter(whole).close()
        drop_logs(path)
        whole.rename(path)


def drop_logs(path: Path) -> None:
    """Delete what is left over of a predecessor: SQLite would replay it into the successor."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


class CatalogWriter(Filing, Derived):
    """The one writer; create the schema if the file is new.  Use from one thread."""

    def __init__(self, path: Path, *, embedder: str = "", dimension: int = 0) -> None:
        """Open for writing; a `dimension` of 0 is learned from the first vectors.

        Raises CatalogDamaged where the file is corrupt or was made by another version: it is
        derived, so the caller sets it aside and opens anew.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = Transactions(path)
        super().__init__(path, db)
        self.scans = Scans(self, db, self._texts)
        try:
            with db.trouble():
                self._prepare()
                self._check_versions(embedder, dimension)
        except BaseException:
            self.close()  # at once: closing deletes the log by its name, which will be the successor's
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
                self.expect_dimension(dimension)

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what happens inside as one, or nothing of it; not to be nested."""
        return self._db.transaction()

    def check(self) -> None:
        """Raise CatalogDamaged if SQLite finds the file corrupt (`PRAGMA quick_check`)."""
        result = self._db.rows("PRAGMA quick_check(1)")[0][0]
        if result != "ok":
            raise CatalogDamaged(str(self.path), str(result))

    def set_meta(self, key: str, value: str) -> None:
        self._db.set_meta(key, value)

    def beat(self, activity: str, current: str = "", progress: Progress | None = None) -> None:
        """Say what ingest does now and how fast; outside a transaction."""
        rows = (
            ("activity", activity),
            ("current", shown(current)),
            ("progress", json.dumps(asdict(progress or Progress()))),
            ("heartbeat", str(time.time())),
        )
        with self._db.trouble():
            self._db.execute(
                f"INSERT OR REPLACE INTO meta VALUES {', '.join(['(?, ?)'] * len(rows))}", sum(rows, ())
            )

    # -- what readers found (call inside a transaction)

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
        self._texts.clear(row)
        scanned = 0
        if document.scans and (twin := self._twin(hash, id)):
            found, scanned = twin
            chunks, terms = self._texts.of(found.id), None
            document, reason = replace(document, language=found.language, scans=()), found.reason
        language = document.language
        passages = self._texts.insert(id, chunks, terms or terms_of(chunks, language))
        self._texts.unname(row)
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
        self._texts.name(id, row.path, document.title, language)
        if document.scans or scanned:
            self.keep(id)
        return [] if scanned else passages

    def _twin(self, hash: bytes, id: FileId) -> tuple[FileRow, int] | None:
        """Return another file of the same content, all of whose pictures are read, and how many they are."""
        sql = "SELECT id, scanned FROM files WHERE hash = ? AND scanned > 0 AND scans = '[]' AND id <> ?"
        rows = self._db.rows(f"{sql} LIMIT 1", (hash, id))
        return (self.files([rows[0][0]])[rows[0][0]], rows[0][1]) if rows else None

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
        self._texts.clear(row)
        self._texts.unname(row)
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
        self._texts.name(id, row.path, about.title)


def _statements(script: str) -> Iterator[str]:
    """Split SQL at the ends of statements."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
