"""load: the rows of tables that lie in files, as they stand; no model reads them."""

from __future__ import annotations

from semfs.errors import StepFailed
from semfs.jobs import grids, stored
from semfs.jobs.context import Context, Inputs
from semfs.jobs.values import Cell, Column, Rows
from semfs.model import Source, shown
from semfs.plan.lower import Step
from semfs.plan.operators import Lane
from semfs.store.state import SourceRow

FILE, SHEET = Column("file"), Column("sheet")


def load(step: Step, inputs: Inputs, context: Context) -> Rows:
    """Return the rows of all tables, under one another by the names of their columns."""
    files = context.rows_of(inputs.some_files("files"))
    with context.folder.scratch() as place, context.lane(Lane.CPU):
        read = stored.read(
            [row.path for row in files], place=place, limits=context.limits, cancelled=context.cancelled
        )
    tables: list[tuple[tuple[Cell, ...], grids.Named]] = []
    several = any(isinstance(sheets, list) and len(sheets) > 1 for sheets in read.values())
    for row in files:
        sheets = read[row.path]
        if isinstance(sheets, str):
            context.note([SourceRow(Source(row.path, b""), sheets)])
            context.log(f"skipped {shown(row.path)}: {sheets}")
            continue
        context.note([SourceRow(Source(row.path, row.hash))])
        for name, grid in sheets:
            before = (shown(row.path), name) if several else (shown(row.path),)
            tables.append((before, grids.named(grid)))
    if not tables:
        raise StepFailed("none of the files could be read as a table")
    found = grids.united(tables, (FILE, SHEET) if several else (FILE,))
    context.log(f"{len(found.cells)} rows with the columns {', '.join(c.name for c in found.columns)}")
    return found
