"""The summary of old Office files, whole and damaged."""

from __future__ import annotations

import struct

import pytest

from fakes.compound import compound
from semfs.indexers.summary import EPOCH, STREAM, summary
from semfs.indexers.xml import Properties

PAGE = (1, struct.pack("<Ii", 2, 1251))
TITLE = (2, struct.pack("<II", 0x1E, 8) + "Отчёт".encode("cp1251") + b"\0\0\0")
WIDE = (4, struct.pack("<II", 0x1F, 5) + "Анна\0".encode("utf-16-le"))
CREATED = (12, struct.pack("<IQ", 0x40, int((1.7e9 - EPOCH.timestamp()) * 10**7)))
VECTOR = (4, struct.pack("<II", 0x101E, 0xFFFFFFFF))
AFAR = (2, struct.pack("<II", 0x1E, 0xFFFFFFF0) + b"short")


def document(*properties: tuple[int, bytes], count: int | None = None) -> bytes:
    """Return an OLE file with a summary of these properties, each a number with type and value."""
    pairs, values = b"", b""
    for number, value in properties:
        pairs += struct.pack("<II", number, 8 + 8 * len(properties) + len(values))
        values += value
    head = struct.pack("<II", 0, len(properties) if count is None else count)
    return compound({STREAM: bytes(44) + struct.pack("<I", 48) + head + pairs + values})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (document(PAGE, TITLE, WIDE, CREATED), Properties("Отчёт", "Анна", 1.7e9)),
        (document(PAGE, TITLE, VECTOR), Properties("Отчёт")),
        (document(PAGE, TITLE, count=0xFFFFFFFF), Properties("Отчёт")),
        (document(AFAR), Properties("short")),
        (document((2, b"")), Properties()),
        (compound({STREAM: b"\xff" * 60}), Properties()),
        (compound({"other": b"x"}), Properties()),
        (b"not an OLE file", Properties()),
    ],
)
def test_what_is_sound_of_a_summary_is_read(data: bytes, expected: Properties) -> None:
    assert summary(data) == expected
