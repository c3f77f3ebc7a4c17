"""extract and classify: rows made from files, one task a file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as TypingMapping

from semfs.errors import StepFailed
from semfs.jobs import normalise, prompts
from semfs.jobs.context import Context, FileText, Inputs, Skip
from semfs.jobs.operators.forms import shown_cell
from semfs.jobs.reading import Mapping, Reading
from semfs.jobs.spans import Span, currency_of, locate
from semfs.jobs.values import Cell, Column, Rows
from semfs.jobs.windows import Window
from semfs.model import Kind, shown
from semfs.plan.lower import Step
from semfs.plan.operators import MONEY, currency_column

FILE = Column("file")
Place = Sequence[int | str | None]  # page, line, character of the line, the words
SEVERAL = frozenset({Kind.SPREADSHEET, Kind.DATA})  # their files hold many records; others are one each
ROOM = 60  # tokens of an answer for each column of one record
MOST_ROOM = 1800
NOTHING = frozenset({"null", "none", "n/a", "unknown", "not specified"})
VOTES = 3  # windows of a long file that say under which label it belongs

# What the task of one file gives for each record: by column, the value and where it stands.
Record = dict[str, tuple[Cell, Place | None]]
SILENT: tuple[Cell, Place | None] = (None, None)


def extract(step: Step, inputs: Inputs, context: Context) -> Mapping:
    """Return one row a file, or several for a table of records; a cell is empty where the file is silent.

    An amount of money is a number and, in a column of its own, its currency.
    """
    columns = tuple(Column(item.name, item.text) for item in step.columns)

    def rows(file: FileText) -> list[Record]:
        several = file.row.kind in SEVERAL
        found = [_read(file, window, columns, several, context) for window in file.windows]
        records = [record for part in found for record in part]
        return records if several else [_merged(records, columns)]

    found = yield Reading(inputs.some_files("files"), rows)
    lines = [(shown(path), record) for path, records in found for record in records]
    context.folder.cells(step.name, _placed(lines, columns))
    made = [item for column in columns for item in _made(column)]
    cells = ((path, *(record.get(column.name, SILENT)[0] for column in made)) for path, record in lines)
    return Rows((FILE, *made), tuple(cells))


def _made(column: Column) -> tuple[Column, ...]:
    """Return the columns that rows have for one that was asked for."""
    if column.type != MONEY:
        return (column,)
    return Column(column.name, "number"), Column(currency_column(column.name))


def _placed(lines: Sequence[tuple[str, Record]], columns: Sequence[Column]) -> Iterator[Sequence[Cell]]:
    """Yield for each cell with a value: row, column, value, file, page, line, character, words."""
    for number, (path, record) in enumerate(lines, 1):
        for column in columns:
            value, place = record[column.name]
            if value is not None:
                yield number, column.name, shown_cell(value), path, *(place or (None,) * 4)


def _read(
    file: FileText, window: Window, columns: Sequence[Column], several: bool, context: Context
) -> list[Record]:
    """Return the records of one window, without those that are empty."""
    objects = _asked(file, window, columns, several, context)
    records = [_record(given, columns, window) for given in objects]
    return [record for record in records if any(value is not None for value, _ in record.values())]


def _record(
    given: TypingMapping[str, str | float | None], columns: Sequence[Column], window: Window
) -> Record:
    record: Record = {}
    for column in columns:
        value = cell(given.get(column.name), column, window.text)
        span = locate(value, column.type, window) if value is not None else None
        record[column.name] = value, _stands(span) if span else None
        if column.type == MONEY:
            code = currency_of(value, window.text) if value is not None else None
            record[currency_column(column.name)] = code, None
    return record


def _stands(span: Span) -> Place:
    return span.place.page, span.place.line, span.place.at, span.quote


def _asked(
    file: FileText, window: Window, columns: Sequence[Column], several: bool, context: Context
) -> list[dict[str, str | float | None]]:
    """Ask for the objects of one window, with more room if the answer was cut off; raises Skip."""
    prompt = prompts.extract(file.name, window.text, columns, several=several)
    room = min(ROOM * len(columns) * (12 if several else 1) + 40, MOST_ROOM)
    for tokens in (room, room * 2):
        sampling = prompts.extract_sampling(columns, window.text, several=several, room=tokens)
        try:
            return prompts.read_objects(context.ask(prompt, sampling))
        except ValueError:
            continue
    raise Skip("the model's answer about it could not be read")


def cell(given: str | float | None, column: Column, text: str) -> Cell:
    """Return the value in its column's type; a number or date that the text has not is dropped."""
    value = str(given).strip() if given is not None else ""
    if not value or value.casefold() in NOTHING:
        return None
    match column.type:
        case "number" | "money":
            number = normalise.number(value)
            if number is None or not math.isfinite(number):  # of hundreds of digits
                return None
            return number if number in {float(word) for word in normalise.numbers(text)} else None
        case "date":
            day = normalise.day(value)
            return day if day in normalise.days(text).values() else None
    return value


def _merged(records: Sequence[Record], columns: Sequence[Column]) -> Record:
    """Return one record: for each column the first window's value that there is."""
    merged: Record = {}
    for column in columns:
        first = next((r for r in records if r[column.name][0] is not None), {})
        for item in _made(column):
            merged[item.name] = first.get(item.name, SILENT)
    return merged


def classify(step: Step, inputs: Inputs, context: Context) -> Mapping:
    """Return (file, label); of a long file the beginning, the middle and the end vote."""
    given = (" ".join(word.split()) for word in step.argument("labels").split(","))
    labels = tuple(dict.fromkeys(filter(None, given)))
    if len(labels) < 2 or not all(map(str.isprintable, labels)):
        raise StepFailed(
            f"classify needs at least two labels, separated by commas, not '{step.argument('labels')}'"
        )
    sampling = prompts.one_of(labels)

    def label(file: FileText) -> str:
        votes = Counter(
            context.ask(prompts.classify(file.name, window.text, labels), sampling).strip()
            for window in spread(file.windows, VOTES)
        )
        best = votes.most_common(1)[0][0]
        if best not in labels:
            raise Skip("the model's answer about it could not be read")
        return best

    found = yield Reading(inputs.some_files("files"), label)
    cells = [(shown(path), word) for path, word in found]
    return Rows((FILE, Column("label")), tuple(cells))


def spread(windows: Sequence[Window], most: int) -> list[Window]:
    """Return at most `most` windows, evenly spread, the first and the last among them."""
    if len(windows) <= most:
        return list(windows)
    return [windows[round(place * (len(windows) - 1) / (most - 1))] for place in range(most)]
