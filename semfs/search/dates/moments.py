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
"""Return the span that lies a number of turns from the one at or after the beginning of a date's own turn."""

_TURNS = 8  # years between two 29 Februaries around 1900
_MONTHS_BACK = 60  # months between two Mondays that are a 29th or less, with room


@dataclass(frozen=True, slots=True)
class Moment:
    """A span, or what returns: exactly one of `span` and `cycle` is given."""

    unit: str  # how long it is: day, week, month, ...
    span: Span | None = None
    cycle: Cycle | None = None
    month: int | None = None
    day: int | None = None
    turns: int = _TURNS
    yearly: bool = False  # it returns once a year, so that a year places it
    point: Span | None = None  # "the end of May" as the moment itself
    as_point: bool = False

    def past(self, now: datetime) -> Span | None:
        """Return the span, or the latest that has begun."""
        return self._first(range(1, -self.turns, -1), now, lambda s: s.since is not None and s.since <= now)

    def coming(self, now: datetime, *, same: bool = False) -> Span | None:
        """Return the span, or the first that begins after a moment (or with it)."""
        return self._first(
            range(-1, self.turns),
            now,
            lambda s: s.since is not None and (s.since > now or (same and s.since == now)),
        )

    def in_year(self, year: int) -> Moment:
        """Return the moment in a year; raises ValueError where it is not in the calendar."""
        if self.cycle is None or not self.yearly:
            raise ValueError(year)
        return replace(self, span=self.cycle(date(year, 1, 1), 0), cycle=None)

    def _first(self, turns: range, now: datetime, wanted: Callable[[Span], bool]) -> Span | None:
        if self.cycle is None:
            return self.span
        for turn in turns:
            try:
                span = self.cycle(now.date(), turn)
            except (ValueError, OverflowError):  # no such day in that year
                continue
            if wanted(span):
                return span
        return None


def fixed(span: Span, unit: str) -> Moment:
    return Moment(unit, span)


def yearly(
    make: Callable[[int], Span], unit: str, month: int | None = None, day: int | None = None
) -> Moment:
    """Return what comes once a year."""
    return Moment(unit, None, lambda near, turn: make(near.year + turn), month, day, yearly=True)


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
    if not 1 <= day <= 31:
        raise ValueError(day)

    def cycle(near: date, turn: int) -> Span:
        first = month_span(near.year, near.month + turn).since
        assert first is not None
        return day_span(first.date().replace(day=day))

    return Moment("day", None, cycle, None, day, turns=4)


def weekday(number: int) -> Moment:
    def cycle(near: date, turn: int) -> Span:
        return day_span(near + timedelta(days=number - near.weekday() + 7 * turn))

    return Moment("day", None, cycle)


def weekday_the(number: int, day: int) -> Moment:
    """Return the Monday that is a 13th."""
    if not 1 <= day <= 31:
        raise ValueError(day)

    def cycle(near: date, turn: int) -> Span:
        first = month_span(near.year, near.month + turn).since
        assert first is not None
        found = first.date().replace(day=day)
        if found.weekday() != number:
            raise ValueError(day)
        return day_span(found)

    return Moment("day", None, cycle, turns=_MONTHS_BACK)
