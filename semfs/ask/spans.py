"""Find the words of an answer in the passage that it was read from; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from semfs.search.lexical import telling

LONGEST: Final = 300  # characters of a quote
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s+[^\sa-z])|[。！？]|\n{2,}")
# What a full stop follows within a sentence: "St. John", "Charles W. Eliot", "the U.S. Senate", "(d. 1520)".
_GOES_ON = re.compile(
    r"(?:\b(?:St|Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Col|Capt|Lt|Sgt|Sr|Jr|Mt|Ft|No|Nos|Nr|Fig|Vol|vs|cf|ca|approx|bzw|Hl)"
    r"|\b[A-ZÄÖÜ][\w’'-]+\s[A-Z]|\b[A-Za-z](?:\.[A-Za-z])+|\([cdb]|^\W*[A-Z])$"
)
_TIME_OR_PLACE: Final = re.compile(
    r"\b(?:when|where|(?:by|in|on|at|during|since) (?:what|which)"
    r"|(?:what|which) (?:year|date|day|month|decade|century|time|place|city|town|country)"
    r"|wann|wo|(?:in|an|bei|seit) welche[mnr]?)\b",
    re.IGNORECASE,
)
_PREPOSITION: Final = re.compile(r"(?:by|in|on|at|during|since|im|am|um|bei|seit)\s+(?=\S)", re.IGNORECASE)
_WHEN: Final = re.compile(r"^\W*(?:when|wann)\b", re.IGNORECASE)
_YEAR: Final = re.compile(r"[12]\d{3}")
_MONTH: Final = (
    r"(?:Jan(?:uary|uar)?|Feb(?:ruary|ruar)?|Mar(?:ch)?|März|Apr(?:il)?|May|Mai|June?|Juni|July?|Juli|Aug(?:ust)?"
    r"|Sep(?:t|tember)?|Oct(?:ober)?|Okt(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|Dez(?:ember)?)\.?"
)
_DAY: Final = r"\d{1,2}(?:st|nd|rd|th|\.)?"
_DATE: Final = rf"(?:{_DAY}\s+{_MONTH}|{_MONTH}(?:\s+{_DAY})?),?"
_BEFORE: Final = 40  # characters in which an abbreviation is looked for
_CUT: Final = "…"
_ORDINAL: Final = re.compile(r"\b\d{1,2}$")  # "am 30. Juni", where the stop ends no sentence
_THEN_MONTH: Final = re.compile(rf"\s+{_MONTH}")


def sentences(text: str) -> list[str]:
    """Return a text's sentences, as they stand there."""
    found, start = [], 0
    for match in _END.finditer(text):
        before = text[max(start, match.start() - _BEFORE) : match.start()]
        if match[0][0] == "." and (
            _GOES_ON.search(before) or (_ORDINAL.search(before) and _THEN_MONTH.match(text, match.end()))
        ):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    return [item for item in (*found, text[start:].strip()) if item]


def copied(answer: str, text: str) -> str:
    """Return the words of a text that an answer repeats, as they stand there; "" if it does not."""
    words = answer.strip().strip(".,;:\"'“”«»„").split()
    pattern = r"\s+".join(re.escape(word) for word in words)
    found = re.search(pattern, text, re.IGNORECASE) if words else None
    return found[0] if found else ""


def bare(answer: str, question: str) -> str:
    """Return an answer without the preposition that the question has already: "1979" for "By 1979"."""
    if not _TIME_OR_PLACE.search(question):
        return answer
    return _PREPOSITION.sub("", answer, count=1) if _PREPOSITION.match(answer) else answer


def dated(answer: str, question: str, sentence: str) -> str:
    """Return a year with the day and month, or the span of days, that the sentence has before it.

    Only for who asks when; models take the year alone.
    """
    if not _WHEN.search(question) or not _YEAR.fullmatch(answer):
        return answer
    found = re.search(rf"(?:{_DATE}\s+(?:{answer}\s+)?[-–—]\s+)?{_DATE}\s+{answer}\b", sentence)
    return found[0] if found else answer


@dataclass(frozen=True, slots=True)
class Support:
    """Where a passage bears an answer out."""

    quote: str  # the sentence, cut where it is very long
    context: str  # it and the one before, which says who "he" is


def support(answer: str, question: str, text: str) -> Support:
    """Return the sentence of a passage that bears an answer out best."""
    asked, own = frozenset(telling(question)), frozenset(telling(answer))

    def weight(sentence: str) -> tuple[bool, int, int]:
        words = frozenset(telling(sentence))
        return bool(copied(answer, sentence)), len(own & words), len(asked & words)

    found = sentences(text)
    if not any(copied(answer, sentence) for sentence in found):  # an answer that goes over an end
        found = [f"{one} {next_one}" for one, next_one in pairwise(found)] or found
    if not found:
        return Support("", "")
    weights = [weight(sentence) for sentence in found]
    best = weights.index(max(weights))
    return Support(
        _around(copied(answer, found[best]), " ".join(found[best].split())),
        " ".join(found[max(0, best - 1) : best + 1]),
    )


def _around(words: str, sentence: str) -> str:
    """Return as much of a long sentence as a quote may have, with these words in it."""
    if len(sentence) <= LONGEST:
        return sentence
    middle = max(0, sentence.find(" ".join(words.split()))) + len(words) // 2
    start = min(max(0, middle - LONGEST // 2), len(sentence) - LONGEST)
    piece = sentence[start : start + LONGEST]
    head = piece if start == 0 else _CUT + piece.partition(" ")[2]
    return head if start + LONGEST >= len(sentence) else head.rpartition(" ")[0] + _CUT
