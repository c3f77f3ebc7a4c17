"""What is made of passages once they are stored: the words beside the catalogue, and vectors.

Both are keyed so that a passage which comes again, under another name or in another file, costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from semfs.model import FileId, FileStatus, PassageId
from semfs.store.reader import Catalog
from semfs.store.rows import Vectors, batches, marks
from semfs.store.transactions import Transactions

UNEMBEDDED = (
    "SELECT passages.hash, files.mtime_ns FROM passages JOIN files ON files.id = passages.file"
    " WHERE passages.hash NOT IN (SELECT hash FROM vectors)"
)
EMBEDDED = "NOT EXISTS (SELECT 1 FROM passages JOIN waiting USING (hash) WHERE passages.file = files.id)"


RESERVED_S = 7 * 86400.0  # that a vector without a passage is kept
MOST_RESERVED = 50_000  # 38 MB of 384 dimensions, a quarter of an hour's work


class Derived(Catalog):
    """The writer's part of it; what changes something is called inside a transaction."""

    _db: Transactions

    # -- for the words beside the catalogue

    def passages_after(self, last: PassageId, *, limit: int) -> list[tuple[PassageId, FileId]]:
        """Return passages that are newer than `last`, oldest first."""
        sql = "SELECT id, file FROM passages WHERE id > ? ORDER BY id LIMIT ?"
        return [(PassageId(p), FileId(f)) for p, f in self._db.rows(sql, (last, limit))]

    def texts_after(self, last: PassageId, *, limit: int) -> list[tuple[PassageId, FileId, str, str, str]]:
        """Return (id, file, text, heading, language) of passages that are newer than `last`, oldest first."""
        sql = (
            "SELECT passages.id, file, text, heading, language FROM passages"
            " JOIN files ON files.id = passages.file WHERE passages.id > ? ORDER BY passages.id LIMIT ?"
        )
        return [(PassageId(p), FileId(f), *words) for p, f, *words in self._db.rows(sql, (last, limit))]

    def forgotten(self, *, after: PassageId, limit: int) -> list[PassageId]:
        """Return passages that are gone, by number."""
        sql = "SELECT passage FROM forgotten WHERE passage > ? ORDER BY passage LIMIT ?"
        return [PassageId(row[0]) for row in self._db.rows(sql, (after, limit))]

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
            found |= {row[0]: (row[0], row[1], row[2]) for row in self._db.rows(sql, (file, limit))}
        return list(found.values())[:limit]

    def unembedded(self, limit: int) -> list[tuple[bytes, str, str]]:
        """Return (hash, heading, text) of passages without a vector, those of the newest files first."""
        sql = (
            "SELECT waiting.hash, heading, text FROM waiting JOIN passages ON passages.id ="
            " (SELECT min(id) FROM passages WHERE passages.hash = waiting.hash)"
            " ORDER BY waiting.mtime_ns DESC LIMIT ?"
        )
        return [(h, heading, text) for h, heading, text in self._db.rows(sql, (limit,))]

    def add_vectors(self, hashes: Sequence[bytes], values: Vectors) -> None:
        """Store vectors, one row of `values` a hash; those already there are left."""
        self.expect_dimension(values.shape[1])
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

    def expect_dimension(self, dimension: int) -> None:
        """Note how long vectors are; those of another length go."""
        if self.meta("dimension") != str(dimension):
            self.forget_vectors()
            self._db.set_meta("dimension", str(dimension))

    def forget_vectors(self) -> None:
        """Delete all vectors and let every passage wait for a new one."""
        self._db.execute("DELETE FROM vectors")
        self._db.execute("DELETE FROM reserve")
        self._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED}")
        self._db.execute(f"UPDATE files SET embedded = 0 WHERE embedded AND NOT {EMBEDDED}")

    @property
    def unswept(self) -> bool:
        """Say whether passages are gone since the last sweep, whose vectors may be left over."""
        return bool(self._db.rows("SELECT 1 FROM dropped LIMIT 1"))

    def sweep(self, now: float | None = None) -> int:
        """Put vectors that no passage has any more in reserve; return how many.  What is old there goes."""
        now = time.time() if now is None else now
        unused = (
            "hash IN (SELECT hash FROM dropped WHERE NOT EXISTS"
            " (SELECT 1 FROM passages WHERE passages.hash = dropped.hash))"
        )
        self._db.execute(f"DELETE FROM waiting WHERE {unused}")
        reserved = f"SELECT hash, value, ? FROM vectors WHERE {unused}"
        self._db.execute(f"INSERT OR REPLACE INTO reserve (hash, value, since) {reserved}", (now,))
        deleted = self._db.execute(f"DELETE FROM vectors WHERE {unused}").rowcount
        self._db.execute("DELETE FROM dropped")
        self._db.execute("DELETE FROM reserve WHERE abs(since - ?) > ?", (now, RESERVED_S))
        oldest = "SELECT hash FROM reserve ORDER BY since DESC LIMIT -1 OFFSET ?"
        self._db.execute(f"DELETE FROM reserve WHERE hash IN ({oldest})", (MOST_RESERVED,))
        return deleted
