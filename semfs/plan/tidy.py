"""Passes that leave out what need not be done: columns, equal calls, dead calls.  Pure."""

from __future__ import annotations

from dataclasses import replace

from semfs.plan.operators import EXTENSIONS, OPERATORS, Lane, Type, currency_column
from semfs.plan.program import Call, Input, Program, Setting
from semfs.plan.sql import identifier, tokens


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
    """Drop a column that rows have anyway, so that the model is not asked for it."""
    calls = []
    dropped = []
    for call in program.calls:
        there = {*call.operator.result_columns, *call.currencies}
        columns = tuple(item for item in call.columns if item.name not in there)
        if columns != call.columns and (columns or call.operator.name == "extract"):
            dropped.append(call.name)
            call = replace(call, columns=columns) if columns else _files_as_rows(call)
        calls.append(call)
    return Program(tuple(calls)), f"rows have it anyway: {', '.join(dropped)}" if dropped else ""


def _files_as_rows(call: Call) -> Call:
    """Return rows of nothing but the files, for which no model reads them."""
    (files,) = call.inputs
    return _select("file", files.name, call.name)


def drop_unread_columns(program: Program) -> tuple[Program, str]:
    """Drop columns of an extraction that nothing reads, so that the model need not look for them.

    Only where SQL alone reads the rows, and by the names of their columns.
    """
    calls = []
    dropped: list[str] = []
    for call in program.calls:
        readers = program.readers(call.name) if call.columns else ()
        if readers and all(item.operator.name == "table" for item in readers):
            read = {word.text.lower() for item in readers for word in tokens(item.setting("sql"))}
            columns = tuple(
                it for it in call.columns if not read.isdisjoint((it.name, currency_column(it.name)))
            )
            if columns and "*" not in read and columns != call.columns:
                dropped += [f"{item.name} of {call.name}" for item in call.columns if item not in columns]
                call = replace(call, columns=columns)
        calls.append(call)
    return replace(program, calls=tuple(calls)), f"nothing reads {', '.join(dropped)}" if dropped else ""


def merge_equal(program: Program) -> tuple[Program, str]:
    """Compute equal calls once.

    A name that SQL or a program uses cannot be changed: rows of such a name are taken from the
    equal ones, anything else stays.
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
        if same is None or call.result is Type.NOTHING:
            kept.setdefault(key, call)
            calls.append(call)
            continue
        if call.name in fixed:
            copied = call.result is Type.ROWS and call.operator.lane is not Lane.CPU
            calls.append(_select("*", same.name, call.name) if copied else call)
            if copied:
                merged.append(f"{call.name} is {same.name}")
            continue
        names[call.name] = same.name
        merged.append(f"{call.name} is {same.name}")
    return Program(tuple(calls)), f"equal calls run once: {', '.join(merged)}" if merged else ""


def _select(columns: str, of: str, name: str) -> Call:
    table = next(item for item in OPERATORS if item.name == "table")
    sql = f"select {columns} from {identifier(of)}"
    return Call(name, table, (Input("rows", of),), (Setting("sql", sql),))


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


def _saves(call: Call) -> bool:
    return call.operator.name == "save"


def _free_name(call: Call, taken: frozenset[str]) -> str:
    stem, extension = call.operator.output or call.name, EXTENSIONS[call.result][0]
    name, number = f"{stem}.{extension}", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{extension}"
    return name
