"""What old Office files (DOC, XLS, PPT) say about themselves: the summary stream of their container.

olefile reads all of its properties, and believes a damaged one that has four thousand million
values. Here are read the few that are wanted, by [MS-OLEPS].
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from semfs.indexers.dates import timestamp
from semfs.indexers.xml import Properties

STREAM = "\x05SummaryInformation"
SECTION_AT = 44  # where the place of the section stands
MOST_PROPERTIES = 100  # there are 18
CODE_PAGE, TITLE, AUTHOR, CREATED = 1, 2, 4, 12
SHORT, NARROW, WIDE, TIME = 0x02, 0x1E, 0x1F, 0x40  # types
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of FILETIME, in units of 100 ns
UTF_8, UNKNOWN = 65001, 1252
TEMPLATE = datetime(1997, 1, 8, 22, 48, 59, tzinfo=UTC)  # every workbook of that program that was not dated


def summary(data: bytes) -> Properties:
    """Return title, author and date; empty where there is no summary or it cannot be read."""
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(data) as file:
            stream = file.openstream(STREAM).read()
        places = _places(stream)
        page = _code_page(stream, places.get(CODE_PAGE))
    except (OSError, ValueError, IndexError, TypeError, OverflowError, AttributeError, struct.error):
        return Properties()
    return Properties(
        title=_text(stream, places.get(TITLE), page),
        author=_text(stream, places.get(AUTHOR), page),
        created=_time(stream, places.get(CREATED)),
    )


def _places(stream: bytes) -> dict[int, int]:
    """Return where the properties stand, each a type and a value."""
    (start,) = struct.unpack_from("<I", stream, SECTION_AT)
    _size, count = struct.unpack_from("<II", stream, start)
    count = min(count, MOST_PROPERTIES, (len(stream) - start - 8) // 8)
    pairs = [struct.unpack_from("<II", stream, start + 8 + 8 * index) for index in range(count)]
    return {property: start + place for property, place in reversed(pairs)}  # of two the first counts


def _code_page(stream: bytes, place: int | None) -> str:
    """Return a codec for the code page, which is a number of 16 bits."""
    type, number = struct.unpack_from("<IH", stream, place) if place is not None else (0, 0)
    number = number if type == SHORT and number else UNKNOWN
    return "utf-8" if number == UTF_8 else f"cp{number}"


def _text(stream: bytes, place: int | None, page: str) -> str:
    """Return a property as text, "" if there is none or its code page was not the one it is in."""
    if place is None or place + 8 > len(stream):
        return ""
    type, length = struct.unpack_from("<II", stream, place)
    try:
        if type == WIDE:
            return stream[place + 8 : place + 8 + 2 * length].decode("utf-16-le").rstrip("\0")
        return stream[place + 8 : place + 8 + length].rstrip(b"\0").decode(page) if type == NARROW else ""
    except (LookupError, UnicodeDecodeError):
        return ""


def _time(stream: bytes, place: int | None) -> float | None:
    if place is None or place + 12 > len(stream):
        return None
    type, ticks = struct.unpack_from("<IQ", stream, place)
    if type != TIME or not ticks:
        return None
    try:
        moment = (EPOCH + timedelta(microseconds=ticks // 10)).replace(microsecond=0)
    except OverflowError:
        return None
    return timestamp(moment) if moment != TEMPLATE else None
