"""Ask both halves of the index, words and meaning, for what could answer a query.

A `Retriever` reads the catalogue and the vectors; any thread may call it.  It loads the
embedder and FAISS at its first use and runs no language model.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from semfs.errors import ModelError
from semfs.model import Coverage, FileId, PassageId
from semfs.search import feedback
from semfs.search.exact import WORDS_IN_NAME, Exact
from semfs.search.fusion import Match, Signs, signs_of, weight_of_words
from semfs.search.lexical import Words, understand
from semfs.search.vector import Near, VectorIndex
from semfs.store.catalog import Catalog

if TYPE_CHECKING:
    from semfs.engine.embed import Embedder

log = logging.getLogger(__name__)

DEPTH: Final = 400  # passages fetched from each half; at 200 CoSQA loses .003 nDCG@10, at 100 .009
_COVERAGE_S: Final = 1.0
# So many files, or this share of them, have their vectors looked up before a search (10 ms a thousand files);
# what belongs to more is picked out of a deeper search.
_FEW_FILES: Final = 2000
_SHARE: Final = 1 / 16
_REMEMBERED: Final = 64  # vectors of queries
_COUNTED_TERMS: Final = 50_000  # whose passages are counted and known, some 5 MB

# Who asks in a language would read it: of a text and its translation, which share names and numbers, the
# one in the query's language is meant. On XQuAD's three languages in one index .8 to .9 is level, 1 is worse.
_FOREIGN: Final = 0.85


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for one query; scores are judged by `fusion`."""

    words: Words
    matches: dict[PassageId, Match]
    bonus: dict[FileId, float]
    near: Near | None  # None without an embedder or vectors
    signs: Signs | None = None  # None with `near`
    whole: bool = False  # whether all passages had their vectors before the look

    @property
    def weight(self) -> float:
        """Return what the words count beside the meaning."""
        return weight_of_words(self.signs) if self.signs is not None else 1.0

    @property
    def letters(self) -> float:
        """Return how many letters of the query a piece has that the embedder knows; 0 without one."""
        return self.signs.letters if self.signs is not None else 0.0

    @property
    def is_exact(self) -> bool:
        """Whether a name has all words of the query, or a passage what was quoted."""
        return max(self.bonus.values(), default=0.0) >= WORDS_IN_NAME

    @property
    def best_cosine(self) -> float:
        return self.near.found[0][1] if self.near and self.near.found else 0.0


class Retriever:
    """Find passages by words and by meaning."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Callable[[], Embedder | None],
        *,
        cache_dir: Path,
        few_files: int = _FEW_FILES,
    ) -> None:
        self.catalog = catalog
        self._few_files = few_files
        self._embedder = embedder
        self._vectors = VectorIndex(catalog, cache_dir / "vectors")
        self._lock = threading.Lock()
        self._counted: tuple[float, Coverage] | None = None
        self._frequencies: dict[str, int] = {}
        self._languages: dict[str, int] = {}
        self._remembered: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def close(self) -> None:
        self._vectors.close()

    def coverage(self) -> Coverage:
        """Return the catalogue's coverage, at most a second old."""
        with self._lock:
            counted = self._counted
        if counted is None or time.monotonic() - counted[0] > _COVERAGE_S:
            fresh, languages = self.catalog.coverage(), self.catalog.languages()
            with self._lock:
                self._languages = languages
                if counted is None or counted[1].passages != fresh.passages:
                    self._frequencies.clear()
                self._counted = counted = (time.monotonic(), fresh)
        return counted[1]

    def words(self, text: str, phrases: Sequence[str] = ()) -> Words:
        return understand(
            text,
            phrases,
            frequency=self._frequency,
            passages=self.coverage().passages,
            languages=tuple(self._languages),
        )

    def competing(self, words: Words, within: frozenset[FileId] | None) -> int:
        """Return about how many passages could have been found by chance: those in the query's language."""
        coverage = self.coverage()
        files = max(coverage.files, 1)
        share = 1.0 if within is None else len(within) / files
        share *= self._languages.get(words.language, files) / files
        return round(share * coverage.passages)

    def look(
        self,
        text: str,
        phrases: Sequence[str] = (),
        *,
        within: frozenset[FileId] | None = None,
        depth: int = DEPTH,
    ) -> Looked:
        """Fetch up to `depth` passages from each half, only from the files in `within`."""
        before = self.coverage()  # vectors may come while it is looked for
        words = self.words(text, phrases)
        matches = self._by_words(words, within, depth)
        near = self._near(text, within, depth)
        signs = None
        if near is not None:
            self._add_meaning(matches, near, within)
            signs = signs_of(matches.values(), letters=self._letters(text), mean=near.mean)
            self._look_again(text, matches, weight_of_words(signs))
        exact = Exact(self.catalog, words, within)
        bonus = exact.names()
        exact.add_passages(phrases, matches, bonus, text=text, depth=DEPTH)
        whole = near is not None and before.embedded >= before.passages
        return Looked(words, matches, bonus, near, signs, whole)

    def has_all_words(self, words: Words, within: frozenset[FileId] | None) -> bool:
        """Say whether any passage holds every word that the query was looked up by."""
        return bool(words.terms) and bool(self.catalog.match_passages(words.all_of, limit=1, within=within))

    def look_for_words(self, text: str) -> Looked:
        """Fetch what has the words, without a look at the meaning."""
        words = self.words(text)
        return Looked(
            words, self._by_words(words, None, DEPTH), Exact(self.catalog, words, None).names(), None
        )

    def files_near(self, vector: NDArray[np.float32], *, depth: int) -> set[FileId]:
        """Return the files of the passages nearest to a vector."""
        near = self._vectors.search(vector, limit=depth)
        found = [id for id, _ in near.found] if near is not None else []
        return {file for _, _, file in self.catalog.passages_with(found)}

    def has_rare_word(self, words: Words, within: frozenset[FileId] | None) -> bool:
        """Say whether any passage or name holds one of the rarer half of the words."""
        expression = words.rarer_half
        return bool(expression) and (
            bool(self.catalog.match_passages(expression, limit=1, within=within))
            or bool(self.catalog.match_names(expression, limit=1, within=within))
        )

    # -- words

    def _frequency(self, word: str) -> int:
        known = self._frequencies.get(word)
        if known is None:
            if len(self._frequencies) >= _COUNTED_TERMS:
                self._frequencies.clear()
            known = self._frequencies[word] = self.catalog.document_frequency(word)
        return known

    def _by_words(self, words: Words, within: frozenset[FileId] | None, depth: int) -> dict[PassageId, Match]:
        if not words.any_of:
            return {}
        rows = self.catalog.match_passages(words.any_of, limit=depth, within=within)
        foreign = self._foreign(words.language, {file for _, file, _ in rows})
        return {
            passage: Match(passage, file, words=score * (_FOREIGN if file in foreign else 1.0))
            for passage, file, score in rows
        }

    def _foreign(self, language: str, files: set[FileId]) -> set[FileId]:
        """Return the files that are in another language than the query is known to be."""
        if not language or len(self._languages) < 2:
            return set()
        return self.catalog.in_other_language(language, files)

    # -- meaning

    def _near(self, text: str, within: frozenset[FileId] | None, depth: int) -> Near | None:
        vector = self.embed(text)
        if vector is None:
            return None
        if within is None:
            return self._vectors.search(vector, limit=depth)
        files = self.coverage().files
        if len(within) <= max(self._few_files, _SHARE * files):
            return self._vectors.search(vector, limit=depth, within=self.catalog.vectors_of(within))
        near = self._vectors.search(vector, limit=2 * depth * files // len(within))
        return near and self._among(near, within, depth)

    def _among(self, near: Near, within: frozenset[FileId], depth: int) -> Near:
        """Keep what belongs to these files, which are too many to look their vectors up."""
        rows = self.catalog.passages_with([id for id, _ in near.found])
        there = {vector for vector, _, file in rows if file in within}
        return replace(near, found=tuple(item for item in near.found if item[0] in there)[:depth])

    def embed(self, text: str) -> NDArray[np.float32] | None:
        """Return the query's vector, or None if there is no usable embedder."""
        with self._lock:
            known = self._remembered.get(text)
        if known is not None:
            return known
        try:
            embedder = self._embedder()
            if embedder is None:
                return None
            vector = np.asarray(embedder.embed_query(text), np.float32)
        except ModelError as error:
            log.warning("searching by words only: %s", error)
            return None
        with self._lock:
            self._remembered[text] = vector
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return vector

    def _look_again(self, text: str, matches: dict[PassageId, Match], weight: float) -> None:
        """Compare the passages that could come first with the query moved towards the best of them."""
        query = self.embed(text)
        first = feedback.candidates(matches, weight)
        vectors = self.catalog.vectors_by_passage(match.passage for match in first)
        seen = [match for match in first if match.passage in vectors]
        if query is None or not seen:
            return
        values = np.stack([vectors[match.passage] for match in seen])
        again = feedback.moved(query, values)
        chance = self._vectors.chance(again)
        if chance is not None:
            seen = feedback.seen_again(seen, values @ again, chance)
            waiting = [match for match in first if match.passage not in vectors]
            anew = [*seen, *feedback.taken_as_near(waiting, seen)]
            matches.update((match.passage, match) for match in anew)

    def _letters(self, text: str) -> float:
        """Return how many letters of the query a piece has that the embedder knows."""
        try:
            embedder = self._embedder()
        except ModelError:
            return 0.0
        return embedder.letters_a_piece(text) if embedder is not None else 0.0

    def _add_meaning(
        self, matches: dict[PassageId, Match], near: Near, within: frozenset[FileId] | None
    ) -> None:
        cosines = dict(near.found)
        for vector, passage, file in self.catalog.passages_with(list(cosines)):
            if within is not None and file not in within:
                continue  # a passage elsewhere with the same text
            cosine = cosines[vector]
            known = matches.get(passage)
            words = known.words if known is not None else 0.0
            matches[passage] = Match(passage, file, words=words, cosine=cosine, z=near.z(cosine))
