"""Resolve times in plain words against the present: "last March", "vor drei Tagen", "上周", "Q3 2024".

Pure, and without a model.  A phrase means a half-open span of local time.  Weeks begin on
Monday.  Files lie in the past: "March" is the latest March that has begun.  The language
need not be known: English, German, French, Spanish, Chinese and Japanese are tables of words
(one module each) under one set of rules.

    tokens    cuts a text into the words that a language knows, each of a class (lexicon)
    numerals  joins the words of one number
    rules     turns classes of words into moments and spans, by what the modules of each subject say
    finding   tells where in a text they are, and how sure that is
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from semfs.search.dates import numerals
from semfs.search.dates.finding import Found, find
from semfs.search.dates.lexicon import plain
from semfs.search.dates.reading import Context
from semfs.search.dates.rules import kept, meant, reduced
from semfs.search.dates.tokens import ARTICLES, Token, cut, spoken, tokens
from semfs.search.spans import Span
from semfs.search.spans import plain as naive

__all__ = ["Found", "find", "resolve", "span"]

_LONGEST = 200  # characters of a phrase


def span(phrase: str, now: datetime) -> tuple[float | None, float | None] | None:
    """Return (since, until) in seconds since the epoch, or None if the phrase is no time."""
    found = resolve(phrase, now)
    return found.seconds() if found else None


def resolve(phrase: str, now: datetime, *, exact: bool = False) -> Span | None:
    """Return what a phrase means, or None if it is no time or an impossible date.

    People who look for files mean the last unit of a range whole ("from May to July" takes July
    in), and the month around "two months ago".  With `exact` a time is read to the letter, as
    annotators do: a range ends where its last unit begins, and two months ago is a day.
    """
    return _resolved(phrase, naive(now), exact) if len(phrase) <= _LONGEST else None


@lru_cache(maxsize=1024)  # a search and its explanation ask for the same
def _resolved(phrase: str, now: datetime, exact: bool) -> Span | None:
    text = plain(phrase).strip(" .,;:?!\n\t")
    pieces = cut(text)
    best: Span | None = None
    fewest = 0
    for language in spoken(pieces, any_word=True):
        c = Context.of(now, language, exact)
        words = list(tokens(text, pieces, language))
        if best is None or len(words) < fewest:  # 元日 is one word of Japanese and two of Chinese
            found = _whole(words, c)
            best, fewest = (found, len(words)) if found else (best, fewest)
    return best


def _whole(found: list[Token], c: Context) -> Span | None:
    """Return what the words of a language mean, if they are nothing but a time."""
    if any(not token.cls for token in found):
        return None
    words = kept(found, c)
    if len(words) == 1 and words[0].cls == "u" and any(token.value in ARTICLES for token in found):
        words = [Token("r", (words[0].value, 0), words[0].start, words[0].end)]  # the week
    left = reduced(numerals.joined(words, c), c.reading(found))
    return meant(left[0], c) if len(left) == 1 else None
