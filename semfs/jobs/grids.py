"""From a grid of cells, as a CSV file or a sheet has it, to rows with names and types.  Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from semfs.jobs import money, normalise
from semfs.jobs.values import Cell, Column, Rows, distinct

HEADER_WITHIN = 10  # rows: above a table there may be a title, an address, an empty line
SAMPLE = 50  # rows that say how wide a table is
LONGEST_NAME = 40
# What people write into a cell of numbers or dates that they leave empty.
BLANKS = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "?", "..."})

_YEAR = re.compile(r"(?:19|20)\d\d")
_MARKS = {"#": "number", "№": "number", "%": "percent"}  # headers that are nothing but a mark
_SIGN = r"[^\d\s+\-−.,()%]{1,8}\.?"
_NUMBER = re.compile(
    rf"(?P<opened>\()?\s*(?P<minus>[-−])?\+?\s*(?P<sign>{_SIGN})?\s*(?P<minus_2>[-−])?"
    rf"(?P<digits>\d[\d.,'’\s]*\d|\d)(?:[.,][-–]+)?\s*%?\s*(?P<unit>{_SIGN})?\s*\)?"
)

Grid = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Named:
    """The columns of one grid, each with its cells as they were."""

    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def named(grid: Grid) -> Named:
    """Find the row that names the columns and give names to those without."""
    width = max((len(row) for row in grid), default=0)
    full = [tuple(row) + (None,) * (width - len(row)) for row in grid]
    header = _header(full)
    words = [_text(cell) for cell in full[header]] if header is not None else [""] * width
    below = full[header + 1 :] if header is not None else full
    rows = [row for row in below if any(_text(cell) for cell in row)]
    used = [place for place in range(width) if words[place] or any(_text(row[place]) for row in rows)]
    names = distinct(_name(words[place], place) for place in used)
    return Named(tuple(names), tuple(tuple(row[place] for place in used) for row in rows))


def _header(grid: Sequence[Sequence[Cell]]) -> int | None:
    """Return the row that names the columns: the first that fills almost all, if it has words and no figures.

    Years are names: a column for each is common.
    """
    width = max((_filled(row) for row in grid[:SAMPLE]), default=0)
    for index, row in enumerate(grid[:HEADER_WITHIN]):
        words = [_text(cell) for cell in row if _text(cell)]
        if len(words) < max(1, width - 1):
            continue
        figures = [word for word in words if _number(word, "") is not None]
        named = len(figures) < len(words) and all(_YEAR.fullmatch(word) for word in figures)
        return index if named else None
    return None


def united(tables: Sequence[tuple[tuple[Cell, ...], Named]], first: Sequence[Column]) -> Rows:
    """Put tables under one another by the names of their columns, and find out each column's type.

    Each table comes with the cells that stand before its rows, in the columns `first`.
    """
    names = list(dict.fromkeys(name for _, table in tables for name in table.names))
    rows: list[tuple[tuple[Cell, ...], dict[str, Cell]]] = [
        (before, dict(zip(table.names, row, strict=True))) for before, table in tables for row in table.rows
    ]
    columns: list[Column] = []
    cells: list[list[Cell]] = []
    for name, free in zip(names, distinct(names, [column.name for column in first]), strict=True):
        type, values = typed([row.get(name) for _, row in rows])
        columns.append(Column(free, type))
        cells.append(values)
    lines = zip(*cells, strict=True) if cells else ((),) * len(rows)
    whole = (before + tuple(line) for (before, _), line in zip(rows, lines, strict=True))
    return Rows((*first, *columns), tuple(whole))


def typed(values: Sequence[Cell]) -> tuple[str, list[Cell]]:
    """Return the type that all the values of a column have, and the values in it."""
    texts = [_text(value) for value in values]
    given = [text for text in texts if text.casefold() not in BLANKS]
    mark = _decimal_mark(given)
    readers: tuple[tuple[str, Callable[[str], Cell]], ...] = (
        ("number", lambda text: _number(text, mark)),
        ("date", _day),
    )
    for type, read in readers:
        if given and all(read(text) is not None for text in given):
            return type, [None if text.casefold() in BLANKS else read(text) for text in texts]
    return "text", [text or None for text in texts]


def _decimal_mark(texts: Sequence[str]) -> str:
    """Return what separates decimals in a column, by the numbers that leave no doubt."""
    for text in texts:
        marks = re.findall(r"[.,]", text)
        if len(set(marks)) == 2:
            return str(marks[-1])
        if len(marks) == 1 and not re.search(r"[.,]\d{3}(?!\d)", text):
            return str(marks[0])
    return ""


def _number(text: str, mark: str) -> float | None:
    """Return a cell that is nothing but one number, with its sign, currency or per cent."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    if any(sign and sign.casefold() not in money.CODES for sign in (found["sign"], found["unit"])):
        return None
    digits = re.sub(r"[\s'’]", "", found["digits"])
    if mark:
        digits = digits.replace("," if mark == "." else ".", "").replace(mark, ".")
        value = float(digits) if digits.count(".") < 2 else math.nan  # 1.2.3 is a version
    else:
        read = normalise.number(digits)
        value = read if read is not None else math.nan
    negative = found["minus"] or found["minus_2"] or found["opened"]
    return (-value if negative else value) if math.isfinite(value) else None


def _day(text: str) -> str | None:
    """Return a cell that is nothing but one date; a time of day behind it is dropped."""
    bare = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?Z?$", "", text)
    found = normalise.days(bare)
    return next(iter(found.values())) if list(found) == [bare] else None


def _name(word: str, place: int) -> str:
    """Return a header as the name of a column that SQL need not quote."""
    name = _MARKS.get(word.strip(), "") or re.sub(r"\W+", "_", word.lower())[:LONGEST_NAME].strip("_")
    if not name:
        return f"column_{place + 1}"
    return f"c_{name}" if name[0].isdigit() else name


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return " ".join(str(cell).split()) if cell is not None else ""


def _filled(row: Sequence[Cell]) -> int:
    return sum(bool(_text(cell)) for cell in row)
