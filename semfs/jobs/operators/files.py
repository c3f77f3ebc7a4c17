"""find and hits: which files a plan works on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from semfs.errors import StepFailed
from semfs.jobs.context import Context, Inputs
from semfs.jobs.operators import tongues
from semfs.jobs.values import Files
from semfs.model import FileRow, FileStatus, Filters
from semfs.plan.lower import Step
from semfs.search import dates, kinds, scope, sizes


def find(step: Step, inputs: Inputs, context: Context) -> Files:
    """Return every file that matches, not the best few."""
    words, filters = _wanted(step, context)
    found = _named(words, context.searcher.matching(words, filters))
    if not found and words.strip() and not _FILE_NAME.fullmatch(words.strip()):
        everything = context.searcher.matching("", filters)
        if to := tongues.foreign(context.request or words, everything):
            found = context.searcher.matching(tongues.translated(words, to, context), filters)
    if limit := step.argument("limit"):
        found = _limited(found, limit)
    context.log(f"found {len(found)} files" + (f": {_first(found)}" if found else ""))
    return Files(tuple(row.path for row in found))


def hits(step: Step, inputs: Inputs, context: Context) -> Files:
    """Return the hits of the query directory that the request was written in."""
    if not context.within:
        raise StepFailed("hits() is only there for a request that is written in a query directory")
    found = [hit.file for hit in context.searcher.search(scope.read_all(context.within)).hits]
    context.log(f"{len(found)} hits" + (f": {_first(found)}" if found else ""))
    return Files(tuple(row.path for row in found))


def _wanted(step: Step, context: Context) -> tuple[str, Filters]:
    """Return the words and the filters; what is no time or size is looked for as words."""
    words = step.argument("query")
    filters = Filters(folder=step.argument("folder").strip().strip("/"))
    if kind := step.argument("kind"):
        wanted = kinds.by_name(kind)
        if wanted is None:
            raise StepFailed(f"'{kind}' is no kind of file")
        filters = replace(filters, kinds=wanted.kinds, suffixes=wanted.suffixes)
    if when := step.argument("when"):
        span = dates.resolve(when, context.now)
        if span is None:
            context.log(f"'{when}' is not understood as a time; it is looked for as words")
            words = f"{words} {when}".strip()
        else:
            since, until = span.seconds()
            filters = replace(filters, since=since, until=until)
            context.log(f"'{when}' is {span}")
    if size := step.argument("size"):
        understood = sizes.understood(size)
        if understood is None:
            raise StepFailed(f"'{size}' is not understood as a size; write it like 'over 1 MB'")
        filters = replace(filters, min_size=understood.min_size, max_size=understood.max_size)
    return words, filters


_FILE_NAME = re.compile(
    r"[^\s/]+\.(?:csv|tsv|xlsx?|xlsm|ods|pdf|docx?|odt|rtf|pptx?|odp|eml|msg|mbox|epub|txt|md|json)",
    re.IGNORECASE,
)


def _named(words: str, found: list[FileRow]) -> list[FileRow]:
    """Return those that have the name, where what was looked for is the name of a file."""
    wanted = words.strip().casefold()
    if not _FILE_NAME.fullmatch(wanted):
        return found
    names = [(row.path.rpartition("/")[2].casefold(), row) for row in found]
    same = [row for name, row in names if name == wanted]
    return same or [row for name, row in names if name.endswith(wanted)]


_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_LIMIT = re.compile(r"(?:the )?(?P<count>\d{1,18})(?: (?P<order>[a-z]+))??(?P<readable> readable)?")
_ORDERS: dict[str, Callable[[FileRow], float]] = {
    "newest": lambda row: -row.mtime,
    "oldest": lambda row: row.mtime,
    "largest": lambda row: -row.size,
    "smallest": lambda row: row.size,
}


def _limited(found: list[FileRow], limit: str) -> list[FileRow]:
    """Return the first of the files, in the order that the limit names; best first if it names none."""
    words = (str(_NUMBERS.index(it) + 1) if it in _NUMBERS else it for it in limit.lower().split())
    match = _LIMIT.fullmatch(" ".join(words))
    order = match["order"] if match else None
    if match is None or (order and order not in _ORDERS):
        raise StepFailed(f"'{limit}' is not understood as a limit; write it like '5' or '3 newest'")
    if match["readable"]:
        found = [row for row in found if row.status is FileStatus.INDEXED]
    if order:
        found = sorted(found, key=_ORDERS[order])
    return found[: int(match["count"])]


def _first(found: list[FileRow], most: int = 5) -> str:
    names = [PurePath(os.fsencode(row.path).decode("utf-8", "replace")).name for row in found[:most]]
    return ", ".join(names) + (f" and {len(found) - most} more" if len(found) > most else "")
