"""Calendar units from the present: this week, last quarter, two years on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from semfs.search.dates.moments import Moment, fixed
from semfs.search.dates.reading import Context, Match, bounds
from semfs.search.spans import Span, day_span, month_span, unit_at

DAYS: Final = {"day": 1, "week": 7, "weekend": 7, "fortnight": 14, "workweek": 7}


def unit_of(unit: str, shift: int, c: Context) -> Span:
    """Return the unit that lies `shift` of them from the present one."""
    if unit == "workweek":
        monday, _ = bounds(unit_at("week", shift, c.now))
        return day_span(monday.date(), 5)
    if unit == "fortnight":
        monday, _ = bounds(unit_at("week", 2 * shift, c.now))
        return day_span(monday.date(), 14)
    if unit == "workday":
        return day_span(workday(c.today, shift).date())
    return unit_at(unit, shift, c.now)


def workday(day: datetime, count: int) -> datetime:
    """Return the day that lies a number of working days away."""
    weeks, rest = divmod(abs(count), 5)
    step = 1 if count >= 0 else -1
    day += timedelta(weeks=step * weeks)
    while rest:
        day += timedelta(days=step)
        rest -= day.weekday() < 5
    return day


def place(related: tuple[str, int], c: Context) -> Moment:
    """Return a unit and its distance from the present one as a moment."""
    unit, shift = related
    return fixed(replace(unit_of(unit, shift, c), relative=True), unit)


def relative_day(day: datetime) -> Moment:
    return fixed(replace(day_span(day.date()), relative=True), "day")


def marked(m: Match, c: Context) -> str:
    """最後の日."""
    return {"J": "day", "j": "month", "N": "year"}[m.tokens[0].cls]


def whole_year(m: Match, c: Context) -> Moment:
    year = m.one("Y")
    return fixed(replace(month_span(year.number, 1, 12), relative=year.relative), "year")


def container(m: Match, c: Context) -> Moment:
    """Return the larger time in which another one lies; raises ValueError if there is none."""
    if m.has("r"):
        return place(m.one("r"), c)
    if m.has("Y"):
        return whole_year(m, c)
    if m.has("ujN") and not m.has("X"):
        return place((m.one("u") or ("month" if m.has("j") else "year"), 0), c)
    whole = m.one("X")
    if not isinstance(whole, Moment):
        raise ValueError(whole)
    return whole
