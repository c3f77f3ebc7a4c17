"""Years, decades and centuries."""

from __future__ import annotations

from typing import Final

from semfs.search.dates.moments import Moment, fixed
from semfs.search.dates.reading import Context, Match
from semfs.search.dates.tokens import Year
from semfs.search.spans import MONTHS, month_span

SHIFTS: Final = {
    "previous2": -2, "previous": -1, "last": -1, "past": -1, "this": 0, "next": 1, "coming": 1, "next2": 2,
}  # fmt: skip


def two_digits(number: int) -> int:
    """Return the year that people write with two digits."""
    return number + (2000 if number < 40 else 1900) if number < 100 else number


def bare(m: Match, c: Context) -> Year | None:
    year: Year | None = m.one("Y")
    return year


def era(m: Match, c: Context) -> Year:
    """令和5年: the era's word carries the year before its first."""
    return Year(m.one("E") + m.number())


def marked(m: Match, c: Context) -> Year | None:
    """08年; 8年 is an amount."""
    value, length = m.one("d")
    return Year(two_digits(value)) if length == 2 else None


def marked_zero(m: Match, c: Context) -> Year | None:
    """07年以后: no amount begins with a zero."""
    return marked(m, c) if m.number() < 10 else None


def named(m: Match, c: Context) -> Year | None:
    """The year 2008."""
    return m.one("Y") if m.one("u") == "year" else None


def counted(m: Match, c: Context) -> Year | Moment | None:
    """CY 18; but "los años noventa" are ten."""
    if m.one("u") != "year":
        return None
    if c.language.behind and m.number() % 10 == 0:
        return decade(m, c)
    return marked(m, c) if m.has("d") else None


def shifted(m: Match, c: Context) -> Year | None:
    """Last year, 去年."""
    unit, shift = m.one("r") if m.has("r") else (m.one("u"), SHIFTS[m.one("sl")])
    return Year(c.now.year + shift, True) if unit == "year" else None


def possessive(m: Match, c: Context) -> Year | None:
    """Next year's: what stands behind a decade stands there too."""
    year: Year = m.one("Y")
    return year if year.relative else None


def second(m: Match, c: Context) -> Year | None:
    """今年2020年."""
    first, second = m.all("Y")
    return second if first.relative else None


def decade(m: Match, c: Context) -> Moment | None:
    """The 1990s, the 90s."""
    year: Year | None = m.one("Y")
    number = year.number if year else m.number()
    if number % 10 or (year and year.relative):
        return None
    if number < 100:
        number += 1900 if number >= 30 else 2000
    return fixed(month_span(number, 1, MONTHS["decade"]), "decade")


def decade_word(m: Match, c: Context) -> Moment:
    """The nineties."""
    return fixed(month_span(1900 + m.one("9"), 1, MONTHS["decade"]), "decade")


def century(m: Match, c: Context) -> Moment | None:
    number = m.number("dnoR")
    return fixed(month_span(100 * (number - 1), 1, MONTHS["century"]), "century") if number > 1 else None


def century_decade(m: Match, c: Context) -> Moment:
    """十九世纪七十年代."""
    century, decade = m.numbers()
    return fixed(month_span(100 * (century - 1) + decade, 1, MONTHS["decade"]), "decade")


def nth(m: Match, c: Context) -> int:
    """第3."""
    return m.number()
