"""The pictures that wait for the recognition of their text, in the catalogue.

Belongs to the CatalogWriter that made it (`CatalogWriter.scans`), and to its thread; all but `waiting`
and `is_current` is called inside of a transaction of the writer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from semfs.model import BETWEEN_HEADINGS, Chunk, FileId, FileRow, FileStatus, Kind, Passage, Route
from semfs.store.filing import Filing
from semfs.store.rows import STATE_COLUMNS, FileState, Scan, Terms, state_of
from semfs.store.texts import Texts, terms_of
from semfs.store.transactions import Transactions

# Passages, of which more would have told the language of their file: then one picture does not.
FEW = 20


class Scans:
    """What waits, and what has been read."""

    def __init__(self, catalog: Filing, db: Transactions, texts: Texts) -> None:
        self._catalog = catalog
        self._db = db
        self._texts = texts

    def waiting(self, *, without: Sequence[FileId] = ()) -> Scan | None:
        """Return the next picture: first pages before second ones, newest files first."""
        sql = (
            f"SELECT {STATE_COLUMNS}, language, kind, scans, scan_tries FROM files WHERE scans <> '[]'"
            " AND status <> ? AND id NOT IN (SELECT value FROM json_each(?))"
            " ORDER BY scanned, mtime_ns DESC LIMIT 1"
        )
        for row in self._db.rows(sql, (FileStatus.PENDING, json.dumps(list(without)))):
            return Scan(*state_of(row[:7]), row[7], row[8], tuple(json.loads(row[9])[0]), row[10])
        return None

    def is_current(self, scan: Scan) -> bool:
        """Say whether the file is still what it was; it may have another name."""
        sql = f"SELECT {STATE_COLUMNS} FROM files WHERE id = ? AND status <> ?"
        known = [state_of(row)[1] for row in self._db.rows(sql, (scan.id, FileStatus.PENDING))]
        return [_content(state) for state in known] == [_content(scan.state)]

    def begin(self, scan: Scan) -> None:
        """Count a try, so that a picture that kills its reader is noticed."""
        self._db.execute("UPDATE files SET scan_tries = scan_tries + 1 WHERE id = ?", (scan.id,))

    def release(self, scan: Scan) -> None:
        """Take back a try that was stopped through no fault of the picture."""
        self._db.execute("UPDATE files SET scan_tries = max(scan_tries - 1, 0) WHERE id = ?", (scan.id,))

    def read(
        self,
        scan: Scan,
        chunks: Sequence[Chunk],
        terms: Sequence[Terms],
        *,
        language: str = "",
        pages: int = 1,
    ) -> None:
        """Put the text of a picture at its place among the text of its file.

        `terms` are its words in `language`; `pages` is how many pages a picture turned out to have.
        """
        row = self._catalog.files([scan.id])[scan.id]
        if chunks:
            self._add(row, chunks, terms, language)
        self._done(scan, more=[(*scan.route[:-1], page) for page in range(scan.route[-1] + 1, pages + 1)])
        self._catalog.keep(scan.id)

    def fail(self, scan: Scan, reason: str) -> None:
        """Give up a picture; what else the file says stays."""
        self._done(scan)
        self._catalog.keep(scan.id)
        row = self._catalog.files([scan.id])[scan.id]
        if row.status is FileStatus.INDEXED:
            # Of a thousand pictures the first says enough.
            reason = row.reason or f"{_called(scan)} could not be read: {reason}"
        status = row.status if row.status is FileStatus.INDEXED else FileStatus.FAILED
        self._db.execute("UPDATE files SET status = ?, reason = ? WHERE id = ?", (status, reason, scan.id))

    def _done(self, scan: Scan, *, more: Sequence[Route] = ()) -> None:
        """Take a picture off the list; one that has more pages than its first tells so when that is read."""
        scans = self._db.rows("SELECT scans FROM files WHERE id = ?", (scan.id,))[0][0]
        left = [route for route in map(tuple, json.loads(scans)) if route != scan.route]
        self._db.execute(
            "UPDATE files SET scans = ?, scanned = scanned + 1, scan_tries = 0 WHERE id = ?",
            (json.dumps(sorted({*left, *more})), scan.id),
        )

    def _add(self, row: FileRow, chunks: Sequence[Chunk], terms: Sequence[Terms], language: str) -> None:
        there = self._catalog.passages_of(row.id)
        first = _place(there, chunks[0])
        if language != row.language and len(there) > FEW:
            language, terms = row.language, terms_of(chunks, row.language)
        if language == row.language:
            self._texts.make_room(row.id, first, len(chunks))
            self._texts.insert(row.id, chunks, terms, first=first)
        else:
            self._rewrite(row, first, chunks, language)

    def _rewrite(self, row: FileRow, first: int, chunks: Sequence[Chunk], language: str) -> None:
        """Write all of a file anew, as its language is known now: what it said before was too short."""
        there = self._texts.of(row.id)
        merged = [*there[:first], *chunks, *there[first:]]
        self._texts.clear(row)
        self._texts.unname(row)
        self._texts.insert(row.id, merged, terms_of(merged, language))
        self._db.execute("UPDATE files SET language = ? WHERE id = ?", (language, row.id))
        self._texts.name(row.id, row.path, row.title, language)


def _place(there: Sequence[Passage], chunk: Chunk) -> int:
    """Return the ordinal of what stands in a picture: behind what is on its page, or in its part of the file.

    Where its part has no text, such as a picture that is attached to a mail, it is the part around that.
    """
    heading = chunk.heading
    while not (part := [passage for passage in there if _is_below(passage.heading, heading)]) and heading:
        heading = heading.rpartition(BETWEEN_HEADINGS)[0]
    if chunk.page is not None and heading == chunk.heading:
        for passage in part:
            if passage.page is not None and passage.page > chunk.page:
                return passage.ordinal
    return part[-1].ordinal + 1 if part else 0


def _is_below(heading: str, other: str) -> bool:
    return not other or heading == other or heading.startswith(other + BETWEEN_HEADINGS)


def _called(scan: Scan) -> str:
    """Return what a picture is called in words; the readers say where it is if it is inside of something."""
    if scan.kind in (Kind.PDF, Kind.IMAGE) and len(scan.route) == 1:
        return f"page {scan.route[0]} is a picture that"
    return "a picture in it"


def _content(state: FileState) -> tuple[int, ...]:
    return state.device, state.inode, state.size, state.mtime_ns
