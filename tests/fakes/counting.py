"""A model that only counts: it checks every instruction and gives each sequence its tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from semfs.engine.cells import BLOCK
from semfs.engine.scheduler import Scheduler
from semfs.engine.steps import (
    Admit,
    Arrival,
    Copy,
    Feed,
    Forget,
    Keep,
    Mark,
    Move,
    Preempt,
    Restore,
    SequenceId,
    Step,
)
from semfs.model import Priority


def marks(name: str, tokens: int) -> tuple[Mark, ...]:
    """Return the marks of a beginning that all prompts have which begin with this name's text."""
    return tuple(Mark(length, f"{name} {length}".encode()) for length in range(BLOCK, tokens + 1, BLOCK))


def arrival(
    id: int,
    *,
    priority: Priority = Priority.NORMAL,
    tokens: int = 10,
    max_tokens: int = 10,
    like: str = "",
    shared: int = 0,
    stored: bool = False,
    adapter: str = "",
) -> Arrival:
    """Return a request whose first `shared` tokens are those of all with its adapter that are `like` it."""
    like += adapter
    mine = marks(f"own {id}", tokens - 1)
    instructions = Mark(shared, f"{like} {shared}".encode()) if shared else None
    common = marks(like, shared)
    every = common + mine[len(common) :]
    return Arrival(SequenceId(id), priority, tokens, max_tokens, every, instructions, stored, adapter=adapter)


@dataclass
class Counting:
    """Carries out steps as a device would, and ends each request that has all its tokens."""

    scheduler: Scheduler
    wanted: dict[SequenceId, int] = field(default_factory=dict)
    slots: dict[int, int] = field(default_factory=dict)  # tokens in each slot
    owners: dict[int, SequenceId] = field(default_factory=dict)
    swapped: dict[SequenceId, int] = field(default_factory=dict)
    finished: list[SequenceId] = field(default_factory=list)
    computed: int = 0
    wrote: Callable[[SequenceId], None] = lambda id: None
    burst: int = 1  # tokens at most that a chosen one and those that must follow it are

    def arrive(self, arrival: Arrival, now: float) -> None:
        self.wanted[arrival.id] = arrival.max_tokens
        self.scheduler.arrive(arrival, now)

    def carry_out(self, step: Step, now: float = 0.0) -> None:
        for move in step.moves:
            self.make(move)
        assert len({self.scheduler.room.sequences[feed.id].arrival.adapter for feed in step.feeds}) <= 1
        for feed in step.feeds:
            assert self.owners[feed.slot] == feed.id
            assert self.slots.get(feed.slot, 0) == feed.start
            assert feed.count > 0
            self.slots[feed.slot] = feed.start + feed.count
            self.computed += feed.count
        assert len({feed.slot for feed in step.feeds}) == len(step.feeds)
        computed = sum(feed.count for feed in step.feeds)
        assert computed <= self.scheduler.step_tokens + self.scheduler.room.slots, "more than a batch holds"
        self.check_blocks()
        for feed in step.feeds:
            if feed.sample:
                self.write(feed, now)

    def check_blocks(self) -> None:
        cells = self.scheduler.room.cells
        assert cells.free >= 0
        for sequence in self.scheduler.room.running:
            assert sequence.blocks * BLOCK >= sequence.position - sequence.shared
        assert cells.given == sum(sequence.blocks for sequence in self.scheduler.room.running)
        swapped = sum(sequence.position for sequence in self.scheduler.room.waiting)
        assert self.scheduler.room.swapped_tokens == swapped == sum(self.swapped.values())

    def make(self, move: Move) -> None:
        match move:
            case Preempt(id, slot, discarded):
                assert self.owners.pop(slot) == id
                tokens = self.slots.pop(slot, 0)
                if tokens and not discarded:
                    self.swapped[id] = tokens
            case Forget(slot):
                del self.slots[slot]
            case Admit(id, slot, swapped):
                assert slot not in self.owners
                self.owners[slot] = id
                self.slots[slot] = self.swapped.pop(id) if swapped else 0
            case Copy(id, kept_slot, slot, tokens):
                assert self.owners[slot] == id
                assert self.slots[kept_slot] >= tokens
                self.slots[slot] = tokens
            case Keep(_, slot, kept_slot, tokens):
                assert self.slots[slot] >= tokens
                self.slots[kept_slot] = tokens
            case Restore(key, kept_slot, tokens):
                ok = len(self.finished) % 2 == 0
                if ok:
                    self.slots[kept_slot] = tokens
                self.scheduler.restored(key, ok=ok)

    def write(self, feed: Feed, now: float) -> None:
        tokens = min(self.wanted[feed.id], 1 + self.wanted[feed.id] % self.burst)
        self.wanted[feed.id] -= tokens
        self.wrote(feed.id)
        if self.wanted[feed.id]:
            self.scheduler.sampled(feed.id, tokens)
            return
        self.finished.append(feed.id)
        keep, slot = self.scheduler.leave(feed.id, now)
        if keep:
            self.make(keep)
        assert slot == feed.slot
        del self.owners[slot], self.slots[slot]

    def run(self, now: float = 0.0, *, tick: float = 0.3) -> float:
        """Step until everybody has ended; return when that was."""
        while self.scheduler.room.sequences:
            step = self.scheduler.step(now)
            assert step.moves or step.feeds, "somebody waits and nothing is done"
            self.carry_out(step, now)
            now += tick
        return now
