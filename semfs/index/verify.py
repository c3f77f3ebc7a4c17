"""Read through the catalogue and the words beside it once after a start, to find what is damaged.

SQLite says what is wrong with its pages only when it meets them, and nothing about the values in
them: here each page is checked, each text against its hash, and each vector's length.  All in a
thread that stands back for everything else; what it found is asked for by the ingest process's thread.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from semfs.store.catalog import content_hash
from semfs.store.segments import damaged

logger = logging.getLogger(__name__)

NICE = 19
ROWS = 500  # looked at in one go
PAUSE_SHARE = 1.0  # of the time that a look took, before the next one


class Verification:
    """A thread that looks at everything once."""

    def __init__(self, path: Path, wake: Callable[[], None]) -> None:
        self._path = path
        self._wake = wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="verify", daemon=True)
        self._began = 0.0
        self.found = ""  # what is wrong with the catalogue

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=30)) as database:
                database.set_progress_handler(self._stop.is_set, 10_000)
                self._began = time.monotonic()
                self.found = self._pages(database) or self._texts(database) or self._vectors(database)
        except _Stopped:
            return
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (
                sqlite3.SQLITE_CORRUPT,
                sqlite3.SQLITE_NOTADB,
            ):
                self.found = str(error)
            elif not self._stop.is_set():
                logger.info("the catalogue could not be read through: %s", error)
        if self.found:
            self._wake()
        else:
            self._words()

    def _words(self) -> None:
        folder = self._path.with_name("words")
        if not (folder / "about.json").exists():
            return
        try:
            reason = damaged(folder, whole=True, go_on=self._rest)
        except _Stopped:
            return
        if reason:
            logger.warning("%s is damaged (%s) and written again", folder, reason)
            (folder / "about.json").unlink(missing_ok=True)  # so nobody uses it, and the writer begins anew

    @staticmethod
    def _pages(database: sqlite3.Connection) -> str:
        result = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
        return "" if result == "ok" else result

    def _texts(self, database: sqlite3.Connection) -> str:
        sql = "SELECT id, heading, text, hash FROM passages WHERE id > ? ORDER BY id LIMIT ?"
        last = 0
        while rows := database.execute(sql, (last, ROWS)).fetchall():
            for last, heading, text, hash in rows:
                if content_hash(heading, text) != hash:
                    return f"the text of passage {last} is not the one that was stored"
            self._rest()
        return ""

    def _vectors(self, database: sqlite3.Connection) -> str:
        """Look for vectors that are neither of length one nor, for a passage without one, of length zero."""
        sql = "SELECT id, value FROM vectors WHERE id > ? ORDER BY id LIMIT ?"
        last = 0
        while rows := database.execute(sql, (last, ROWS)).fetchall():
            if len({len(value) for _, value in rows}) > 1:
                return f"a vector after {last} is shorter than others"
            values = np.frombuffer(b"".join(value for _, value in rows), "<f2").reshape(len(rows), -1)
            with np.errstate(all="ignore"):
                lengths = np.linalg.norm(values.astype(np.float32), axis=1)
            wrong = ~((lengths < 1e-3) | (np.abs(lengths - 1) < 0.05))
            if wrong.any():
                return f"vector {rows[int(wrong.argmax())][0]} is not the one that was stored"
            last = rows[-1][0]
            self._rest()
        return ""

    def _rest(self) -> None:
        """Leave the machine, and the lock of the interpreter, to others for as long as this took."""
        self._stop.wait(PAUSE_SHARE * min(time.monotonic() - self._began, 0.1))
        self._began = time.monotonic()
        if self._stop.is_set():
            raise _Stopped


class _Stopped(Exception):
    """The process ends."""
