"""answer, where the file is a table: the model writes SQL for the question, DuckDB computes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath

from semfs.errors import StepFailed
from semfs.jobs import duck, grounding, looking_up, sheets, stored, voting
from semfs.jobs.context import Context
from semfs.jobs.values import Rows, Text
from semfs.model import FileRow, Kind, Prompt, Sampling, Source
from semfs.plan.operators import Lane
from semfs.store.state import SourceRow

TABLE = "t"  # what the SQL calls it
TABLES = (Kind.DATA, Kind.SPREADSHEET)
MOST_LINES = 200  # of an answer

Lines = tuple[str, ...]


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
    lines = _found(question, table, context)
    return Text("\n".join(lines), (source,)) if lines else None


def _found(question: str, table: Rows, context: Context) -> Lines:
    """Return what most of several SELECTs give; if none finds anything, one is written once more."""
    prompt = looking_up.question(question, table)
    samplings = looking_up.samplings(table)
    with ThreadPoolExecutor(len(samplings), thread_name_prefix=f"job-{context.job}") as pool:
        written = list(pool.map(lambda one: _written(prompt, table, context, one), samplings))
    tried = {sql: _tried(sql, question, table, context) for sql in dict.fromkeys(written)}
    found = [given for sql in written if not isinstance(given := tried[sql], str)]
    if found:
        fitting = [lines for lines in found if looking_up.fits(question, lines)]
        return voting.most_common(fitting or found, lambda lines: frozenset(map(str.casefold, lines)))
    wrong = str(tried[written[0]])
    context.log(f"the SQL is written once more: {wrong}")
    again = _written(looking_up.repair(question, table, written[0], wrong), table, context, samplings[0])
    given = _tried(again, question, table, context)
    return () if isinstance(given, str) else given


def _written(prompt: Prompt, table: Rows, context: Context, sampling: Sampling) -> str:
    return grounding.grounded(context.ask(prompt, sampling).strip(), table)


def _tried(sql: str, question: str, table: Rows, context: Context) -> Lines | str:
    """Return what the SQL finds of what is asked for, or what is wrong with it."""
    context.log(f"SQL: {sql}")
    context.audit("code", sql)
    try:
        with context.folder.scratch() as place, context.lane(Lane.CPU):
            found = duck.query(
                sql, {TABLE: table}, place=place, limits=context.limits, cancelled=context.cancelled
            )
    except StepFailed as error:
        return str(error)
    return looking_up.asked_for(question, found)[:MOST_LINES] or "it finds no rows"
