"""Passes that let `find` do what a model need not: filters and limits.  Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from semfs.model import Kind
from semfs.plan.program import Call, Program
from semfs.plan.sql import tokens

# Words that also say something about the content are left to the model.
_PLAIN_KINDS = frozenset(
    {Kind.PDF, Kind.HTML, Kind.MARKDOWN, Kind.SPREADSHEET, Kind.PRESENTATION, Kind.EMAIL, Kind.EBOOK}
)
_KIND = r"(?:an? )?(?P<text>[a-z]+?)s?(?: files?| documents?)?"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_TIME = (
    rf"(?:in|since|before|after|during|until) (?:{_MONTH} )?(?:19|20)\d\d|(?:in|since|before|after) {_MONTH}"
    r"|(?:this|last) (?:week|month|quarter|year)|in the last \d+ (?:days|weeks|months|years)|today|yesterday"
)


def _condition(words: str) -> re.Pattern[str]:
    begin = r"(?:it |the file )?(?:(?:is|are|was|were|has been|have been) )?"
    return re.compile(rf"{begin}{words}\.?", re.IGNORECASE)


# Conditions that say nothing but what a filter of `find` says, with the filter.
_CONDITIONS: tuple[tuple[re.Pattern[str], str, Callable[[str], str]], ...] = (
    (_condition(_KIND), "kind", lambda text: text.lower() if text.lower() in _PLAIN_KINDS else ""),
    (_condition(rf"(?:last )?(?:modified|changed|edited|saved) (?P<text>{_TIME})"), "when", str),
    (
        _condition(r"(?P<text>(?:larger|bigger|smaller|less|more) than \d+(?:\.\d+)? ?[kmg]i?b)"),
        "size",
        str,
    ),
    (_condition(r"in the (?:folder|directory) (?P<text>[\w./-]+[\w/-])"), "folder", str),
)


def filters_into_find(program: Program) -> tuple[Program, str]:
    """Turn `keep(files, "is a PDF")` into `find(..., kind="pdf")`, which reads no file.

    Safe only where the condition says nothing but the filter, the files come from a find
    without one of the sort, perhaps through other conditions, and nothing else uses them.
    """
    notes: dict[str, None] = {}
    while pushed := next(filter(None, (_pushed(call, program) for call in program.calls)), None):
        program, option = pushed
        notes[option] = None
    if not notes:
        return program, ""
    return program, f"a condition on {' and '.join(notes)} is a filter of find and needs no model"


def _pushed(call: Call, program: Program) -> tuple[Program, str] | None:
    """Return the program without this condition, and the filter that it became."""
    if call.operator.name != "keep":
        return None
    option, text = _filter(call.setting("condition"))
    source = program.call(call.inputs[0].name)
    found = source
    while found.operator.name == "keep" and len(program.readers(found.name)) == 1:
        found = program.call(found.inputs[0].name)
    single = all(len(program.readers(name)) == 1 for name in (source.name, found.name))
    if not option or found.operator.name != "find" or found.setting(option) or not single:
        return None
    if found.setting("limit"):
        return None  # first so many, then the condition: not the same the other way round
    calls = []
    for item in program.calls:
        if item is call:
            continue
        changed = item.with_setting(option, text) if item is found else item
        calls.append(replace(changed, name=call.name) if item is source else changed)
    return replace(program, calls=tuple(calls)), option


def _filter(condition: str) -> tuple[str, str]:
    for pattern, option, read in _CONDITIONS:
        match = pattern.fullmatch(condition.strip())
        if match and (text := read(match["text"])):
            return option, text
    return "", ""


# What makes a SELECT depend on more rows than it gives.
_NEEDS_ALL = frozenset(
    {"where", "group", "order", "having", "distinct", "union", "intersect", "except", "join", "with"}
    | {"offset", "qualify", "window"}
)


def limits_into_find(program: Program) -> tuple[Program, str]:
    """Read no more files than a SELECT wants rows, where any rows will do.

    Each file that can be read gives a row at least.  Nothing else may use the rows or the files.
    """
    for call in program.calls:
        limit = _plain_limit(call.setting("sql")) if call.operator.name == "table" else 0
        if not limit or len(call.inputs) != 1:
            continue
        rows = program.call(call.inputs[0].name)
        if rows.operator.name not in ("extract", "classify") or len(program.readers(rows.name)) > 1:
            continue
        found = program.call(rows.inputs[0].name)
        if found.operator.name != "find" or found.setting("limit") or len(program.readers(found.name)) > 1:
            continue
        fewer = found.with_setting("limit", f"{limit} readable")
        calls = tuple(fewer if item is found else item for item in program.calls)
        return replace(program, calls=calls), f"{limit} rows are wanted, any of them: so many files are read"
    return program, ""


def _plain_limit(sql: str) -> int:
    """Return the limit of a SELECT that takes the first rows as they come, 0 for any other."""
    words = tokens(sql)
    if any(word.says("(", *_NEEDS_ALL) for word in words):
        return 0
    ends = len(words) > 2 and words[-2].says("limit") and words[-1].form == "number"
    return int(words[-1].text) if ends and words[-1].text.isdecimal() else 0
