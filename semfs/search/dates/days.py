"""Days and months, in words and in figures."""

from __future__ import annotations

from semfs.search.dates import moments, ranges, years
from semfs.search.dates.moments import Moment
from semfs.search.dates.reading import Context, Match, bounds
from semfs.search.dates.tokens import Figures
from semfs.search.dates.units import place
from semfs.search.spans import Span


def day(m: Match, c: Context) -> Moment | None:
    """A day and a month, as "6 du mois d'avril"; what is too large for a day is a year."""
    if m.one("u") not in (None, "day", "month"):
        return None
    number, year = m.number(), m.year()
    if number <= 31:
        return moments.day_of(year, m.one("m"), number)
    return moments.month_of(years.two_digits(number), m.one("m")) if number < 100 and year is None else None


def day_short_year(m: Match, c: Context) -> Moment | None:
    """January first 12, 15 April 87."""
    number, year = m.numbers()
    return moments.day_of(years.two_digits(year), m.one("m"), number)


def month(m: Match, c: Context) -> Moment | None:
    """March; the month of March."""
    if m.one("u") not in (None, "month"):
        return None
    return moments.month_of(m.year(), m.one("m"))


def numbered(m: Match, c: Context) -> Moment | None:
    """German "siebter vierter" is 7 April."""
    if c.language.code != "de":
        return None
    number, month = m.numbers()
    return moments.day_of(m.year(), month, number)


def marked(m: Match, c: Context) -> Moment | None:
    """5月3日, and 5月3, but a number further on is something else."""
    if not m.has("J") and m.tokens[-1].start > m.tokens[-2].end:
        return None
    month, number = m.numbers()
    return moments.day_of(m.year(), month, number)


def marked_month(m: Match, c: Context) -> Moment:
    return moments.month_of(m.year(), m.number())


def only_day(m: Match, c: Context) -> Moment | None:
    """The 18th."""
    return moments.day_of_month(m.number()) if m.one("u") in (None, "day") else None


def this_month(m: Match, c: Context) -> Moment | None:
    """The twenty-sixth day of the month."""
    return moments.day_of(c.now.year, c.now.month, m.number()) if m.all("u") == ["day", "month"] else None


def in_month(m: Match, c: Context) -> Moment | None:
    """The 21st of this month."""
    if m.one("u") not in (None, "day"):
        return None
    return moments.day_of(*_year_month(m, c), m.number())


def _year_month(m: Match, c: Context) -> tuple[int, int]:
    unit, shift = m.one("r")
    if unit != "month":
        raise ValueError(unit)
    start, _ = bounds(place((unit, shift), c).span)
    return start.year, start.month


def span_in_month(m: Match, c: Context) -> Span | None:
    """4-23 in next month, 3-7 May, November 18-19; from the 27th to the 3rd of April."""
    year, month = _year_month(m, c) if m.has("r") else (m.year(), m.one("m"))
    first, last = m.one("5").parts if m.has("5") else m.numbers()
    begin = moments.day_of(year, month, first)
    end = moments.day_of(year, month, last)
    if first < last:
        return ranges.between(begin, end, c)
    if m.first("m"):
        return ranges.between(begin, moments.day_of_month(last), c)
    return ranges.between(moments.day_of_month(first), end, c)


def figures(m: Match, c: Context) -> Moment | None:
    """A date in figures, in the order of the language if it can be one in that order."""
    given: Figures = m.one("6")
    if len(given.parts) == 2:
        year, month = sorted(given.parts, reverse=True)
        return moments.month_of(year, month)
    one, two, three = given.parts
    day_first, month_first, year_first = (three, two, one), (three, one, two), (one, two, three)
    if given.lengths[0] == 4:
        return _first_day(year_first, (one, three, two))
    if given.lengths[2] == 4:
        american = c.order == "mdy" and given.sign != "."
        return _first_day(*((month_first, day_first) if american else (day_first, month_first)))
    if c.order == "ymd":
        return _first_day(year_first, day_first, month_first)
    return _first_day(
        *((month_first, day_first) if c.order == "mdy" else (day_first, month_first)), year_first
    )


def _first_day(*readings: tuple[int, int, int]) -> Moment | None:
    for year, month, number in readings:
        try:
            return moments.day_of(years.two_digits(year), month, number)
        except ValueError:
            continue
    return None


def pair(m: Match, c: Context) -> Moment | None:
    """22/04: the month first where the language has it so, and it can be one."""
    one, two = m.one("5").parts
    readings = ((two, one), (one, two)) if c.order == "dmy" else ((one, two), (two, one))
    for month, number in readings:
        try:
            return moments.day_of(m.year(), month, number)
        except ValueError:
            continue
    return None


def in_year(m: Match, c: Context) -> Moment | None:
    """A moment whose year stands behind it."""
    moment: Moment = m.one("X")
    return moment.in_year(m.one("Y").number) if moment.span is None else None
