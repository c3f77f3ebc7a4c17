"""What files say, as it stands in the catalogue: passages, and the words of these, of names and of titles.

A passage, the words that it is found by and the wish for its vector come and go together.  Belongs to
the one writer; called inside of a transaction.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from semfs.model import Chunk, FileId, FileRow, PassageId
from semfs.store.analysis import analyse, analyse_name
from semfs.store.derived import UNEMBEDDED
from semfs.store.reader import Catalog
from semfs.store.rows import Terms, content_hash
from semfs.store.transactions import Transactions


def terms_of(chunks: Iterable[Chunk], language: str) -> list[Terms]:
    """Return the analysed words of passages that are to be stored."""
    return [(analyse(chunk.text, language), analyse(chunk.heading, language)) for chunk in chunks]


class Texts:
    """The passages of files and both full texts."""

    def __init__(self, catalog: Catalog, db: Transactions) -> None:
        self._catalog = catalog
        self._db = db

    def of(self, file: FileId) -> list[Chunk]:
        """Return what is there, as it may be stored again."""
        return [Chunk(row.text, row.heading, row.page, row.line) for row in self._catalog.passages_of(file)]

    def insert(
        self, file: FileId, chunks: Sequence[Chunk], terms: Sequence[Terms], *, first: int = 0
    ) -> list[PassageId]:
        """Store passages from the ordinal `first` on; nothing may be there."""
        sql = (
            "INSERT INTO passages (file, ordinal, text, heading, page, line, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        passages = []
        for ordinal, chunk in enumerate(chunks, first):
            hash = content_hash(chunk.heading, chunk.text)
            values = (file, ordinal, chunk.text, chunk.heading, chunk.page, chunk.line, hash)
            passages.append(PassageId(self._db.execute(sql, values).lastrowid or 0))
        rows = ((passage, *words) for passage, words in zip(passages, terms, strict=True))
        self._db.fulltext.insert("passages_fts", rows)
        self._take_from_reserve(file)
        self._db.execute(f"INSERT OR IGNORE INTO waiting {UNEMBEDDED} AND files.id = ?", (file,))
        return passages

    def _take_from_reserve(self, file: FileId) -> None:
        """Give passages the vectors that they, or others like them, had before."""
        its = "FROM reserve WHERE hash IN (SELECT hash FROM passages WHERE file = ?)"
        self._db.execute(f"INSERT OR IGNORE INTO vectors (hash, value) SELECT hash, value {its}", (file,))
        self._db.execute(f"DELETE {its}", (file,))

    def make_room(self, file: FileId, ordinal: int, count: int) -> None:
        """Move what stands from `ordinal` on back by `count`; in two steps, as none is there twice."""
        sql = "UPDATE passages SET ordinal = -(ordinal + ?) WHERE file = ? AND ordinal >= ?"
        self._db.execute(sql, (count, file, ordinal))
        self._db.execute("UPDATE passages SET ordinal = -ordinal WHERE file = ? AND ordinal < 0", (file,))

    def clear(self, row: FileRow) -> None:
        """Take out all passages of a file, by the language that they were stored in."""
        there = self._catalog.passages_of(row.id)
        words = terms_of((Chunk(passage.text, passage.heading) for passage in there), row.language)
        rows = ((passage.id, *each) for passage, each in zip(there, words, strict=True))
        self._db.fulltext.delete("passages_fts", rows)
        self._db.execute("DELETE FROM passages WHERE file = ?", (row.id,))

    def name(self, id: FileId, path: str, title: str = "", language: str = "") -> None:
        """Have a file found by its name and title."""
        name = analyse_name(os.path.basename(path), language)
        self._db.fulltext.insert("names_fts", [(id, name, analyse(title, language))])

    def unname(self, row: FileRow) -> None:
        """Take out what `name` put in."""
        name = analyse_name(os.path.basename(row.path), row.language)
        self._db.fulltext.delete("names_fts", [(row.id, name, analyse(row.title, row.language))])
