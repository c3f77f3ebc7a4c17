"""The nearest neighbours of one file, by the vectors that its passages have already.

No model runs.  A file is the mean of its passages: of the BBC's articles 91 % of the first ten
neighbours are of the same section, as against 88 to 90 % by the nearest or the mean nearest
passage, and two copies are at cosine 1 however they are cut up.  A file without vectors is
compared by its most telling words, and so is one that has them before the others do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semfs.model import FileId, Found, PassageId
from semfs.search.fusion import rank_files, without_tail
from semfs.search.retrieve import Retriever
from semfs.store.catalog import Catalog

# Passages whose files are compared: with 400 the first ten are those of comparing all files in
# 99.8 %, with 200 in 98 %.
_DEPTH: Final = 400
_SAMPLED: Final = 64  # passages of a long file that are looked at, evenly spread
_FAR: Final = 0.28  # nine in ten pairs of any two files are farther apart
_READ: Final = 20  # passages that the telling words are taken from
_WORDS: Final = 96  # the file's most frequent ones, of which the rarest of the index are looked up
_WORD: Final = re.compile(r"\w+")

Floats = NDArray[np.float32]
Sampled = tuple[Sequence[PassageId], Floats]  # passages of one file with their vectors


def direction(vectors: Floats) -> Floats:
    """Return the normalised mean."""
    mean = vectors.mean(0)
    normalised: Floats = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return normalised


def nearest(own: Floats, others: Mapping[FileId, Sampled]) -> list[Found]:
    """Return the files that are not far, the nearest first, each with its passage nearest to `own`."""
    scored = []
    for file, (passages, vectors) in others.items():
        score = float(direction(vectors) @ own)
        if score >= _FAR:
            scored.append(Found(file, round(score, 4), passages[int(np.argmax(vectors @ own))], "meaning"))
    return sorted(scored, key=lambda found: (-found.score, found.file))


def telling_words(texts: Sequence[str]) -> str:
    """Return the most frequent words of a text."""
    counter = Counter(word.casefold() for text in texts for word in _WORD.findall(text) if len(word) > 1)
    return " ".join(word for word, _ in counter.most_common(_WORDS))


class Similar:
    """Find the neighbours of files; any thread may call."""

    def __init__(self, catalog: Catalog, retriever: Retriever) -> None:
        self._catalog = catalog
        self._retriever = retriever

    def to(self, file: FileId, name: str) -> list[Found]:
        """Return the neighbours of a file, the nearest first, without itself."""
        found: list[Found] = []
        own = self._catalog.file_vectors([file], most=_SAMPLED).get(file)
        if own is not None:
            near = self._retriever.files_near(direction(own[1]), depth=_DEPTH) - {file}
            found = nearest(direction(own[1]), self._catalog.file_vectors(near, most=_SAMPLED))
        coverage = self._retriever.coverage()
        if own is None or (not found and coverage.embedded < coverage.passages):
            return self._by_words(file, name)
        return found

    def _by_words(self, file: FileId, name: str) -> list[Found]:
        texts = [passage.text for passage in self._catalog.passages_of(file)[:_READ]]
        words = telling_words(texts or [name.replace("_", " ")])
        looked = self._retriever.look_for_words(words)
        ranked = rank_files(looked.matches, looked.bonus, looked.weight)
        others = [item for item in ranked if item.file != file]
        return [
            Found(item.file, round(item.score, 4), item.best.passage if item.best else None, "words")
            for item in without_tail(others, looked.bonus)
        ]
