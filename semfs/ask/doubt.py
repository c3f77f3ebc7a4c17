"""Judge from several weak signs whether a passage really says what was asked; pure.

Asked about a passage that is near the question and does not answer it, a small model says
something all the same.  What it thought of a way out, and of its own answer when it read it
again, together with the words and names of the question that stand beside the answer, tells most
of these cases.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from semfs.search.lexical import telling

_NOT: Final = re.compile(
    r"\b(?:not|no|never|nor|none|without|cannot|except|fail(?:s|ed)?|refus\w*|den(?:y|ied)|(?<!at )least)\b"
    r"|n['’]t\b"
    r"|\b(?:nicht|kein\w*|nie|ohne|außer)\b"
    r"|不(?!同|仅|断|少|过|久)|没|未(?!来)|非(?!洲|常)|无(?!线|论)",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"(?<=\s)[^\W\d_a-zß-öø-ÿ][\w’'-]+|\d[\d.,]*\d|\d")

# Weighed on questions of SQuAD 2 that are not among those measured, for the default model: those that need
# no model on 1,151, all on the first passages of 507, and the score on 226 with all that is read for them, of
# which 71 % of those without an answer are refused and 24 % of the others.
_WAY_OUT: Final = 0.1
_NAMES: Final = 1.0
_WORDS: Final = 1.0
_DENIED: Final = 1.0
_REVERSED: Final = 1.0
_LIKELY_SCORE: Final = 3.75

NO_USE: Final = -0.3  # of `Signs.way_out`: above it an answer is not looked at any more
LIKELY: Final = 0.5  # no further passage is read: of 230 questions none had a better answer further down
SURE: Final = 0.9  # the passage is not asked for another answer
HOPELESS: Final = 0.15  # nor below it


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of one answer."""

    way_out: float  # natural logarithm of how likely the model thought that there is no answer
    wrong: float  # and, when it read it again, that the answer is wrong
    names: float = 1.0  # share of the question's names and numbers in the sentences that it is from
    words: int = 0  # of the question that stand in the very sentence
    chance: float = 0.0  # natural logarithm of how likely it is that this passage is the one asked about
    denied: bool = False  # the question denies something
    reversed: bool = False  # which these sentences do not


def signs(
    question: str, sentence: str, sentences: str, *, chance: float, way_out: float, wrong: float
) -> Signs:
    """Look at the sentence that the answer is from, and at all that the model saw of its passage."""
    names = frozenset(telling(" ".join(_NAME.findall(question))))
    found = len(names & frozenset(telling(sentences))) / len(names) if names else 1.0
    words = len(frozenset(telling(question)) & frozenset(telling(sentence)))
    denied = bool(_NOT.search(question))
    return Signs(way_out, wrong, found, words, chance, denied, denied and not _NOT.search(sentences))


def odds(logarithm: float) -> float:
    """Return the logarithm of the odds of what has this logarithm of a probability."""
    return logarithm - math.log(max(1e-9, 1.0 - math.exp(min(0.0, logarithm))))


def probability(known: Signs) -> float:
    """Return how likely it is that the passage says what was asked."""
    asked = _NAMES * known.names + _WORDS * math.log1p(known.words)
    score = -odds(known.wrong) - _WAY_OUT * known.way_out + asked
    score -= _DENIED * known.denied + _REVERSED * known.reversed
    return 1 / (1 + math.exp(_LIKELY_SCORE - known.chance - max(-60.0, score)))
