"""cells.csv: where each cell of extracted rows stands in its file, and whether it does still.  Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from semfs.jobs.spans import LONGEST_QUOTE, Place, place_of
from semfs.jobs.values import harmless, unquoted
from semfs.jobs.windows import Window

COLUMNS = ("rows", "row", "column", "value", "file", "page", "line", "character", "words")
WIDE = 0x2E80  # from here on scripts that put no space between words
_NUMBER = re.compile(r"-?[\d.,]+")  # which no spreadsheet runs


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell that was found word for word."""

    name: str  # "rows, row 2, amount"
    file: str  # as it is shown
    place: Place
    words: str


def merged(text: str, rows: str, places: Iterable[Sequence[object]]) -> str:
    """Return cells.csv with where the cells of some rows stand, in place of what it said of them."""
    others = [line for line in _lines(text) if line[:1] != [rows]]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([COLUMNS, *others])
    writer.writerows([_written(word) for word in (rows, *place)] for place in places)
    return out.getvalue()


def placed(text: str) -> tuple[list[Placed], int]:
    """Return the cells with a place, and how many have none; a line that is none of ours has none."""
    lines = list(_lines(text))
    found = [cell for line in lines if (cell := _placed(line)) is not None]
    return found, len(lines) - len(found)


def stands(cell: Placed, windows: Sequence[Window], *, changed: bool) -> Place | None:
    """Return where a cell's words stand: at their place if they do, else somewhere, None if nowhere.

    In a file that has changed they must stand as words of their own: 1200 is not there where it says 12000.
    """
    first: Place | None = None
    for place in _places(cell.words, windows, whole=changed):
        if place == cell.place:
            return place
        first = first or place
    return first


def _lines(text: str) -> Iterator[list[str]]:
    return (line for line in csv.reader(io.StringIO(text, newline="")) if tuple(line) != COLUMNS)


def _written(word: object) -> object:
    return harmless(word) if isinstance(word, str) and not _NUMBER.fullmatch(word) else word


def _placed(line: list[str]) -> Placed | None:
    try:
        rows, row, column, _, file, page, line_, character, words = map(unquoted, line)
        place = Place(_number(page), _number(line_), int(character))
    except ValueError:
        return None
    return Placed(f"{rows}, row {row}, {column}", file, place, words) if words else None


def _number(word: str) -> int | None:
    return int(word) if word else None


def _places(words: str, windows: Sequence[Window], *, whole: bool) -> Iterator[Place]:
    for window in windows:
        start = window.text.find(words)
        while start >= 0:
            if not whole or _is_whole(words, window.text, start):
                yield place_of(start, window)
            start = window.text.find(words, start + 1)


def _is_whole(words: str, text: str, start: int) -> bool:
    """Whether the word or number before and behind is another one."""
    end = start + len(words)
    before, behind = text[:start][-2:], text[end : end + 2]
    if _continues(before[-1:], words[0]) or _goes_on(before[::-1], words[0]):
        return False
    if len(words) >= LONGEST_QUOTE:  # it was cut off there
        return True
    return not (_continues(behind[:1], words[-1]) or _goes_on(behind, words[-1]))


def _continues(neighbour: str, edge: str) -> bool:
    return _is_letter(neighbour) and _is_letter(edge)


def _goes_on(beside: str, edge: str) -> bool:
    """Whether a number goes on behind a point or a comma."""
    return edge.isdigit() and len(beside) == 2 and beside[0] in ".,'" and beside[1].isdigit()


def _is_letter(letter: str) -> bool:
    return letter.isalnum() and ord(letter) < WIDE
