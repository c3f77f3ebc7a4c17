"""The one connection that writes to the catalogue, and its transactions.

Belongs to the ingest process and to one thread of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from semfs.errors import CatalogDamaged, StoreError
from semfs.store.connection import Connection
from semfs.store.fulltext import FullText

SETTINGS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "cache_size = -16384",  # KB; else what a batch changes goes to the log twice
    "wal_autocheckpoint = 4000",  # pages, 16 MB: a checkpoint waits for the disk
    "journal_size_limit = 67108864",  # what a large file leaves is given back
    "foreign_keys = 1",
)
# Readers see by it that something has changed.
GROW = (
    "INSERT INTO meta VALUES ('generation', '1')"
    " ON CONFLICT DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
)


class Transactions(Connection):
    """Write the file; its folder must be there."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.fulltext = FullText()  # takes part in each transaction
        self._open: sqlite3.Connection | None = None  # while a transaction is

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """Change something, or look at it; inside of a transaction or of `trouble`."""
        return self._sqlite.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[object]]) -> sqlite3.Cursor:
        return self._sqlite.executemany(sql, parameters)

    def set_meta(self, key: str, value: str) -> None:
        with self.trouble():
            self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside as one, or nothing of it; not to be nested."""
        with self.trouble():
            connection = self._sqlite
            connection.execute("BEGIN IMMEDIATE")
            self._open = connection
            before = connection.total_changes
            try:
                yield
                if connection.total_changes != before:
                    connection.execute(GROW)
                    self.fulltext.write(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._open = None
                self.fulltext.forget()

    @contextmanager
    def trouble(self) -> Iterator[None]:
        """Take a catalogue without its tables for damaged: its file was emptied while in use."""
        try:
            with super().trouble():
                yield
        except StoreError as error:
            if error.reason.startswith("no such table"):
                raise CatalogDamaged(error.path, error.reason) from error
            raise

    def _connect(self) -> sqlite3.Connection:
        # It may be closed by the thread that collects garbage.
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        for setting in SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        return connection

    @property
    def _sqlite(self) -> sqlite3.Connection:
        """Return the connection; what is written to a file that nobody can open any more would be lost."""
        if self._open:  # inside a transaction
            return self._open
        if self._own is not None and self._own.inode != self._inode():
            raise CatalogDamaged(str(self.path), "it was deleted, emptied or replaced")
        return super()._sqlite
