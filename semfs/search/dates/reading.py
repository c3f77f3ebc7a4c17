"""What a rule is given: the words that its pattern matched, and what else its meaning depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from semfs.search.dates.lexicon import Language
from semfs.search.dates.tokens import Token, order_of
from semfs.search.spans import Span

Amount = tuple[tuple[int, str], ...]
"""Counted units: 2 years, 1 month and 21 days."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a meaning depends on besides the words."""

    now: datetime
    language: Language
    exact: bool  # to the letter, see resolve()
    order: str  # of dates in figures

    @classmethod
    def of(cls, now: datetime, language: Language, exact: bool) -> Context:
        return cls(now, language, exact, language.order)

    def reading(self, found: Sequence[Token]) -> Context:
        """Return the context for these words, whose figures may show in which order they are written."""
        order = order_of(found)
        return replace(self, order=order) if order else self

    @property
    def today(self) -> datetime:
        return datetime.combine(self.now.date(), time())


@dataclass(frozen=True, slots=True)
class Match:
    """The words that a pattern matched, asked for by their classes."""

    tokens: Sequence[Token]

    def all(self, classes: str) -> list[Any]:
        return [token.value for token in self.tokens if token.cls in classes]

    def one(self, classes: str) -> Any:
        return next((token.value for token in self.tokens if token.cls in classes), None)

    def has(self, classes: str) -> bool:
        return any(token.cls in classes for token in self.tokens)

    def first(self, cls: str) -> bool:
        return self.tokens[0].cls == cls

    def last(self, cls: str) -> bool:
        return self.tokens[-1].cls == cls

    def number(self, classes: str = "dno1") -> int:
        return _number(self.one(classes))

    def numbers(self, classes: str = "dno1") -> list[int]:
        return [_number(value) for value in self.all(classes)]

    def year(self) -> int | None:
        year = self.one("Y")
        return year.number if year else None

    def also(self, cls: str, value: Any = None) -> Match:
        """Return the match with a word that was not said."""
        return Match([*self.tokens, Token(cls, value, 0, 0)])


Meaning = Callable[[Match, Context], Any]
"""Return what a match means, or None if it means nothing; may raise ValueError or OverflowError."""


def _number(value: Any) -> int:
    if value is None:
        raise ValueError(value)
    return int(value[0]) if isinstance(value, tuple) else int(value)


def bounds(span: Span | None) -> tuple[datetime, datetime]:
    """Return both ends; raises ValueError if one is open."""
    if span is None or span.since is None or span.until is None:
        raise ValueError(span)
    return span.since, span.until
