"""Who has a place in a model's context: slots, blocks, and who is swapped out of them; pure.

A sequence enters when there is a slot and there are blocks for what it has; it grows by a block when the
last one is full.  Room is made of kept beginnings that nobody uses, then of sequences: they are
swapped out, the last in the queues first, and come back without being computed again.
Every method adds what has to be done to `moves`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from semfs.engine.cells import BLOCK, Cells, Kept, blocks_for
from semfs.engine.levels import long_for_short, priority_of
from semfs.engine.sequence import SequenceState
from semfs.engine.steps import Admit, Copy, Forget, Mark, Move, Preempt, SequenceId

SWAPPED_CONTEXTS = 2  # as many tokens as this many contexts have may be swapped out; others start again


@dataclass(slots=True)
class Room:
    """The sequences of one model, with their slots and blocks.

    `slots` are numbered from 0 and the slots of kept beginnings follow them.
    """

    tokens: int  # cells of context
    slots: int
    kept_slots: int
    swapped_contexts: int = SWAPPED_CONTEXTS
    sequences: dict[SequenceId, SequenceState] = field(default_factory=dict)
    cells: Cells = field(init=False)
    swapped_tokens: int = 0
    swaps: int = 0  # how often somebody was swapped out

    def __post_init__(self) -> None:
        self.cells = Cells(self.tokens // BLOCK, self.slots, self.kept_slots)

    @property
    def running(self) -> list[SequenceState]:
        return [sequence for sequence in self.sequences.values() if sequence.slot is not None]

    @property
    def waiting(self) -> list[SequenceState]:
        return [sequence for sequence in self.sequences.values() if sequence.slot is None]

    # Coming and going

    def enter(
        self, sequence: SequenceState, found: tuple[Kept, Mark] | None, now: float, moves: list[Move]
    ) -> bool:
        """Give the sequence a slot, where it begins with what was found; say whether there is room."""
        kept, shared = (found[0], found[1].tokens) if found else (None, 0)
        need = blocks_for(sequence.length - shared)
        if not self.make(sequence, need, kept, now, moves, slot=True):
            return False
        sequence.slot = min(set(range(self.slots)) - {other.slot for other in self.running})
        sequence.blocks = need
        self.cells.given += need
        moves.append(Admit(sequence.arrival.id, sequence.slot, sequence.swapped))
        if sequence.swapped:
            self.swapped_tokens -= sequence.position
            sequence.swapped = False
        if kept:
            moves.append(Copy(sequence.arrival.id, kept.slot, sequence.slot, shared))
            kept.used, kept.hits, kept.users = now, kept.hits + 1, kept.users + 1
            sequence.parent, sequence.shared, sequence.position = kept, shared, shared
        return True

    def grow(
        self, sequence: SequenceState, count: int, running: list[SequenceState], moves: list[Move]
    ) -> bool:
        """Give the sequence the blocks for its next `count` tokens; say whether it can go on.

        Those behind it in `running` make room for it.
        """
        while (need := self._missing(sequence, count)) > self.cells.free:
            after = running[running.index(sequence) + 1 :]
            others = [other for other in after if other.slot is not None]
            if not self._forget_one(None, moves):
                self._swap_out(others[-1] if others else sequence, moves)
                if not others:
                    return False
        sequence.blocks += need
        self.cells.given += need
        return True

    def release(self, sequence: SequenceState) -> None:
        """Take back the slot and the blocks of a sequence."""
        self.cells.given -= sequence.blocks
        if sequence.parent:
            sequence.parent.users -= 1
        sequence.slot, sequence.parent, sequence.shared, sequence.blocks = None, None, 0, 0

    def clear(self, moves: list[Move]) -> None:
        """Swap everybody out and forget what is kept."""
        for sequence in self.running:
            self._swap_out(sequence, moves)
        while self._forget_one(None, moves):
            pass

    # Making room

    def make(
        self,
        sequence: SequenceState,
        need: int,
        besides: Kept | None,
        now: float,
        moves: list[Move],
        *,
        slot: bool,
    ) -> bool:
        """Free a slot and so many blocks for the sequence, or nothing at all."""
        victims = self.victims(sequence, now)
        full = slot and len(self.running) >= self.slots
        staying = [other for other in self.running if other not in victims]
        spare = len(self.running) - full  # one block for each that runs, so that it can go on
        if (full and not victims) or need + min(spare, len(staying)) > self._reachable(victims, besides):
            return False
        if full:
            self._swap_out(victims.pop(), moves)
        while self.cells.free < need + min(spare, len(self.running)):
            if not self._forget_one(besides, moves):
                if not victims:
                    break
                self._swap_out(victims.pop(), moves)
        return self.cells.free >= need

    def victims(self, sequence: SequenceState, now: float) -> list[SequenceState]:
        """Return who may be swapped out for this sequence, the last in the queues last."""
        victims = [other for other in self.running if other.safe_until <= now]
        victims = [other for other in victims if self._gives_way(other, sequence, now)]
        return sorted(victims, key=lambda victim: victim.place(now))

    def kept_slot(self, moves: list[Move]) -> int | None:
        """Return a slot for a beginning, emptied if need be."""
        slot = self.cells.empty_slot()
        if slot is None and (idle := self.cells.idle()):
            slot = self.cells.remove(idle[0])
            moves.append(Forget(slot))
        return slot

    def _gives_way(self, running: SequenceState, waiting: SequenceState, now: float) -> bool:
        """A less important one gives way, and a long one for a short one if that loses no work."""
        here, there = running.queue(now), waiting.queue(now)
        if priority_of(here) != priority_of(there):
            return priority_of(here) > priority_of(there)
        return long_for_short(here, there) and running.position <= self._swap_room

    def _reachable(self, victims: list[SequenceState], besides: Kept | None) -> int:
        """Return how many blocks are free when the victims are gone and what nobody uses then."""
        used = [sequence.parent for sequence in self.running if sequence not in victims] + [besides]
        pinned: set[int] = set()
        for kept in used:
            while kept is not None:
                pinned.add(id(kept))
                kept = kept.parent
        unused = [kept for kept in self.cells.kept.values() if id(kept) not in pinned and kept.ready]
        freed = sum(kept.blocks for kept in unused) + sum(victim.blocks for victim in victims)
        return self.cells.free + freed

    def _forget_one(self, besides: Kept | None, moves: list[Move]) -> bool:
        idle = self.cells.idle(besides=besides)
        if idle:
            moves.append(Forget(self.cells.remove(idle[0])))
        return bool(idle)

    def _swap_out(self, sequence: SequenceState, moves: list[Move]) -> None:
        assert sequence.slot is not None
        discarded = not 0 < sequence.position <= self._swap_room
        moves.append(Preempt(sequence.arrival.id, sequence.slot, discarded))
        if discarded:
            sequence.position = 0
        sequence.swapped = sequence.position > 0
        self.swapped_tokens += sequence.position
        self.swaps += 1
        self.release(sequence)

    @property
    def _swap_room(self) -> int:
        return self.swapped_contexts * self.tokens - self.swapped_tokens

    def _missing(self, sequence: SequenceState, count: int) -> int:
        return max(0, blocks_for(sequence.position + count - sequence.shared) - sequence.blocks)
