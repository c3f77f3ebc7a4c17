"""The pictures that wait for the recognition of their text, in the catalogue.

Belongs to the CatalogWriter whose rows it changes, and to its thread; all but `waiting` is
called inside of a transaction of the writer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from semfs.model import Chunk, FileId, FileRow, FileStatus, Passage
from semfs.store.analysis import analyse
from semfs.store.catalog import UNEMBEDDED, CatalogWriter
from semfs.store.rows import STATE_COLUMNS, FileState, Scan, Terms, state_of


class Scans:
    """What waits, and what has been read."""

    def __init__(self, catalog: CatalogWriter) -> None:
        self._catalog = catalog

    def waiting(self, *, without: Sequence[FileId] = ()) -> Scan | None:
        """Return the next picture: first pages before second ones, newest files first."""
        sql = (
            f"SELECT {STATE_COLUMNS}, language, kind, scans, scan_tries FROM files WHERE scans <> '[]'"
            " AND status <> ? AND id NOT IN (SELECT value FROM json_each(?))"
            " ORDER BY scanned, mtime_ns DESC LIMIT 1"
        )
        for row in self._catalog._rows(sql, (FileStatus.PENDING, json.dumps(list(without)))):
            return Scan(*state_of(row[:7]), row[7], row[8], json.loads(row[9])[0], row[10])
        return None

    def is_current(self, scan: Scan) -> bool:
        """Say whether the file is still what it was; it may have another name."""
        sql = f"SELECT {STATE_COLUMNS} FROM files WHERE id = ? AND status <> ?"
        known = [state_of(row)[1] for row in self._catalog._rows(sql, (scan.id, FileStatus.PENDING))]
        return [_content(state) for state in known] == [_content(scan.state)]

    def begin(self, scan: Scan) -> None:
        """Count a try, so that a picture that kills its reader is noticed."""
        self._catalog._db.execute("UPDATE files SET scan_tries = scan_tries + 1 WHERE id = ?", (scan.id,))

    def release(self, scan: Scan) -> None:
        """Take back a try that was stopped through no fault of the picture."""
        self._catalog._db.execute(
            "UPDATE files SET scan_tries = max(scan_tries - 1, 0) WHERE id = ?", (scan.id,)
        )

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
        self._done(scan, more=range(scan.page + 1, pages + 1))
        self._catalog.keep(scan.id)

    def fail(self, scan: Scan, reason: str) -> None:
        """Give up a picture; what else the file says stays."""
        self._done(scan)
        self._catalog.keep(scan.id)
        row = self._catalog.files([scan.id])[scan.id]
        if row.status is FileStatus.INDEXED:
            # Of a thousand pages the first says enough.
            reason = row.reason or f"page {scan.page} is a picture that could not be read: {reason}"
        status = row.status if row.status is FileStatus.INDEXED else FileStatus.FAILED
        self._catalog._db.execute(
            "UPDATE files SET status = ?, reason = ? WHERE id = ?", (status, reason, scan.id)
        )

    def _done(self, scan: Scan, *, more: Sequence[int] = ()) -> None:
        """Take a page off the list; a picture with more pages than its first tells so when that is read."""
        scans = self._catalog._rows("SELECT scans FROM files WHERE id = ?", (scan.id,))[0][0]
        left = [page for page in json.loads(scans) if page != scan.page]
        self._catalog._db.execute(
            "UPDATE files SET scans = ?, scanned = scanned + 1, scan_tries = 0 WHERE id = ?",
            (json.dumps(sorted({*left, *more})), scan.id),
        )

    def _add(self, row: FileRow, chunks: Sequence[Chunk], terms: Sequence[Terms], language: str) -> None:
        there = self._catalog.passages_of(row.id)
        first = _place(there, chunks[0].page)
        if language == row.language:
            self._insert(row.id, there, first, chunks, terms)
        else:
            self._rewrite(row, there, first, chunks, language)
        self._catalog._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED} AND files.id = ?", (row.id,))

    def _insert(
        self,
        id: FileId,
        there: Sequence[Passage],
        first: int,
        chunks: Sequence[Chunk],
        terms: Sequence[Terms],
    ) -> None:
        if first < len(there):  # in two steps, as an ordinal is never there twice
            sql = "UPDATE passages SET ordinal = -(ordinal + ?) WHERE file = ? AND ordinal >= ?"
            self._catalog._db.execute(sql, (len(chunks), id, first))
            self._catalog._db.execute(
                "UPDATE passages SET ordinal = -ordinal WHERE file = ? AND ordinal < 0", (id,)
            )
        passages = self._catalog._insert(id, chunks, first=first)
        self._catalog._fulltext.insert(
            "passages_fts", ((passage, *words) for passage, words in zip(passages, terms, strict=True))
        )

    def _rewrite(
        self, row: FileRow, there: Sequence[Passage], first: int, chunks: Sequence[Chunk], language: str
    ) -> None:
        """Write all of a file anew, as its language is known now: what it said before was too short."""
        catalog = self._catalog
        old = [Chunk(passage.text, passage.heading, passage.page, passage.line) for passage in there]
        merged = [*old[:first], *chunks, *old[first:]]
        catalog._clear(row)
        catalog._unname(row)
        catalog._fulltext.insert(
            "passages_fts",
            (
                (passage, analyse(chunk.text, language), analyse(chunk.heading, language))
                for passage, chunk in zip(catalog._insert(row.id, merged), merged, strict=True)
            ),
        )
        catalog._db.execute("UPDATE files SET language = ? WHERE id = ?", (language, row.id))
        catalog._name(row.id, row.path, row.title, language)


def _place(there: Sequence[Passage], page: int | None) -> int:
    """Return the ordinal of what stands on a page after those that are there; what has no page comes last."""
    if page is None:
        return len(there)
    return next(
        (passage.ordinal for passage in there if passage.page is not None and passage.page > page), len(there)
    )


def _content(state: FileState) -> tuple[int, ...]:
    return state.device, state.inode, state.size, state.mtime_ns
