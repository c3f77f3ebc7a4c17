"""Resolve times in plain words against the present: "last March", "vor drei Tagen", "上周", "Q3 2024".

Pure, and without a model.  A phrase means a half-open span of local time.  Weeks begin on
Monday.  Files lie in the past: "March" is the latest March that has begun.  The language
need not be known: English, German, French, Spanish, Chinese and Japanese are tables of words
(one module each) under one set of rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from semfs.search.dates import numerals
from semfs.search.dates.en import ENGLISH
from semfs.search.dates.lexicon import DROPPED, NEAR, plain
from semfs.search.dates.moments import Moment
from semfs.search.dates.reading import Context
from semfs.search.dates.rules import reduced
from semfs.search.dates.tokens import Piece, Token, cut, spoken, tokens
from semfs.search.spans import Span
from semfs.search.spans import plain as naive

_LONGEST: Final = 2000  # characters that are looked at: nobody types a time behind so many
DAYS: Final = frozenset(
    form.replace("_", " ") for forms in ENGLISH.table[NEAR].values() for form in forms.split()
)
_BEFORE_DAY: Final = ("nth", "at")  # le 18, am 5.
_ARTICLES: Final = ("the", "nth")
_LEADS: Final = "fiSABTb-~"  # classes of words that lead a time in
_DOUBTFUL: Final = frozenset(
    ["hier", "now", "jetzt", "ahora", "maintenant", "morgen", "manana", "今", "现在", "現在", "今度の"]
)


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


def span(phrase: str, now: datetime) -> tuple[float | None, float | None] | None:
    """Return (since, until) in seconds since the epoch, or None if the phrase is no time."""
    found = resolve(phrase, now)
    return found.seconds() if found else None


@lru_cache(maxsize=1024)
def resolve(phrase: str, now: datetime, *, exact: bool = False) -> Span | None:
    """Return what a phrase means, or None if it is no time or an impossible date.

    People who look for files mean the last unit of a range whole ("from May to July" takes July
    in), and the month around "two months ago".  With `exact` a time is read to the letter, as
    annotators do: a range ends where its last unit begins, and two months ago is a day.
    """
    text = plain(phrase).strip(" .,;:?!\n\t")
    if len(text) > 200:
        return None
    pieces = cut(text)
    for language in spoken(pieces, any_word=True):
        found = _whole(text, pieces, Context.of(naive(now), language, exact))
        if found is not None:
            return found
    return None


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


def _whole(text: str, pieces: list[Piece], c: Context) -> Span | None:
    found = list(tokens(text, pieces, c.language))
    if any(not t.cls for t in found):
        return None
    kept = _kept(found, c)
    if len(kept) == 1 and kept[0].cls == "u" and any(t.value in _ARTICLES for t in found):
        kept = [Token("r", (kept[0].value, 0), kept[0].start, kept[0].end)]
    left = reduced(numerals.joined(kept, c), c.reading(found))
    return _meant(left[0], c) if len(left) == 1 else None


def _kept(found: list[Token], c: Context) -> list[Token]:
    """Return the words that carry something; "le 18" is the eighteenth."""
    german = c.language.code == "de"
    kept: list[Token] = []
    before: Token | None = None
    for token in found:
        if before and before.cls == DROPPED and before.value in _BEFORE_DAY and token.cls == "d":
            token = Token("o", token.value[0], token.start, token.end)
        if token.value == "." and before and before.cls == "d" and before.end == token.start and german:
            kept[-1] = Token("o", before.value[0], before.start, before.end)  # 3. Quartal
        if token.cls != DROPPED:
            kept.append(token)
        before = token
    return kept


def _meant(token: Token, c: Context) -> Span | None:
    if isinstance(token.value, Span):
        return token.value
    return token.value.past(c.now) if isinstance(token.value, Moment) else None


def _times(text: str, pieces: list[Piece], c: Context) -> tuple[tuple[int, int, int], list[Found]]:
    """Return how well a language knows the text, and the times that it reads there.

    It knows it the better, the more of it is a time, the more it knows at all, the fewer words it takes.
    """
    known = list(tokens(text, pieces, c.language))
    c = c.reading(known)
    found: list[Found] = []
    for run in _runs(known):
        left = reduced(numerals.joined(_kept(run, c), c), c)
        for token in left:
            meant = _meant(token, c)
            if meant is not None and (time := _found(text, token, meant, run, c)):
                found.append(time)
    covered = sum(f.end - f.start for f in found)
    words = [t for t in known if t.cls]
    return (covered, sum(t.end - t.start for t in words), -len(words)), found


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


def _found(text: str, token: Token, meant: Span, run: list[Token], c: Context) -> Found | None:
    inside = [t for t in run if t.start >= token.start and t.end <= token.end]
    words = [t for t in inside if t.cls != DROPPED and t.cls not in _LEADS]
    if not words or _too_short(words, text):
        return None
    start, led = token.start, inside[0].cls in _LEADS
    for before in reversed([t for t in run if t.end <= token.start][-2:]):
        if led or not c.language.spaced or not text[before.start : before.end][-1:].isalpha():
            break
        if before.cls != DROPPED and before.cls not in _LEADS:
            break
        start = before.start
        led = before.value not in _ARTICLES
    after = next((t for t in run if t.start >= token.end), None)
    end = token.end
    if after and not c.language.spaced and after.cls == DROPPED and after.start == end:
        end = after.end  # 的, の
    sure = _sure(words, text[token.start : token.end], token)
    return Found(start, end, meant, sure, led, c.language.code)


def _too_short(words: list[Token], text: str) -> bool:
    """Say whether a single word is likelier something else: "so", "die", "second"."""
    first = words[0]
    size = first.end - first.start
    short = len(words) == 1 and first.cls in "wm" and size < 3 and text[first.start].isascii()
    return short or all(w.cls in "oad" for w in words)


def _sure(words: list[Token], text: str, token: Token) -> bool:
    if text in _DOUBTFUL:
        return False
    if isinstance(token.value, Span):
        return True
    if len(words) == 1:
        return words[0].cls in "tr" or (words[0].cls == "6" and len(words[0].value.parts) == 3)
    return token.value.cycle is None or token.value.unit not in ("quarter", "half", "week", "season")
