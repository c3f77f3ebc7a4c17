"""Say how likely it is that anything was found at all; pure.

The odds that the best passage answers the query follow from what the query's scores are beside
what the index gives by chance: the passage's cosine times the share of the words' weight that
it has, the query's mean cosine, the weight of words that stand nowhere, and how many passages
had a chance.  The weights were fitted by logistic regression (`benchmarks/fit_nothing`), the
passage that counts being the likeliest one, on judged queries asked of their own collection and
of others, alone and among 3,000 other files.  Cosine and share beside their product gave nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semfs.search.fusion import Match
from semfs.search.retrieve import Looked

# Below this likelihood nothing was found. benchmarks/nothing says what it finds and what it loses.
THRESHOLD: Final = 0.12
WEIGHTS: Final = (12.96, 18.92, -3.12, -0.611, 0.079)  # of `features`, in their order
BIAS: Final = -0.435
# The cosine that is assumed of a passage that only its words have found, as a share of the
# farthest one that was fetched.
_UNFETCHED: Final = 0.9
_MOST_SHARE: Final = 2.0  # BM25 of a short passage with all words many times; more says nothing more

# The nearest passage is near enough, whatever its words, if the embedder reads the query (letters of
# one of its pieces) and its cosine is more than such as come by chance among so many passages. Of
# 3,350 judged queries 94 % have such a passage, of 5,700 asked of other collections, of 300 to 49,000
# passages, 6 %. With a gentler slope small collections lose more of what they have.
_READ: Final = 3.0
_NEAR: Final = (0.10, 0.037)  # and per ln of the passages


@dataclass(frozen=True, slots=True)
class Chance:
    """What a query and the index it is asked of are like."""

    passages: int  # that could have been found by chance
    weight: float  # of the query's words: the sum of their idf
    unseen: float  # share of that weight that words have which stand nowhere
    mean: float  # of the query's cosine with all passages
    farthest: float  # cosine of the last passage that was fetched by its meaning


def likelihood(matches: Collection[Match], chance: Chance) -> float:
    """Return the probability that the likeliest of these passages is what was asked for."""
    if not matches:
        return 0.0
    odds = BIAS + float((features(matches, chance) @ np.array(WEIGHTS)).max())
    return 1 / (1 + math.exp(-max(odds, -500.0)))


def is_near(cosine: float, letters: float, passages: int) -> bool:
    """Say whether a passage this near is what was meant, though it may have other words."""
    least, more = _NEAR
    return letters >= _READ and cosine >= least + more * math.log(max(passages, 1))


def features(matches: Collection[Match], chance: Chance) -> NDArray[np.float64]:
    """Return what the weights belong to, (n, 5)."""
    unfetched = _UNFETCHED * chance.farthest
    cosine = np.array([match.cosine if match.cosine is not None else unfetched for match in matches])
    words = np.array([match.words for match in matches])
    share = np.minimum(words / max(chance.weight, 1e-6), _MOST_SHARE)
    size = math.log(max(chance.passages, 1))
    mean, unseen, sizes = (np.full(len(words), value) for value in (chance.mean, chance.unseen, size))
    return np.column_stack([mean, share * cosine, unseen, sizes, words])


def chance_of(looked: Looked, passages: int) -> Chance:
    """Return what `likelihood` needs to know beside the matches; `passages` is how many had a chance."""
    near = looked.near
    farthest = near.found[-1][1] if near and near.found else 0.0
    words = looked.words
    weight = sum(term.idf * term.count for term in words.terms)
    return Chance(passages, weight, words.unseen, near.mean if near else 0.0, farthest)
