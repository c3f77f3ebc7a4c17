"""Where in a document the value of a cell stands, and what currency stands beside it.  Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from semfs.jobs import normalise
from semfs.jobs.money import currency
from semfs.jobs.values import Cell
from semfs.jobs.windows import Window

BESIDE = 12  # characters before and behind an amount that may hold its currency
LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where something in a document begins: `at` is the character of the line, from 1."""

    page: int | None
    line: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of a document."""

    quote: str
    place: Place


def place_of(offset: int, window: Window) -> Place:
    """Return where a character of a window stands in its file."""
    page, line = window.place(offset)
    return Place(page, line, offset - (window.text.rfind("\n", 0, offset) + 1) + 1)


def locate(value: Cell, type: str, window: Window) -> Span | None:
    """Return where a value stands in a window of its file; None if it is not there word for word."""
    found = _found(value, type, window.text)
    if found is None:
        return None
    start, end = found
    return Span(window.text[start:end][:LONGEST_QUOTE], place_of(start, window))


def _found(value: Cell, type: str, text: str) -> tuple[int, int] | None:
    match type:
        case "number" | "money":
            return next(
                ((a, b) for a, b, plain in normalise.number_places(text) if float(plain) == value), None
            )
        case "date":
            return next(((a, b) for a, b, day in normalise.day_places(text) if day == value), None)
    words = [re.escape(word) for word in str(value).split()]
    match_ = re.search(r"\s+".join(words), text, re.IGNORECASE) if words else None
    return match_.span() if match_ else None


def currency_of(value: Cell, text: str) -> str | None:
    """Return the currency of an amount: what stands beside it, else the only one of the text."""
    for start, end, plain in normalise.number_places(text):
        if float(plain) == value:
            before = _WORDS.findall(text[max(0, start - BESIDE) : start].rpartition("\n")[2])[-1:]
            behind = _WORDS.findall(text[end : end + BESIDE].partition("\n")[0])
            if behind and behind[0].strip(".").casefold() in normalise.FACTORS:
                del behind[0]
            for word in (*before, *behind[:1]):
                if code := currency(word):
                    return code
    every = {code for code in map(currency, _WORDS.findall(text)) if code}
    return every.pop() if len(every) == 1 else None


_WORDS = re.compile(r"\S+")
