"""What the scheduler knows of one request; pure."""

from __future__ import annotations

from dataclasses import dataclass

from semfs.engine.cells import Kept
from semfs.engine.levels import queue_of
from semfs.engine.steps import Arrival, Feed


@dataclass(slots=True, eq=False)
class SequenceState:
    """How far one request is; the scheduler alone changes it."""

    arrival: Arrival
    order: int
    since: float  # when it last got a token, or arrived
    length: int  # tokens known: the prompt and what was written
    keys: frozenset[bytes]
    position: int = 0  # tokens in the context
    slot: int | None = None
    blocks: int = 0  # its own, without the parent's
    parent: Kept | None = None  # whose cells it begins with
    shared: int = 0  # how many of them
    swapped: bool = False
    safe_until: float = 0.0
    served: int = 0  # tokens computed for it

    @property
    def writes(self) -> bool:
        """Whether its prompt is computed; of what it wrote more than one token may not be yet."""
        return self.position >= self.arrival.tokens or self.length - self.position == 1

    def queue(self, now: float) -> int:
        return queue_of(self.arrival.priority, served=self.served, waited=now - self.since)

    def place(self, now: float) -> tuple[int, int]:
        """Return where it stands, the smallest first."""
        return self.queue(now), self.order

    @classmethod
    def of(cls, arrival: Arrival, order: int, now: float) -> SequenceState:
        keys = frozenset(mark.key for mark in arrival.beginnings)
        return cls(arrival, order, now, arrival.tokens, keys)

    def feed(self, count: int, now: float) -> Feed:
        """Take up to `count` tokens and count them as computed."""
        assert self.slot is not None
        start = self.position
        count = min(count, self.length - start)
        self.position += count
        self.served += count
        self.since = now
        return Feed(self.arrival.id, self.slot, start, count, sample=self.position == self.length)
