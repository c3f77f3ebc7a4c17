"""Connections to the catalogue's file, and what goes wrong with it in the words of semfs.

A `Connection` may be used from any thread of any process and only reads, with one connection of
SQLite a thread; one to a catalogue that was set aside meanwhile is replaced by one to its successor.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from semfs.errors import CatalogDamaged, DiskFull, StoreError
from semfs.store.rows import Row, is_named

DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def suspicion(path: Path) -> Path:
    """Return the file in which readers say that a catalogue is damaged."""
    return path.with_name(f"{path.name}.suspect")


class _Own:
    """One thread's connection, closed when the thread ends: it is part of a cycle, so it would stay."""

    def __init__(self, connection: sqlite3.Connection, inode: int) -> None:
        self.connection = connection
        self.inode = inode

    def __del__(self) -> None:
        self.connection.close()


class Connection:
    """Read the file; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query; raises StoreError, CatalogDamaged or DiskFull."""
        with self.trouble():
            rows: list[Row] = self._sqlite.execute(sql, parameters).fetchall()
        return rows

    def close(self) -> None:
        """Close this thread's connection."""
        own = self._own
        if own is not None:
            own.connection.close()
            self._local.own = None

    def suspected(self) -> bool:
        """Return whether a reader has found this catalogue to be damaged."""
        try:
            return suspicion(self.path).read_text("ascii") == str(self._inode())
        except (OSError, ValueError):
            return False

    @contextmanager
    def trouble(self) -> Iterator[None]:
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
            suspicion(self.path).write_text(str(self._own.inode if self._own else self._inode()), "ascii")

    @property
    def _own(self) -> _Own | None:
        return getattr(self._local, "own", None)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = 1")
        return connection

    @property
    def _sqlite(self) -> sqlite3.Connection:
        own = self._own
        if own is not None and own.inode == self._inode():
            return own.connection
        self.close()
        with self.trouble():
            connection = self._connect()
        connection.create_function("is_named", 2, is_named, deterministic=True)
        self._local.own = _Own(connection, self._inode())
        return connection

    def _inode(self) -> int:
        """Return which file it is, 0 if there is none or an empty one, whose log SQLite ignores."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return 0
        return found.st_ino if found.st_size else 0
