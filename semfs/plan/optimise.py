"""The passes between a checked plan and its steps.  Pure.

Each pass takes a program and gives one that makes the same files, with a note that says
what it changed and why, or "" if it changed nothing.  `explain` shows them in order.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from semfs.plan.fuse import fuse_extractions, one_reading, share_beginnings
from semfs.plan.program import Program
from semfs.plan.push import filters_into_find, limits_into_find
from semfs.plan.tidy import drop_dead, drop_file_column, drop_unread_columns, merge_equal, save_last

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
        """Return the text of `explain`: the program as written, and what each pass changed in it.

        A line that a pass took away begins with "-", one that it put there with "+".
        """
        before = _lines(self.given)
        parts = ["as written\n" + "".join(f"    {line}\n" for line in before)]
        for stage in self.stages:
            after = _lines(stage.program)
            if stage.note:
                parts.append(f"{stage.title}: {stage.note}\n{_changes(before, after)}")
            before = after
        idle = [stage.title for stage in self.stages if not stage.note]
        if idle:
            parts.append(f"nothing to do for: {', '.join(idle)}\n")
        return "\n".join(parts)


def _lines(program: Program) -> list[str]:
    """Return the lines of a program; a comment says what is read together."""
    lines = []
    for call in program.calls:
        reading = program.reading_of(call.name)
        if reading and reading.names[0] == call.name:
            lines.append(str(reading))
        lines.append(str(call))
    return lines


def _changes(before: list[str], after: list[str]) -> str:
    lines: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += (f"    {line}\n" for line in before[a:b])
        else:
            lines += (f"  - {line}\n" for line in before[a:b])
            lines += (f"  + {line}\n" for line in after[c:d])
    return "".join(lines)


def optimise(program: Program) -> Optimised:
    """Run all passes in order."""
    stages: list[Stage] = []
    current = program
    for title, step in PASSES:
        current, note = step(current)
        stages.append(Stage(title, note, current))
    return Optimised(program, tuple(stages))


PASSES: tuple[tuple[str, Pass], ...] = (
    ("save the last value", save_last),
    ("drop columns that are there anyway", drop_file_column),
    ("merge equal calls", merge_equal),
    ("push filters into find", filters_into_find),
    ("push limits into find", limits_into_find),
    ("drop dead calls", drop_dead),
    ("drop columns that nothing reads", drop_unread_columns),
    ("fuse extractions", fuse_extractions),
    ("read files once", one_reading),
    ("share beginnings", share_beginnings),
)
