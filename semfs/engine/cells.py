"""The memory of one model's context: blocks of cells, and the beginnings kept in them; pure.

A cell holds one token; cells are given out in blocks.  A `Kept` is the beginning of some
prompt in a slot of its own.  It is known by the hashes of its beginnings (`Mark`), so whatever
shares its first tokens can start with them.  A kept beginning may itself begin with another's cells:
then it is its child, and the parent stays as long as the child.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container
from dataclasses import dataclass, field

from semfs.engine.steps import Arrival, Mark

BLOCK = 32  # cells; smaller gains nothing, a larger last block is half empty more often


def blocks_for(tokens: int) -> int:
    return -(-tokens // BLOCK)


@dataclass(slots=True, eq=False)
class Kept:
    """A beginning in a slot of its own."""

    mark: Mark  # of all of it
    slot: int
    blocks: int  # its own, without the parent's
    used: float  # when somebody last began with it
    marks: tuple[Mark, ...]  # of its beginnings that others can be found by
    parent: Kept | None = None
    users: int = 0  # sequences and children that begin with its cells
    hits: int = 0
    ready: bool = True  # False while it is read from disk


@dataclass(slots=True)
class Cells:
    """Who holds how many blocks.

    `first_slot` is the first of the slots for kept beginnings, of which there are `slots`.
    """

    blocks: int
    first_slot: int
    slots: int
    kept: dict[bytes, Kept] = field(default_factory=dict)  # by the hash of all of it
    given: int = 0  # blocks of sequences
    _index: dict[bytes, Kept] = field(default_factory=dict)  # by the hash of every beginning

    @property
    def cached(self) -> int:
        """Return the blocks of kept beginnings."""
        return sum(item.blocks for item in self.kept.values())

    @property
    def free(self) -> int:
        return self.blocks - self.given - self.cached

    def find(self, arrival: Arrival) -> tuple[Kept, Mark] | None:
        """Return the kept beginning that shares most with a prompt, and how much."""
        mark = longest(arrival, self._index)
        return (self._index[mark.key], mark) if mark else None

    def has(self, mark: Mark) -> bool:
        """Say whether it is kept, by itself or as the beginning of something longer."""
        return mark.key in self._index

    def add(self, kept: Kept) -> None:
        self.kept[kept.mark.key] = kept
        for mark in (*kept.marks, kept.mark):
            self._index.setdefault(mark.key, kept)
        if kept.parent:
            kept.parent.users += 1

    def remove(self, kept: Kept) -> int:
        """Forget a beginning and return its slot; its marks that others have too are found there."""
        del self.kept[kept.mark.key]
        for key in [key for key, owner in self._index.items() if owner is kept]:
            del self._index[key]
        if kept.parent:
            kept.parent.users -= 1
        for other in self.kept.values():
            for mark in (*other.marks, other.mark):
                self._index.setdefault(mark.key, other)
        return kept.slot

    def idle(self, *, besides: Kept | None = None) -> list[Kept]:
        """Return what nobody uses: never used again first, then the one unused for longest."""
        unused = [item for item in self.kept.values() if item.ready and not item.users]
        return sorted(
            (item for item in unused if item is not besides), key=lambda item: (item.hits > 0, item.used)
        )

    def empty_slot(self) -> int | None:
        taken = {item.slot for item in self.kept.values()}
        free = set(range(self.first_slot, self.first_slot + self.slots)) - taken
        return min(free, default=None)


def longest(arrival: Arrival, known: Container[bytes]) -> Mark | None:
    """Return the longest beginning of a prompt that is known.

    Whoever knows a beginning knows the shorter ones too, so it is found by bisection, but for the
    instructions, whose end not everybody marks.
    """
    marks, instructions = arrival.marks, arrival.instructions
    count = bisect_left(marks, True, key=lambda mark: mark.key not in known)
    best = marks[count - 1] if count else None
    if instructions and instructions.key in known and (best is None or best.tokens < instructions.tokens):
        return instructions
    return best
