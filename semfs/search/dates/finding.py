"""Find the times in a text, and tell how sure it is that they are times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semfs.search.dates import numerals
from semfs.search.dates.lexicon import DROPPED, plain
from semfs.search.dates.moments import Moment
from semfs.search.dates.reading import Context
from semfs.search.dates.rules import kept, meant, reduced
from semfs.search.dates.tokens import ARTICLES, FIGURES, PAIR, Piece, Token, cut, spoken, tokens
from semfs.search.spans import Span
from semfs.search.spans import plain as naive

_LONGEST: Final = 1000  # characters that are looked at: nobody types a time behind so many
_DASHES: Final = "-~"
_BOUNDING: Final = "SABT"  # since, after, before, until
_LEADS: Final = "fib" + _BOUNDING + _DASHES  # classes of words that lead a time in
_UNTELLING: Final = DROPPED + "fib" + _DASHES
_TELLING: Final = "trls" + FIGURES  # classes that are enough: yesterday, 去年, last, 2024-03-12
_PARTICLES: Final = ("的", "の")
_ELSEWHERE: Final = (
    "may march mar sat sun wed mon fall spring second this that by"
    " hier now jetzt ahora maintenant morgen manana 今 现在"
)
_OFTEN_ELSE: Final = frozenset(_ELSEWHERE.split())
"""Words that oftener mean something else: "this may" and "by sat" are no times for sure."""


@dataclass(frozen=True, slots=True)
class Found:
    """A time in a text.

    `text[start:end]` is all that belongs to it, a leading "in", "from", "seit", "du" included, so
    that it can be cut out.  `led` says that there is such a word.  `sure` says that the words can
    hardly mean anything else ("last week", "March 2023", "seit 2020", 三天前): a bare month,
    season, weekday, year, feast or fraction ("May", "summer", "2023", "4/5") is not.
    """

    start: int
    end: int
    span: Span
    sure: bool
    led: bool
    language: str


def find(text: str, now: datetime) -> list[Found]:
    """Return the times in a text, in order and without overlap; linear in the text, never raises.

    The language is that in which most of the text is a time; where others know more times
    beside, of which they are sure, these count too.
    """
    folded = plain(text[:_LONGEST])
    pieces = cut(folded)
    readings = [
        _times(folded, pieces, Context.of(naive(now), language, False)) for language in spoken(pieces)
    ]
    readings.sort(key=lambda reading: reading[0], reverse=True)
    found: list[Found] = []
    for n, (_, times) in enumerate(readings):
        for time in times:
            if (n == 0 or time.sure) and all(time.end <= f.start or f.end <= time.start for f in found):
                found.append(time)
    return sorted(found, key=lambda f: f.start)


def _times(text: str, pieces: list[Piece], c: Context) -> tuple[tuple[int, int, int], list[Found]]:
    """Return how well a language knows the text, and the times that it reads there.

    It knows it the better, the more of it is a time, the more it knows at all, the fewer words it takes.
    """
    known = list(tokens(text, pieces, c.language))
    c = c.reading(known)
    found = [time for run in _runs(known) for time in _times_in(run, text, c)]
    covered = sum(time.end - time.start for time in found)
    words = [token for token in known if token.cls]
    return (covered, sum(token.end - token.start for token in words), -len(words)), found


def _runs(known: list[Token]) -> Iterator[list[Token]]:
    """Yield the pieces of a text in which every word may belong to a time."""
    run: list[Token] = []
    for token in known:
        if token.cls:
            run.append(token)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _times_in(run: list[Token], text: str, c: Context) -> Iterator[Found]:
    at = 0
    for token in reduced(numerals.joined(kept(run, c), c), c):
        while run[at].start < token.start:
            at += 1
        first = at
        while at < len(run) and run[at].end <= token.end:
            at += 1
        span = meant(token, c)
        if span is not None:
            time = _found(token, span, run[max(0, first - 2) : first], run[first:at], text, c)
            if time is not None:
                yield time


def _found(
    token: Token, span: Span, before: list[Token], inside: list[Token], text: str, c: Context
) -> Found | None:
    while inside[0].cls in _DASHES:
        del inside[0]
    words = [t for t in inside if t.cls != DROPPED and t.cls not in _LEADS]
    if not words or _too_little(words, text):
        return None
    start, led = inside[0].start, inside[0].cls in _LEADS
    for word in reversed(before):
        if (
            led
            or not c.language.spaced
            or word.cls not in DROPPED + _LEADS
            or not text[word.end - 1].isalpha()
        ):
            break
        start, led = word.start, word.value not in ARTICLES
    end = token.end
    if not c.language.spaced and text[end : end + 1] in _PARTICLES:
        end += 1
    return Found(start, end, span, _sure(inside, token, text), led, c.language.code)


def _too_little(words: list[Token], text: str) -> bool:
    """Say whether a word is likelier something else: "so", "sa", "second"."""
    first = words[0]
    short = len(words) == 1 and first.cls in "wm" and first.end - first.start < 3
    return (short and text[first.start].isascii()) or all(word.cls in "oad" for word in words)


def _sure(inside: list[Token], token: Token, text: str) -> bool:
    telling = [t for t in inside if t.cls not in _UNTELLING and text[t.start : t.end] not in _OFTEN_ELSE]
    if not telling or (len(telling) == 1 and telling[0].cls not in _TELLING):
        return False
    if isinstance(token.value, Span):
        return any(t.cls != PAIR and t.cls not in _BOUNDING for t in telling)
    moment: Moment = token.value
    if moment.span is not None:
        return len(telling) > 1 or telling[0].cls != FIGURES or len(telling[0].value.parts) == 3
    placed = moment.unit not in ("month", "quarter", "half", "week", "season") and moment.month is not None
    return placed or moment.points is not None
