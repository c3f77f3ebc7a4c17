"""What the scheduler is told and what it says: requests, and the instructions of one step.

A sequence is a request with its tokens; a slot is a sequence number of the model's
context; a cell of context holds one token.  A prefix is the beginning that requests with
the same `system` share: it stays in a slot of its own, and copying it costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NewType

from semfs.model import Priority

SequenceId = NewType("SequenceId", int)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request, tokenised."""

    id: SequenceId
    priority: Priority
    tokens: int  # of the prompt
    max_tokens: int
    prefix: bytes = b""  # identity of the shared beginning, empty for none
    prefix_tokens: int = 0
    stored: bool = False  # the prefix's state can be had from disk

    def unstored(self) -> Arrival:
        return replace(self, stored=False)


@dataclass(frozen=True, slots=True)
class Preempt:
    """Swap this sequence out and free its slot."""

    id: SequenceId
    slot: int


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop the prefix in this slot."""

    slot: int


@dataclass(frozen=True, slots=True)
class Admit:
    """Give this sequence a slot; `swapped` says that it comes back from where Preempt put it."""

    id: SequenceId
    slot: int
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Begin `slot` with the prefix that lies in `prefix_slot`."""

    id: SequenceId
    prefix_slot: int
    slot: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Read a prefix from disk into its slot; `restored` must be told how it went."""

    prefix: bytes
    prefix_slot: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Keep:
    """After the step: keep the first tokens of `slot` as a prefix in `prefix_slot`, emptied before."""

    prefix: bytes
    slot: int
    prefix_slot: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Feed:
    """Compute `count` tokens of a sequence from `start`; `sample` the next one afterwards."""

    id: SequenceId
    slot: int
    start: int
    count: int
    sample: bool


Move = Preempt | Forget | Admit | Copy | Restore


@dataclass(frozen=True, slots=True)
class Step:
    """One step: first the moves in their order, then the feeds as one batch, then the keeps."""

    moves: tuple[Move, ...] = ()
    feeds: tuple[Feed, ...] = ()
    keeps: tuple[Keep, ...] = ()
