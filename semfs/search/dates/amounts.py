"""Counted units: three days ago, the last 2 weeks, five days before Christmas."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from semfs.search.dates.moments import Moment, fixed
from semfs.search.dates.reading import Amount, Context, Match, bounds
from semfs.search.dates.units import DAYS, relative_day, unit_of, workday
from semfs.search.dates.years import SHIFTS
from semfs.search.spans import MONTHS, Span, unit_at

_WHOLE: Final = ("quarter", "half", "decade", "century", "weekend", "workweek")
"""Units of which "the last two" are whole ones; the last two months are those until today."""


def amount(m: Match, c: Context) -> Amount:
    """3 days; a week; 5年, 3日."""
    unit = "year" if m.last("N") else "day" if m.last("J") else m.one("u")
    return ((m.number(), unit),)


def one(m: Match, c: Context) -> Amount:
    """半年前."""
    return ((1, m.one("u")),)


def joined(m: Match, c: Context) -> Amount:
    """2 years 1 month and 21 days."""
    return tuple(part for amount in m.all("L") for part in amount)


def _moved(start: datetime, amount: Amount, sign: int) -> datetime:
    for count, unit in amount:
        if unit == "workday":
            start = workday(start, sign * count)
        elif unit in DAYS:
            start += timedelta(days=sign * count * DAYS[unit])
        else:
            start += relativedelta(months=sign * count * MONTHS[unit])
    return start


def rolling(m: Match, c: Context) -> Span | None:
    """The last 3 months, up to now; the next two weeks, from tomorrow."""
    shift = SHIFTS[m.one("sl")]
    amount: Amount = m.one("L")
    count, unit = amount[0]
    if not shift:
        return None
    if unit in _WHOLE:
        near, far = (unit_of(unit, n, c) for n in (shift, shift * count))
        return Span(near.since, far.until, True) if shift > 0 else Span(far.since, near.until, True)
    if shift < 0:
        return Span(_moved(c.today, amount, -1), c.today if c.exact else c.now, True)
    tomorrow = c.today + timedelta(days=1)
    end = workday(c.today, count) + timedelta(days=1) if unit == "workday" else _moved(tomorrow, amount, 1)
    return Span(tomorrow, end, True)


def shifted(m: Match, c: Context) -> Span | None:
    """3 next weeks."""
    said = Match(m.tokens[1:]) if m.first("s") else m  # ces 3 derniers jours
    return rolling(said.also("L", amount(said, c)), c)


def coming(m: Match, c: Context) -> Span | None:
    """4営業日以内; who looks for files means those behind him."""
    return rolling(m.also("s", "next" if c.exact else "past"), c)


def ago(m: Match, c: Context) -> Moment | Span:
    return _away(m, c, -1)


def ahead(m: Match, c: Context) -> Moment | Span:
    return _away(m, c, 1)


def _away(m: Match, c: Context, sign: int) -> Moment | Span:
    amount: Amount = m.one("L")
    day = _moved(c.today, amount, sign)
    if m.has("<>"):
        return replace(_within(m, c.today, day, sign), relative=True)
    unit = amount[-1][1]
    if c.exact or unit in ("day", "workday"):
        return relative_day(day)
    around = "week" if unit in DAYS else unit
    return fixed(replace(unit_at(around, 0, day), relative=True), around)


def counted(m: Match, c: Context) -> Moment | Span:
    """3 days after Christmas, two weeks before today, more than 2 days before yesterday."""
    moment: Moment = m.one("X")
    # Who counts from a day without a year speaks, to the letter, of the next one.
    start, _ = bounds(moment.coming(c.now) if c.exact else moment.past(c.now))
    sign = -1 if m.has("Bxv") else 1
    day = _moved(start, m.one("L"), sign)
    return _within(m, start, day, sign) if m.has("<>") else relative_day(day)


def before_yesterday(m: Match, c: Context) -> Moment | None:
    """Dos días antes de ayer: a word for the day before yesterday takes the "before" in."""
    amount: Amount = m.one("L")
    near = m.one("t")
    if near not in (-2, 2):
        return None
    sign = near // 2
    return relative_day(_moved(c.today + timedelta(days=near - sign), amount, sign))


def next_to(m: Match, c: Context) -> Moment | Span | None:
    """The day before Christmas; the day after."""
    unit = m.one("u")
    if unit not in DAYS:
        return None
    said = m.also("L", ((1, unit),))
    return counted(said, c) if m.has("X") else _away(said, c, -1 if m.has("B") else 1)


def later(m: Match, c: Context) -> Moment | Span | None:
    """Trois jours plus tard."""
    name, _ = m.one("p")
    return _away(m, c, 1) if name in ("later", "end") else None


def _within(m: Match, start: datetime, day: datetime, sign: int) -> Span:
    """Less than an amount away, or more."""
    if m.has(">"):
        return Span(day, None) if sign > 0 else Span(None, day)
    return Span(start, day) if sign > 0 else Span(day, start)


def lasting(m: Match, c: Context) -> Span | Moment:
    """2 weeks starting May 20th; for 3 days from today."""
    moment: Moment = m.one("X")
    if m.has("i") or not (m.has("4") or c.language.code == "en"):
        return counted(m, c)
    start, _ = bounds(moment.coming(c.now) if m.has("4") else moment.past(c.now))
    return Span(start, _moved(start, m.one("L"), 1))
