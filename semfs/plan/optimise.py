"""The passes between a checked plan and its steps.  Pure.

Each pass takes a program and gives one that makes the same files, with a note that says
what it changed and why, or "" if it changed nothing.  `explain` shows them in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from semfs.model import Kind
from semfs.plan.operators import EXTENSIONS, OPERATORS, Type
from semfs.plan.program import Call, Input, Program, Setting

Pass = Callable[[Program], tuple[Program, str]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What one pass did; `note` is empty if it changed nothing."""

    title: str
    note: str
    program: Program


@dataclass(frozen=True, slots=True)
class Optimised:
    """The program that is run and how it came from the one that was written."""

    given: Program
    stages: tuple[Stage, ...]

    @property
    def program(self) -> Program:
        return self.stages[-1].program if self.stages else self.given

    def explain(self) -> str:
        """Return the text of `explain`: the program as written and after each pass that changed it."""
        parts = [f"as written\n{_indented(self.given)}"]
        parts += [f"{s.title}: {s.note}\n{_indented(s.program)}" for s in self.stages if s.note]
        idle = [stage.title for stage in self.stages if not stage.note]
        if idle:
            parts.append(f"nothing to do for: {', '.join(idle)}\n")
        return "\n".join(parts)


def optimise(program: Program) -> Optimised:
    """Run all passes in order."""
    stages: list[Stage] = []
    current = program
    for title, step in PASSES:
        current, note = step(current)
        stages.append(Stage(title, note, current))
    return Optimised(program, tuple(stages))


def save_last(program: Program) -> tuple[Program, str]:
    """Save the last value if nothing does: what a plan ends with is what was asked for."""
    last = program.calls[-1]
    if last.result is Type.NOTHING or any(_saves(call) for call in program.readers(last.name)):
        return program, ""
    name = _free_name(last, program.saved)
    saving = next(item for item in OPERATORS if item.name == "save")
    call = Call("", saving, (Input("value", last.name),), (Setting("name", name),))
    return Program((*program.calls, call)), f"{last.name} was not saved, so it is saved as {name}"


def drop_file_column(program: Program) -> tuple[Program, str]:
    """Drop a column that the operator gives anyway, so that the model is not asked for it."""
    calls = []
    dropped = []
    for call in program.calls:
        columns = tuple(item for item in call.columns if item.name not in call.operator.result_columns)
        if columns and columns != call.columns:
            dropped.append(call.name)
            call = replace(call, columns=columns)
        calls.append(call)
    return Program(tuple(calls)), f"rows name their file already: {', '.join(dropped)}" if dropped else ""


def merge_equal(program: Program) -> tuple[Program, str]:
    """Compute equal calls once.

    A name that SQL or a program uses cannot be changed, so two equal calls whose names
    are both used that way stay.
    """
    fixed = frozenset(name for call in program.calls for name in call.by_name)
    kept: dict[tuple[object, ...], Call] = {}
    names: dict[str, str] = {}
    calls: list[Call] = []
    merged: list[str] = []
    for call in program.calls:
        call = call.reading(names)
        key = (call.operator.name, call.inputs, call.settings, call.columns)
        same = kept.get(key)
        if same is None or call.result is Type.NOTHING or call.name in fixed:
            kept.setdefault(key, call)
            calls.append(call)
            continue
        names[call.name] = same.name
        merged.append(f"{call.name} is {same.name}")
    return Program(tuple(calls)), f"equal calls run once: {', '.join(merged)}" if merged else ""


def kind_into_find(program: Program) -> tuple[Program, str]:
    """Turn `keep(files, "is a PDF")` into `find(..., kind="pdf")`, which reads no file.

    Safe only where the condition says nothing but the kind, the files come straight from
    a find without a kind, and nothing else uses them.
    """
    for call in program.calls:
        kind = _only_kind(call.setting("condition")) if call.operator.name == "keep" else ""
        if not kind:
            continue
        source = program.call(call.inputs[0].name)
        if source.operator.name != "find" or source.setting("kind") or len(program.readers(source.name)) > 1:
            continue
        found = replace(source.with_setting("kind", kind), name=call.name)
        calls = tuple(found if item is source else item for item in program.calls if item is not call)
        rest, _ = kind_into_find(Program(calls))
        return rest, "a condition on the kind of file is a filter of find and needs no model"
    return program, ""


def drop_dead(program: Program) -> tuple[Program, str]:
    """Drop calls whose value nothing saved depends on."""
    needed: set[str] = set()
    calls: list[Call] = []
    dropped: list[str] = []
    for call in reversed(program.calls):
        if call.operator.effect or call.name in needed:
            needed.update(item.name for item in call.inputs)
            calls.append(call)
        else:
            dropped.append(call.name)
    note = f"nothing uses {', '.join(reversed(dropped))}" if dropped else ""
    return Program(tuple(reversed(calls))), note


PASSES: tuple[tuple[str, Pass], ...] = (
    ("save the last value", save_last),
    ("drop columns that are there anyway", drop_file_column),
    ("merge equal calls", merge_equal),
    ("push filters into find", kind_into_find),
    ("drop dead calls", drop_dead),
)

_KIND = re.compile(
    r"(?:it |the file )?(?:(?:is|are) )?(?:an? )?(?P<kind>[a-z]+?)s?(?: files?| documents?)?\.?",
    re.IGNORECASE,
)
# Words that also say something about the content are left to the model.
_PLAIN_KINDS = frozenset(
    {Kind.PDF, Kind.HTML, Kind.MARKDOWN, Kind.SPREADSHEET, Kind.PRESENTATION, Kind.EMAIL, Kind.EBOOK}
)


def _only_kind(condition: str) -> str:
    match = _KIND.fullmatch(condition.strip())
    word = match["kind"].lower() if match else ""
    return word if word in _PLAIN_KINDS else ""


def _saves(call: Call) -> bool:
    return call.operator.name == "save"


def _free_name(call: Call, taken: frozenset[str]) -> str:
    stem, extension = call.operator.output or call.name, EXTENSIONS[call.result][0]
    name, number = f"{stem}.{extension}", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{extension}"
    return name


def _indented(program: Program) -> str:
    return "".join(f"    {line}\n" for line in str(program).splitlines())
