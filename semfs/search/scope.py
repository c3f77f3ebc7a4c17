"""What the hits of a directory are, as steps from the whole index inwards; pure.

A step is a query in plain words, a saved query, the neighbours of a file or one value of a
facet.  Jobs keep steps as text: all but words hold a "/", which no name in a mount can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import overload

from semfs.model import Found, Hit, Kept, Narrowed, Neighbours, Query, Step, shown
from semfs.search.fusion import Ranked
from semfs.search.query import parse


@dataclass(frozen=True, slots=True)
class Further(Sequence[Found]):
    """Ranked files, each told as it is asked for: of 750 that costs 2 ms, and few ask."""

    ranked: Sequence[Ranked]
    tell: Callable[[Ranked], Found]

    def __len__(self) -> int:
        return len(self.ranked)

    @overload
    def __getitem__(self, place: int) -> Found: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Found]: ...
    def __getitem__(self, place: int | slice) -> Found | Sequence[Found]:
        if isinstance(place, slice):
            return [self.tell(item) for item in self.ranked[place]]
        return self.tell(self.ranked[place])


@dataclass(frozen=True, slots=True)
class Answer:
    """What one step finds."""

    hits: tuple[Hit, ...] = ()
    more: Sequence[Found] = ()  # ranked after the hits, and not shown
    best: float = 0.0  # probability that the best passage is what was asked for


def renumbered(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return the hits with their ranks, from 1."""
    return tuple(
        hit if hit.rank == rank else replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1)
    )


def query_of(step: Step, now: datetime) -> Query:
    """Return a step as `explain.json` tells it, without looking anything up."""
    match step:
        case Kept(name):
            return replace(parse(name, now=now), given=name)
        case Neighbours(path):
            return Query(f"similar to {shown(path)}", "", notes=(f"similar to {shown(path)}",))
        case Narrowed(facet, value):
            return Query(f"{facet} {value}", "", notes=(f"{facet} {value}",))
        case words:
            return parse(words, now=now)


def written(step: Step) -> str:
    """Return a step as text; `read` is the inverse for whatever a mount can name."""
    match step:
        case Kept(name):
            return f"saved/{name}"
        case Neighbours(path):
            return f"similar/{path}"
        case Narrowed(facet, value):
            return f"by/{facet}/{value}"
        case words:
            return words


def read(text: str) -> Step:
    """Return the step that `written` gave this text for."""
    match text.split("/", 1):
        case ["saved", name]:
            return Kept(name)
        case ["similar", path]:
            return Neighbours(path)
        case ["by", rest] if "/" in rest:
            return Narrowed(*rest.split("/", 1))
        case _:
            return text


def read_all(texts: Sequence[str]) -> tuple[Step, ...]:
    return tuple(map(read, texts))
