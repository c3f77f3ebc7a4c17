"""Decide what a passage can bear out; pure.

A small model asked about a passage always says something.  So a passage that has too few of the
question's words is not read at all, and an answer counts only if its numbers and most of
its own words stand in the passage that it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from semfs.search.lexical import telling

ASKED: Final = 0.34  # share of the question's words that a passage must have to be read
BORNE: Final = 0.5  # share of a statement's own words that its passage must have
_BARE: Final = frozenset(telling("yes no not true false correct never always allowed there"))
_HOW: Final = frozenset(telling("how much many high long far often big large old tall wide deep"))

# Only where a choice is offered do the words of a question answer it (in 8 of 1,128 questions of SQuAD 2).
_CHOICE: Final = re.compile(r"\b(?:or|oder|ou)\b|还是|或", re.IGNORECASE)

_TEXTS = r"(?:files?|passages?|documents?|texts?|context|information)"
_REFUSES = re.compile(
    rf"^\W*(?:(?:the|these|your|none of the|no) )?(?:provided |given )?{_TEXTS}\b[^.]{{0,40}}?"
    r"\b(?:do|does|did) ?n[o']t\b"
    r"|\b(?:not|nothing|never|nowhere)\b (?:\w+ ){0,3}?(?:mentioned|given|provided|stated|specified|found"
    r"|said|available|described|included|listed|discussed|known)\b[^.]{0,20}?\b(?:in|by|from) "
    rf"(?:any of )?(?:the |these |your )?(?:provided |given |above )?{_TEXTS}\b"
    rf"|^\W*(?:none of|no) [^.]{{0,20}}{_TEXTS} (?:say|mention|contain|provide)"
    r"|^\W*(?:there is no|none\b|i (?:do not|don't|cannot|can't)) ?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f ]\d{3})*(?:[.,]\d+)?")


class Evidence:
    """What the passages of one question have of its words."""

    def __init__(self, question: str, passages: Sequence[str]) -> None:
        self._asked = frozenset(telling(question)) - _HOW
        self._choice = _CHOICE.search(question) is not None
        self._question_numbers = _numbers(question)
        self._words = [frozenset(telling(text)) for text in passages]
        self._numbers = [_numbers(text) for text in passages]
        # A question in another language than its passages shares no word with them, nor does its answer.
        self._foreign = not any(self._asked & words for words in self._words)

    def worth_reading(self, place: int) -> bool:
        """Whether a passage (from 0) has enough of what is asked for."""
        if self._foreign or not self._asked:
            return True
        return len(self._asked & self._words[place]) / len(self._asked) >= ASKED

    def bears_out(self, statement: str, place: int) -> bool:
        """Whether the passage has the statement's numbers and most of its own words, and it has some."""
        if refuses(statement) or _numbers(statement) - self._question_numbers - self._numbers[place]:
            return False
        words = frozenset(telling(statement))
        if words and words <= self._asked and not self._choice:
            return False
        own = words - self._asked - _BARE
        if self._foreign or not own:
            return True
        return len(own & self._words[place]) / len(own) >= BORNE


def refuses(statement: str) -> bool:
    """Whether a statement says that there is no answer."""
    return _REFUSES.search(statement.strip()) is not None


def _numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text, without what groups their digits."""
    found = (re.sub(r"\D", "", match[0]).lstrip("0") for match in _NUMBER.finditer(text))
    parts = (part.lstrip("0") for part in re.findall(r"\d+", text))
    return frozenset([*found, *parts]) - {""}
