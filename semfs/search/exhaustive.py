"""Find every file that matches, for plans, which must not stop at the best few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from semfs.model import FileId, FileRow, Filters, Query
from semfs.search.fusion import Ranked, rank_files
from semfs.search.query import loosened, merged
from semfs.search.retrieve import Looked, Retriever
from semfs.search.without import left_out
from semfs.store.analysis import is_unspaced
from semfs.store.catalog import Catalog

# What is taken besides the files that have the words: nearness far above chance.
_SAME_MATTER: Final = (0.45, 3.5)  # cosine, deviations
# Share of the words that may stand nowhere in a script without spaces: an embedder of English takes any
# text of such a script for near to any other.
_UNSEEN: Final = 0.5
_TELLING: Final = 0.75  # share of the words' weight that a file must have
_EXHAUSTIVE: Final = 5000  # passages looked at by meaning


class Exhaustive:
    """Answer a query with all files that it means; safe to use from many threads."""

    def __init__(self, catalog: Catalog, retriever: Retriever) -> None:
        self._catalog = catalog
        self._retriever = retriever

    def matching(self, query: Query, given: Filters) -> list[FileRow]:
        """Return every file that matches, best first; filters in the query are added to those given.

        A file matches if it, its name or its title has the query's telling words, if it lies
        in a folder of that name, or if a passage is about the same matter.
        """
        ways = chain([query], self._worded(query, given))
        return next(filter(None, (self._all_matching(way, given) for way in ways)), [])

    def _worded(self, query: Query, given: Filters) -> Iterator[Query]:
        """Yield the ways in which the words of a filter are looked for instead, so that none is forgotten."""
        for bare, worded in loosened(query):
            sought = all(item.content for item in worded.relaxed)
            if sought and (not bare.text or self._all_matching(bare, given)):
                yield worded

    def _all_matching(self, query: Query, given: Filters) -> list[FileRow]:
        explicit = bool(given.kinds or given.suffixes)
        own = replace(query.filters, kinds=frozenset(), suffixes=frozenset()) if explicit else query.filters
        filters = merged((given, own))
        if not query.text:
            order = [row.id for row in self._catalog.matching(filters)]
        else:
            order = self._all_about(query, filters)
        kept = [
            item.file
            for item in left_out([Ranked(id, 0.0, None) for id in order], query, self._retriever, [])
        ]
        files = self._catalog.files(kept)
        return [files[id] for id in kept if id in files]

    def _all_about(self, query: Query, filters: Filters) -> list[FileId]:
        within = frozenset(self._catalog.matching_ids(filters)) if filters else None
        if within is not None and not within:
            return []
        looked = self._retriever.look(query.text, query.phrases, within=within, depth=_EXHAUSTIVE)
        chosen = self._with_words(looked, within) | _same_matter(looked, query.text)
        in_folder = self._catalog.matching_ids(replace(filters, folder=query.text))
        chosen |= in_folder if not filters.folder else set()
        ranked = rank_files(looked.matches, looked.bonus, looked.weight)
        order = [item.file for item in ranked if item.file in chosen]
        return [*order, *sorted(chosen - set(order))]

    def _with_words(self, looked: Looked, within: frozenset[FileId] | None) -> set[FileId]:
        """Return the files whose text, name or title has most of the weight of the query's words."""
        weights: dict[FileId, float] = {}
        for term in looked.words.terms:
            passages = self._catalog.match_passages(term.expression, limit=-1, within=within)
            names = self._catalog.match_names(term.expression, limit=-1, within=within)
            for file in {file for _, file, _ in passages} | {file for file, _ in names}:
                weights[file] = weights.get(file, 0.0) + term.idf
        needed = _TELLING * looked.words.weight
        return {file for file, weight in weights.items() if weight >= needed}


def _same_matter(looked: Looked, text: str) -> set[FileId]:
    if is_unspaced(text) and looked.words.unseen > _UNSEEN:
        return set()
    cosine, deviations = _SAME_MATTER
    return {
        match.file
        for match in looked.matches.values()
        if (match.cosine or 0.0) >= cosine and (match.z or 0.0) >= deviations
    }
