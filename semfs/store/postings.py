"""What the words of a query find: passages, names, and how frequent a word is.

Of a large catalogue the words beside it answer (`words`), else its own full text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from semfs.model import FileId, PassageId
from semfs.store.analysis import quoted
from semfs.store.connection import Connection
from semfs.store.facts import Facts
from semfs.store.rows import Row
from semfs.store.words import WordIndex

# A language is looked for if so many files are in it, or such a share of those whose language is known.
_ENOUGH, _SHARE = 20, 0.01
_MOST_LANGUAGES = 8  # each costs a form of every word
_NAMED = "SELECT rowid FROM names_fts WHERE names_fts MATCH ? LIMIT ?"


class Postings(Facts):
    """Look words up; safe to use from many threads."""

    common_names = 10_000  # that have a word and are still ranked, in 7 ms; of more some are taken

    def __init__(self, path: Path, db: Connection | None = None) -> None:
        super().__init__(path, db)
        self._words = WordIndex(path.with_name("words"))

    def match_passages(
        self, match: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[PassageId, FileId, float]]:
        """Return passages for an FTS5 expression over analysed words, best first.

        The score is BM25, higher is better.  Column weights: a heading counts twice.
        """
        rows = self._words.match(match, limit=limit, within=within, of=self._whole)
        if rows is not None:
            return rows
        sql = (
            "SELECT passages_fts.rowid, passages.file, -bm25(passages_fts, 1.0, 2.0) AS score"
            " FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid"
            " WHERE passages_fts MATCH ?{within} ORDER BY score DESC LIMIT ?"
        )
        return [
            (PassageId(p), FileId(f), s)
            for p, f, s in self._match(sql, match, "passages.file", limit, within)
        ]

    def match_names(
        self, match: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[FileId, float]]:
        """Return files whose name or title matches an FTS5 expression, best first."""
        sql = (
            "SELECT rowid, -bm25(names_fts, 2.0, 1.0) AS score FROM names_fts"
            " WHERE names_fts MATCH ?{within} ORDER BY score DESC LIMIT ?"
        )
        if limit < 0 or within is not None:
            # With "+" FTS5 is not asked once for each file of `within`.
            return [(FileId(f), s) for f, s in self._match(sql, match, "+rowid", limit, within)]
        few, many = self._by_frequency(match)
        rows = self._match(sql, few, "", limit, None) if few else []
        if many and len(rows) < limit:
            there = {row[0] for row in rows}
            rows += [(id, 0.0) for (id,) in self._db.rows(_NAMED, (many, limit)) if id not in there]
        return [(FileId(f), s) for f, s in rows[:limit]]

    def _by_frequency(self, match: str) -> tuple[str, str]:
        """Part the words that very many names have from the others: those take too long to rank."""
        parts = match.split(" OR ")
        most = self.common_names
        many = [part for part in parts if len(self._db.rows(_NAMED, (part, most))) == most]
        return " OR ".join(part for part in parts if part not in many), " OR ".join(many)

    def _match(
        self, sql: str, match: str, column: str, limit: int, within: frozenset[FileId] | None
    ) -> list[Row]:
        if within is None:
            return self._db.rows(sql.format(within=""), (match, limit))
        chosen = f" AND {column} IN (SELECT value FROM json_each(?))"
        return self._db.rows(sql.format(within=chosen), (match, json.dumps(list(within)), limit))

    def document_frequency(self, word: str) -> int:
        """Return in how many passages an analysed word stands."""
        known = self._words.frequency(word, of=self._whole)
        if known is not None:
            return known
        sql = "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?"
        return int(self._db.rows(sql, (quoted(word),))[0][0])

    def languages(self) -> dict[str, int]:
        """Return how many files each language has that has more than stray ones, the most frequent first."""
        rows = self._db.rows(
            "SELECT substr(what, 10), value FROM counts WHERE what > 'language:' AND what < 'language;'"
        )
        counts: list[tuple[str, int]] = sorted(rows, key=lambda row: (-row[1], row[0]))
        enough = min(_ENOUGH, _SHARE * sum(count for _, count in counts))
        return {language: count for language, count in counts[:_MOST_LANGUAGES] if count >= enough}

    def in_other_language(self, language: str, files: Iterable[FileId]) -> set[FileId]:
        """Return which of the files are known to be in another language."""
        sql = "SELECT id FROM files WHERE language NOT IN ('', ?) AND id IN (SELECT value FROM json_each(?))"
        return {FileId(row[0]) for row in self._db.rows(sql, (language, json.dumps(list(files))))}

    def _whole(self) -> tuple[str, int]:
        return self.identity(), self.passage_count()
