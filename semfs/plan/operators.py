"""What a plan may call: each operator declared once, pure data.

The grammar, the checks, the model's instructions, `sys/operators` and the manual page
are all made from these declarations; `semfs.jobs.operators` holds what they do.
People add their own through entry points of the group `semfs.operators`: each names an
`Operator` whose `implementation` says where the function is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from semfs.model import Kind

log = logging.getLogger(__name__)

GROUP = "semfs.operators"


class Type(StrEnum):
    """What a variable of a plan holds."""

    FILES = "files"
    ROWS = "rows"
    TEXT = "text"
    NOTHING = "nothing"


class Lane(StrEnum):
    """The resource that a step needs."""

    MODEL = "model"
    CPU = "cpu"
    IO = "io"
    SANDBOX = "sandbox"


MONEY = "money"  # a number, with a column for its currency beside it
COLUMN_TYPES = ("text", "number", "date", MONEY)


def currency_column(name: str) -> str:
    """Return the column that holds the currencies (ISO 4217) of a column of money."""
    return f"{name}_currency"


# What one row of FILES has where files are used as rows (in `table`, `python` and `save`).
FILE_COLUMNS = (("file", "text"), ("kind", "text"), ("size", "number"), ("modified", "date"))

# Extensions that `save` writes, by type, the best first.
EXTENSIONS = {
    Type.TEXT: ("md", "txt", "html", "json", "csv"),
    Type.ROWS: ("csv", "json", "md", "txt", "parquet"),
    Type.FILES: ("txt", "csv", "json", "md", "parquet"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: a value of some types, or (`accepts` empty) a quoted text."""

    name: str
    meaning: str
    accepts: tuple[Type, ...] = ()
    required: bool = True
    many: bool = False  # takes all values that follow; their variables' names matter to the operator
    empty: bool = False  # whether the quoted text may be empty
    choices: tuple[str, ...] = ()  # the quoted text must be one of these
    others: bool = False  # or, written by a person, another that the operator knows when it runs
    longest: int = 100  # characters that the model may write here

    @property
    def quoted(self) -> bool:
        return not self.accepts


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of the plan language."""

    name: str
    meaning: str
    parameters: tuple[Parameter, ...]
    result: Type
    lane: Lane
    example: str  # one call, as it stands in a plan
    maps: bool = False  # one task a file where its first value is FILES
    columns: bool = False  # takes free keyword parameters, name="text|number|date"
    result_columns: tuple[str, ...] = ()  # known columns of its ROWS besides the free ones
    any_columns: bool = False  # its ROWS have columns that are known only when it has run
    effect: bool = False  # does more than give a value, so that it is never dropped
    only_in_query: bool = False  # exists only for a request written in a query directory
    output: str = ""  # default name of its result, without the extension
    implementation: str = ""  # "module:function" of an operator from an entry point

    def parameter(self, name: str) -> Parameter | None:
        return next((item for item in self.parameters if item.name == name), None)


def _value(name: str, meaning: str, *accepts: Type, many: bool = False, required: bool = True) -> Parameter:
    return Parameter(name, meaning, accepts, many=many, required=required, longest=400)


def _option(name: str, meaning: str, choices: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, meaning, required=False, choices=choices, longest=60)


_FILES = _value("files", "the files to read", Type.FILES)
_KINDS = tuple(kind.value for kind in Kind if kind is not Kind.OTHER)

OPERATORS: tuple[Operator, ...] = (
    Operator(
        "find",
        "all files about some words",
        (
            Parameter("query", "what the files are about; empty for all files", empty=True, longest=80),
            Parameter("kind", "what sort of file", required=False, choices=_KINDS, others=True, longest=60),
            _option("when", 'time in words, such as "2023" or "last month"'),
            _option("folder", "part of the folder's path"),
            _option("size", 'size in words, such as "over 1 MB"'),
            Parameter(
                "limit",
                'at most so many, such as "5", "3 newest" or "10 largest readable"',
                required=False,
                longest=60,
            ),
        ),
        Type.FILES,
        Lane.IO,
        'find("invoices", kind="pdf", when="2023")',
        output="files",
    ),
    Operator(
        "hits",
        "the files of this query directory",
        (),
        Type.FILES,
        Lane.IO,
        "hits()",
        only_in_query=True,
        output="files",
    ),
    Operator(
        "keep",
        "only the files for which a condition holds; the model reads each",
        (_FILES, Parameter("condition", "what must hold for a file that is kept", longest=160)),
        Type.FILES,
        Lane.MODEL,
        'keep(letters, "asks for money")',
        maps=True,
        output="files",
    ),
    Operator(
        "extract",
        "a row of facts from each file",
        (_FILES,),
        Type.ROWS,
        Lane.MODEL,
        'extract(invoices, vendor="text", amount="number", date="date")',
        maps=True,
        columns=True,
        result_columns=("file",),
        output="rows",
    ),
    Operator(
        "summarize",
        "one summary of everything",
        (
            _value("value", "what to summarize", Type.FILES, Type.TEXT, Type.ROWS),
            _option("focus", "what the summary is to look at"),
        ),
        Type.TEXT,
        Lane.MODEL,
        'summarize(notes, focus="decisions")',
        maps=True,
        output="summary",
    ),
    Operator(
        "answer",
        "the answer to a question, from the files, with sources",
        (_FILES, Parameter("question", "the question", longest=300)),
        Type.TEXT,
        Lane.MODEL,
        'answer(letters, "Who moved to Ulm?")',
        output="answer",
    ),
    Operator(
        "translate",
        "all of the text in another language",
        (
            _value("value", "what to translate", Type.FILES, Type.TEXT),
            Parameter("to", "the language", longest=40),
        ),
        Type.TEXT,
        Lane.MODEL,
        'translate(letter, "French")',
        maps=True,
        output="translation",
    ),
    Operator(
        "classify",
        "a row (file, label) for each file",
        (_FILES, Parameter("labels", "the labels, separated by commas", longest=200)),
        Type.ROWS,
        Lane.MODEL,
        'classify(mails, "complaint, order, other")',
        maps=True,
        result_columns=("file", "label"),
        output="labels",
    ),
    Operator(
        "load",
        "the rows of CSV files and spreadsheets as they stand; no model reads them",
        (_FILES,),
        Type.ROWS,
        Lane.CPU,
        "load(budgets)",
        any_columns=True,
        output="rows",
    ),
    Operator(
        "table",
        "SQL over rows, whose tables are the variables",
        (
            Parameter("sql", "one SELECT; a table is the name of a variable", longest=400),
            _value("rows", "the variables that the SQL names", Type.ROWS, Type.FILES, many=True),
        ),
        Type.ROWS,
        Lane.CPU,
        'table("select vendor, sum(amount) total from rows group by vendor", rows)',
        output="table",
    ),
    Operator(
        "python",
        "exact computation by a program; its output is the result",
        (
            Parameter("task", "what to compute, in words, with its numbers", longest=400),
            _value(
                "values",
                "what the program may use",
                Type.ROWS,
                Type.TEXT,
                Type.FILES,
                many=True,
                required=False,
            ),
        ),
        Type.TEXT,
        Lane.SANDBOX,
        'python("days from 2024-01-15 to 2024-03-01")',
        effect=True,
        output="result",
    ),
    Operator(
        "save",
        "keep a value as a file of the job",
        (
            _value("value", "what to save", Type.TEXT, Type.ROWS, Type.FILES),
            Parameter("name", "the file's name; its extension says the form", longest=60),
        ),
        Type.NOTHING,
        Lane.IO,
        'save(totals, "totals.csv")',
        effect=True,
    ),
)


@cache
def operators() -> tuple[Operator, ...]:
    """Return the built-in operators and those of installed entry points, loaded once."""
    found = {item.name: item for item in OPERATORS}
    for entry in entry_points(group=GROUP):
        added = _load(entry)
        if added is not None and added.name not in found:
            found[added.name] = added
        elif added is not None:
            log.warning("operator %s of %s is ignored: the name is taken", added.name, entry.value)
    return tuple(found.values())


def _load(entry: EntryPoint) -> Operator | None:
    try:
        value = entry.load()
    except Exception as error:  # a package that is broken costs its own operators, and no job
        log.warning("operator %s cannot be loaded from %s: %s", entry.name, entry.value, error)
        return None
    if isinstance(value, Operator) and value.name.isidentifier() and value.implementation:
        return value
    log.warning(
        "operator %s of %s is ignored: not an Operator with an implementation", entry.name, entry.value
    )
    return None


def signature(operator: Operator) -> str:
    """Return the call as a line of documentation: `find(query, kind?, when?)`."""
    words = [
        item.name + ("..." if item.many else "" if item.required else "?") for item in operator.parameters
    ]
    if operator.columns:
        words.append(f'column="{"|".join(COLUMN_TYPES)}"...')
    return f"{operator.name}({', '.join(words)})"


def describe(known: tuple[Operator, ...]) -> str:
    """Return the listing of `sys/operators`: each operator with its parameters and an example."""
    return "\n".join(_entry(item) for item in known)


def _entry(operator: Operator) -> str:
    lines = [f"{signature(operator)} -> {operator.result.value}", f"    {operator.meaning}"]
    lines += [f"    {item.name}: {_describe(item)}" for item in operator.parameters]
    if operator.columns:
        lines.append(f"    any other name is a column: {', '.join(COLUMN_TYPES)}")
    once = "one task a file" if operator.maps else "one task"
    lines += [f"    lane: {operator.lane.value}, {once}", f"    example: {operator.example}"]
    return "\n".join(lines) + "\n"


def _describe(parameter: Parameter) -> str:
    form = "quoted text" if parameter.quoted else " or ".join(item.value for item in parameter.accepts)
    if parameter.choices:
        form = "one of " + ", ".join(parameter.choices)
    optional = "" if parameter.required else ", optional"
    return f"{parameter.meaning} ({form}{optional})"
