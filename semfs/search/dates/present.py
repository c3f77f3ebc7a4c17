"""What is said from the present: today, this month, last summer, next Easter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from semfs.search.dates.moments import Moment, fixed
from semfs.search.dates.parts import half
from semfs.search.dates.reading import Context, Match, bounds
from semfs.search.dates.units import place, relative_day
from semfs.search.dates.years import SHIFTS
from semfs.search.spans import Span, unit_at


def near(m: Match, c: Context) -> Moment | Span | None:
    """Today, and the points of time that have names; the day of today."""
    name = m.one("t")
    if m.one("u") not in (None, "day"):
        return None
    if isinstance(name, int):
        return relative_day(c.today + timedelta(days=name))
    upto = c.today if c.exact else c.today + timedelta(days=1)
    if name == "date":
        return Span(None, upto, True)
    kind, unit = name.split()
    whole = fixed(replace(unit_at(unit, 0, c.now), relative=True), unit)
    if kind != "to":
        return half(whole, 1 if kind == "end" else 0)
    return Span(bounds(whole.span)[0], upto, True)


def relation(m: Match, c: Context) -> tuple[str, int] | None:
    """Last week, as a unit and its distance."""
    shift, unit = m.one("sl"), "century" if m.has("c") else m.one("u")
    if unit == "year" or (shift == "last" and not c.language.spaced):  # 最后一周 is the last of something
        return None
    return unit, SHIFTS[shift]


def this_unit(m: Match, c: Context) -> Moment:
    return place(m.one("r"), c)


def weekend(m: Match, c: Context) -> Moment | None:
    return place(("weekend", 0), c) if m.one("u") == "weekend" else None


def shifted(m: Match, c: Context) -> Moment | None:
    """Last March, this summer, next Easter, next 6th of April."""
    moment: Moment = m.one("X")
    if moment.span is not None or moment.cycle is None:
        return moment
    shift = SHIFTS[m.one("sl")]
    found: Span | None
    if shift == 0:
        found = moment.in_year(c.now.year).span if moment.yearly else moment.cycle(c.now.date(), 0)
    elif shift > 0:
        found = moment.coming(c.now)
    else:
        found = moment.past(c.now)
        since, until = bounds(found)
        if until > c.now:  # the last one is over
            found = moment.past(since - timedelta(days=1))
    return fixed(replace(found, relative=True), moment.unit) if found else None
