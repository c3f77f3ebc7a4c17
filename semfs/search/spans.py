"""Spans of local time and the arithmetic of the calendar; pure, and without words of any language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

Bound = datetime | None
MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120, "century": 1200}


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


def plain(now: datetime) -> datetime:
    return now.replace(tzinfo=None)


def unit_at(unit: str, shift: int, now: datetime) -> Span:
    """Return the day, week, month, … that lies `shift` of them from the present one."""
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    if unit == "day":
        return day_span(today + timedelta(days=shift))
    if unit == "week":
        return day_span(monday + timedelta(weeks=shift), 7)
    if unit == "weekend":
        return day_span(monday + timedelta(weeks=shift, days=5), 2)
    count = MONTHS[unit]
    first = (12 * today.year + today.month - 1) // count + shift
    return month_span(0, 1 + count * first, count)
