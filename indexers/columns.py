"""Find tables on a page by where its words stand; pure.

A table is at least three lines, one below the other, that all leave the same stripes of the
page free.  Running text has such stripes by chance in two lines and never in many, unless it is
set in columns: those are told by their width.  Lengths are points, y grows upwards; what is
chosen is in heights of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

SAME_LINE = 0.3  # of the lower of two boxes is beside the other if they stand in one line
TALLEST = 2.0  # a brace around several lines does not make one of them
WORD_GAP = 0.6  # what is further apart is another cell; justified words stand nearer
GUTTER = 0.5  # narrower stripes between columns are chance
FEWEST_ROWS = 3
MOSTLY = 0.6  # of the rows have more than one column filled
APART = 3.0  # two rows of one table at most
WRAPPED = 1.0  # a line of a cell and the next at most
WIDEST_CELL = 15.0  # of most cells; columns of newspapers have 18 and more
PROSE, FILLED = 20.0, 0.8  # a column so wide, most lines of which are nearly as long, is running text
SHORT = 8.0  # of two columns one has cells like that: numbers, dates, names
MARK = 2.0  # of two columns the first is not as narrow as that: it would be a list

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def around(self, other: Box) -> Box:
        """Return the smallest box that has both in it."""
        return Box(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )


Line = list[Box]  # cells from the left
Row = tuple[Line, ...]  # what stands in each column


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of a page that are rows."""

    first: int
    last: int  # line, the last one included
    rows: tuple[Row, ...]


def tables_of(boxes: Sequence[Box]) -> tuple[list[Line], list[Table]]:
    """Return the lines of a page from the top, and the tables that they are."""
    if not boxes:
        return [], []
    height = median([box.top - box.bottom for box in boxes])
    lines = _lines(boxes, height)
    return lines, list(_tables(lines, height))


def _lines(boxes: Iterable[Box], height: float) -> list[Line]:
    lines: list[Line] = []
    tall: list[Box] = []
    extent = Box(0, inf, 0, inf)
    for box in sorted(boxes, key=lambda box: -box.middle):
        if box.height > TALLEST * height:
            tall.append(box)
        elif lines and _beside(box, extent):
            lines[-1].append(box)
            extent = extent.around(box)
        else:
            lines.append([box])
            extent = box
    for box in tall:
        near = [line for line in lines if box.bottom < line[0].middle < box.top]
        if near:
            min(near, key=lambda line: abs(line[0].middle - box.middle)).append(box)
        else:
            lines.append([box])
    lines.sort(key=lambda line: -line[0].middle)
    return [_cells(line, WORD_GAP * height) for line in lines]


def _beside(box: Box, other: Box) -> bool:
    both = min(box.top, other.top) - max(box.bottom, other.bottom)
    return both > SAME_LINE * min(box.top - box.bottom, other.top - other.bottom)


def _cells(line: Line, near: float) -> Line:
    """Return the boxes of a line from the left, those that stand near each other as one."""
    cells: Line = []
    for box in sorted(line, key=lambda box: box.left):
        if cells and box.left - cells[-1].right <= near:
            cells[-1] = cells[-1].around(box)
        else:
            cells.append(box)
    return cells


def _tables(lines: Sequence[Line], height: float) -> Iterator[Table]:
    start = 0
    while start + FEWEST_ROWS <= len(lines):
        rows, free = _run(lines, start, height) if len(lines[start]) > 1 else ([[lines[start]]], [])
        last = start + sum(map(len, rows)) - 1
        if len(rows) >= FEWEST_ROWS:
            table = Table(start, last, tuple(_row(row, free) for row in rows))
            if _is_one(table, height):
                yield table
                last += 1
        start = max(last, start + 1)  # where one run ends another may begin; none is looked at line by line


def _run(lines: Sequence[Line], start: int, height: float) -> tuple[list[list[Line]], list[Span]]:
    """Return the lines from one on that leave stripes free, by rows, and the stripes."""
    rows = [[lines[start]]]
    free = _beside_cells(lines[start])  # by all rows so far; the first and the last have no end
    for number in range(start + 1, len(lines)):
        line = lines[number]
        distance = min(cell.bottom for cell in lines[number - 1]) - max(cell.top for cell in line)
        left = _common(free, line, GUTTER * height)
        if distance > APART * height or len(left) - 2 < max(1, (len(free) - 2) / 2):
            break
        columns = {_column(cell, left) for cell in line}
        if len(columns) > 1:
            rows.append([line])
        elif distance <= WRAPPED * height and 0 not in columns:
            rows[-1].append(line)  # a cell of the row above goes on
        else:
            break
        free = left
    return rows, free


def _row(lines: Iterable[Line], free: Sequence[Span]) -> Row:
    columns: Row = tuple([] for _ in free[1:])
    for line in lines:
        for cell in line:
            columns[_column(cell, free)].append(cell)
    return columns


def _column(cell: Box, free: Sequence[Span]) -> int:
    return sum(cell.left >= end for _, end in free[:-1]) - 1


def _beside_cells(line: Line) -> list[Span]:
    ends = [-inf, *(end for cell in line for end in (cell.left, cell.right)), inf]
    return list(zip(ends[::2], ends[1::2], strict=True))


def _common(free: Iterable[Span], line: Line, narrowest: float) -> list[Span]:
    """Return what a line leaves of these stripes, without the narrow ones."""
    left = list(free)
    for cell in line:
        left = [part for stripe in left for part in _without(stripe, cell)]
    return [(begin, end) for begin, end in left if end - begin >= narrowest]


def _without(stripe: Span, cell: Box) -> tuple[Span, ...]:
    begin, end = stripe
    if cell.right <= begin or cell.left >= end:
        return (stripe,)
    return (begin, max(begin, cell.left)), (min(end, cell.right), end)


def _is_one(table: Table, height: float) -> bool:
    """Tell a table from text in columns, from lines with a wide gap here and there, and from a list."""
    filled = sum(sum(map(bool, row)) > 1 for row in table.rows)
    if filled < max(FEWEST_ROWS, MOSTLY * len(table.rows)):
        return False
    columns = [
        [cell.width / height for row in table.rows for cell in row[number]]
        for number in range(len(table.rows[0]))
    ]
    if median([width for column in columns for width in column]) > WIDEST_CELL:
        return False
    if any(max(column) > PROSE and median(column) > FILLED * max(column) for column in columns if column):
        return False
    if len(columns) > 2:
        return True
    return min(map(median, columns)) <= SHORT and max(columns[0]) > MARK
