"""The file of `state.db`: one connection that writes, one that reads, and what goes wrong with them.

Any thread of the mount process may call.  Readers never wait for a writer, also not for one of
another program.  Writers wait for each other, because every transaction is short; for another program,
which may keep the file locked for as long as it likes, they wait PATIENCE_S and are then told to come again.
A commit is on the disk before the call returns.
"""

from __future__ import annotations

import copy
import math
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from semfs.errors import DiskFull, StoreBusy, StoreError
from semfs.store import audit
from semfs.store.migrations import migrate, migrations

PATIENCE_S: Final = 0.3  # nothing in the mount may take a second, and some calls write twice
RETRY_S: Final = 0.01
OPENING_S: Final = 10.0  # a migration may need the file for itself

Row = tuple[Any, ...]


class _Inside(threading.local):
    """Whether this thread is in a transaction."""

    transaction = False


class _Outside:
    """When somebody last waited in vain for another program."""

    refused = -math.inf


class StateFile:
    """Read and write the file; create or migrate it when opened."""

    def __init__(self, path: Path, *, scripts: Sequence[str] | None = None) -> None:
        """Raises StateNewer or StoreError."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._patience_s = PATIENCE_S
        self._inside = _Inside()
        self._outside = _Outside()
        self._closed = threading.Event()
        self._write_lock, self._read_lock = threading.RLock(), threading.Lock()
        with self._trouble():
            self._writer = self._connect()
            path.chmod(0o600)
            self._writer.execute("PRAGMA synchronous = FULL")
            self._writer.create_function("audit_line", 7, audit.following, deterministic=True)
            migrate(self._writer, path, migrations() if scripts is None else scripts)
            self._writer.execute("PRAGMA foreign_keys = 1")
            self._writer.execute("PRAGMA busy_timeout = 0")
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only = 1")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=OPENING_S, isolation_level=None, check_same_thread=False)

    def patient(self, seconds: float) -> Self:
        """Return the same file for somebody whom nobody waits for: it waits that long for other programs."""
        other = copy.copy(self)
        other._patience_s = seconds
        return other

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_FULL:
                raise DiskFull(str(self.path), "the disk is full") from error
            if code == sqlite3.SQLITE_BUSY:
                raise StoreBusy(str(self.path), "another program keeps it locked; try again") from error
            raise StoreError(str(self.path), str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit what happens inside as one, or nothing of it; other threads wait.

        Inside of another one it is a part of that.  Raises StoreBusy before anything has happened.
        """
        if self._inside.transaction:
            with self._trouble():
                yield self._writer
            return
        self._begin()
        self._inside.transaction = True
        try:
            with self._trouble():
                yield self._writer
                self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        finally:
            self._inside.transaction = False
            self._write_lock.release()

    def _begin(self) -> None:
        """Begin a transaction and keep the lock; while another program has the file, others may try too.

        Where somebody has just waited in vain nobody else waits: the kernel lets those who write to one
        file of the mount wait for each other.
        """
        began, patience = time.monotonic(), self._patience_s
        if patience <= PATIENCE_S and began - self._outside.refused < PATIENCE_S:
            patience = 0.0
        while True:
            self._write_lock.acquire()
            try:
                with self._trouble():
                    self._writer.execute("BEGIN IMMEDIATE")
                return
            except StoreBusy:
                self._write_lock.release()
                if time.monotonic() >= began + patience or self._closed.wait(RETRY_S):
                    if patience:
                        self._outside.refused = time.monotonic()
                    raise
            except BaseException:
                self._write_lock.release()
                raise

    def require_writable(self) -> None:
        """Raise StoreBusy while another program keeps the file locked."""
        with self.transaction():
            pass

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read with: what is committed, and what this thread's transaction wrote."""
        if self._inside.transaction:
            with self._trouble():
                yield self._writer
            return
        with self._read_lock, self._trouble():
            yield self._reader

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return what a query finds."""
        with self.reading() as db:
            return db.execute(sql, parameters).fetchall()

    def close(self) -> None:
        self._closed.set()
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()
