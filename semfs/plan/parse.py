"""From text to a plan.  Pure.

Python's own parser reads the concrete syntax and everything but calls, names and quoted
texts is refused, so that the language is a small part of Python: editors colour it and
people can guess it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from itertools import islice

from semfs.errors import PlanSyntaxError
from semfs.plan.language import Argument, Line, Name, Plan, Quoted, Value

LONGEST = 65536  # characters; a plan is written by a model or by hand
MOST_LINES = 64
DEEPEST = 8  # calls inside calls
NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


def parse(text: str) -> Plan:
    """Read a plan; nested calls get lines of their own, in the order of evaluation.

    Raises PlanSyntaxError with the line and column of what is not in the language.
    """
    if len(text) > LONGEST:
        raise PlanSyntaxError(f"the plan is too long: {len(text)} characters, at most {LONGEST}")
    reader = _Reader(text)
    read = (line for statement in _statements(text) for line in reader.statement(statement))
    lines = tuple(islice(read, MOST_LINES + 1))
    if not lines:
        raise PlanSyntaxError("the plan is empty")
    if len(lines) > MOST_LINES:
        raise PlanSyntaxError(f"the plan has more than {MOST_LINES} steps")
    return Plan(lines)


def _statements(text: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # "\d" in SQL is no reason to warn
            warnings.simplefilter("ignore", DeprecationWarning)
            return ast.parse(text).body
    except SyntaxError as error:
        raise PlanSyntaxError(
            _plain(error.msg), line=error.lineno or 1, column=max(error.offset or 1, 1)
        ) from None
    except (ValueError, UnicodeEncodeError):
        raise PlanSyntaxError("the plan holds a character that is not text") from None
    except (RecursionError, MemoryError):
        raise PlanSyntaxError("the plan is nested too deeply") from None


def _plain(message: str) -> str:
    """Say Python's message in words that do not presume Python."""
    if "unterminated string" in message:
        return "a quoted text has no end"
    if "was never closed" in message:
        return f"{message[:3]} was never closed"
    return f"not a plan line: {message}"


class _Reader:
    """Turns statements into lines and names the calls that were nested."""

    def __init__(self, text: str) -> None:
        self.rows = re.split("\r\n|\r|\n", text)
        self.taken = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text))

    def statement(self, node: ast.stmt) -> Iterator[Line]:
        """Yield the lines of one statement, those of nested calls first."""
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call() as call):
                if not NAME.match(target):
                    raise self.refuse(node, f"'{target}': a name is made of a-z, 0-9 and _")
                yield from self.call(call, target, 1)
            case ast.Expr(value=ast.Call() as call):
                yield from self.call(call, "", 1)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                raise self.refuse(node, 'a line is: name = operator(...), such as notes = find("notes")')
            case _:
                raise self.refuse(node, "only calls of operators are allowed in a plan")

    def call(self, node: ast.Call, target: str, depth: int) -> Iterator[Line]:
        if depth > DEEPEST:
            raise self.refuse(node, f"calls are nested more than {DEEPEST} deep")
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node, "what is called must be the name of an operator")
        given = [("", value) for value in node.args]
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.refuse(keyword.value, "** is not allowed")
            given.append((keyword.arg, keyword.value))
        arguments = []
        for name, value in given:
            if isinstance(value, ast.Call):
                fresh = self.fresh(value)
                yield from self.call(value, fresh, depth + 1)
                read: Value = Name(fresh)
            else:
                read = self.value(value)
            arguments.append(Argument(read, name, self.position(value)[1]))
        line, column = self.position(node)
        yield Line(node.func.id, tuple(arguments), target, line, column)

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=str(text)):
                if any("\ud800" <= letter <= "\udfff" for letter in text):
                    raise self.refuse(node, "a quoted text holds half a character")
                return Quoted(text)
            case ast.Name(id=name):
                return Name(name)
            case ast.Constant():
                raise self.refuse(node, f"{ast.unparse(node)} must be quoted")
        raise self.refuse(node, "a value is a quoted text, a name or a call")

    def fresh(self, call: ast.Call) -> str:
        """Return a new variable's name for a nested call."""
        operator = call.func.id if isinstance(call.func, ast.Name) else "value"
        number = 1
        while (name := f"{operator.lower()}_{number}") in self.taken:
            number += 1
        self.taken.add(name)
        return name

    def position(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Return line and column from 1; `ast` counts bytes, people count characters."""
        row = self.rows[node.lineno - 1] if node.lineno <= len(self.rows) else ""
        before = row.encode("utf-8", "replace")[: node.col_offset]
        return node.lineno, len(before.decode("utf-8", "ignore")) + 1

    def refuse(self, node: ast.stmt | ast.expr, reason: str) -> PlanSyntaxError:
        line, column = self.position(node)
        return PlanSyntaxError(reason, line=line, column=column)
