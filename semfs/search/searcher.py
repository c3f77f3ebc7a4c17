"""From the words of a query directory to ranked files: the one entry to search.

A `Searcher` may be used from any thread; each call is one snapshot of the catalogue as it is
now, also while the index is being built.  No language model runs on this path.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from semfs.errors import StoreError
from semfs.model import (
    Coverage,
    FileId,
    FileRow,
    Filters,
    Found,
    Hit,
    Kept,
    Narrowed,
    Neighbours,
    Passage,
    PassageId,
    Query,
    SearchResult,
    Step,
)
from semfs.search import facets, nothing, reasons, scope
from semfs.search.exhaustive import Exhaustive
from semfs.search.fusion import Ranked, rank_files, rank_passages, without_tail
from semfs.search.kept import ChoicesOf, applied, is_untitled, nothing_chosen
from semfs.search.query import loosened, parse
from semfs.search.retrieve import Looked, Retriever
from semfs.search.scope import Answer, Further
from semfs.search.similar import Similar
from semfs.search.without import left_out
from semfs.store.catalog import Catalog

if TYPE_CHECKING:
    from semfs.engine.embed import Embedder

Now = Callable[[], datetime]

_DENSE_MISSING = "searching by words only: the embedder is not there; `semfs doctor` says what to do"
log = logging.getLogger(__name__)

_NO_CATALOG = "nothing can be found yet: the index is being built"


class Searcher:
    """Answer queries from the catalogue."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Callable[[], Embedder | None],
        *,
        cache_dir: Path,
        limit: int,
        now: Now = datetime.now,
        choices: ChoicesOf = nothing_chosen,
    ) -> None:
        """`choices` gives what was left out of a saved query and pinned in it."""
        self._catalog = catalog
        self._limit = limit
        self._now = now
        self._choices = choices
        self._retriever = Retriever(catalog, embedder, cache_dir=cache_dir)
        self._similar = Similar(catalog, self._retriever)
        self._exhaustive = Exhaustive(catalog, self._retriever)

    def close(self) -> None:
        """End the thread that writes vectors, if there is one."""
        self._retriever.close()

    # -- a query directory

    def search(self, steps: Sequence[Step]) -> SearchResult:
        """Return the hits of nested steps, outermost first: each looks among the last one's hits."""
        try:
            return self._search(steps)
        except StoreError as error:
            # Damaged, deleted or of another version: the ingest process puts another in its place.
            log.info("no answer to a search: %s", error)
            queries = tuple(scope.query_of(step, self._now()) for step in steps)
            return SearchResult(queries, (), Coverage(), notices=(_NO_CATALOG,))

    def _search(self, steps: Sequence[Step]) -> SearchResult:
        started = time.perf_counter()
        understood: list[Query] = []
        notices: list[str] = []
        answer: Answer | None = None
        for step in steps:
            query, answer = self._step(step, answer, notices)
            understood.append(query)
        answer = answer or Answer()
        coverage = self._retriever.coverage()
        if coverage.pending or coverage.embedded < coverage.passages or coverage.activity == "scanning":
            notices.append(reasons.partly_built(coverage))
        return SearchResult(
            tuple(understood),
            answer.hits,
            coverage,
            answer.best,
            nothing.THRESHOLD,
            tuple(dict.fromkeys(notices)),
            round(1000 * (time.perf_counter() - started), 2),
            answer.more,
        )

    def _step(self, step: Step, last: Answer | None, notices: list[str]) -> tuple[Query, Answer]:
        """Return how a step was understood and what it finds; `last` is None for the first one."""
        within = None if last is None else frozenset(hit.file.id for hit in last.hits)
        match step:
            case str():
                return self._answer(self._parse(step), within, notices)
            case Kept(name):
                return self._kept(name, within, notices)
            case Narrowed():
                return scope.query_of(step, self._now()), Answer(self._narrowed(last or Answer(), step))
            case Neighbours(path):
                return scope.query_of(step, self._now()), self._neighbours(path, notices)

    def _kept(self, name: str, within: frozenset[FileId] | None, notices: list[str]) -> tuple[Query, Answer]:
        """Answer a saved query; one that nobody has named yet asks nothing."""
        query, answer = self._answer(self._parse("" if is_untitled(name) else name), within, notices)
        choices = self._choices(name)
        query = replace(query, given=name, notes=(*query.notes, *choices.notes()))
        rows = self._catalog.files(choices.pinned)
        pinned = [Hit(0, rows[id], 0.0, None, "pinned") for id in choices.pinned if id in rows]
        return query, applied(choices, answer, pinned, self._look_up)

    def _neighbours(self, path: str, notices: list[str]) -> Answer:
        row = self._catalog.file_at(path)
        if row is None:
            notices.append("this file is not in the index")
            return Answer()
        found = self._similar.to(row.id, os.path.basename(path))
        shown = scope.renumbered(self._look_up(found[: self._limit]))
        return Answer(shown, tuple(found[self._limit :]), found[0].score if found else 0.0)

    def narrow(self, result: SearchResult, step: Narrowed) -> SearchResult:
        """Return the part of a result that has a value of a facet, also beyond what is shown of it."""
        queries = (*result.queries, scope.query_of(step, self._now()))
        try:
            hits = self._narrowed(result, step)
        except StoreError as error:
            log.info("no part of a result: %s", error)
            hits = ()
        return replace(result, queries=queries, hits=hits, more=())

    def _narrowed(self, found: Answer | SearchResult, step: Narrowed) -> tuple[Hit, ...]:
        sources = self._catalog.sources()
        return scope.renumbered(facets.narrowed(self._whole(found), step.facet, step.value, roots=sources))

    def counts(self, result: SearchResult) -> dict[str, dict[str, int]]:
        """Return for each facet how many files of the whole result have each value."""
        try:
            whole, sources = self._whole(result), self._catalog.sources()
        except StoreError as error:
            log.info("no counts of a result: %s", error)
            whole, sources = list(result.hits), ()
        return {facet: facets.counts(whole, facet, roots=sources) for facet in facets.FACETS}

    def _whole(self, found: Answer | SearchResult) -> list[Hit]:
        return [*found.hits, *self._look_up(found.more)]

    def _look_up(self, found: Sequence[Found]) -> list[Hit]:
        files = self._catalog.files(item.file for item in found)
        passages = self._catalog.passages(item.passage for item in found if item.passage is not None)
        return [
            Hit(0, files[item.file], item.score, passages.get(item.passage or PassageId(0)), item.why)
            for item in found
            if item.file in files
        ]

    def _parse(self, text: str) -> Query:
        return parse(
            text,
            now=self._now(),
            is_folder=self._is_folder,
            is_author=self._catalog.any_author,
            is_recipient=self._catalog.any_recipient,
        )

    def _is_folder(self, name: str) -> bool:
        return self._catalog.any_passes(Filters(folder=name))

    def _answer(
        self, query: Query, within: frozenset[FileId] | None, notices: list[str]
    ) -> tuple[Query, Answer]:
        """Return what one query finds among the files of `within`, and how it was answered.

        If nothing passes its filters and matches, as few of them as possible are left aside.
        """
        said: list[str] = []
        answer = self._passing(query, within, said)
        if not answer.hits and within != frozenset():
            for looser in self._looser(query, within):
                told: list[str] = []
                found = self._passing(looser, within, told)
                if found.hits:
                    notices += [reasons.left_aside(looser), *told]
                    return looser, found
        notices += said
        return query, answer

    def _looser(self, query: Query, within: frozenset[FileId] | None) -> Iterator[Query]:
        """Yield ways to leave filters aside, their words being looked for instead, then not.

        The words of a filter alone are no reason: "2023" stands in many files.
        """
        for bare, worded in loosened(query):
            found = bool(self._passing(bare, within, []).hits)
            if found or not bare.text:
                yield worded
            if found:
                yield bare

    def _passing(self, query: Query, within: frozenset[FileId] | None, notices: list[str]) -> Answer:
        """Return what passes all filters of a query and matches its words."""
        if not query.text:
            return Answer(tuple(self._filtered(query, within, notices)))
        allowed = self._allowed(query.filters, within)
        if query.filters and not allowed and within != frozenset():
            notices.append(f"no file passes: {'; '.join(query.notes)}")
        answer = self._ranked(query, allowed, notices)
        if allowed and query.filters.language and not answer.hits:
            notices.append("none of them has the words, which may be in another language: all are listed")
            return Answer(tuple(self._filtered(query, within, notices)), best=answer.best)
        return answer

    def _filtered(self, query: Query, within: frozenset[FileId] | None, notices: list[str]) -> list[Hit]:
        """List all files that pass the filters, newest first; an empty query lists nothing."""
        if not query.understood:
            return []
        rows = self._catalog.matching(query.filters)
        if within is not None:
            rows = [row for row in rows if row.id in within]
        ranked = [Ranked(row.id, 0.0, None) for row in rows]
        kept = {
            item.file: rank for rank, item in enumerate(left_out(ranked, query, self._retriever, notices))
        }
        rows = sorted((row for row in rows if row.id in kept), key=lambda row: kept[row.id])
        return [Hit(rank, row, 0.0, None, "filter") for rank, row in enumerate(rows, 1)]

    def _allowed(self, filters: Filters, within: frozenset[FileId] | None) -> frozenset[FileId] | None:
        if not filters:
            return within
        passing = frozenset(self._catalog.matching_ids(filters))
        return passing if within is None else passing & within

    def _ranked(self, query: Query, within: frozenset[FileId] | None, notices: list[str]) -> Answer:
        if within is not None and not within:
            return Answer()
        looked = self._retriever.look(query.text, query.phrases, within=within)
        if looked.near is None and self._retriever.embed(query.text) is None:
            notices.append(_DENSE_MISSING)
        likely, found = self._judged(looked, within)
        if not found:
            notices.append(reasons.nothing_found(query, likely, looked))
            return Answer(best=likely)
        ranked = without_tail(rank_files(looked.matches, looked.bonus, looked.weight), looked.bonus)
        ranked = [kept for item in ranked if (kept := reasons.reasoned(item, looked)) is not None]
        ranked = left_out(ranked, query, self._retriever, notices)
        hits = self._look_up([reasons.as_found(item) for item in ranked[: self._limit]])
        more = Further(ranked[self._limit :], reasons.as_found)
        return Answer(scope.renumbered(hits), more, likely)

    def _judged(self, looked: Looked, within: frozenset[FileId] | None) -> tuple[float, bool]:
        """Return how likely it is that what was asked for is there, and whether anything was found.

        Who typed words that stand together, or a name, finds them however unlikely it is.
        """
        competing = self._retriever.competing(looked.words, within)
        likely = nothing.likelihood(looked.matches.values(), nothing.chance_of(looked, competing))
        if (
            likely >= nothing.THRESHOLD
            or looked.is_exact
            or nothing.is_near(looked.best_cosine, looked.letters, competing)
            or self._retriever.has_all_words(looked.words, within)
        ):
            return likely, True
        return likely, not looked.whole and self._retriever.has_rare_word(looked.words, within)

    # -- for plans and for answers

    def matching(self, query: str, filters: Filters, *, limit: int | None = None) -> list[FileRow]:
        """Return every file that matches, best first: for `find`, which must not stop at the best few.

        A file matches if it, its name or its title has the query's telling words, if it lies
        in a folder of that name, or if a passage is about the same matter.  Filters in the
        query's own words are added to those given.
        """
        if not self._catalog.path.exists():
            return []
        return self._exhaustive.matching(self._parse(query), filters)[:limit]

    def passages(
        self, question: str, *, limit: int, within: frozenset[FileId] | None = None
    ) -> list[tuple[Passage, FileRow, float]]:
        """Return the passages that could best answer a question, with their evidence, best first.

        Empty where nothing is related; equal texts are given once.
        """
        if not self._catalog.path.exists() or not question.strip():
            return []
        looked = self._retriever.look(question, within=within)
        if not self._judged(looked, within)[1]:
            return []
        scored = reasons.with_names(rank_passages(looked.matches, looked.weight), looked)
        top = [(score, match) for score, match in scored if reasons.is_close(match)][: 3 * limit]
        passages = self._catalog.passages(match.passage for _, match in top)
        files = self._catalog.files({match.file for _, match in top})
        found: dict[str, tuple[Passage, FileRow, float]] = {}
        for score, match in top:
            passage, file = passages.get(match.passage), files.get(match.file)
            if passage is not None and file is not None:
                found.setdefault(passage.text, (passage, file, round(score, 4)))
        return list(found.values())[:limit]
