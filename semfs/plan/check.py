"""From a plan to a program: names, parameters and types.  Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from semfs.errors import PlanTypeError
from semfs.plan.language import Argument, Line, Name, Plan, Quoted
from semfs.plan.operators import COLUMN_TYPES, EXTENSIONS, Operator, Parameter, Type
from semfs.plan.parse import NAME
from semfs.plan.program import Call, Input, Program, Setting, columns_of
from semfs.plan.sql import complaint

LONGEST_NAME = 200  # bytes of a saved file's name, so that a rank or a suffix still fits 255


def check(plan: Plan, known: Sequence[Operator], *, within: bool = False) -> Program:
    """Bind a plan's arguments and check its names and types.

    `within` says that the request was written in a query directory, where `hits()` exists.
    Raises PlanTypeError for the first thing that is wrong.
    """
    checker = _Checker({item.name: item for item in known}, within, {line.target for line in plan.lines})
    for line in plan.lines:
        checker.line(line)
    return Program(tuple(checker.calls))


class _Checker:
    """Walks the lines in order; `values` are the calls whose names are defined so far."""

    def __init__(self, known: dict[str, Operator], within: bool, targets: set[str]) -> None:
        self.known = known
        self.within = within
        self.taken = targets | known.keys()
        self.values: dict[str, Call] = {}
        self.calls: list[Call] = []
        self.saved: set[str] = set()

    def line(self, line: Line) -> None:
        operator = self.operator(line)
        name = self.target(line, operator)
        call = self.bind(line, operator, name)
        if operator.name == "table":
            self.table(line, call)
        if operator.name == "save":
            self.save(line, call)
        self.calls.append(call)
        if name:
            self.values[name] = call

    def operator(self, line: Line) -> Operator:
        operator = self.known.get(line.operator)
        if operator is None:
            hint = _suggest(line.operator, self.known, "operators")
            raise _error(line, f"there is no operator '{line.operator}'; {hint}")
        if operator.only_in_query and not self.within:
            raise _error(
                line, f"{operator.name}() is only there for a request in a query directory; use find(...)"
            )
        return operator

    def target(self, line: Line, operator: Operator) -> str:
        """Return the name that the line defines; a value without one is given one."""
        if operator.result is Type.NOTHING:
            if line.target:
                raise _error(line, f"{operator.name}() gives no value, so it cannot be named")
            return ""
        if line.target in self.values:
            raise _error(line, f"'{line.target}' is already defined; use another name")
        return line.target or self.fresh(operator)

    def fresh(self, operator: Operator) -> str:
        number = 1
        while (name := f"{operator.name}_{number}") in self.taken:
            number += 1
        self.taken.add(name)
        return name

    def bind(self, line: Line, operator: Operator, name: str) -> Call:
        inputs: list[Input] = []
        settings: list[Setting] = []
        columns: list[Setting] = []
        given: set[str] = set()
        for argument, parameter in _matched(line, operator):
            if parameter is None:
                columns.append(self.column(line, argument))
                continue
            given.add(parameter.name)
            if isinstance(argument.value, Name):
                inputs.append(self.input(line, argument, parameter, argument.value))
            else:
                settings.append(_setting(line, argument, parameter, argument.value))
        for parameter in operator.parameters:
            if parameter.required and parameter.name not in given:
                raise _error(line, f"{operator.name}() needs {parameter.name}: {operator.example}")
        if operator.columns and not columns:
            raise _error(line, f"{operator.name}() needs a column: {operator.example}")
        order = [item.name for item in operator.parameters]
        return Call(
            name,
            operator,
            tuple(sorted(inputs, key=lambda item: order.index(item.parameter))),
            tuple(sorted(settings, key=lambda item: order.index(item.name))),
            tuple(columns),
        )

    def column(self, line: Line, argument: Argument) -> Setting:
        if not NAME.match(argument.keyword):
            raise _error(line, f"column '{argument.keyword}': a name is made of a-z, 0-9 and _", argument)
        if not isinstance(argument.value, Quoted) or argument.value.text not in COLUMN_TYPES:
            raise _error(line, f"column {argument.keyword} must be one of {_listed(COLUMN_TYPES)}", argument)
        return Setting(argument.keyword, argument.value.text)

    def input(self, line: Line, argument: Argument, parameter: Parameter, value: Name) -> Input:
        source = self.values.get(value.name)
        if source is None:
            hint = _suggest(value.name, self.values, "defined are")
            raise _error(line, f"'{value.name}' is not defined above; {hint}", argument)
        if parameter.quoted:
            raise _error(
                line, f"{parameter.name} must be a quoted text, not the variable {value.name}", argument
            )
        if source.result not in parameter.accepts:
            raise _error(
                line,
                f"{parameter.name} of {line.operator}() takes {_listed(parameter.accepts)}, "
                f"and {value.name} is {source.result.value}",
                argument,
            )
        return Input(parameter.name, value.name)

    def table(self, line: Line, call: Call) -> None:
        tables = {item.name: columns_of(self.values[item.name]) for item in call.inputs}
        if problem := complaint(call.setting("sql"), tables):
            raise _error(line, problem)

    def save(self, line: Line, call: Call) -> None:
        name = call.setting("name")
        value = next((self.values[item.name].result for item in call.inputs), Type.TEXT)
        if problem := _bad_name(name, value):
            raise _error(line, problem)
        if name.casefold() in self.saved:
            raise _error(line, f"two values are saved as '{name}'")
        self.saved.add(name.casefold())


def _matched(line: Line, operator: Operator) -> Iterable[tuple[Argument, Parameter | None]]:
    """Pair each argument with its parameter, None for a free column."""
    taken: set[str] = set()
    places = iter(operator.parameters)
    last: Parameter | None = None
    for argument in line.arguments:
        if argument.keyword:
            parameter = operator.parameter(argument.keyword)
            if parameter is None and not operator.columns:
                names = [item.name for item in operator.parameters]
                hint = _suggest(argument.keyword, names, "parameters are")
                raise _error(line, f"{operator.name}() has no '{argument.keyword}'; {hint}", argument)
        else:
            last = last if last is not None and last.many else next(places, None)
            parameter = last
            if parameter is None:
                raise _error(line, f"too many values for {operator.name}(): {operator.example}", argument)
        name = parameter.name if parameter else argument.keyword
        if name in taken and not (parameter and parameter.many):
            raise _error(line, f"{name} is given twice", argument)
        taken.add(name)
        yield argument, parameter


def _setting(line: Line, argument: Argument, parameter: Parameter, value: Quoted) -> Setting:
    """Check a quoted text; it may also stand for a value of type TEXT."""
    if not parameter.quoted and (Type.TEXT not in parameter.accepts or parameter.many):
        raise _error(
            line, f"{parameter.name} must be {_listed(parameter.accepts)}, not a quoted text", argument
        )
    if not value.text.strip() and not parameter.empty:
        raise _error(line, f"{parameter.name} must not be empty", argument)
    unknown = parameter.choices and value.text not in parameter.choices
    if unknown and not (parameter.others and not _close(value.text, parameter.choices)):
        hint = _suggest(value.text, parameter.choices, "known are")
        raise _error(line, f"{parameter.name} cannot be '{value.text}'; {hint}", argument)
    return Setting(parameter.name, value.text)


def _bad_name(name: str, value: Type) -> str:
    if "/" in name or name.startswith(".") or not name.isprintable():
        return f"'{name}' cannot be a file's name: no '/', no leading dot, no control characters"
    if len(name.encode()) > LONGEST_NAME:
        return f"the name '{name[:20]}...' is longer than {LONGEST_NAME} bytes"
    stem, _, extension = name.rpartition(".")
    allowed = EXTENSIONS[value]
    if not stem or extension.lower() not in allowed:
        example = f"{stem or name}.{allowed[0]}"
        forms = _listed(f".{item}" for item in allowed)
        return f"{value.value} cannot be saved as '{name}'; use {forms}, as in '{example}'"
    return ""


def _listed(words: Iterable[str]) -> str:
    *most, last = [str(word) for word in words]
    return f"{', '.join(most)} or {last}" if most else last


def _close(word: str, known: Sequence[str]) -> list[str]:
    return difflib.get_close_matches(word, known, n=1)


def _suggest(word: str, known: Iterable[str], otherwise: str) -> str:
    names = list(known)
    close = _close(word, names)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"{otherwise} {', '.join(names)}" if names else "nothing is"


def _error(line: Line, reason: str, argument: Argument | None = None) -> PlanTypeError:
    column = argument.column if argument is not None and argument.column else line.column
    return PlanTypeError(reason, line=line.line, column=column)
