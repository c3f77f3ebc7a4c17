"""Run one SELECT over rows, in a child process.  The only file that knows DuckDB.

`query` is called by a step, in any thread; `main` is the child (`python -m semfs.jobs.duck`),
which reads the request as JSON from standard input and answers on standard output.  The child
loads the rows first and then locks the database: no files, no network, no extensions, no settings.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from semfs.errors import Interrupted, StepFailed
from semfs.jobs.sandbox import Limits
from semfs.jobs.values import Cell, Column, Rows
from semfs.supervise import die_with_parent

TICK_S = 0.05
# Address space of the child beyond what DuckDB may use: 880 MB are mapped before the first row.  Its own
# limit does not hold for a single long value: repeat('x', 3000000000) took 9 GB under a limit of 256 MB.
MAPPED = 1 << 30
TYPES = {"text": "VARCHAR", "number": "DOUBLE", "date": "DATE"}
NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "HUGEINT", "UINTEGER", "REAL")


def query(
    sql: str,
    tables: Mapping[str, Rows],
    *,
    place: Path,
    limits: Limits,
    cancelled: Callable[[], bool],
) -> Rows:
    """Return the rows that the SELECT gives; the tables are named as in the plan.

    `place` is a folder of the caller's own, which is left with what was needed on the way.

    Raises StepFailed with DuckDB's own words if the SQL is wrong or a limit is passed.
    """
    request = {
        "sql": sql,
        "seconds": limits.seconds,
        "memory": limits.memory,
        "rows": limits.output // 64,
        "tables": {
            name: {
                "columns": [[column.name, column.type] for column in rows.columns],
                "cells": [list(row) for row in rows.cells],
            }
            for name, rows in tables.items()
        },
    }
    answer = _converse(json.dumps(request).encode("utf-8"), place, limits.seconds, cancelled)
    if "error" in answer:
        raise StepFailed(f"the SQL failed: {answer['error']}")
    columns = tuple(Column(name, type) for name, type in answer["columns"])
    return Rows(columns, tuple(tuple(row) for row in answer["cells"]))


def _converse(request: bytes, place: Path, seconds: int, cancelled: Callable[[], bool]) -> dict[str, Any]:
    given, said, wrong = (place / name for name in ("request", "answer", "error"))
    given.write_bytes(request)
    with given.open("rb") as stdin, said.open("wb") as stdout, wrong.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "semfs.jobs.duck", str(place)],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
        _watch(process, seconds, cancelled)
    if process.returncode:
        lines = wrong.read_text("utf-8", "replace").strip().splitlines()
        raise StepFailed(f"the SQL was stopped: {lines[-1] if lines else 'too much memory or time'}")
    answer: dict[str, Any] = json.loads(said.read_bytes())
    return answer


def _watch(process: subprocess.Popen[bytes], seconds: int, cancelled: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None:
            if cancelled():
                raise Interrupted("cancelled")
            if time.monotonic() > deadline:
                raise StepFailed(f"the SQL was stopped: it took more than {seconds} seconds")
            with suppress(subprocess.TimeoutExpired):
                process.wait(TICK_S)
    finally:
        process.kill()
        process.wait()


# -- the child


def main() -> None:
    """Answer the one request on standard input."""
    die_with_parent()
    request = json.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"] * 2, request["seconds"] * 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"] + MAPPED,) * 2)
    json.dump(_answer(request, Path(sys.argv[1])), sys.stdout)


def _answer(request: dict[str, Any], place: Path) -> dict[str, Any]:
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": f"{request['memory']}B"})
    for name, table in request["tables"].items():
        _load(connection, place / f"{len(name)}-{name}.json", name, table)
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
        columns = [[item[0], _type(str(item[1]))] for item in result.description]
        rows = result.fetchmany(request["rows"] + 1)
    except duckdb.Error as error:
        return {"error": _plain(str(error))}
    if len(rows) > request["rows"]:
        return {"error": f"it gives more than {request['rows']} rows"}
    return {"columns": _distinct(columns), "cells": [[_cell(value) for value in row] for row in rows]}


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


def _distinct(columns: list[list[str]]) -> list[list[str]]:
    """Give columns of the same name numbers, so that a row can be a record."""
    seen: dict[str, int] = {}
    for column in columns:
        seen[column[0]] = seen.get(column[0], 0) + 1
        if seen[column[0]] > 1:
            column[0] = f"{column[0]}_{seen[column[0]]}"
    return columns


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
    main()
