"""Days of the week, alone and beside other times."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from semfs.search.dates import moments
from semfs.search.dates.moments import Moment, each, fixed
from semfs.search.dates.reading import Context, Match, bounds
from semfs.search.dates.units import container, relative_day
from semfs.search.dates.years import SHIFTS
from semfs.search.spans import Span, day_span, unit_at

_FAR = 28  # days, after which "on Tuesday" is the next one, and not that of the same week


def plain(m: Match, c: Context) -> Moment:
    return moments.weekday(m.one("w"))


def shifted(m: Match, c: Context) -> Moment:
    """Last, this, next Friday are those of their weeks; past and coming Friday the nearest."""
    shift, number = m.one("sl"), m.one("w")
    if shift == "past":
        return relative_day(c.today - timedelta(days=(c.now.weekday() - number) % 7 or 7))
    if shift == "coming":
        return relative_day(c.today + timedelta(days=(number - c.now.weekday()) % 7 or 7))
    monday, _ = bounds(unit_at("week", SHIFTS[shift], c.now))
    return relative_day(monday + timedelta(days=number))


def shifted_dated(m: Match, c: Context) -> Moment | None:
    """This Friday 5/12."""
    moment: Moment = m.one("X")
    if moment.unit != "day":
        return None
    return moment.in_year(c.now.year) if moment.yearly and moment.span is None else moment


def with_day(m: Match, c: Context) -> Moment | None:
    """Monday the 21st; but SA1 is none."""
    if c.language.spaced and m.tokens[0].end == m.tokens[1].start:
        return None
    moment = moments.weekday_the(m.one("w"), m.number())
    if c.exact and moment.cycle:
        with contextlib.suppress(ValueError):  # this month's, if it is one
            return fixed(moment.cycle(c.now.date(), 0), "day")
    return moment


def behind_day(m: Match, c: Context) -> Moment | None:
    """21, lundi."""
    return with_day(m, c) if c.language.behind or not c.language.spaced else None


def nth(m: Match, c: Context) -> Moment | None:
    """The last Monday of April."""
    if m.one("l") == "previous":
        return None
    number = m.one("w")
    which = -1 if m.has("l") else m.number()

    def found(span: Span) -> Span:
        since, until = bounds(span)
        if which < 0:
            end = until - timedelta(days=1)
            return day_span(end.date() - timedelta(days=(end.weekday() - number) % 7))
        day = since + timedelta(days=(number - since.weekday()) % 7 + 7 * (which - 1))
        if day >= until:
            raise ValueError(which)
        return day_span(day.date())

    return each(container(m, c), found, "day")


def in_week(m: Match, c: Context) -> Moment | None:
    """Monday of next week."""
    whole = container(m, c)
    if whole.unit != "week":
        return None
    number = m.one("w")
    return each(whole, lambda week: day_span(bounds(week)[0].date() + timedelta(days=number)), "day")


def beside(m: Match, c: Context) -> Moment | None:
    """A day of the week with another time: of that week, on that day, or only said as well."""
    moment: Moment = m.one("X")
    if moment.unit == "week":
        return in_week(m, c)
    if moment.unit != "day":
        return None
    if moment.day and not moment.month:
        return moments.weekday_the(m.one("w"), moment.day)
    if moment.span is not None and moment.span.relative:
        return _near(moment, m.one("w"), c)
    return moment if m.first("w") or c.language.behind or not c.language.spaced else None


def _near(moment: Moment, number: int, c: Context) -> Moment:
    """Monday two weeks from now: the Monday of that week."""
    day, _ = bounds(moment.span)
    later = day.weekday() > number and (day - c.today).days > _FAR
    return relative_day(day + timedelta(days=number - day.weekday() + 7 * later))
