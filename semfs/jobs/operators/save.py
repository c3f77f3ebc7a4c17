"""save: a value as a file in out/, in the form that the name's extension says."""

from __future__ import annotations

import json
from collections.abc import Callable

from semfs.errors import StepFailed
from semfs.jobs import duck
from semfs.jobs.context import Context, Inputs
from semfs.jobs.normalise import file_name
from semfs.jobs.operators.forms import (
    as_csv,
    as_json,
    as_markdown,
    as_tabs,
    coverage,
    files_as_rows,
    with_sources,
)
from semfs.jobs.values import Files, Nothing, Rows, Text, Value
from semfs.model import shown_line
from semfs.plan.lower import Step
from semfs.plan.operators import Lane

TABLE_FORMS: dict[str, Callable[[Rows], str]] = {
    "csv": as_csv,
    "json": as_json,
    "md": as_markdown,
    "txt": as_tabs,
}
PARQUET = "parquet"
PLAIN = frozenset({"json", "csv", "html"})  # text that would be spoilt by sources under it


def save(step: Step, inputs: Inputs, context: Context) -> Nothing:
    value = inputs.one("value") or Text(step.argument("value"))
    name = file_name(step.argument("name"))
    data = _bytes(value, name.rpartition(".")[2].lower(), context)
    context.folder.save(name, data)
    context.log(f"saved {name}, {len(data)} bytes")
    return Nothing()


def _bytes(value: Value, extension: str, context: Context) -> bytes:
    if extension != PARQUET:
        return _formed(value, extension, context).encode("utf-8", "replace")
    rows = files_as_rows(context.rows_of(value)) if isinstance(value, Files) else value
    if not isinstance(rows, Rows):
        raise StepFailed("only rows and files can be saved as Parquet")
    with context.folder.scratch() as place, context.lane(Lane.CPU):
        return duck.parquet(rows, place=place, limits=context.limits, cancelled=context.cancelled)


def _formed(value: Value, extension: str, context: Context) -> str:
    match value:
        case Files(()):
            raise StepFailed("no file was found that is asked for; the job's log says what was looked for")
        case Rows(_, ()):
            raise StepFailed("nothing was found: there are no rows")
        case Text(text) if extension in PLAIN:
            return text.rstrip() + "\n"
        case Text():
            return with_sources(value, coverage(context.state.sources(context.job)))
        case Files(paths) if extension == "txt":
            return "".join(f"{shown_line(path)}\n" for path in paths)
        case Files():
            return TABLE_FORMS.get(extension, as_csv)(files_as_rows(context.rows_of(value)))
        case Rows():
            return TABLE_FORMS.get(extension, as_csv)(value)
    raise StepFailed(f"there is nothing to save as {json.dumps(extension)}")
