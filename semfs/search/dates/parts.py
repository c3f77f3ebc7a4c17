"""Parts of a time: early May, the end of the year, later this week, the first half."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from semfs.search.dates.moments import Moment, each, fixed
from semfs.search.dates.reading import Context, Match, bounds
from semfs.search.dates.units import container
from semfs.search.spans import MONTHS, Span

_THIRDS: Final = {"start": 0, "mid": 1, "end": 2}
_OF_MONTH: Final = {"start": (0, 15), "mid": (9, 20), "end": (15, 31)}  # days from the first
_OF_WEEK: Final = {"start": (0, 3), "mid": (2, 5), "end": (3, 7)}


def part(m: Match, c: Context) -> Moment | None:
    """Early May; the middle of 2000; end of month."""
    name, as_point = m.one("p")
    whole = container(m, c)
    if whole.unit == "day":
        return None
    found = each(whole, lambda span: _part_of(span, whole.unit, name, c), whole.unit)
    if name not in _THIRDS:
        return found
    span, cycle = whole.span, whole.cycle

    def point(near: date, turn: int) -> Span:
        if span is not None:
            return _point_of(span, name)
        assert cycle is not None
        return _point_of(cycle(near, turn), name)

    return replace(found, points=point, as_point=as_point)


def earlier(m: Match, c: Context) -> Moment | None:
    """Earlier this month, later this year: not beyond today."""
    name = "later" if m.first("z") else "earlier"
    return part(Match(m.tokens[1:]).also("p", (name, False)), c)


def _part_of(span: Span, unit: str, name: str, c: Context) -> Span:
    since, until = bounds(span)
    if name == "rest":
        if c.today >= until:
            raise ValueError(name)
        return Span(max(since, c.today), until, True)
    if name == "earlier":
        middle = _middle(span, unit)
        return Span(since, min(middle, c.today) if unit != "week" and since < c.today else middle, True)
    if name == "later":
        middle = _middle(span, unit)
        return Span(max(middle, c.today) if c.today < until else middle, until, True)
    if unit == "year" and span.relative and name != "mid":  # this year has halves, 1989 has thirds
        middle = _middle(span, unit)
        return Span(since, middle, True) if name == "start" else Span(middle, until, True)
    if unit in ("month", "week", "workweek"):
        first, last = (_OF_MONTH if unit == "month" else _OF_WEEK)[name]
        return Span(since + timedelta(days=first), min(since + timedelta(days=last), until), span.relative)
    if unit not in MONTHS and unit != "season":
        raise ValueError(unit)
    months = MONTHS.get(unit, 3)
    third = _THIRDS[name]
    bound = [since + relativedelta(months=months * n // 3) for n in (third, third + 1)]
    return Span(bound[0], min(bound[1], until), span.relative)


def _middle(span: Span, unit: str) -> datetime:
    since, until = bounds(span)
    if unit == "year":
        return since + relativedelta(months=6)
    if unit in ("week", "month"):
        return since + timedelta(days=3 if unit == "week" else 15)
    return datetime.combine((since + (until - since) / 2).date(), time())


def _point_of(span: Span, name: str) -> Span:
    since, until = bounds(span)
    at = {"start": since, "end": until, "mid": datetime.combine((since + (until - since) / 2).date(), time())}
    return Span(at[name], at[name])


def pointed(moment: Moment) -> Moment:
    """Return "the end of May" as where it ends; other moments as they are."""
    if moment.points is None:
        return moment
    if moment.span is not None:
        since, _ = bounds(moment.span)
        return fixed(moment.points(since.date(), 0), "point")
    return Moment("point", None, moment.points, yearly=moment.yearly)


def half(whole: Moment, which: int) -> Moment:
    """Return the first or the second half."""

    def cut(span: Span) -> Span:
        since, until = bounds(span)
        middle = _middle(span, whole.unit)
        return Span(middle, until, span.relative) if which else Span(since, middle, span.relative)

    return each(whole, cut, whole.unit)
