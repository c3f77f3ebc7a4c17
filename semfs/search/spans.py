"""Spans of local time and the arithmetic of the calendar; pure, and without words of any language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Bound = datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """Local times, `since <= t < until`; None is open."""

    since: Bound
    until: Bound
    relative: bool = False  # it means something only from the present: "yesterday", "last week"

    def seconds(self) -> tuple[float | None, float | None]:
        """Return the bounds as seconds since the epoch; naive times are local ones."""
        return _seconds(self.since), _seconds(self.until)

    def __str__(self) -> str:
        if self.since and self.until:
            return f"{_shown(self.since)} to {_shown(self.until)}"
        return f"since {_shown(self.since)}" if self.since else f"before {_shown(self.until)}"


def _seconds(moment: Bound) -> float | None:
    try:
        return moment.timestamp() if moment else None
    except (ValueError, OverflowError, OSError):  # beyond what the C library can tell: no bound at all
        return None


def _shown(moment: Bound) -> str:
    assert moment is not None
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"


def day_span(day: date, days: int = 1) -> Span:
    start = datetime.combine(day, time())
    return Span(start, start + timedelta(days=days))


def month_span(year: int, month: int, count: int = 1) -> Span:
    """Return `count` months from a month, which may lie outside 1 to 12."""
    return Span(month_start(year, month), month_start(year, month + count))


def month_start(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def year_of(text: str) -> int:
    number = int(text.lstrip("'’"))
    if len(text.lstrip("'’")) > 2:
        return number
    return number + (2000 if number < 70 else 1900)


def begun(now: datetime, make: Callable[[int], Span], year: str | None) -> Span:
    """Return the span in the given year, or in the latest year in which it has begun."""
    if year:
        return make(year_of(year))
    this = make(now.year)
    return this if this.since is None or this.since <= plain(now) else make(now.year - 1)


def plain(now: datetime) -> datetime:
    return now.replace(tzinfo=None)


def unit_at(unit: str, shift: int, now: datetime) -> Span:
    """Return the day, week, … that lies `shift` of them from the present one."""
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    if unit == "day":
        return day_span(today + timedelta(days=shift))
    if unit == "week":
        return day_span(monday + timedelta(weeks=shift), 7)
    if unit == "weekend":
        return day_span(monday + timedelta(weeks=shift, days=5), 2)
    if unit == "month":
        return month_span(now.year, now.month + shift)
    if unit == "quarter":
        return month_span(now.year, (now.month - 1) // 3 * 3 + 1 + 3 * shift, 3)
    if unit == "year":
        return month_span(now.year + shift, 1, 12)
    return month_span((now.year // 10 + shift) * 10, 1, 120)


def moved(now: datetime, unit: str, count: int) -> datetime:
    """Return the beginning of the day that lies `count` units from today."""
    today = datetime.combine(now.date(), time())
    if unit in ("day", "week", "weekend"):
        return today + timedelta(days=count * (1 if unit == "day" else 7))
    months = count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    first = month_start(today.year, today.month + months)
    last = month_start(first.year, first.month + 1) - timedelta(days=1)
    return first.replace(day=min(today.day, last.day))


def ended(shift: int, now: datetime, make: Callable[[int], Span]) -> Span:
    """Return the span of this year, the last one that is over, or the next one to begin."""
    if shift == 0:
        return make(now.year)
    years = range(now.year + shift + 1, now.year + shift - 2, -1) if shift < 0 else (now.year, now.year + 1)
    over = (make(year) for year in years)
    if shift < 0:
        return next(s for s in over if s.until is not None and s.until <= plain(now))
    return next(s for s in over if s.since is not None and s.since > plain(now))
