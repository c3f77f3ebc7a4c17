"""The container of old Office files: which program wrote it, and whether it is encrypted or has no end.

Only as much of [MS-CFB], [MS-XLS] and [MS-DOC] as these questions need.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECTOR = 512  # streams begin at multiples of it
# Streams that the directory of an OLE file names, in UTF-16, and the format that has them.
STREAMS = (
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("__properties_version1.0", "msg"),
)
WORKBOOK = b"\x09\x08\x10\x00\x00\x06\x05\x00"  # BOF record of a BIFF8 workbook
FILE_PASS = 0x2F  # the record that makes the rest of a workbook unreadable
RECORDS = 8  # FILE_PASS is among the first; the standard has it third at the latest
WORD = b"\xec\xa5"  # magic of the FIB that a Word stream begins with
WORD_FLAGS = 0x0A  # offset of its flags
WORD_ENCRYPTED = 0x0100


def written_as(data: bytes) -> str | None:
    """Return the name of the format, None if no stream tells.

    The file's own stream stands in the directory before those of what is embedded in it.
    """
    places = ((data.find(f"\0{stream}\0".encode("utf-16-le")), name) for stream, name in STREAMS)
    return min((found for found in places if found[0] >= 0), default=(0, None))[1]


def is_encrypted(data: bytes) -> bool:
    """Whether a password is needed to read it."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    for start in range(SECTOR, len(data), SECTOR):
        if data.startswith(WORKBOOK, start):
            return _has_file_pass(data, start)
        if data.startswith(WORD, start) and start + WORD_FLAGS + 2 <= len(data):
            return bool(struct.unpack_from("<H", data, start + WORD_FLAGS)[0] & WORD_ENCRYPTED)
    return False


def is_endless(data: bytes) -> bool:
    """Whether a chain of sectors cannot be followed to its end, because it comes back to itself.

    calamine follows it until there is no memory left, which ends the process.
    """
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(data) as file:
            large = [entry.isectStart for entry in file.direntries if entry and _is_in_sectors(file, entry)]
            starts = [file.first_dir_sector, file.first_mini_fat_sector, *large]
            return any(_comes_back(file.fat, start) for start in starts)
    except (OSError, ValueError, IndexError, TypeError, OverflowError, AttributeError, struct.error):
        return True


def _is_in_sectors(file: Any, entry: Any) -> bool:
    """Whether a stream has sectors of its own; small ones share those of the root."""
    return entry is file.root or entry.size >= file.mini_stream_cutoff_size


def _comes_back(following: Sequence[int], sector: int) -> bool:
    for _ in range(len(following)):
        if sector >= len(following):  # marks of an end are larger than any sector
            return False
        sector = following[sector]
    return sector < len(following)


def _has_file_pass(data: bytes, start: int) -> bool:
    for _ in range(RECORDS):
        if start + 4 > len(data):
            return False
        record, length = struct.unpack_from("<HH", data, start)
        if record == FILE_PASS:
            return True
        start += 4 + length
    return False
