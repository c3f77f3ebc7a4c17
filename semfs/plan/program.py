"""A checked plan: every argument bound to its parameter, every value's type known.  Pure.

`str(program)` is a plan in canonical form again; passes of the optimiser turn one
program into another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from semfs.plan.language import quote
from semfs.plan.operators import FILE_COLUMNS, MONEY, Operator, Type, currency_column


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a call takes from an earlier one."""

    parameter: str
    name: str  # the variable; SQL and programs know the value under this name


@dataclass(frozen=True, slots=True)
class Setting:
    """A quoted text of a call: a parameter, or a column with its type."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One step of a program; `name` is empty only where there is no value."""

    name: str
    operator: Operator
    inputs: tuple[Input, ...] = ()
    settings: tuple[Setting, ...] = ()
    columns: tuple[Setting, ...] = ()

    @property
    def result(self) -> Type:
        return self.operator.result

    @property
    def by_name(self) -> frozenset[str]:
        """Return the variables whose names mean something to the operator (tables of SQL)."""
        many = {item.name for item in self.operator.parameters if item.many}
        return frozenset(item.name for item in self.inputs if item.parameter in many)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return the columns that rows have beside the amounts of money."""
        return tuple(currency_column(item.name) for item in self.columns if item.text == MONEY)

    def setting(self, name: str) -> str:
        return next((item.text for item in self.settings if item.name == name), "")

    def with_setting(self, name: str, text: str) -> Call:
        """Return the call with one quoted text more, in the order of the declaration."""
        order = [item.name for item in self.operator.parameters]
        added = (*(item for item in self.settings if item.name != name), Setting(name, text))
        return replace(self, settings=tuple(sorted(added, key=lambda item: order.index(item.name))))

    def reading(self, names: dict[str, str]) -> Call:
        """Return the call with its inputs renamed."""
        inputs = tuple(Input(item.parameter, names.get(item.name, item.name)) for item in self.inputs)
        return replace(self, inputs=inputs)

    def __str__(self) -> str:
        positional: list[str] = []
        named: list[str] = []
        for parameter in self.operator.parameters:
            texts = [quote(item.text) for item in self.settings if item.name == parameter.name]
            texts += [item.name for item in self.inputs if item.parameter == parameter.name]
            if parameter.required or parameter.many:
                positional += texts
            else:
                named += [f"{parameter.name}={text}" for text in texts]
        named += [f"{item.name}={quote(item.text)}" for item in self.columns]
        call = f"{self.operator.name}({', '.join(positional + named)})"
        return f"{self.name} = {call}" if self.name else call


@dataclass(frozen=True, slots=True)
class Together:
    """Calls that map over the same files and are given each file one after the other."""

    names: tuple[str, ...]
    shares: bool = False  # their prompts about a document begin with it, so that it is computed once

    def __str__(self) -> str:
        """Return it as a comment of the plan."""
        begin = ", beginning with the document" if self.shares else ""
        return f"# one reading{begin}: {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Program:
    """A plan that is valid: names are defined before use, once, and types fit."""

    calls: tuple[Call, ...]
    readings: tuple[Together, ...] = ()

    def __str__(self) -> str:
        return "".join(f"{call}\n" for call in self.calls)

    def call(self, name: str) -> Call:
        """Return the call that defines a variable."""
        return next(item for item in self.calls if item.name == name)

    def reading_of(self, name: str) -> Together | None:
        """Return the reading that the call of this name takes part in, if it shares one."""
        return next((item for item in self.readings if name in item.names), None)

    def readers(self, name: str) -> tuple[Call, ...]:
        """Return the calls that take a variable."""
        return tuple(call for call in self.calls if any(item.name == name for item in call.inputs))

    @property
    def saved(self) -> frozenset[str]:
        """Return the file names that the program saves under."""
        return frozenset(call.setting("name") for call in self.calls if call.operator.name == "save")


def columns_of(call: Call) -> tuple[str, ...]:
    """Return the columns that a value has as rows; empty where they are not known before it runs."""
    if call.result is Type.FILES:
        return tuple(name for name, _ in FILE_COLUMNS)
    if call.operator.any_columns:
        return ()
    return (*call.operator.result_columns, *(item.name for item in call.columns), *call.currencies)
