"""Weigh what the words say of a passage against what its meaning says; pure.

Both halves are brought to one scale, evidence against chance, and added, as in naive Bayes:
BM25 is a sum of log odds already, and a cosine that lies z deviations above the query's mean
cosine has about z²/2 against it under a normal distribution.  How much the words count beside
that is weighed for each query anew, by what shows without a judgement which half knows more.
docs/search.md has the measurements.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import Final, NamedTuple

from semfs.model import FileId, PassageId

_READABLE: Final = (0.3, 4.0)  # letters a piece; beyond these nothing changes
_FIRST: Final = 10
# A passage that only its words have found lies below the last cosine that was fetched; this
# share of that z is assumed. 0.7 beat 0 and 1 on CoSQA and Cranfield at every depth.
_UNSEEN: Final = 0.7
_MORE: Final = 0.03  # of a file's score for each further passage that matches nearly as well
_MOST: Final = 5
# A file below this share of the best evidence is left out: of the judged documents among the
# first 50, that loses 0 to 0.1 % on six sets, and takes half or more of what is shown on four.
_TAIL: Final = 0.15


@dataclass(frozen=True, slots=True)
class Signs:
    """What shows, without a judgement, which half knows more of what a query asks."""

    letters: float  # of the query in a piece of the embedder's vocabulary: 4 in English, 1 in Russian
    rise: float  # of the best cosine, as a share of the way from the query's mean cosine to 1
    agreement: float  # share of the ten best files by words that are among the ten best by meaning


# ln(weight of BM25 beside z²/2) is linear in the signs. `benchmarks/fusion` fits it on judged
# collections, each as important as another; docs/search.md says what each is left with without its own.
_COEFFICIENTS: Final = (2.3, -1.5, -2.0, 1.3)  # constant, ln of the letters, rise, agreement


# Eight hundred matches are made for a query, and half as many files are ranked: a named tuple takes a
# third of a frozen dataclass's time.
class Match(NamedTuple):
    """A passage that was found, with both halves' view of it."""

    passage: PassageId
    file: FileId
    words: float = 0.0  # BM25
    z: float | None = None  # deviations of its cosine above the mean; None if it was not fetched
    cosine: float | None = None
    exact: bool = False  # it holds a quoted phrase as it was typed


class Ranked(NamedTuple):
    """A file with its best passage."""

    file: FileId
    score: float
    best: Match | None


def signs_of(matches: Iterable[Match], *, letters: float, mean: float) -> Signs:
    """Return the signs of one query from its two lists; `mean` is its cosine with a passage by chance."""
    words: dict[FileId, float] = {}
    meaning: dict[FileId, float] = {}
    for match in matches:
        if match.words > words.get(match.file, 0.0):
            words[match.file] = match.words
        if match.cosine is not None and match.cosine > meaning.get(match.file, -1.0):
            meaning[match.file] = match.cosine
    first = nlargest(_FIRST, words, key=lambda file: (words[file], -file))
    near = nlargest(_FIRST, meaning, key=lambda file: (meaning[file], -file))
    best = meaning[near[0]] if near else mean
    rise = (best - mean) / max(1.0 - mean, 0.01)
    return Signs(letters, rise, len(set(first) & set(near)) / _FIRST)


def vector_of(signs: Signs) -> tuple[float, float, float, float]:
    """Return what the coefficients are multiplied with."""
    least, most = _READABLE
    return 1.0, math.log(min(max(signs.letters, least), most)), signs.rise, signs.agreement


def weight_of_words(signs: Signs) -> float:
    """Return what BM25 counts beside z²/2."""
    return math.exp(sum(map(operator.mul, _COEFFICIENTS, vector_of(signs))))


def evidence(matches: Collection[Match], weight: float) -> list[float]:
    """Return for each passage the sum of both halves, the one that counts more as it is."""
    unseen = _UNSEEN * lowest_z(matches)
    words, meaning = min(weight, 1.0), 0.5 / max(weight, 1.0)
    both = ((match.words, match.z if match.z is not None else unseen) for match in matches)
    return [words * bm25 + (meaning * z * z if z > 0 else 0.0) for bm25, z in both]


def rank_passages(matches: Mapping[PassageId, Match], weight: float) -> list[tuple[float, Match]]:
    """Return the passages with their evidence, exact ones first, then by evidence."""
    found = matches.values()
    scored = zip(evidence(found, weight), found, strict=True)
    return sorted(scored, key=lambda item: (not item[1].exact, -item[0], item[1].passage))


def rank_files(
    matches: Mapping[PassageId, Match], bonus: Mapping[FileId, float], weight: float
) -> list[Ranked]:
    """Return the files by their best passage, a little for further ones, and their bonus."""
    by_file: dict[FileId, list[tuple[float, Match]]] = {}
    for item in rank_passages(matches, weight):
        by_file.setdefault(item[1].file, []).append(item)
    ranked = [
        Ranked(file, _file_score([score for score, _ in items]) + bonus.get(file, 0.0), items[0][1])
        for file, items in by_file.items()
    ]
    ranked += [Ranked(file, score, None) for file, score in bonus.items() if file not in by_file]
    return sorted(ranked, key=lambda item: (-item.score, item.file))


def without_tail(ranked: list[Ranked], bonus: Mapping[FileId, float]) -> list[Ranked]:
    """Leave out the files whose score is a small share of the best evidence."""
    best = max((item.score - bonus.get(item.file, 0.0) for item in ranked), default=0.0)
    return [item for item in ranked if item.score > max(_TAIL * best, 0.0)]


def lowest_z(matches: Iterable[Match]) -> float:
    """Return the z of the farthest passage that was fetched by its meaning."""
    return min((match.z for match in matches if match.z is not None), default=0.0)


def _file_score(scores: list[float]) -> float:
    if len(scores) == 1:  # as most files have: 400 calls a query
        return scores[0]
    best = max(scores)
    near = sum(score > 0.8 * best for score in scores[1 : 1 + _MOST])
    return best * (1 + _MORE * near)
