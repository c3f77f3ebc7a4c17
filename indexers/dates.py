"""Dates as documents write them, to seconds since the epoch; a date without a zone is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d-%b-%Y",
    "%d-%B-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%Y",
)
PDF = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?")
EARLIEST, LATEST = 1900, 2200  # years; outside them it is the default of a broken writer


def parse_date(text: str) -> float | None:
    """Return the moment that a document's date names, None if it cannot be understood."""
    text = " ".join(text.split())
    if not text:
        return None
    moment = _pdf(text) or _iso(text) or _mail(text) or _plain(text)
    return timestamp(moment) if moment else None


def timestamp(moment: datetime) -> float | None:
    """Return a moment as seconds since the epoch, None if its year makes no sense."""
    if not EARLIEST < moment.year < LATEST:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _pdf(text: str) -> datetime | None:
    found = PDF.match(text)
    if not found:
        return None
    parts = [
        int(part) if part else default
        for part, default in zip(found.groups(), (0, 1, 1, 0, 0, 0), strict=True)
    ]
    try:
        return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _plain(text: str) -> datetime | None:
    for form in FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
