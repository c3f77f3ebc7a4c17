"""What old Office files (DOC, XLS, PPT) say about themselves: the summary stream of their container."""

from __future__ import annotations

from datetime import UTC, datetime

from semfs.indexers.dates import timestamp
from semfs.indexers.xml import Properties

UTF_8, UNKNOWN = 65001, 1252
TEMPLATE = datetime(1997, 1, 8, 22, 48, 59, tzinfo=UTC)  # every workbook of that program that was not dated


def summary(data: bytes) -> Properties:
    """Return title, author and date; empty where there is no summary or it cannot be read."""
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(data) as file:
            about = file.get_metadata()
    except (OSError, ValueError, IndexError, TypeError, OverflowError, AttributeError):
        return Properties()
    page = _code_page(about.codepage)
    return Properties(
        title=_decoded(about.title, page),
        author=_decoded(about.author, page),
        created=_created(about.create_time),
    )


def _code_page(number: object) -> str:
    """Return a codec for the code page, which is a signed 16-bit number."""
    number = number % 65536 if isinstance(number, int) and number else UNKNOWN
    return "utf-8" if number == UTF_8 else f"cp{number}"


def _decoded(field: object, page: str) -> str:
    """Return a field as text, "" if its code page is not known or was not the one it is in."""
    if not isinstance(field, bytes):
        return ""
    try:
        return field.rstrip(b"\0").decode(page)
    except (LookupError, UnicodeDecodeError):
        return ""


def _created(moment: object) -> float | None:
    if not isinstance(moment, datetime):
        return None
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    return timestamp(moment) if moment != TEMPLATE else None
