"""Facts about the whole of the catalogue: which one it is, what was noted in it, how much is in it."""

from __future__ import annotations

import json
import time
from pathlib import Path

from semfs.model import Coverage, FileStatus, Progress
from semfs.store.connection import Connection
from semfs.store.rows import marks

HEARTBEAT_S = 15.0  # an activity older than this belongs to an ingest process that died
COUNTED = 1000  # rows that are joined each second, to be exact


class Facts:
    """What every reader asks first; safe to use from many threads."""

    def __init__(self, path: Path, db: Connection | None = None) -> None:
        """`db` is the connection, where it is not to be one that reads."""
        self.path = path
        self._db = db or Connection(path)

    def close(self) -> None:
        """Close this thread's connection."""
        self._db.close()

    def suspected(self) -> bool:
        """Return whether a reader has found this catalogue to be damaged."""
        return self._db.suspected()

    def version(self) -> int:
        """Return a number that changes whenever files, passages or vectors do; for every reader the same."""
        return int(self.meta("generation", "0"))

    def identity(self) -> str:
        """Return what no other catalogue has, so that caches know theirs."""
        return self.meta("identity")

    def meta(self, key: str, default: str = "") -> str:
        rows = self._db.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else default

    def passage_count(self) -> int:
        return self._counts("passages")["passages"]

    def _counts(self, *what: str) -> dict[str, int]:
        found = self._db.rows(f"SELECT what, value FROM counts WHERE what IN ({marks(what)})", what)
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
        return int(self._db.rows("SELECT count(*) FROM waiting CROSS JOIN passages USING (hash)")[0][0])
