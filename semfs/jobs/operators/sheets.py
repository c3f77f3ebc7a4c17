"""answer, where the file is a table: the model writes SQL for the question, DuckDB computes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from semfs.errors import StepFailed
from semfs.jobs import duck, looking_up, sheets, stored
from semfs.jobs.context import Context
from semfs.jobs.operators.forms import shown_cell
from semfs.jobs.values import Cell, Rows, Text
from semfs.model import FileRow, Kind, Prompt, Source
from semfs.plan.operators import Lane
from semfs.store.state import SourceRow

TABLE = "t"  # what the SQL calls it
TABLES = (Kind.DATA, Kind.SPREADSHEET)
_SEVERAL = re.compile(r"\b(?:and|und|et|y|each|per|je|pro|with|mit)\b|[,;，、]|和|每", re.IGNORECASE)
MOST_LINES = 200  # of an answer


def chosen(files: Sequence[FileRow], request: str) -> FileRow | None:
    """Return the table that a question is about: the one that the request names, or the best file."""
    asked = request.casefold()
    named = [row for row in files if _name(row) in asked and _is_table(row)]
    return next(iter(named), files[0] if files and _is_table(files[0]) else None)


def _name(row: FileRow) -> str:
    return row.path.rpartition("/")[2].casefold()


def _is_table(row: FileRow) -> bool:
    return PurePath(row.path.casefold()).suffix in stored.READERS and row.kind in TABLES


def look_up(question: str, row: FileRow, context: Context) -> Text | None:
    """Return the answer from a table; None if it cannot be read as one, or gives nothing."""
    with context.folder.scratch() as place, context.lane(Lane.CPU):
        read = stored.read([row.path], place=place, limits=context.limits, cancelled=context.cancelled)
    grids = read[row.path]
    if isinstance(grids, str):
        context.log(f"{_name(row)} is not read as a table: {grids}")
        return None
    table = max((sheets.table(grid) for _, grid in grids), key=lambda rows: len(rows.cells))
    source = Source(row.path, row.hash)
    context.note([SourceRow(source)])
    found = _found(question, table, context)
    # What a result is ordered by is selected too by small models, after what is asked for.
    width = len(found.columns) if _SEVERAL.search(question) else 1
    lines = list(filter(None, (", ".join(filter(None, map(_shown, row[:width]))) for row in found.cells)))
    if not lines:
        return None
    return Text("\n".join(lines[:MOST_LINES]), (source,))


def _found(question: str, table: Rows, context: Context) -> Rows:
    """Return what the model's SQL gives; SQL that fails or finds nothing is written once more."""
    sql = _written(looking_up.question(question, table), context)
    try:
        if _filled(found := _run(sql, table, context)):
            return found
        wrong = "it finds no rows"
    except StepFailed as error:
        wrong = str(error)
    context.log(f"the SQL is written once more: {wrong}")
    return _run(_written(looking_up.repair(question, table, sql, wrong), context), table, context)


def _written(prompt: Prompt, context: Context) -> str:
    sql = context.ask(prompt, looking_up.GREEDY).strip()
    context.log(f"SQL: {sql}")
    context.audit("code", sql)
    return sql


def _run(sql: str, table: Rows, context: Context) -> Rows:
    with context.folder.scratch() as place, context.lane(Lane.CPU):
        return duck.query(
            sql, {TABLE: table}, place=place, limits=context.limits, cancelled=context.cancelled
        )


def _filled(found: Rows) -> bool:
    return any(cell is not None for cells in found.cells for cell in cells)


def _shown(cell: Cell) -> str:
    match cell:
        case bool():
            return "yes" if cell else "no"
        case _:
            return shown_cell(cell)
