"""Bring the lines that were recognised in a picture into the order that they are read in; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

SURE = 0.8  # of a line: real ones have .95 to 1, upside-down ones and ornaments .2 to .77 (docs/formats.md)
SURE_ALONE = 0.97  # of a single character: a cup of coffee is an 8 with .89
WIDE = 8  # times its height: lines of running text, which stand in columns; cells of a table are shorter
GAP = 1.0  # line heights of white between columns
PARAGRAPH = 0.9  # line heights of white between paragraphs

Extent = tuple[float, float]  # of a line along one axis


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its box, in pixels from the upper left corner."""

    text: str
    score: float  # how sure the recognition is, 0 to 1
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left


def legible(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that are surely text; a photograph has none."""
    return [line for line in lines if _is_legible(line)]


def _is_legible(line: Line) -> bool:
    signs = sum(map(str.isalnum, line.text))
    return signs > 0 and line.score >= (SURE if signs > 1 else SURE_ALONE)


def weight(lines: Sequence[Line]) -> float:
    """Return how much text there is for sure, to compare ways of holding a picture."""
    return sum(len(line.text) * line.score for line in legible(lines))


def text_of(lines: Sequence[Line]) -> str:
    """Return the text of a picture: column by column, row by row, an empty line between paragraphs."""
    return "\n\n".join("\n".join(_rows(column)) for column in columns(lines))


def columns(lines: Sequence[Line]) -> list[list[Line]]:
    """Part the lines where white runs through all of them, across or between columns of running text."""
    if len(lines) < 2:
        return [list(lines)] if lines else []
    for parts in (_columns_of_text(lines), _bands(lines)):
        if len(parts) > 1:
            return [column for part in parts for column in columns(part)]
    return [list(lines)]


def _columns_of_text(lines: Sequence[Line]) -> list[list[Line]]:
    parts = _parted(lines, lambda line: (line.left, line.right), GAP * median(line.height for line in lines))
    wide = all(median(line.width / max(line.height, 1) for line in part) >= WIDE for part in parts)
    return parts if wide and all(len(part) > 2 for part in parts) else [list(lines)]


def _bands(lines: Sequence[Line]) -> list[list[Line]]:
    return _parted(
        lines, lambda line: (line.top, line.bottom), PARAGRAPH * median(line.height for line in lines)
    )


def _parted(lines: Sequence[Line], extent: Callable[[Line], Extent], gap: float) -> list[list[Line]]:
    """Part lines along one axis wherever nothing reaches into `gap` pixels."""
    ordered = sorted(lines, key=extent)
    parts = [[ordered[0]]]
    reach = extent(ordered[0])[1]
    for line in ordered[1:]:
        first, last = extent(line)
        if first - reach >= gap:
            parts.append([])
        parts[-1].append(line)
        reach = max(reach, last)
    return parts


def _rows(lines: Sequence[Line]) -> list[str]:
    """Return the rows of a band from top to bottom; what stands side by side is one row."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        if rows and _beside(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return ["  ".join(line.text for line in sorted(row, key=lambda line: line.left)) for row in rows]


def _beside(one: Line, other: Line) -> bool:
    """Whether two boxes share more than half of the lower one's height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > min(one.height, other.height) / 2
