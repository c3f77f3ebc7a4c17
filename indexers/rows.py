"""Tables as text: each row with the names of its columns, so that search, people and a model
understand a row without the ones above it.  Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

HEADER_WITHIN = 10  # rows: above a table there may be a title, an address, an empty line
Cell = object


def shown(cell: Cell) -> str:
    """Return a cell as a person would write it: whole numbers without a point, dates as ISO."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(round(cell, 10))
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return " ".join(str(cell).split()) if cell is not None else ""


def header_row(rows: Sequence[Sequence[Cell]]) -> int | None:
    """Return the index of the row that names the columns, None if there is none.

    It is the first one that names almost all the columns that are used, in different words
    and without a number, and that has a row below it.
    """
    width = max((_filled(row) for row in rows[: 3 * HEADER_WITHIN]), default=0)
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        names = [shown(cell) for cell in row if shown(cell)]
        if len(names) < max(2, width - 1):
            continue
        words = all(not _is_number(name) for name in names) and len(set(names)) == len(names)
        return index if words and index + 1 < len(rows) else None
    return None


def row_text(row: Sequence[Cell], names: Sequence[str]) -> str:
    """Return one row as "vendor: Acme; amount: 12"; cells without a name stand alone."""
    parts = []
    for index, cell in enumerate(row):
        if value := shown(cell):
            name = names[index] if index < len(names) else ""
            parts.append(f"{name}: {value}" if name else value)
    return ("; " if names else " | ").join(parts)


def _filled(row: Sequence[Cell]) -> int:
    return sum(bool(shown(cell)) for cell in row)


def _is_number(text: str) -> bool:
    try:
        float(text.strip("%€$£ ").replace(",", "."))
    except ValueError:
        return False
    return True
