"""Run one SELECT over rows, or write rows as Parquet, in a child.  The only file that knows DuckDB.

`query` and `parquet` are called by a step, in any thread; the child is `semfs.jobs.child`'s.
It loads the rows first and then locks the database: no files, no network, no extensions, no settings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from semfs.jobs.child import converse, serve
from semfs.jobs.sandbox import Limits
from semfs.jobs.values import Cell, Column, Rows, distinct

TYPES = {"text": "VARCHAR", "number": "DOUBLE", "date": "DATE"}
NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "HUGEINT", "UINTEGER", "REAL")


MODULE = "semfs.jobs.duck"
PARQUET = "rows.parquet"


def query(
    sql: str,
    tables: Mapping[str, Rows],
    *,
    place: Path,
    limits: Limits,
    cancelled: Callable[[], bool],
) -> Rows:
    """Return the rows that the SELECT gives; the tables are named as in the plan.

    `place` is an empty folder of the caller's own.  Raises StepFailed with DuckDB's own words
    if the SQL is wrong or a limit is passed.
    """
    request = {"sql": sql, "rows": limits.output // 64, "tables": _given(tables)}
    answer = converse(MODULE, request, what="the SQL", place=place, limits=limits, cancelled=cancelled)
    columns = tuple(Column(name, type) for name, type in answer["columns"])
    return Rows(columns, tuple(tuple(row) for row in answer["cells"]))


def parquet(rows: Rows, *, place: Path, limits: Limits, cancelled: Callable[[], bool]) -> bytes:
    """Return the rows as a Parquet file: numbers are DOUBLE, dates DATE, all else VARCHAR."""
    request = {"parquet": True, "tables": _given({"rows": rows})}
    converse(MODULE, request, what="writing Parquet", place=place, limits=limits, cancelled=cancelled)
    return (place / PARQUET).read_bytes()


def _given(tables: Mapping[str, Rows]) -> dict[str, Any]:
    return {
        name: {
            "columns": [[column.name, column.type] for column in rows.columns],
            "cells": [list(row) for row in rows.cells],
        }
        for name, rows in tables.items()
    }


# -- the child


def _answer(request: dict[str, Any], place: Path) -> dict[str, Any]:
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": f"{request['memory']}B"})
    for name, table in request["tables"].items():
        _load(connection, place / f"{len(name)}-{name}.json", name, table)
    if request.get("parquet"):
        connection.execute("COPY rows TO ? (FORMAT parquet)", [str(place / PARQUET)])
        return {}
    for setting in (
        "SET temp_directory = ''",
        "SET enable_external_access = false",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET lock_configuration = true",
    ):
        connection.execute(setting)
    try:
        statements = connection.extract_statements(request["sql"])
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return {"error": "it must be one SELECT"}
        result = connection.execute(request["sql"])
        names = distinct(item[0] for item in result.description)
        columns = [[name, _type(str(item[1]))] for name, item in zip(names, result.description, strict=True)]
        rows = result.fetchmany(request["rows"] + 1)
    except duckdb.Error as error:
        return {"error": _plain(str(error))}
    if len(rows) > request["rows"]:
        return {"error": f"it gives more than {request['rows']} rows"}
    return {"columns": columns, "cells": [[_cell(value) for value in row] for row in rows]}


def _load(connection: Any, path: Path, name: str, table: dict[str, Any]) -> None:
    """Make a table of the plan's rows; a cell that is not of its column's type is empty."""
    columns = [(column, TYPES[type]) for column, type in table["columns"]]
    keys = [f"c{number}" for number in range(len(columns))]
    with path.open("w", encoding="utf-8") as file:
        for row in table["cells"]:
            file.write(json.dumps(dict(zip(keys, row, strict=True))) + "\n")
    chosen = ", ".join(
        f"try_cast({key} AS {type}) AS {_quoted(column)}"
        for key, (column, type) in zip(keys, columns, strict=True)
    )
    kept = ", ".join(f"{key}: VARCHAR" for key in keys)
    connection.execute(
        f"CREATE TABLE {_quoted(name)} AS SELECT {chosen} FROM"
        f" read_json(?, format = 'newline_delimited', columns = {{{kept}}})",
        [str(path)],
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type(name: str) -> str:
    name = name.upper()
    if name == "NUMBER" or any(word in name for word in NUMERIC):
        return "number"
    return "date" if name == "DATE" else "text"


def _cell(value: Any) -> Cell:
    """Return a value as JSON can hold it; binary fractions are rounded to what they stand for."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float() | Decimal():
            number = float(f"{value:.12g}")
            return number if math.isfinite(number) else None
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _plain(message: str) -> str:
    """Drop DuckDB's picture of where the error is; keep its words."""
    lines = [line for line in message.splitlines() if line.strip() and not line.startswith(("LINE ", " "))]
    return " ".join(lines) or message


if __name__ == "__main__":
    serve(_answer)
