"""The plan as it is written: its tree and its canonical text.  Pure.

    plan      = line*
    line      = [name "="] operator "(" [argument {"," argument}] ")"
    argument  = value | keyword "=" value
    value     = quoted text | name | call       (a call is moved to a line of its own)

`str(plan)` is canonical: it parses to an equal plan.  Lines and columns do not take part
in equality.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted text."""

    text: str

    def __str__(self) -> str:
        return quote(self.text)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable that an earlier line defined."""

    name: str

    def __str__(self) -> str:
        return self.name


Value = Quoted | Name


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `keyword` is empty where its position says what it is."""

    value: Value
    keyword: str = ""
    column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.keyword}={self.value}" if self.keyword else str(self.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One call; `target` is empty where its value is not named."""

    operator: str
    arguments: tuple[Argument, ...] = ()
    target: str = ""
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        call = f"{self.operator}({', '.join(map(str, self.arguments))})"
        return f"{self.target} = {call}" if self.target else call


@dataclass(frozen=True, slots=True)
class Plan:
    """A program as it was written, calls no longer nested."""

    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def quote(text: str) -> str:
    """Return the text as a literal of the language, which is JSON's form of it."""
    return json.dumps(text, ensure_ascii=False)
