"""Read back the FTS5 expressions that search writes, for another engine to carry out; pure.

Of FTS5's language there are quoted terms and phrases, `"x"*` for all terms that begin so, OR, AND
and brackets; whatever else there is, is FTS5's alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r'\s*(?:"((?:[^"]|"")*)"(\s*\*)?|(OR|AND|\(|\)))')
_DEEPEST = 20  # brackets


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms one after the other, or, with `begins`, all terms that begin so."""

    terms: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Any:
    """One of these at least."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these."""

    parts: tuple[Expression, ...]


Expression = Phrase | Any | All


def read(text: str) -> Expression | None:
    """Return what an expression asks for, or None if that can be said in FTS5 only."""
    tokens: list[Phrase | str] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            return None
        quoted, star, sign = found.groups()
        tokens.append(sign or Phrase(tuple(quoted.replace('""', '"').split()), star is not None))
        place = found.end()
    reading = _Reading(tokens)
    expression = reading.any_of(0)
    return expression if reading.place == len(tokens) else None


class _Reading:
    def __init__(self, tokens: list[Phrase | str]) -> None:
        self._tokens = tokens
        self.place = 0

    def any_of(self, depth: int) -> Expression | None:
        parts = self._parts("OR", depth)
        return Any(parts) if len(parts) > 1 else parts[0] if parts else None

    def _all_of(self, depth: int) -> Expression | None:
        parts = self._parts("AND", depth)
        return All(parts) if len(parts) > 1 else parts[0] if parts else None

    def _parts(self, sign: str, depth: int) -> tuple[Expression, ...]:
        """Read what stands between these signs; nothing if one part of it cannot be read."""
        parts: list[Expression] = []
        while True:
            part = self._all_of(depth) if sign == "OR" else self._one(depth)
            if part is None:
                return ()
            parts.append(part)
            if not self._take(sign):
                return tuple(parts)

    def _one(self, depth: int) -> Expression | None:
        if self._take("("):
            inner = self.any_of(depth + 1) if depth < _DEEPEST else None
            return inner if self._take(")") else None
        token = self._tokens[self.place] if self.place < len(self._tokens) else ""
        self.place += 1
        return token if isinstance(token, Phrase) and token.terms else None

    def _take(self, sign: str) -> bool:
        there = self.place < len(self._tokens) and self._tokens[self.place] == sign
        self.place += there
        return there
