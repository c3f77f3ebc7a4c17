"""Read the tables that lie in files, CSV and spreadsheets, as they stand, in a child process.

`read` is called by a step, in any thread; the child is `semfs.jobs.child`'s.  No model reads them.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from semfs.errors import StepFailed
from semfs.jobs.child import converse, serve
from semfs.jobs.grids import Grid
from semfs.jobs.sandbox import Limits
from semfs.jobs.values import Cell

MODULE = "semfs.jobs.stored"
DELIMITERS = ",;\t|"
SAMPLE = 100_000  # characters that say what the delimiter and the encoding are
LARGEST = 64 << 20  # bytes of one file; more rows than fit the memory of a step are in it anyway

Sheets = list[tuple[str, Grid]]


def read(
    paths: Sequence[str], *, place: Path, limits: Limits, cancelled: Callable[[], bool]
) -> dict[str, Sheets | str]:
    """Return for each path its sheets (name, grid), or why there are none.

    A file that ends the child is found by reading one by one.
    """
    try:
        return _read(paths, place, limits, cancelled)
    except StepFailed as error:
        if len(paths) == 1:
            return {paths[0]: str(error)}
    found: dict[str, Sheets | str] = {}
    for path in paths:
        found |= read([path], place=place, limits=limits, cancelled=cancelled)
    return found


def _read(
    paths: Sequence[str], place: Path, limits: Limits, cancelled: Callable[[], bool]
) -> dict[str, Sheets | str]:
    answer = converse(
        MODULE, {"paths": list(paths)}, what="reading tables", place=place, limits=limits, cancelled=cancelled
    )
    return dict(zip(paths, answer["files"], strict=True))


# -- the child


def _answer(request: dict[str, Any], place: Path) -> dict[str, Any]:
    return {"files": [_file(path) for path in request["paths"]]}


def _file(path: str) -> Sheets | str:
    reader = READERS.get(Path(path).suffix.lower())
    if reader is None:
        return "it is no table: CSV, TSV, JSON, XLSX, XLS, XLSB and ODS are read"
    try:
        data = Path(path).read_bytes()
        if len(data) > LARGEST:
            return f"it is larger than {LARGEST >> 20} MB"
        sheets = [(name, grid) for name, grid in reader(data) if any(any(row) for row in grid)]
    except Exception as error:  # an indexer's boundary: what is in the file may be anything
        return f"it cannot be read as a table: {type(error).__name__}: {error}"
    return sheets or "it holds no table"


def _csv(data: bytes) -> Sheets:
    text = _decoded(data)
    csv.field_size_limit(LARGEST)
    # Quotes within a field are doubled, or escaped by those who have not read RFC 4180.
    escape = "\\" if '\\"' in text and '""' not in text else None
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=_delimiter(text),
        escapechar=escape,
        doublequote=escape is None,
    )
    return [("", list(rows))]


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts most lines into the same number of fields, above one."""

    def fit(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=delimiter)
        counts = Counter(len(row) for row in rows if len(row) > 1)
        width, lines = counts.most_common(1)[0] if counts else (0, 0)
        return lines, width

    return max(DELIMITERS, key=fit)


def _decoded(data: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        import chardet

        guess = chardet.detect(data[:SAMPLE])["encoding"]
        return data.decode(guess or "cp1252", "replace")


def _json(data: bytes) -> Sheets:
    """Read an array of objects, or an object a line."""
    text = _decoded(data)
    try:
        given = json.loads(text)
    except ValueError:
        given = [json.loads(line) for line in text.splitlines() if line.strip()]
    records = [item for item in (given if isinstance(given, list) else [given]) if isinstance(item, dict)]
    names = list(dict.fromkeys(name for record in records for name in record))
    return [("", [names, *([_cell(record.get(name)) for name in names] for record in records)])]


def _workbook(data: bytes) -> Sheets:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        (name, [[_cell(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()])
        for name in book.sheet_names
    ]


def _cell(value: object) -> Cell:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


READERS: dict[str, Callable[[bytes], Sheets]] = {
    **dict.fromkeys((".csv", ".tsv", ".tab"), _csv),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), _json),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), _workbook),
}


if __name__ == "__main__":
    serve(_answer)
