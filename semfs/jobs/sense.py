"""Whether a result makes sense, or only looks like one.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from semfs.jobs import voting
from semfs.jobs.sandbox import Outcome
from semfs.jobs.values import Rows

LONGEST_ERROR: Final = 200  # characters; a program that prints one short line "Error: ..." has failed
_NO_SUCH_DAY: Final = re.compile(r"day is out of range|month must be in|math domain error")
_ZERO: Final = re.compile(r"(?<![\d.,])0(?![\d.,])|\bzero\b|\bnull\b|零", re.IGNORECASE)
REFUSED: Final = "refused"  # what a program says that refuses its input, whatever its words


def emptiness(found: Rows, tables: Iterable[Rows]) -> str:
    """Say what a result of SQL lacks that would pass for an answer, "" if nothing.

    A column that the SQL computed is filled unless there was nothing to compute it from; one that it
    took over may be empty as long as another is not.
    """
    if not found.cells:
        return "nothing was found: the SQL gives no rows"
    given = {column.name.lower() for rows in tables for column in rows.columns}
    blank = [
        column.name
        for place, column in enumerate(found.columns)
        if all(row[place] is None for row in found.cells)
    ]
    computed = [name for name in blank if name.lower() not in given]
    told = [column.name for column in found.columns if column.name != "file"]
    if computed or (told and set(told) <= set(blank)):
        return f"nothing was found for {', '.join(computed or told)}"
    return ""


def is_only_error(text: str) -> bool:
    """Whether a program that ended well printed nothing but an error."""
    text = text.strip()
    return (
        "\n" not in text and len(text) <= LONGEST_ERROR and text.casefold().startswith(("error:", "fehler:"))
    )


def is_of_input(outcome: Outcome, task: str) -> bool:
    """Whether an error is about the numbers of the task: a program written anew would hide that."""
    if outcome.kind == "ZeroDivisionError":
        return _ZERO.search(task) is not None
    return outcome.on_purpose or _NO_SUCH_DAY.search(outcome.error) is not None


def decided(outcomes: Sequence[Outcome], task: str) -> Outcome | None:
    """Return the first outcome that says what most programs for a task say; None if all have slips."""
    telling = [outcome for outcome in outcomes if _says(outcome, task)]
    return voting.most_common(telling, lambda outcome: _says(outcome, task)) if telling else None


def _says(outcome: Outcome, task: str) -> str:
    """Return what an outcome says, "" for a slip of the program."""
    if outcome.error:
        return REFUSED if is_of_input(outcome, task) else ""
    if not outcome.text.strip():
        return ""
    return REFUSED if is_only_error(outcome.text) else voting.value(outcome.text)
