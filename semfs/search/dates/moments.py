"""Times that are named but not placed yet: "May", "the 18th", "Friday", "Christmas".

A moment without a year comes back again and again; which one is meant is decided last, when
all of the phrase is known: the latest that has begun, the first after another moment, or the
one in a year named elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from semfs.search.spans import Span, day_span, month_span

Cycle = Callable[[date, int], Span]
"""Return the span of a day's own turn (its year, month or week), or of one a number of turns away."""

_YEARS = 9  # that may pass before a 29 February comes, around 1900
_MONTHS = 4  # before a 31st, or a 29th around February
_COINCIDENCE = 60  # months before a day of a month is on a weekday, with room


@dataclass(frozen=True, slots=True)
class Moment:
    """A span, or what returns: `cycle` is asked where there is no `span`."""

    unit: str  # what it is: day, week, month, season, ...
    span: Span | None = None
    cycle: Cycle | None = None
    month: int | None = None
    day: int | None = None
    turns: int = _YEARS
    yearly: bool = False  # a year is enough to place it
    points: Cycle | None = None  # "the end of May" as a moment without extent
    as_point: bool = False  # and that is how it was said

    def past(self, now: datetime) -> Span | None:
        """Return the span, or the latest that has begun."""
        return self._first(range(1, -self.turns, -1), now, lambda since: since <= now)

    def coming(self, now: datetime) -> Span | None:
        """Return the span, or the first that begins after a moment."""
        return self._first(range(-1, self.turns), now, lambda since: since > now)

    def in_year(self, year: int) -> Moment:
        """Return the moment in a year; raises ValueError where it is not in the calendar."""
        if self.cycle is None or not self.yearly:
            raise ValueError(year)
        return replace(self, span=self.cycle(date(year, 1, 1), 0), cycle=None)

    def _first(self, turns: range, now: datetime, wanted: Callable[[datetime], bool]) -> Span | None:
        if self.cycle is None or self.span is not None:
            return self.span
        for turn in turns:
            try:
                span = self.cycle(now.date(), turn)
            except (ValueError, OverflowError):  # no such day in that year
                continue
            if span.since is not None and wanted(span.since):
                return span
        return None


def fixed(span: Span, unit: str) -> Moment:
    return Moment(unit, span)


def yearly(
    make: Callable[[int], Span], unit: str, month: int | None = None, day: int | None = None
) -> Moment:
    """Return what comes once a year."""
    return Moment(unit, None, lambda near, turn: make(near.year + turn), month, day, yearly=True)


def in_year_or_any(make: Callable[[int], Span], unit: str, year: int | None) -> Moment:
    return yearly(make, unit) if year is None else fixed(make(year), unit)


def day_of(year: int | None, month: int, day: int) -> Moment:
    """Return a day; raises ValueError if no calendar has it."""
    date(2000, month, day)  # a leap year has every day there is
    if year is not None:
        return Moment("day", day_span(date(year, month, day)), None, month, day)
    return yearly(lambda y: day_span(date(y, month, day)), "day", month, day)


def month_of(year: int | None, month: int) -> Moment:
    if not 1 <= month <= 12:
        raise ValueError(month)
    if year is not None:
        return Moment("month", month_span(year, month), None, month)
    return yearly(lambda y: month_span(y, month), "month", month)


def day_of_month(day: int) -> Moment:
    """Return the 18th, of any month."""
    return Moment("day", None, lambda near, turn: day_span(_in_month(near, turn, day)), None, day, _MONTHS)


def weekday(number: int) -> Moment:
    """Return a day of the week, from Monday as 0."""
    return Moment(
        "day", None, lambda near, turn: day_span(near + timedelta(days=number - near.weekday() + 7 * turn))
    )


def weekday_the(number: int, day: int) -> Moment:
    """Return the Monday that is a 13th."""

    def cycle(near: date, turn: int) -> Span:
        found = _in_month(near, turn, day)
        if found.weekday() != number:
            raise ValueError(day)
        return day_span(found)

    return Moment("day", None, cycle, turns=_COINCIDENCE)


def _in_month(near: date, turn: int, day: int) -> date:
    first = month_span(near.year, near.month + turn).since
    assert first is not None
    return first.date().replace(day=day)


def each(moment: Moment, change: Callable[[Span], Span], unit: str) -> Moment:
    """Return a moment whose span is made from each span of another."""
    if moment.span is not None:
        return replace(moment, unit=unit, span=change(moment.span), day=None, month=None)
    cycle = moment.cycle
    assert cycle is not None
    return replace(
        moment, unit=unit, cycle=lambda near, turn: change(cycle(near, turn)), day=None, month=None
    )
