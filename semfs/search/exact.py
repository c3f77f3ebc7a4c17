"""Find what was typed as it stands: a file's name, a quoted phrase, an identifier.

Exact things come first: what they are worth stands beside evidence of 10 to 40 for a passage
that matches well.  Full text finds the words one after the other; where the query is nothing
else, and for what is quoted, the passage is then read to see that it holds the very characters.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Final

from semfs.model import FileId, PassageId
from semfs.search.fusion import Match
from semfs.search.lexical import Words, covers, holds, phrase
from semfs.store.catalog import Catalog

_WHOLE_NAME: Final = 300.0
_TYPED_IN_NAME: Final = 200.0  # more than in the text: "PEP 484" is a title, and hundreds of files mention it
_PHRASE: Final = 100.0
_TYPED: Final = 100.0
# A quoted phrase that is less of the query is a quotation in a text, and no more than an identifier.
_OF_QUERY: Final = 0.1
# By the square of its share of the query's words: "PEP 484" is nearly all of "who wrote PEP 484", and "IL-6"
# little of a claim of ten words. Without it, SciFact with its titles is .7 in the place of .73.
_IDENTIFIER_IN_NAME: Final = 60.0
_IDENTIFIER: Final = 3.0
WORDS_IN_NAME: Final = 12.0  # all of them; some of them by the square of their share
_NAMES: Final = 100

Row = tuple[PassageId, FileId, float]


class Exact:
    """Look up names, phrases and identifiers in a catalogue, among the files of `within` if given."""

    def __init__(self, catalog: Catalog, words: Words, within: frozenset[FileId] | None) -> None:
        self._catalog = catalog
        self._words = words
        self._within = within

    def names(self) -> dict[FileId, float]:
        """Score the files whose name or title has words of the query, or is the query."""
        words, bonus = self._words, dict[FileId, float]()
        for file, row in self._catalog.files(self._named(words.any_of)).items():
            share = covers(os.path.basename(row.path), words, row.language)
            # Without another word in the query, one word of many in a name says little. A title is
            # part of the text, whose words count already: it says more only if it has them all.
            titled = bool(row.title) and covers(row.title, words, row.language) == 1.0
            bonus[file] = WORDS_IN_NAME * (1.0 if titled else share * share)
        for expression in words.identifiers:
            share = min(len(expression.split(" OR ")[0].split()) / max(len(words.asked), 1), 1.0)
            _add(self._named(expression), _IDENTIFIER_IN_NAME * share * share, bonus)
        _add(self._named(words.typed_name), _TYPED_IN_NAME, bonus)
        called = self._catalog.files(self._named(words.called))
        whole = (file for file, row in called.items() if words.is_name(os.path.basename(row.path)))
        _add(whole, _WHOLE_NAME, bonus)
        return bonus

    def add_passages(
        self,
        phrases: Sequence[str],
        matches: dict[PassageId, Match],
        bonus: dict[FileId, float],
        *,
        text: str,
        depth: int,
    ) -> None:
        """Add the passages that hold a quoted phrase or an identifier, and note their files' worth."""
        words = self._words
        for expression, quoted in zip(words.phrases, filter(phrase, phrases), strict=True):
            meant = len(quoted) >= _OF_QUERY * len(text)
            found = self._holding(expression, quoted, depth)
            _note(found, _PHRASE if meant else _IDENTIFIER, matches, bonus, exact=meant)
        for expression in words.identifiers:
            _note(self._rows(expression, depth), _IDENTIFIER, matches, bonus, exact=False)
        found = self._holding(words.typed, words.thing, depth)
        _note(found, _TYPED, matches, bonus, exact=True)

    def _named(self, expression: str) -> list[FileId]:
        if not expression:
            return []
        return [file for file, _ in self._catalog.match_names(expression, limit=_NAMES, within=self._within)]

    def _rows(self, expression: str, limit: int) -> list[Row]:
        if not expression:
            return []
        return self._catalog.match_passages(expression, limit=limit, within=self._within)

    def _holding(self, expression: str, typed: str, limit: int) -> list[Row]:
        rows = self._rows(expression, limit)
        texts = self._catalog.passages(passage for passage, _, _ in rows)
        return [row for row in rows if row[0] in texts and holds(texts[row[0]].text, typed)]


def _add(files: Iterable[FileId], worth: float, bonus: dict[FileId, float]) -> None:
    for file in files:
        bonus[file] = bonus.get(file, 0.0) + worth


def _note(
    rows: Sequence[Row],
    worth: float,
    matches: dict[PassageId, Match],
    bonus: dict[FileId, float],
    *,
    exact: bool,
) -> None:
    """Count a find once a file, and have its passages among the matches."""
    for passage, file, score in rows:
        match = matches.get(passage) or Match(passage, file)
        matches[passage] = match._replace(words=max(match.words, score), exact=exact or match.exact)
    _add({file for _, file, _ in rows}, worth, bonus)
