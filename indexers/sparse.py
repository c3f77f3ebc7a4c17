"""Workbooks with cells far apart, such as a stray one in the last row of the last column.

calamine keeps a sheet as a rectangle, empty cells too: 1,048,576 rows of 26 columns take 1.2 GB and 8 s,
and a few more end the process.  What stands in a sheet is the same with its empty rows and columns left
out, so they are, where the rectangle is too large.
"""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_left

from semfs.errors import ExtractError
from semfs.indexers.source import member

SHEET = re.compile(r"xl/worksheets/[^/]+\.xml$")
MOST_CELLS = 4_000_000  # of a rectangle: 0.2 GB, a second
MOST_LEFT = 20_000_000  # without what is empty
LEAST_BYTES = 4  # of a sheet for a cell of the rectangle: one that is not empty takes 20
LOOKED_AT = 2_000_000  # bytes of a sheet; of a larger one only what it says at its beginning
BEGINNING = 4_096
EXTENT = re.compile(rb'<(?:\w{1,20}:)?dimension\s[^<>]{0,200}?ref="[A-Z]{1,3}\d{1,7}:([A-Z]{1,3})(\d{1,7})"')
ROW = re.compile(rb'(<(?:\w{1,20}:)?row\s(?:[^<>]{0,300}?\s)?r=")(\d{1,10})(?=")')
CELL = re.compile(rb'(<(?:\w{1,20}:)?c\s(?:[^<>]{0,300}?\s)?r=")([A-Z]{1,3})(\d{1,10})(?=")')


def gathered(archive: zipfile.ZipFile, data: bytes, path: str) -> bytes:
    """Return the workbook, with the cells of sheets that are too large moved together.

    Raises ExtractError if they are too many even so.
    """
    wide = [item for item in archive.infolist() if SHEET.match(item.filename) and _is_wide(archive, item)]
    if not wide:
        return data
    names = {item.filename for item in wide}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as copy:
        for item in archive.infolist():
            content = member(archive, item.filename, path) or b""
            copy.writestr(item.filename, _together(content, path) if item.filename in names else content)
    return out.getvalue()


def _is_wide(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bool:
    """Whether a sheet is too large; hostile ones are small, and honest ones say how large they are."""
    try:
        with archive.open(item) as file:
            sheet = file.read(BEGINNING if item.file_size > LOOKED_AT else LOOKED_AT)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        return False  # the reader will say what is wrong with it
    if item.file_size > LOOKED_AT:
        extent = EXTENT.search(sheet)
        area = int(extent[2]) * _number(extent[1]) if extent else 0
    else:
        area = _area(*_used(sheet))
    return area > MOST_CELLS and area * LEAST_BYTES > item.file_size


def _used(sheet: bytes) -> tuple[list[int], list[int]]:
    """Return the rows and columns that have cells, in order."""
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    for found in CELL.finditer(sheet):
        columns.add(found[2])
        rows.add(found[3])
    return sorted(set(map(int, rows))), sorted(map(_number, columns))


def _area(rows: list[int], columns: list[int]) -> int:
    return (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) if rows else 0


def _together(sheet: bytes, path: str) -> bytes:
    rows, columns = _used(sheet)
    if len(rows) * len(columns) > MOST_LEFT:
        raise ExtractError(path, f"refused: a sheet of {len(rows):,} rows and {len(columns):,} columns")

    def moved(found: re.Match[bytes]) -> bytes:
        column = _letters(bisect_left(columns, _number(found[2])) + 1)
        return found[1] + column + b"%d" % (bisect_left(rows, int(found[3])) + 1)

    sheet = CELL.sub(moved, sheet)
    return ROW.sub(lambda found: found[1] + b"%d" % (bisect_left(rows, int(found[2])) + 1), sheet)


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _letters(number: int) -> bytes:
    letters = b""
    while number:
        number, last = divmod(number - 1, 26)
        letters = b"%c" % (65 + last) + letters
    return letters
