"""Passes that let each file meet the model once, though several calls read it.  Pure."""

from __future__ import annotations

from dataclasses import replace

from semfs.plan.grammar import MOST_COLUMNS
from semfs.plan.operators import OPERATORS, Type
from semfs.plan.program import Call, Input, Program, Setting, Together, columns_of
from semfs.plan.sql import identifier


def fuse_extractions(program: Program) -> tuple[Program, str]:
    """Extract all the columns that calls want of the same files at once; each takes its own from that.

    Not where they want a column of the same name in different types, nor more columns than
    the model fills in well at a time.
    """
    notes = []
    while pair := _pair(program):
        first, second = pair
        program = _fused(program, first, second)
        notes.append(f"{first.name} and {second.name} are extracted in one go")
    return program, "; ".join(notes)


def _pair(program: Program) -> tuple[Call, Call] | None:
    extractions = [call for call in program.calls if call.operator.columns]
    for place, first in enumerate(extractions):
        for second in extractions[place + 1 :]:
            if first.inputs == second.inputs and first.settings == second.settings == ():
                columns, others = _types(first), _types(second)
                clash = any(columns.get(name, type) != type for name, type in others.items())
                if not clash and len({*first.columns, *second.columns}) <= MOST_COLUMNS:
                    return first, second
    return None


def _types(call: Call) -> dict[str, str]:
    """Return what the columns hold that the rows of an extraction have."""
    return {item.name: item.text for item in call.columns} | dict.fromkeys(call.currencies, "currency")


def _fused(program: Program, first: Call, second: Call) -> Program:
    columns = tuple(dict.fromkeys((*first.columns, *second.columns)))
    taken = {call.name for call in program.calls}
    name = f"{first.name}_and_{second.name}"
    while name in taken:
        name += "_2"
    calls: list[Call] = []
    for call in program.calls:
        if call is first:
            calls.append(replace(first, name=name, columns=columns))
        calls.append(_taken_from(name, call) if call in (first, second) else call)
    return replace(program, calls=tuple(calls))


def _taken_from(name: str, call: Call) -> Call:
    """Return the columns of one extraction as a SELECT over another one."""
    table = next(item for item in OPERATORS if item.name == "table")
    sql = f"select {', '.join(map(identifier, columns_of(call)))} from {identifier(name)}"
    return Call(call.name, table, (Input("rows", name),), (Setting("sql", sql),))


def one_reading(program: Program) -> tuple[Program, str]:
    """Give each file to all the calls that map over it, one after the other."""
    types = {call.name: call.result for call in program.calls}
    groups: dict[str, list[str]] = {}
    for call in program.calls:
        over = [item.name for item in call.inputs if types[item.name] is Type.FILES]
        if call.operator.maps and len(call.inputs) == 1 and over:
            groups.setdefault(over[0], []).append(call.name)
    readings = tuple(Together(tuple(names)) for names in groups.values() if len(names) > 1)
    if not readings:
        return program, ""
    note = "; ".join(f"{', '.join(item.names)} read the same files" for item in readings)
    return Program(_adjacent(program, readings), readings), note


def _adjacent(program: Program, readings: tuple[Together, ...]) -> tuple[Call, ...]:
    """Move the calls of a reading behind its first: all that they need is there."""
    calls: list[Call] = []
    for call in program.calls:
        reading = next((item for item in readings if call.name in item.names), None)
        if reading is None:
            calls.append(call)
        elif reading.names[0] == call.name:
            calls.extend(program.call(name) for name in reading.names)
    return tuple(calls)


def share_beginnings(program: Program) -> tuple[Program, str]:
    """Begin the prompts of a reading with the document, so that the engine computes it once."""
    if not program.readings:
        return program, ""
    readings = tuple(replace(item, shares=True) for item in program.readings)
    note = "; ".join(f"{', '.join(item.names)} begin with the document" for item in readings)
    return replace(program, readings=readings), note
