"""From one moment to another, and what is open at one end."""

from __future__ import annotations

from datetime import timedelta

from semfs.search.dates import moments
from semfs.search.dates.moments import Moment
from semfs.search.dates.parts import pointed
from semfs.search.dates.reading import Context, Match, bounds
from semfs.search.spans import Span


def between(first: Moment, last: Moment, c: Context) -> Span | None:
    """Return the span between two moments; each lends the other the year or the month it lacks."""
    if first.cycle and first.day and not first.month and last.day and last.month:
        first = _in_month_before(first.day, last)
    elif first.yearly and first.span is None and last.span and not last.span.relative:
        first = _in_year_before(first, last)
    begin = first.past(c.now)
    since, _ = bounds(begin)
    end = last.coming(since)
    start, until = bounds(end)
    if c.exact:
        until = start
    relative = any(span is not None and span.relative for span in (begin, end))
    return Span(since, until, relative) if since < until else None


def _in_month_before(day: int, last: Moment) -> Moment:
    """Place a day in the month of the last moment, or in the one before it."""
    assert last.month is not None
    assert last.day is not None
    same = day <= last.day
    if last.span is None:
        return moments.day_of(None, last.month if same else (last.month - 2) % 12 + 1, day)
    near, _ = bounds(last.span)
    if not same:
        near = near.replace(day=1) - timedelta(days=1)
    return moments.day_of(near.year, near.month, day)


def _in_year_before(first: Moment, last: Moment) -> Moment:
    """Place a moment in the year of the last one, or in the year before it."""
    end, _ = bounds(last.span)
    placed = first.in_year(end.year)
    since, _ = bounds(placed.span)
    return placed if since <= end else first.in_year(end.year - 1)


def both(m: Match, c: Context) -> Span | None:
    """Between May and July."""
    first, last = m.all("X")
    return between(pointed(first), pointed(last), c)


def both_in_year(m: Match, c: Context) -> Span | None:
    """5/1-5/7, 2020."""
    first, last = m.all("X")
    return between(first, last.in_year(m.one("Y").number), c)


def to_present(m: Match, c: Context) -> Span | None:
    """From March to date."""
    found, present = m.one("X").past(c.now), m.one("Z")
    if found is None or present.since or found.since > present.until:
        return None
    return Span(found.since, present.until, True)


def since(m: Match, c: Context) -> Span | None:
    found = m.one("X").past(c.now)
    return Span(found.since, None, found.relative) if found else None


def after(m: Match, c: Context) -> Span | None:
    """After 2018 is 2019 on; to the letter, after a day begins with it; 以降 takes the year in."""
    moment = _said(m)
    found = moment.past(c.now)
    if found is None:
        return None
    taken_in = moment.unit == "day" if c.exact else m.one("z") == "with"
    return Span(found.since if taken_in else found.until, None, found.relative)


def before(m: Match, c: Context) -> Span | None:
    """Before 2018; 截止到2018年 is before it only to the letter."""
    found = _said(m).past(c.now)
    if found is None:
        return None
    whole = m.one("B") == "whole" and not c.exact
    return Span(None, found.until if whole else found.since, found.relative)


def until(m: Match, c: Context) -> Span | None:
    """Until 2018 with that year; to the letter, a day is where it begins."""
    moment = _said(m)
    found = moment.past(c.now)
    if found is None:
        return None
    return Span(None, found.since if moment.unit == "day" and c.exact else found.until, found.relative)


def up_to(m: Match, c: Context) -> Span | None:
    """2018年まで; to the letter, up to where it begins."""
    found = _said(m).past(c.now)
    return Span(None, found.since if c.exact else found.until, found.relative) if found else None


def _said(m: Match) -> Moment:
    moment: Moment = m.one("X")
    return pointed(moment) if moment.as_point else moment


def led(m: Match, c: Context) -> Moment | Span | None:
    """From May: that month; à partir de mai: from then on."""
    return since(m, c) if m.one("f") == "since" else same(m, c)


def same(m: Match, c: Context) -> Moment | Span | None:
    """Return what is there already, without the words around it."""
    found: Moment | Span | None = m.one("XZ")
    return found
