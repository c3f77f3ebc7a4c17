"""Python source, cut at functions, classes and methods."""

from __future__ import annotations

import ast
import warnings

from semfs.indexers.charset import decode
from semfs.indexers.outline import SEPARATOR, line_sections
from semfs.indexers.source import load
from semfs.model import Document, Kind

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Python:
    """Read Python; what does not parse is kept as plain lines."""

    name = "python"
    kind = Kind.CODE

    def read(self, path: str) -> Document:
        text = decode(load(path))
        lines = text.split("\n")
        return Document(line_sections(lines, _starts(text)))


def _starts(text: str) -> list[tuple[int, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return _definitions(tree.body, "", after="")


def _definitions(body: list[ast.stmt], inside: str, *, after: str) -> list[tuple[int, str]]:
    """Return where each definition starts, and where what follows it goes on under `after`."""
    starts: list[tuple[int, str]] = []
    follows = False
    for statement in body:
        if isinstance(statement, Definition):
            heading = f"{inside}{_signature(statement)}"
            starts.append((_first_line(statement) - 1, heading))
            if isinstance(statement, ast.ClassDef):
                starts += _definitions(statement.body, heading + SEPARATOR, after=heading)
            follows = True
        elif follows:
            starts.append((statement.lineno - 1, after))
            follows = False
    return starts


def _signature(definition: Definition) -> str:
    word = "class" if isinstance(definition, ast.ClassDef) else "def"
    return f"{word} {definition.name}"


def _first_line(definition: Definition) -> int:
    return min([definition.lineno, *(decorator.lineno for decorator in definition.decorator_list)])
