"""Look a second time with what the first look found: Rocchio's pseudo-relevance feedback; pure.

The query's vector is moved a little towards the passages that lead, and the passages that
could come first are compared anew.  Nothing new is fetched: only their order changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semfs.model import PassageId
from semfs.search.fusion import Match, evidence

Floats = NDArray[np.float32]

COMPARED: Final = 50  # passages that are compared anew; 100 gave the same
# The best three, a quarter as heavy as the query: .004 nDCG@10 on SciFact and Cranfield, .014 on CACM,
# level on CoSQA, CISI and XQuAD. One, five or ten passages and more weight gave less, or cost CoSQA.
_LEADING: Final = 3
_WEIGHT: Final = 0.25
# A passage that waits for its vector is taken to be this share of the best z away from chance: found by
# words as it is, it is nearer than most, and must not lie behind all that have a vector already.
_WAITING: Final = 0.7


def candidates(matches: Mapping[PassageId, Match], weight: float) -> list[Match]:
    """Return the passages that are compared anew, best first."""
    found = matches.values()
    first = nlargest(COMPARED, zip(evidence(found, weight), found, strict=True), key=itemgetter(0))
    return [match for _, match in first]


def moved(query: Floats, ranked: Floats) -> Floats:
    """Return the query's vector moved towards the first of the passages, of length 1."""
    centre = ranked[:_LEADING].mean(0)
    towards = query + _WEIGHT * centre / max(float(np.linalg.norm(centre)), 1e-6)
    return np.asarray(towards / max(float(np.linalg.norm(towards)), 1e-6), np.float32)


def seen_again(matches: list[Match], cosines: Floats, chance: tuple[float, float]) -> list[Match]:
    """Return the matches with z from the moved query's cosines, their mean and deviation by chance."""
    mean, deviation = chance
    again = ((cosines - mean) / deviation).tolist()
    return [match._replace(z=z) for match, z in zip(matches, again, strict=True)]


def taken_as_near(waiting: list[Match], seen: list[Match]) -> list[Match]:
    """Return the matches that have no vector yet with a z that could be theirs."""
    best = max((match.z or 0.0 for match in seen), default=0.0)
    return [match._replace(z=_WAITING * max(best, 0.0)) for match in waiting]
