"""Make of a table in a file rows that a question can be computed from.  Pure.

Cells keep their text; where most of a column are numbers, it is one of numbers.  Text that
begins with a number or a date gives further columns ("940 tons" is 940 in `..._number`,
"1:30" is 1.5 in `..._minutes`), and `row_no` keeps the order, which SQL does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from semfs.jobs import normalise
from semfs.jobs.grids import BLANKS, Grid, named
from semfs.jobs.values import Cell, Column, Rows

MOST_COLUMNS: Final = 60
ROW: Final = "row_no"
_MOSTLY: Final = 0.8  # share of the filled cells that make a column one of numbers
_OFTEN: Final = 0.6  # share that makes a further column worth while
_PLAIN: Final = re.compile(r"[^\w\s]{0,2}\s?[-+−]?\d[\d.,'’]*\s?(?:%|€|\$|£)?\.?")
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_PAIR: Final = re.compile(  # not "6:00 PM", not a part of 1-2-3
    r"[^\d(]{0,6}(\d{1,4})\s?[-–−:]\s?(\d{1,4})(?!\s?[ap]\.?m)(?:[^\d–−:-]\D{0,16})?", re.IGNORECASE
)
_METRES: Final = re.compile(r"(\d)\s?m\b")
_BEGINS: Final = re.compile(r"\W{0,3}\d")
# Names that DuckDB takes for no columns unless they are quoted; models do not quote.
_RESERVED: Final = frozenset(
    re.findall(
        r"\w+",
        """
    all analyse analyze and anti any array as asc asof asymmetric at authorization between
    binary both by case cast check collate collation column concurrently constraint create
    cross default deferrable desc describe distinct do else end except false fetch for
    foreign freeze from full glob group having ilike in initially inner intersect into is
    isnull join lambda lateral leading left like limit natural not notnull null offset on
    only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary
    qualify references returning right select semi show similar some summarize symmetric
    table tablesample then to trailing true union unique unpack unpivot using variadic
    verbose when where window with
    """,
    )
)


def table(grid: Grid) -> Rows:
    """Return the rows of a grid with types, and with the columns that can be made of them."""
    found = named(grid)
    columns: list[Column] = [Column(ROW, "number")]
    cells: list[Sequence[Cell]] = [[float(place) for place in range(1, len(found.rows) + 1)]]
    names = _free(found.names[:MOST_COLUMNS])
    for place, name in enumerate(names):
        for column, values in _typed(name, [_text(row[place]) for row in found.rows]):
            if column.name == name or column.name not in names:  # the table may have a column of that name
                columns.append(column)
                cells.append(values)
    return Rows(tuple(columns), tuple(zip(*cells, strict=True)))


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = " ".join(str(cell).split()) if cell is not None else ""
    return "" if text.casefold() in BLANKS else text


def _typed(name: str, texts: Sequence[str]) -> list[tuple[Column, Sequence[Cell]]]:
    filled = [text for text in texts if text]
    if filled and _share(filled, lambda text: _PLAIN.fullmatch(text) is not None) >= _MOSTLY:
        return [(Column(name, "number"), [_number(text) for text in texts])]
    found: list[tuple[Column, Sequence[Cell]]] = [(Column(name), [text or None for text in texts])]
    if filled and _share(filled, lambda text: normalise.day(text) is not None) >= _OFTEN:
        days = [normalise.day(text) for text in texts]
        found.append((Column(f"{name}_date", "date"), days))
    elif filled and _share(filled, lambda text: _CLOCK.fullmatch(text) is not None) >= _OFTEN:
        found.append((Column(f"{name}_minutes", "number"), [minutes(text) for text in texts]))
    elif filled and _share(filled, lambda text: _PAIR.fullmatch(text) is not None) >= _OFTEN:
        for side, end in ((1, "left"), (2, "right")):
            found.append((Column(f"{name}_{end}", "number"), [_side(text, side) for text in texts]))
    elif filled and _share(filled, lambda text: _BEGINS.match(text) is not None) >= _OFTEN:
        found.append((Column(f"{name}_number", "number"), [_number(text) for text in texts]))
    return found


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, texts)) / len(texts)


def _number(text: str) -> float | None:
    """Return the first number; the m behind it are metres here, and no millions."""
    return normalise.number(_METRES.sub(r"\1", text)) if text else None


def _side(text: str, side: int) -> float | None:
    """Return the one or the other number of a pair such as 4–1, W 21–7 or 1998–2001."""
    found = _PAIR.fullmatch(text)
    return float(found[side]) if found else None


def minutes(text: str) -> float | None:
    """Return a time such as 47:52, 1:18.05 or 1:02:03 in minutes."""
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return round(60 * hours + minutes + seconds / 60, 4)


def _free(names: Sequence[str]) -> list[str]:
    """Return names that SQL needs no quotes for and that leave room for ours, each once."""
    found: list[str] = []
    for name in names:
        free = f"c_{name}" if name in _RESERVED or name == ROW else name
        while free in found:
            free += "_"
        found.append(free)
    return found
