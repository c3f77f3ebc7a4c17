"""What the scheduler is told and what it says: requests, and the instructions of one step.

A sequence is a request with its tokens; a slot is a sequence number of the model's
context; a cell of context holds one token.  A beginning that is kept stays in a slot of its
own; copying it to others costs nothing, as they use its cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NewType

from semfs.model import Priority

SequenceId = NewType("SequenceId", int)


@dataclass(frozen=True, slots=True)
class Mark:
    """A beginning of a prompt, known by the hash of its tokens."""

    tokens: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request, tokenised.

    Others may share its beginnings: `marks` are those of whole blocks, in order of length, and
    `instructions` the one that many requests are known to share; all are shorter than the prompt.
    """

    id: SequenceId
    priority: Priority
    tokens: int  # of the prompt
    max_tokens: int
    marks: tuple[Mark, ...] = ()
    instructions: Mark | None = None
    stored: bool = False  # the state after the instructions can be had from disk
    deadline: float = math.inf
    adapter: str = ""  # identity of the LoRA adapter: one step computes with one

    @property
    def beginnings(self) -> tuple[Mark, ...]:
        """Return all beginnings that it is known by, in order of length."""
        every = (*self.marks, self.instructions) if self.instructions else self.marks
        return tuple(sorted(every, key=lambda mark: mark.tokens))

    def unstored(self) -> Arrival:
        return replace(self, stored=False)


@dataclass(frozen=True, slots=True)
class Preempt:
    """Free the slot of this sequence; its state is kept unless it is to be `discarded`."""

    id: SequenceId
    slot: int
    discarded: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop the beginning in this slot."""

    slot: int


@dataclass(frozen=True, slots=True)
class Admit:
    """Give this sequence a slot; `swapped` says that it comes back from where Preempt put it."""

    id: SequenceId
    slot: int
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Begin `slot` with the first tokens of the beginning that lies in `kept_slot`."""

    id: SequenceId
    kept_slot: int
    slot: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Read instructions from disk into their slot; `restored` must be told how it went."""

    key: bytes
    kept_slot: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the first tokens of `slot` in `kept_slot`, emptied before; `store` says on disk too."""

    key: bytes
    slot: int
    kept_slot: int
    tokens: int
    store: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """Compute `count` tokens of a sequence from `start`; `sample` the next one afterwards."""

    id: SequenceId
    slot: int
    start: int
    count: int
    sample: bool


Move = Preempt | Forget | Admit | Copy | Restore | Keep


@dataclass(frozen=True, slots=True)
class Step:
    """One step: first the moves in their order, then the feeds as one batch."""

    moves: tuple[Move, ...] = ()
    feeds: tuple[Feed, ...] = ()
