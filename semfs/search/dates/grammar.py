"""The rules by which words of time become times: patterns over classes of words, in levels.

Each level replaces what its patterns match, from left to right, the earlier rule first, until
a phrase is one moment or span.  The rules are the same for all languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from semfs.search.dates import feasts, moments
from semfs.search.dates.lexicon import Language
from semfs.search.dates.moments import Moment, fixed, yearly
from semfs.search.dates.tokens import Figures, Token, Year, order_of
from semfs.search.spans import Span, day_span, month_span, unit_at

MOMENT: Final = "X"
SPAN: Final = "Z"
AMOUNT: Final = "L"

_DAYS: Final = {"day": 1, "week": 7, "weekend": 7, "fortnight": 14, "workweek": 7}
_MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120, "century": 1200}
_BY: Final = {
    "previous": -1,
    "last": -1,
    "past": -1,
    "this": 0,
    "next": 1,
    "coming": 1,
    "next2": 2,
    "previous2": -2,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a meaning may depend on besides the words."""

    now: datetime
    language: Language
    exact: bool
    order: str  # of dates in figures

    @classmethod
    def of(cls, now: datetime, language: Language, exact: bool) -> Context:
        return cls(now, language, exact, language.order)

    def reading(self, found: list[Token]) -> Context:
        """Return the context for these words, whose figures may show in which order they are written."""
        order = order_of(found)
        return replace(self, order=order) if order else self

    @property
    def today(self) -> datetime:
        return datetime.combine(self.now.date(), time())


Amount = tuple[tuple[int, str], ...]
Meaning = Callable[["Match", Context], Any]


class Match:
    """The words that a pattern matched, by their class."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.tokens = found

    def all(self, classes: str) -> list[Any]:
        return [t.value for t in self.tokens if t.cls in classes]

    def one(self, classes: str) -> Any:
        return next((t.value for t in self.tokens if t.cls in classes), None)

    def has(self, classes: str) -> bool:
        return any(t.cls in classes for t in self.tokens)

    def number(self, classes: str = "d5no1") -> int:
        return _value(self.one(classes))

    def numbers(self) -> list[int]:
        return [_value(v) for v in self.all("dno1")]


def _value(value: Any) -> int:
    return int(value[0]) if isinstance(value, tuple) else int(value)


# -- years, units


def _two_digits(number: int) -> int:
    return number + (2000 if number < 40 else 1900) if number < 100 else number


def _era_year(m: Match, c: Context) -> Year:
    return Year(m.one("E") + m.number("dno"))


def _marked_year(m: Match, c: Context) -> Year | None:
    value, length = m.one("d")
    return Year(_two_digits(value)) if length == 2 else None


def _shifted_year(m: Match, c: Context) -> Year | None:
    unit = m.one("u")
    return Year(c.now.year + _BY[m.one("sl")], True) if unit == "year" else None


def _related_year(m: Match, c: Context) -> Year | None:
    unit, shift = m.one("r")
    return Year(c.now.year + shift, True) if unit == "year" else None


def _year_of(m: Match, c: Context) -> Year | None:
    return m.one("Y") if m.one("u") == "year" else None


def _short_year(m: Match, c: Context) -> Year | None:
    value, length = m.one("d")
    return Year(_two_digits(value)) if length == 2 and m.one("u") == "year" else None


def _related(m: Match, c: Context) -> tuple[str, int] | None:
    unit = m.one("u")
    return (unit, _BY[m.one("sl")]) if unit else None


def _decade(m: Match, c: Context) -> Moment | None:
    year = m.one("Y")
    if isinstance(year, Year):
        return None if year.relative or year.number % 10 else fixed(month_span(year.number, 1, 120), "decade")
    number = m.number("dno9")
    if m.has("c") or m.has("R"):
        number = 0
    if number >= 100 or number % 10:
        return None
    base = 1900 if number >= 30 else 2000
    return fixed(month_span(base + number, 1, 120), "decade")


def _decade_word(m: Match, c: Context) -> Moment:
    return fixed(month_span(1900 + m.one("9"), 1, 120), "decade")


def _century(m: Match, c: Context) -> Moment | None:
    number = m.number("dnoR")
    return fixed(month_span(100 * (number - 1) or 1, 1, 1200), "century") if 1 < number < 30 else None


def _century_decade(m: Match, c: Context) -> Moment:
    century, decade = m.numbers()
    return fixed(month_span(100 * (century - 1) + decade, 1, 120), "decade")


def _nth(m: Match, c: Context) -> int:
    return m.number("dn")


# -- dates


def _at(m: Match) -> int | None:
    year = m.one("Y")
    return year.number if year else None


def _day(m: Match, c: Context) -> Moment | None:
    """A day and a month, a year if one is given; what is too large for a day is a year."""
    unit = m.one("u")
    if unit not in (None, "day"):
        return None
    day, year = m.number("dno5"), _at(m)
    if day > 31:
        return moments.month_of(_two_digits(day), m.one("m")) if day < 100 and year is None else None
    return moments.day_of(year, m.one("m"), day)


def _day_short_year(m: Match, c: Context) -> Moment | None:
    """January first 12; 15 April 87."""
    first, second = m.numbers()
    return moments.day_of(_two_digits(second), m.one("m"), first)


def _month(m: Match, c: Context) -> Moment:
    return moments.month_of(_at(m), m.one("m"))


def _day_figures(m: Match, c: Context) -> Moment | None:
    """German: "siebter vierter" is 7 April."""
    if c.language.code != "de":
        return None
    day, month = m.numbers()
    return moments.day_of(_at(m), month, day)


def _marked_day(m: Match, c: Context) -> Moment:
    month, day = (_value(v) for v in m.all("d"))
    return moments.day_of(_at(m), month, day)


def _marked_month(m: Match, c: Context) -> Moment:
    return moments.month_of(_at(m), m.number("d"))


def _zero_year(m: Match, c: Context) -> Year | None:
    """07年以后: no amount begins with a zero."""
    value, length = m.one("d")
    return Year(_two_digits(value)) if length == 2 and value < 10 else None


def _day_this(m: Match, c: Context) -> Moment | None:
    if m.all("u") != ["day", "month"]:
        return None
    return moments.day_of(c.now.year, c.now.month, m.number())


def _this_weekend(m: Match, c: Context) -> Moment | None:
    return _place(("weekend", 0), c) if m.one("u") == "weekend" else None


def _next_amount(m: Match, c: Context) -> Span | None:
    return _rolling(Match([*m.tokens, Token("s", "next", 0, 0)]), c)


def _only_day(m: Match, c: Context) -> Moment | None:
    if m.one("u") not in (None, "day"):
        return None
    return moments.day_of_month(m.number())


def _year_month(m: Match, c: Context) -> tuple[int, int] | None:
    unit, shift = m.one("r")
    if unit != "month":
        return None
    start = month_span(c.now.year, c.now.month + shift).since
    assert start is not None
    return start.year, start.month


def _day_in(m: Match, c: Context) -> Moment | None:
    """The 21st of this month."""
    month = _year_month(m, c)
    if month is None or m.one("u") not in (None, "day"):
        return None
    return moments.day_of(*month, m.number())


def _days_in(m: Match, c: Context) -> Span | None:
    """4-23 in next month; 3-7 May; November 18-19."""
    year: int | None
    if m.one("r"):
        found = _year_month(m, c)
        if found is None:
            return None
        year, month = found
    else:
        year, month = _at(m), m.one("m")
    pair = m.one("5")
    first, last = pair.parts if pair else m.numbers()
    if first >= last and not pair:
        last_moment = moments.day_of(year, month, last)
        return (
            _between(moments.day_of_month(first), last_moment, c)
            if _ends(m)
            else _between(moments.day_of(year, month, first), moments.day_of_month(last), c)
        )
    return _between(moments.day_of(year, month, first), moments.day_of(year, month, last), c)


def _ends(m: Match) -> bool:
    return m.tokens[-1].cls in "mY"


_ORDERS: Final = {"mdy": (1, 0, 2), "dmy": (0, 1, 2), "ymd": (2, 1, 0)}  # where day, month and year stand


def _figures(m: Match, c: Context) -> Moment | None:
    figures: Figures = m.one("6")
    parts, lengths = figures.parts, figures.lengths
    if len(parts) == 2:
        year, month = (parts[0], parts[1]) if lengths[0] == 4 else (parts[1], parts[0])
        return moments.month_of(year, month)
    if lengths[0] == 4:
        return _first_day((parts[0], parts[1], parts[2]), (parts[0], parts[2], parts[1]))
    day, month, year = (parts[n] for n in _ORDERS["dmy"])
    usual = (year, month, day)
    swapped = (year, day, month)
    reversed_ = (parts[0], parts[1], parts[2])
    if lengths[2] == 4:
        return _first_day(
            *((swapped, usual) if figures.sign != "." and c.order == "mdy" else (usual, swapped))
        )
    if c.order == "ymd":
        return _first_day(reversed_, usual, swapped)
    return _first_day(*((swapped, usual) if c.order == "mdy" else (usual, swapped)), reversed_)


def _first_day(*readings: tuple[int, int, int]) -> Moment | None:
    for year, month, day in readings:
        try:
            return moments.day_of(_two_digits(year), month, day)
        except ValueError:
            continue
    return None


def _pair(m: Match, c: Context) -> Moment | None:
    """Read 22/04: the month first where the language does so and it can be one."""
    pair: Figures = m.one("5")
    year = _at(m)
    readings = [pair.parts, pair.parts[::-1]]  # (month, day)
    if c.order == "dmy":
        readings.reverse()
    for month, day in readings:
        try:
            return moments.day_of(year, month, day)
        except ValueError:
            continue
    return None


# -- parts of the year


def _quarter(m: Match, c: Context) -> Moment | None:
    number = m.number("dno")
    unit = m.one("k") or m.one("u")
    months = {"quarter": 3, "half": 6}.get(unit)
    if months is None or not 1 <= number <= 12 // months:
        return None
    return _months_in(1 + months * (number - 1), months, unit, m)


def _months_in(first: int, count: int, unit: str, m: Match) -> Moment:
    year = _at(m)
    if year is not None:
        return fixed(month_span(year, first, count), unit)
    return yearly(lambda y: month_span(y, first, count), unit)


def _season(m: Match, c: Context) -> Moment:
    return _months_in(3 * m.one("e"), 3, "season", m)


def _half_year(m: Match, c: Context) -> Moment | None:
    which, unit = m.one("h")
    if unit in (None, "year"):
        return _months_in(1 + 6 * which, 6, "half", m)
    return _half(fixed(unit_at(unit, 0, c.now), unit), which)


def _half_of(m: Match, c: Context) -> Moment | None:
    which, _ = m.one("h")
    related = m.one("r")
    whole = _place(related, c) if related else m.one("X")
    if isinstance(whole, Moment) and (span := whole.past(c.now)):
        return _half(fixed(span, whole.unit), which)
    return None


def _half(whole: Moment, which: int) -> Moment | None:
    since, until = _bounds(whole.span)
    middle = _middle(since, (until - since).days, whole.unit)
    return fixed(Span(middle, until, True) if which else Span(since, middle, True), whole.unit)


def _week(m: Match, c: Context) -> Moment | None:
    if m.one("u") != "week":
        return None
    number = m.number("dno")
    year = _at(m)

    def make(y: int) -> Span:
        return day_span(date.fromisocalendar(y, number, 1), 7)

    if year is not None or c.exact:
        return fixed(make(year or c.now.year), "week")
    return yearly(make, "week")


def _feast(m: Match, c: Context) -> Moment:
    name, year = m.one("g"), _at(m)
    if year is not None:
        return fixed(day_span(feasts.day(name, year)), "day")
    return yearly(lambda y: day_span(feasts.day(name, y)), "day")


def _feast_weekend(m: Match, c: Context) -> Moment | None:
    """The weekend next to a feast, with it."""
    if m.one("u") != "weekend":
        return None
    day: Moment = m.one("X")

    def around(span: Span) -> Span:
        since, _ = _bounds(span)
        weekday = since.weekday()
        if weekday >= 3:
            first, last = since, since + timedelta(days=6 - weekday)
            first = min(first, since + timedelta(days=5 - weekday))
        elif weekday == 0:
            first, last = since - timedelta(days=2), since
        else:
            first, last = since + timedelta(days=5 - weekday), since + timedelta(days=6 - weekday)
        return day_span(first.date(), (last - first).days + 1)

    return _each(day, around, "weekend")


def _each(moment: Moment, change: Callable[[Span], Span], unit: str) -> Moment:
    """Return a moment whose span is made from each span of another."""
    if moment.cycle is None:
        assert moment.span is not None
        return replace(moment, unit=unit, span=change(moment.span), day=None, month=None)
    cycle = moment.cycle
    return replace(
        moment, unit=unit, cycle=lambda near, turn: change(cycle(near, turn)), day=None, month=None
    )


# -- from the present


def _near(m: Match, c: Context) -> Moment | Span | None:
    offset = m.one("t")
    if isinstance(offset, int):
        return fixed(replace(unit_at("day", offset, c.now), relative=True), "day")
    if offset == "date":
        return Span(None, c.today, True)
    if offset in ("ytd", "mtd"):
        return Span(unit_at("year" if offset == "ytd" else "month", 0, c.now).since, c.today, True)
    year = fixed(
        unit_at("year" if offset == "eoy" else "month", 0, c.now), "year" if offset == "eoy" else "month"
    )
    return _half(year, 1)


def _bounds(span: Span | None) -> tuple[datetime, datetime]:
    if span is None or span.since is None or span.until is None:
        raise ValueError(span)
    return span.since, span.until


def _unit(unit: str, shift: int, c: Context) -> Span:
    if unit == "workweek":
        monday, _ = _bounds(unit_at("week", shift, c.now))
        return day_span(monday.date(), 5)
    if unit == "fortnight":
        monday, _ = _bounds(unit_at("week", 2 * shift, c.now))
        return day_span(monday.date(), 14)
    if unit == "half":
        return month_span(c.now.year, (c.now.month - 1) // 6 * 6 + 1 + 6 * shift, 6)
    if unit == "century":
        return month_span((c.now.year // 100 + shift) * 100, 1, 1200)
    if unit == "workday":
        step = timedelta(days=1 if shift >= 0 else -1)
        day, left = c.today, abs(shift)
        while left:
            day += step
            left -= day.weekday() < 5
        return day_span(day.date())
    return unit_at(unit, shift, c.now)


def _place(related: tuple[str, int], c: Context) -> Moment:
    unit, shift = related
    return fixed(replace(_unit(unit, shift, c), relative=True), unit)


def _this_unit(m: Match, c: Context) -> Moment:
    return _place(m.one("r"), c)


def _whole_unit(m: Match, c: Context) -> Moment:
    return _place((m.one("u"), 0), c)


def _shifted_weekday(m: Match, c: Context) -> Moment:
    shift, number = m.one("sl"), m.one("w") % 10 if m.one("w") > 9 else m.one("w")
    if shift == "past":
        back = (c.now.weekday() - number) % 7 or 7
        return _relative_day(c.today - timedelta(days=back))
    if shift == "coming":
        ahead = (number - c.now.weekday()) % 7 or 7
        return _relative_day(c.today + timedelta(days=ahead))
    monday, _ = _bounds(unit_at("week", _BY[shift], c.now))
    return _relative_day(monday + timedelta(days=number))


def _relative_day(day: datetime) -> Moment:
    return fixed(replace(day_span(day.date()), relative=True), "day")


def _weekday_in(m: Match, c: Context) -> Moment | None:
    """Monday of next week; the last Monday of April; Friday of the first week of October."""
    whole = _place(m.one("r"), c) if m.one("r") else m.one("X")
    number = m.one("w") % 10 if m.one("w") > 9 else m.one("w")
    if whole.unit == "week":
        return _each(whole, lambda s: day_span(_bounds(s)[0].date() + timedelta(days=number)), "day")
    if whole.unit == "day" and (m.tokens[0].cls == "w" or c.language.behind or not c.language.spaced):
        return whole
    return None


def _nth_weekday(m: Match, c: Context) -> Moment | None:
    whole = _container(m, c)
    if whole is None:
        return None
    number = m.one("w") % 10 if m.one("w") > 9 else m.one("w")
    which = -1 if m.has("l") else m.number("dno")
    if m.one("l") == "previous":
        return None

    def nth(span: Span) -> Span:
        since, until = _bounds(span)
        if which < 0:
            last = until - timedelta(days=1)
            return day_span(last.date() - timedelta(days=(last.weekday() - number) % 7))
        found = since + timedelta(days=(number - since.weekday()) % 7 + 7 * (which - 1))
        if found >= until:
            raise ValueError(which)
        return day_span(found.date())

    return _each(whole, nth, "day")


def _container(m: Match, c: Context) -> Moment | None:
    if m.one("r"):
        return _place(m.one("r"), c)
    if m.one("Y"):
        return _whole_year(m, c)
    whole = m.one("X")
    return whole if isinstance(whole, Moment) else None


def _whole_year(m: Match, c: Context) -> Moment:
    year: Year = m.one("Y")
    return fixed(replace(month_span(year.number, 1, 12), relative=year.relative), "year")


def _shifted(m: Match, c: Context) -> Moment | None:
    """Last March, this summer, next Easter, next 6th of April."""
    shift = m.one("sl")
    moment: Moment = m.one("X")
    if shift == "this":
        if moment.yearly:
            found: Span | None = moment.in_year(c.now.year).span
        elif moment.cycle:
            found = moment.cycle(c.now.date(), 0)
        else:
            found = moment.span
    elif moment.cycle is None:
        return moment
    elif _BY[shift] < 0:
        found = (
            moment.past(_bounds(moment.past(c.now))[0] - timedelta(seconds=1))
            if not _over(moment, c)
            else moment.past(c.now)
        )
    else:
        found = moment.coming(c.now)
    return fixed(replace(found, relative=True), moment.unit) if found else None


def _over(moment: Moment, c: Context) -> bool:
    _, until = _bounds(moment.past(c.now))
    return until <= c.now


def _plain_weekday(m: Match, c: Context) -> Moment:
    number = m.one("w")
    return moments.weekday(number % 10 if number > 9 else number)


def _weekday_the(m: Match, c: Context) -> Moment:
    number, day = m.one("w"), m.number("dno")
    number = number % 10 if number > 9 else number
    if c.exact and day <= 28 + 3 and _fits(c, day, number):
        return moments.day_of(c.now.year, c.now.month, day)
    return moments.weekday_the(number, day)


def _fits(c: Context, day: int, weekday: int) -> bool:
    try:
        return date(c.now.year, c.now.month, day).weekday() == weekday
    except ValueError:
        return False


def _nth_unit(m: Match, c: Context) -> Moment | None:
    """The first week of January, the last 3 weeks of this year, the 9th month of next year."""
    whole = _container(m, c)
    amount: Amount | None = m.one("L")
    count, unit = amount[0] if amount else (1, m.one("u"))
    if (
        whole is None
        or (amount and len(amount) > 1)
        or unit not in ("day", "week", "month", "quarter", "year", "weekend", "half", "decade")
    ):
        return None
    if amount and m.one("o") not in (None, 1):
        return None
    last = m.has("l")
    if m.one("l") == "previous":
        return None
    which = 1 if last or amount else m.number("dno")
    return _each(whole, lambda s: _nth_span(s, unit, which, count, last), unit)


def _nth_span(span: Span, unit: str, which: int, count: int, last: bool) -> Span:
    since, until = _bounds(span)
    if unit == "week":  # a week belongs to where its Thursday is
        first = since + timedelta(days=(3 - since.weekday()) % 7 - 3)
        end = until - timedelta(days=1)
        final = end - timedelta(days=(end.weekday() - 3) % 7 + 3)
        start = final - timedelta(weeks=count - 1) if last else first + timedelta(weeks=which - 1)
        found = day_span(start.date(), 7 * count)
    elif unit == "weekend":
        saturday = since + timedelta(days=(5 - since.weekday()) % 7)
        end = until - timedelta(days=1)
        final = end - timedelta(days=(end.weekday() - 5) % 7)
        found = day_span((final if last else saturday + timedelta(weeks=which - 1)).date(), 2)
    else:
        step = relativedelta(days=1) if unit == "day" else relativedelta(months=_MONTHS[unit])
        start = until - step * count if last else since + step * (which - 1)
        found = Span(start, start + step * count)
    if found.since is None or found.since >= until:
        raise ValueError(which)
    return replace(found, relative=span.relative)


def _week_of(m: Match, c: Context) -> Moment | None:
    """The week of 10 April."""
    if m.one("u") == "weekend":
        return _feast_weekend(m, c)
    day: Moment = m.one("X") or moments.day_of_month(m.number("o"))
    if m.one("u") != "week" or day.unit != "day":
        return None

    def week(span: Span) -> Span:
        since, _ = _bounds(span)
        return day_span(since.date() - timedelta(days=since.weekday()), 7)

    return _each(day, week, "week")


# -- amounts


def _amount(m: Match, c: Context) -> Amount | None:
    count = 1 if not m.has("dno1") else m.number("dn1")
    unit = m.one("u")
    if m.has("N") or m.tokens[-1].cls == "N":
        unit = "year"
    elif m.tokens[-1].cls == "J":
        unit = "day"
    return ((count, unit),)


def _amounts(m: Match, c: Context) -> Amount:
    return tuple(part for amount in m.all("L") for part in amount)


def _moved(start: datetime, amount: Amount, sign: int) -> datetime:
    for count, unit in amount:
        if unit == "workday":
            left = count
            while left > 0:
                start += timedelta(days=sign)
                left -= start.weekday() < 5
        elif unit in _DAYS:
            start += timedelta(days=sign * count * _DAYS[unit])
        else:
            start += relativedelta(months=sign * count * _MONTHS[unit])
    return start


def _rolling(m: Match, c: Context) -> Span | None:
    """The last 3 months, up to today; the next two weeks, from tomorrow; whole quarters and decades."""
    shift = _BY[m.one("sl")]
    amount: Amount = m.one("L")
    if shift == 0:
        return None
    if len(amount) == 1 and amount[0][1] in ("quarter", "decade", "half", "century", "weekend", "workweek"):
        count, unit = amount[0]
        near, far = (_unit(unit, n, c) for n in (shift, shift * count))
        first, last = (near, far) if shift > 0 else (far, near)
        return Span(first.since, last.until, True)
    if amount[0][1] == "workday":
        return _workdays(amount[0][0], shift, c)
    if shift < 0:
        return Span(_moved(c.today, amount, -1), c.today if c.exact else c.now, True)
    tomorrow = c.today + timedelta(days=1)
    return Span(tomorrow, _moved(tomorrow, amount, 1), True)


def _workdays(count: int, shift: int, c: Context) -> Span:
    near, far = (_unit("workday", n, c) for n in (shift, shift * count))
    first, last = (near, far) if shift > 0 else (far, near)
    start, _ = _bounds(first)
    if shift < 0:
        return Span(start, last.until, True)
    return Span(c.today + timedelta(days=1), last.until, True)


def _shifted_amount(m: Match, c: Context) -> Span | None:
    """3 next weeks."""
    unit = m.one("u")
    return _rolling(Match([*m.tokens, Token(AMOUNT, ((m.number("dn"), unit),), 0, 0)]), c)


def _ago(m: Match, c: Context) -> Moment | Span:
    return _off(m, c, -1)


def _ahead(m: Match, c: Context) -> Moment | Span:
    return _off(m, c, 1)


def _off(m: Match, c: Context, sign: int) -> Moment | Span:
    amount: Amount = m.one("L")
    day = _moved(c.today, amount, sign)
    if m.has(">"):
        return Span(day, None, True) if sign > 0 else Span(None, day, True)
    if m.has("<"):
        return Span(c.today, day, True) if sign > 0 else Span(day, c.today, True)
    unit = amount[-1][1]
    if c.exact or unit in ("day", "workday"):
        return _relative_day(day)
    return fixed(
        replace(
            unit_at("week" if unit in _DAYS else unit, 0, day)
            if unit not in ("half", "century")
            else day_span(day.date()),
            relative=True,
        ),
        unit,
    )


def _start(moment: Moment, c: Context) -> datetime:
    """Return where a count from a moment begins; people count towards what comes."""
    found = moment.coming(c.now) if moment.cycle and c.exact else moment.past(c.now)
    return _bounds(found)[0]


def _counted(m: Match, c: Context) -> Moment | Span | None:
    """3 days after Christmas, two weeks before today, more than 2 days before yesterday."""
    moment: Moment = m.one("X")
    amount: Amount = m.one("L")
    if not isinstance(moment, Moment):
        return None
    start = _start(moment, c)
    sign = -1 if m.has("B") else 1
    day = _moved(start, amount, sign)
    if m.has(">"):
        return Span(day, None) if sign > 0 else Span(None, day)
    if m.has("<"):
        return Span(start, day) if sign > 0 else Span(day, start)
    return fixed(replace(day_span(day.date()), relative=True), "day")


def _lasting(m: Match, c: Context) -> Span | Moment | None:
    """2 weeks starting May 20th; for 3 days from today."""
    moment: Moment = m.one("X")
    if m.has("i") or (m.one("4") is None and c.language.code != "en"):
        return _counted(m, c)
    found = moment.coming(c.now) if m.has("4") else moment.past(c.now)
    start, _ = _bounds(found)
    return Span(start, _moved(start, m.one("L"), 1))


def _on_weekday(m: Match, c: Context) -> Moment | None:
    """Monday two weeks from now: the Monday of that week."""
    moment: Moment = m.one("X")
    if not isinstance(moment, Moment) or moment.unit != "day":
        return None
    number = m.one("w") % 10 if m.one("w") > 9 else m.one("w")
    day, _ = _bounds(moment.past(c.now))
    turn = 7 if day.weekday() > number and (day - c.today).days > 28 else 0  # of a day months away: the next
    return _relative_day(day + timedelta(days=number - day.weekday() + turn))


# -- parts


def _part(m: Match, c: Context) -> Moment | None:
    part, as_point = m.one("p")
    related = m.one("r")
    whole: Moment | None
    if related:
        whole = _place(related, c)
    elif m.one("u"):
        whole = _place((m.one("u"), 0), c)
    elif m.one("Y"):
        whole = _whole_year(m, c)
    else:
        whole = m.one("X")
    if not isinstance(whole, Moment) or whole.unit == "day":
        return None
    relative = whole.span is not None and whole.span.relative
    found = _each(whole, lambda s: _part_of(s, whole.unit, part, relative, c), whole.unit)
    if part not in ("start", "mid", "end"):
        return found
    found = replace(found, as_point=as_point)
    if whole.span is not None:
        return replace(found, point=_point_of(whole.span, part))
    assert whole.cycle is not None
    return _with_points(found, whole.cycle, part)


def _with_points(found: Moment, cycle: moments.Cycle, part: str) -> Moment:
    return PointedMoment.of(found, lambda near, turn: _point_of(cycle(near, turn), part))


@dataclass(frozen=True, slots=True)
class PointedMoment(Moment):
    """ "The end of May", which in a range is the moment itself."""

    points: moments.Cycle | None = None

    @classmethod
    def of(cls, moment: Moment, points: moments.Cycle) -> PointedMoment:
        return cls(
            moment.unit,
            None,
            moment.cycle,
            moment.month,
            moment.day,
            moment.turns,
            moment.yearly,
            None,
            moment.as_point,
            points,
        )


def _part_of(span: Span, unit: str, part: str, relative: bool, c: Context) -> Span:
    since, until = _bounds(span)
    days = (until - since).days
    if part in ("earlier", "later"):
        middle = _middle(since, days, unit)
        if part == "earlier":
            end = min(middle, c.today) if since < c.today <= until and unit != "week" else middle
            return Span(since, end, True)
        return Span(max(middle, c.today) if c.today < until else middle, until, True)
    if unit == "month":
        bounds = {"start": (0, 15), "mid": (9, 20), "end": (15, days)}[part]
    elif unit in ("week", "workweek"):
        bounds = {"start": (0, 3), "mid": (2, 5), "end": (3, days)}[part]
    elif unit == "year" and relative and part != "mid":
        half = (month_span(since.year, 7).since or since) - since
        bounds = (0, half.days) if part == "start" else (half.days, days)
    elif unit in ("year", "decade", "century", "quarter", "season", "half"):
        third = relativedelta(since, since) if False else None
        months = {"year": 12, "decade": 120, "century": 1200, "quarter": 3, "season": 3, "half": 6}[unit]
        del third
        first, last = {"start": (0, 1), "mid": (1, 2), "end": (2, 3)}[part]
        return Span(
            since + relativedelta(months=months * first // 3),
            since + relativedelta(months=months * last // 3) if last < 3 else until,
            span.relative,
        )
    else:
        bounds = {"start": (0, days // 3), "mid": (days // 3, 2 * days // 3), "end": (2 * days // 3, days)}[
            part
        ]
    return Span(since + timedelta(days=bounds[0]), since + timedelta(days=bounds[1]), span.relative)


def _middle(since: datetime, days: int, unit: str) -> datetime:
    if unit == "year":
        return since + relativedelta(months=6)
    return since + timedelta(days={"week": 3, "month": 15}.get(unit, days // 2))


def _point_of(span: Span, part: str) -> Span:
    since, until = _bounds(span)
    if part == "start":
        return Span(since, since)
    if part == "end":
        return Span(until, until)
    middle = datetime.combine((since + (until - since) / 2).date(), time())
    return Span(middle, middle)


def _pointed(moment: Moment, c: Context, in_range: bool = False) -> Moment:
    """Return the point where one is meant: in ranges, and where "the end of" was said."""
    if not (moment.as_point or in_range):
        return moment
    if moment.point is not None:
        return Moment("point", moment.point)
    if isinstance(moment, PointedMoment) and moment.points is not None:
        return Moment("point", None, moment.points, yearly=moment.yearly)
    return moment


# -- ranges


def _between(first: Moment, last: Moment, c: Context) -> Span | None:
    """Return the span between two moments; each lends the other the year or the month it lacks."""
    if first.cycle and last.day and not first.month and first.day and last.month:
        first = _in_month(first, last)
    if last.cycle and first.day and first.month and last.day and not last.month:
        last_cycle = last.cycle
        found = first.past(c.now)
        until = last.coming(_bounds(found)[0])
        del last_cycle
        return _span(found, until, last, c)
    if first.yearly and first.cycle and last.span is not None and not last.span.relative:
        _, end = _bounds(last.span)
        year = _bounds(last.span)[0].year
        placed = first.in_year(year)
        if _bounds(placed.span)[0] > _bounds(last.span)[0]:
            placed = first.in_year(year - 1)
        del end
        first = placed
    begin = first.past(c.now)
    since = _bounds(begin)[0]
    end_span = last.coming(since) if last.cycle else last.span
    return _span(begin, end_span, last, c)


def _in_month(first: Moment, last: Moment) -> Moment:
    day, month = first.day or 1, last.month or 1
    if last.day is not None and day <= last.day:
        if last.span is not None:
            return moments.day_of(_bounds(last.span)[0].year, month, day)
        return moments.day_of(None, month, day)
    if last.span is not None:
        before = _bounds(last.span)[0].replace(day=1) - timedelta(days=1)
        return moments.day_of(before.year, before.month, day)
    return moments.day_of(None, (month - 2) % 12 + 1, day)


def _span(first: Span | None, last: Span | None, what: Moment, c: Context) -> Span | None:
    since = _bounds(first)[0]
    start, end = _bounds(last)
    until = start if c.exact else end
    if until <= since:
        return None
    return Span(since, until, (first is not None and first.relative) or (last is not None and last.relative))


def _range(m: Match, c: Context) -> Span | None:
    first, last = m.all("X")
    return _between(_pointed(first, c, True), _pointed(last, c, True), c)


def _range_in(m: Match, c: Context) -> Span | None:
    first, last = m.all("X")
    year = _at(m)
    if year is None or not last.yearly:
        return None
    return _between(first, last.in_year(year), c)


def _to_span(m: Match, c: Context) -> Span | None:
    """From March to date."""
    first, last = m.one("X"), m.one("Z")
    found = first.past(c.now)
    if last.since is not None or found is None:
        return None
    return Span(found.since, last.until, True)


def _since(m: Match, c: Context) -> Span | None:
    moment = m.one("X")
    found = moment.past(c.now) if not (moment.cycle and c.exact is None) else moment.coming(c.now)
    return Span(found.since, None, found.relative) if found else None


def _after(m: Match, c: Context) -> Span | None:
    moment = _pointed(m.one("X"), c)
    found = moment.past(c.now)
    if found is None:
        return None
    return Span(found.since if moment.unit == "day" and c.exact else found.until, None, found.relative)


def _before(m: Match, c: Context) -> Span | None:
    found = _pointed(m.one("X"), c).past(c.now)
    if found and m.one("B") == "start" and not c.exact:
        return Span(None, found.until, found.relative)
    return Span(None, found.since, found.relative) if found else None


def _until(m: Match, c: Context) -> Span | None:
    moment = _pointed(m.one("X"), c)
    found = moment.past(c.now)
    if found is None:
        return None
    return Span(None, found.since if moment.unit == "day" and c.exact else found.until, found.relative)


def _up_to(m: Match, c: Context) -> Span | None:
    """まで, 截止到: up to where it begins, as annotators have it."""
    moment = _pointed(m.one("X"), c)
    found = moment.past(c.now)
    return Span(None, found.since if c.exact else found.until, found.relative) if found else None


def _from(m: Match, c: Context) -> Any:
    return _since(m, c) if m.one("f") == "since" else m.one("X")


def _same(m: Match, c: Context) -> Any:
    return m.one("X")


def _in_year(m: Match, c: Context) -> Moment | None:
    moment, year = m.one("X"), m.one("Y")
    if not isinstance(moment, Moment) or not moment.yearly or moment.cycle is None:
        return None
    return moment.in_year(year.number)


def _span_same(m: Match, c: Context) -> Any:
    return m.one("Z")


def _bare_year(m: Match, c: Context) -> Year | None:
    year: Year | None = m.one("Y")
    return year


def _year_mark(m: Match, c: Context) -> Year | None:
    """'s behind a year that no decade begins with: next year's."""
    year: Year = m.one("Y")
    return year if year.relative else None


def _late_weekday(m: Match, c: Context) -> Moment | None:
    moment: Moment = m.one("X")
    if not isinstance(moment, Moment):
        return None
    number = m.one("w") % 10 if m.one("w") > 9 else m.one("w")
    if moment.unit == "week":
        return _each(moment, lambda s: day_span(_bounds(s)[0].date() + timedelta(days=number)), "day")
    if moment.unit != "day":
        return None
    if moment.day and not moment.month and moment.cycle:
        return moments.weekday_the(number, moment.day)
    if moment.span is not None and moment.span.relative:
        return _on_weekday(m, c)
    stands_before = m.tokens[0].cls == "w" or (m.tokens[0].cls == "r" and m.tokens[1].cls == "w")
    return moment if stands_before or c.language.behind or not c.language.spaced else None


def _shifted_dated_weekday(m: Match, c: Context) -> Moment | None:
    moment: Moment = m.one("X")
    return moment.in_year(c.now.year) if moment.yearly and moment.cycle else moment


def _weekday_before_day(m: Match, c: Context) -> Moment | None:
    return _weekday_the(m, c) if c.language.behind or not c.language.spaced else None


def _behind(meaning: Meaning) -> Meaning:
    return lambda m, c: meaning(m, c) if c.language.behind else None


def _unspaced(meaning: Meaning) -> Meaning:
    return lambda m, c: None if c.language.spaced else meaning(m, c)


def _year_unit(m: Match, c: Context) -> Year | Moment | None:
    """CY 18; but "los años noventa" are ten."""
    if m.one("u") == "year" and c.language.behind and m.number("dn") % 10 == 0:
        return _decade(m, c)
    if m.one("d") is None:
        return None
    return Year(_two_digits(m.number("d"))) if m.one("u") == "year" and m.one("d")[1] == 2 else None


def _relation(m: Match, c: Context) -> tuple[str, int] | None:
    shift, unit = m.one("sl"), m.one("u")
    if shift == "last" and not c.language.spaced:
        return None  # 最后一周 is the last week of something
    if unit == "year":
        return None
    return unit, _BY[shift]


def _earlier(m: Match, c: Context) -> Moment | None:
    part = "later" if not m.has("z") and m.tokens[0].cls == "z" else "earlier"
    part = "later" if m.tokens[0].cls == "z" else "earlier"
    return _part(Match([Token("p", (part, False), 0, 0), *m.tokens[1:]]), c)


def _week_number(m: Match, c: Context) -> Moment | None:
    return _week(m, c) if m.number("o") > 5 else None


def _counted_behind(m: Match, c: Context) -> Moment | Span | None:
    """今日から2週間以上前, 明日から3日以内."""
    classes = "".join(t.cls for t in m.tokens)
    kept = [t for t in m.tokens if t.cls in "XL<>"]
    if "x" in classes:
        kept.append(Token("B", None, 0, 0))
    elif not ("<" in classes or ">" in classes or "z" in classes):
        return None
    return _counted(Match(kept), c)


Rule = tuple[str, str, Meaning]
_D: Final = "[don]"
_TO: Final = "[-~T&]"
_LEVELS: Final[tuple[tuple[Rule, ...], ...]] = (
    (  # years and amounts
        ("X", "6", _figures),
        ("Y", "E[dn]N?", _era_year),
        ("Y", "i?YN", _bare_year),
        ("Y", "dN(?![xzsu])", _marked_year),
        ("Y", "uY(?!-?D)", _year_of),
        ("Y", "u[dn](?![ujNJm])", _year_unit),
        ("o", "a[dn]", _nth),
        ("X", "[od]c[dn]D", _century_decade),
        ("X", "[od]c|c[odnR]", _century),
        ("X", "YD|DY|[dn]D|D[dn]", _decade),
        ("Y", "YD", _year_mark),
        ("X", "D?9", _decade_word),
        ("Z", "(?<!u)[dn][sl]u", _shifted_amount),
        ("Y", "dN(?=[xz])", _zero_year),
        ("L", "(?<!u)[dn1]u|[dn]N(?=[xz<>])|(?<!j)[dn]J(?=[xz<>])", _amount),
        ("L", "[dn]N", _unspaced(_amount)),
        ("Y", "[sl]u|r", lambda m, c: _related_year(m, c) if m.one("r") else _shifted_year(m, c)),
        ("Y", "u[sl]", _behind(_shifted_year)),
        ("r", "su|lu(?![mYXslr])", _relation),
        ("r", "u[sl]", _behind(_relation)),
    ),
    (
        ("Y", "iY", _bare_year),
        ("Y", "YY", lambda m, c: m.all("Y")[1] if m.all("Y")[0].relative else None),
        ("Y", "YD", _year_mark),
        ("L", "L(?:&?L)+", _amounts),
    ),
    (  # dates
        ("X", "[od]~?m~?d(?!~?[mu])|mod", _day_short_year),
        ("X", f"Y~?{_D}~?m|Y~?m~?{_D}|m~Y~{_D}|{_D}~Y~m|m~?{_D}~?Y|{_D}u?~?m~?Y", _day),
        ("Z", f"m~?{_D}{_TO}{_D}(?!~?u?m)~?Y?|{_D}{_TO}{_D}u?~?mY?|m5Y?|5mY?", _days_in),
        ("Z", f"5i?r|r5|{_D}{_TO}{_D}r|r{_D}{_TO}{_D}", _days_in),
        ("X", "Y?[dn]j[dn]J?", _marked_day),
        ("X", "Y?[dn]j", _marked_month),
        ("X", f"r{_D}J?|{_D}J?u?r", _day_in),
        ("X", "ouu", _day_this),
        ("X", "[dn]J|u[dn](?![mju])", _only_day),
        ("X", f"{_D}u?~?m|m~?{_D}", _day),
        ("X", "m~?Y|Y~?m|m", _month),
        ("X", "5Y?", _pair),
        ("X", "g~?Y|Yg|g", _feast),
        ("X", "kd~?Y|Y~?kd|kd|o~?u~?Y|Y~?ou|ouu?|u[dn]~?Y|Y~?u[dn]|u[dn]", _quarter),
        (
            "X",
            "u[dn]Y|Yu[dn]|u[dn](?!u?~?[mjJ])",
            lambda m, c: _week(m, c) if m.one("dno") is not None else None,
        ),
        ("X", "ou(?![mYXrsl])", _week_number),
        ("X", "hY|Yh|Nh|(?<![rXjm])h(?![Xr])", _half_year),
        ("X", "eY|Ye|e", _season),
        ("X", "o~?[od]Y?|w?oo", _day_figures),
    ),
    (  # days of the week
        ("X", "[sl]w~?X", _shifted_dated_weekday),
        ("X", "rwX", lambda m, c: m.one("X")),
        ("X", "owX|lwX|ow[rY]|lw[rY]|Xow|Xlw|Yow|Ylw", _nth_weekday),
        ("X", "w~?X|X~?w", _late_weekday),
        ("X", "w[-~]?r|r[-~]?w", _weekday_in),
        ("X", "[sl]w", _shifted_weekday),
        ("X", "w[sl]", _behind(_shifted_weekday)),
        ("X", f"w{_D}(?!u)", _weekday_the),
        ("X", f"{_D}w", _weekday_before_day),
    ),
    (  # parts of larger times by number
        ("X", "ou[XYr]|lu[XYr]|[ol]L[XYr]", _nth_unit),
        ("X", "[XYr][ol]u|[XYr][ol]L", _nth_unit),
        ("X", "uS?X|uS?o|Xu", _week_of),
        ("X", "[sl]X", _shifted),
        ("X", "X[sl]", _behind(_shifted)),
        ("X", "XY", _in_year),
        ("X", "hX|Xh|hr|rh", _half_of),
    ),
    (
        ("X", "XY", _in_year),
        ("X", "w~?X|X~?w", _late_weekday),
        ("X", "p~?[XYru]", _part),
        ("X", "[XYr]p", _part),
        ("X", "up", _unspaced(_part)),
        ("X", "[xz][rY]", _earlier),
    ),
    (
        ("X", "Y", _whole_year),
        ("X", "r", _this_unit),
        ("X", "o", _only_day),
        ("X", "u", _this_weekend),
        ("X", "(?<=L[ABf])w", _plain_weekday),
        ("X", "t", _near),
    ),
    (  # amounts
        ("Z", "i?[sl]L", _rolling),
        ("Z", "L[sl]", _behind(_rolling)),
        ("Z", "L<", _next_amount),
        ("Z", "4L[fS]X|LSX|iLSX", _lasting),
        ("X", "[<>]?L[ABfz]X", _counted),
        ("X", "XF?L[<>]?[xz]|XFL[<>]", _counted_behind),
        ("X", "[<>]?Lx|v[<>]?L", _ago),
        ("X", "i[<>]?L|[<>]?Lz", _ahead),
    ),
    (
        ("X", "w~?X|X~?w", _late_weekday),
        ("X", "w", _plain_weekday),
    ),
    (  # ranges
        ("Z", "[bfS]?X[-~&T]XY", _range_in),
        ("Z", "[bfS]?X[-~T]Xy?|bX&X|fX&X|X&Xy", _range),
        ("Z", "f?XFXG?y?", _range),
        ("Z", "f?XZ", _to_span),
    ),
    (  # bounds
        ("Z", "f?XP|u?SXP?|f?XF", _since),
        ("Z", "u?AX|f?Xz|>X", _after),
        ("Z", "u?BX|Xx|<X|vX", _before),
        ("Z", "u?TXQ?|XQ", _until),
        ("Z", "XG", _up_to),
        ("X", "[fi]X", _from),
        ("X", "[-~]X|Xy", _same),
        ("Z", "[-~&fiSb]Z|Zy", _span_same),
    ),
)


@lru_cache(maxsize=1)
def _compiled() -> list[list[tuple[str, re.Pattern[str], Meaning]]]:
    return [[(cls, re.compile(pattern), meaning) for cls, pattern, meaning in level] for level in _LEVELS]


def reduced(found: list[Token], c: Context) -> list[Token]:
    """Return the tokens with all that has a meaning replaced by moments and spans."""
    for level in _compiled():
        found = _level(found, level, c)
    return found


def _level(found: list[Token], level: Any, c: Context) -> list[Token]:
    classes = "".join(t.cls for t in found)
    out: list[Token] = []
    at = 0
    while at < len(found):
        for cls, pattern, meaning in level:
            match = pattern.match(classes, at)
            if match is None:
                continue
            pieces = found[at : match.end()]
            try:
                value = meaning(Match(pieces), c)
            except (ValueError, OverflowError, KeyError, AttributeError, TypeError):
                value = None
            if value is not None:
                kind = SPAN if isinstance(value, Span) else MOMENT if isinstance(value, Moment) else cls
                out.append(Token(kind, value, pieces[0].start, pieces[-1].end))
                at = match.end()
                break
        else:
            out.append(found[at])
            at += 1
    return out


# -- numbers in words


def numbers(found: list[Token], c: Context) -> list[Token]:
    """Join words of numbers: twenty five, two thousand and twenty, nineteen eighty six."""
    out: list[Token] = []
    at = 0
    while at < len(found):
        if found[at].cls not in "no" or not found[at].cls:
            out.append(found[at])
            at += 1
            continue
        value, end, ordinal = _thousands(found, at, c)
        if 13 <= value <= 21 and not ordinal and end < len(found) and found[end].cls == "n":
            rest, stop, _ = _tens(found, end, c)
            if 10 <= rest < 100 and (value != 20 or rest >= 10):
                value, end = 100 * value + rest, stop
        cls = "o" if ordinal else "n"
        token = Token(cls, value, found[at].start, found[end - 1].end)
        if 1000 <= value < 3000 and cls == "n":
            token = Token("Y", Year(value), token.start, token.end)
        out.append(token)
        at = end
    return out


def _word(found: list[Token], at: int) -> int | None:
    return found[at].value if at < len(found) and found[at].cls in ("n", "o") else None


def _tens(found: list[Token], at: int, c: Context) -> tuple[int, int, bool]:
    value = _word(found, at) or 0
    ordinal = found[at].cls == "o"
    at += 1
    if value in range(20, 100, 10) and not ordinal:
        after = at
        if after < len(found) and (
            found[after].cls == "~" or (found[after].cls == "&" and c.language.linked_tens)
        ):
            after += 1
        unit = _word(found, after)
        limit = 20 if value in (60, 80) and c.language.code == "fr" else 10
        if unit is not None and 0 < unit < limit:
            return value + unit, after + 1, found[after].cls == "o"
    return value, at, ordinal


def _hundreds(found: list[Token], at: int, c: Context) -> tuple[int, int, bool]:
    value, at, ordinal = _tens(found, at, c)
    if value in range(100, 1000, 100) and not ordinal:
        pass
    elif not ordinal and value < 100 and _word(found, at) == 100:
        value, ordinal, at = 100 * value, found[at].cls == "o", at + 1
    else:
        return value, at, ordinal
    after = at + (at < len(found) and found[at].cls == "&" and not c.language.linked_tens)
    rest = _word(found, after)
    if not ordinal and rest is not None and rest < 100:
        more, end, ordinal = _tens(found, after, c)
        return value + more, end, ordinal
    return value, at, ordinal


def _thousands(found: list[Token], at: int, c: Context) -> tuple[int, int, bool]:
    value, at, ordinal = _hundreds(found, at, c)
    if ordinal:
        return value, at, True
    if value == 1000:
        pass
    elif value < 100 and _word(found, at) == 1000:
        value, at = 1000 * value, at + 1
    else:
        return value, at, False
    after = at + (at < len(found) and found[at].cls == "&")
    rest = _word(found, after)
    if rest is not None and rest < 1000:
        more, end, ordinal = _hundreds(found, after, c)
        return value + more, end, ordinal
    return value, at, False
