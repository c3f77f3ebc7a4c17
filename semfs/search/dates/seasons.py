"""What lies in a year or in another time by number or by name: quarters, weeks, seasons, feasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from semfs.search.dates import feasts, moments
from semfs.search.dates.moments import Moment, each, in_year_or_any
from semfs.search.dates.parts import half
from semfs.search.dates.reading import Amount, Context, Match, bounds
from semfs.search.dates.units import container, place
from semfs.search.spans import MONTHS, Span, day_span, month_span

_THURSDAY, _SATURDAY = 3, 5


def quarter(m: Match, c: Context) -> Moment | None:
    """Q3, the second half of 2019."""
    number, unit = m.number(), m.one("k") or m.one("u")
    if unit not in ("quarter", "half") or not 1 <= number <= 12 // MONTHS[unit]:
        return None
    return _months(1 + MONTHS[unit] * (number - 1), MONTHS[unit], unit, m)


def counted_quarter(m: Match, c: Context) -> Moment | None:
    """2018年一季度."""
    ((number, unit),) = m.one("L")
    return quarter(Match(m.tokens[:1]).also("n", number).also("u", unit), c)


def _months(first: int, count: int, unit: str, m: Match) -> Moment:
    return in_year_or_any(lambda year: month_span(year, first, count), unit, m.year())


def season(m: Match, c: Context) -> Moment:
    """Winter 2024 begins in December 2023, and so does winter 2023/24."""
    year = m.year()
    later = year + 1 if year and len(m.tokens) > 2 else year
    first = 3 * m.one("e")
    return in_year_or_any(lambda y: month_span(y, first, 3), "season", later)


def half_year(m: Match, c: Context) -> Moment:
    """上半年, 下半月."""
    which, unit = m.one("h")
    if unit in (None, "year"):
        return _months(1 + 6 * which, 6, "half", m)
    return half(place((unit, 0), c), which)


def half_of(m: Match, c: Context) -> Moment:
    """今週の後半."""
    return half(container(m, c), m.one("h")[0])


def week(m: Match, c: Context) -> Moment | None:
    """Week 31, by ISO 8601."""
    if m.one("u") != "week":
        return None
    number = m.number()
    year = m.year() or (c.now.year if c.exact else None)
    return in_year_or_any(lambda y: day_span(date.fromisocalendar(y, number, 1), 7), "week", year)


def week_number(m: Match, c: Context) -> Moment | None:
    """The 10th week; of what the first five are, must be said."""
    return week(m, c) if m.number() > 5 else None


def feast(m: Match, c: Context) -> Moment:
    name = m.one("g")
    return in_year_or_any(lambda year: day_span(feasts.day(name, year)), "day", m.year())


def week_of(m: Match, c: Context) -> Moment | None:
    """The week of 10 April; the weekend of Thanksgiving."""
    unit = m.one("u")
    day: Moment = m.one("X") if m.has("X") else moments.day_of_month(m.number())
    if day.unit != "day" or unit not in ("week", "weekend"):
        return None
    return each(day, _week_around if unit == "week" else _weekend_around, unit)


def _week_around(span: Span) -> Span:
    since, _ = bounds(span)
    return day_span(since.date() - timedelta(days=since.weekday()), 7)


def _weekend_around(span: Span) -> Span:
    """Return the nearest weekend and the days between: a Monday has it before, a Thursday behind it."""
    day, _ = bounds(span)
    saturday = day + timedelta(days=_SATURDAY - day.weekday() - (7 if day.weekday() == 0 else 0))
    first = min(day, saturday) if day.weekday() >= _THURSDAY else saturday
    last = max(day, saturday + timedelta(days=1)) if day.weekday() == 0 else saturday + timedelta(days=1)
    return day_span(first.date(), (last - first).days + 1)


def nth_unit(m: Match, c: Context) -> Moment | None:
    """The first week of January, the last 3 weeks of this year, the 9th month of next year."""
    count = m.number() if m.first("d") or m.first("n") else 1
    amount: Amount = m.one("L") or ((count, m.one("u")),)
    last = m.has("l")
    if len(amount) > 1 or m.one("l") == "previous":
        return None
    count, unit = amount[0]
    which = 1 if last else m.number("o")
    if unit == "half":
        return half(container(m, c), which - 1)
    if unit not in ("day", "week", "weekend", *MONTHS) or (count > 1 and which != 1):
        return None
    return each(container(m, c), lambda span: _nth(span, unit, which, count, last), unit)


def first_of(m: Match, c: Context) -> Moment | None:
    """2018年前三个月; 圣诞节前两周 is before it."""
    return None if container(m, c).unit == "day" else nth_unit(m.also("o", 1), c)


def nth_of_this(m: Match, c: Context) -> Moment | None:
    """The last day of the year."""
    _, larger = m.all("u")
    return nth_unit(Match(m.tokens[:-1]).also("r", (larger, 0)), c)


def _nth(span: Span, unit: str, which: int, count: int, last: bool) -> Span:
    since, until = bounds(span)
    if unit in ("week", "weekend"):  # a week belongs to where its Thursday is
        mark, days, before = (_THURSDAY, 7, _THURSDAY) if unit == "week" else (_SATURDAY, 2, 0)
        first = since + timedelta(days=(mark - since.weekday()) % 7)
        end = until - timedelta(days=1)
        final = end - timedelta(days=(end.weekday() - mark) % 7)
        start = (final - timedelta(weeks=count - 1)) if last else first + timedelta(weeks=which - 1)
        found = day_span(start.date() - timedelta(days=before), 7 * (count - 1) + days)
    else:
        step = relativedelta(days=1) if unit == "day" else relativedelta(months=MONTHS[unit])
        start = until - step * count if last else since + step * (which - 1)
        found = Span(start, start + step * count)
    if start >= until:
        raise ValueError(which)
    return replace(found, relative=span.relative)
