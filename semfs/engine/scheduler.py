"""Which tokens a model computes next; pure: events in, one step's instructions out.

No clock, no thread, no model: `now` comes with each event, in seconds.  The rules:

- Sequences stand in queues (`levels`): the interactive before the batch, the short before the
  long; of every five that are admitted one is whoever has waited for longest (`_elder`).
- `_admit`: a sequence gets a slot when there are blocks for its prompt and it is the first in
  its queue; nobody overtakes whoever waits for room, and it may take the place of a less important one.
- `_grow`: it takes another block when it has written the last one full.  Where none is
  left, the last in the queues is swapped out, and comes back without being computed again.
- `_feeds`: each step carries one token of every sequence that writes and pieces of the
  prompts of those that do not yet, few of them where somebody more important writes.
- `_turn`: sequences with different LoRA adapters have steps by turns.
- A beginning that several prompts have in common is computed by the first while the others
  wait, and kept (`cells`) until its slot or its blocks are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from semfs.engine.cells import BLOCK, Cells, Kept, blocks_for, longest
from semfs.engine.levels import AGE, long_for_short, priority_of
from semfs.engine.sequence import SequenceState
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
from semfs.engine.turns import Turns

PASSED = 4  # of every five that are admitted one is whoever has waited for longest
BLOCKED = 16  # while it finds no room this many go before it, then nobody
QUANTUM = 2.0  # seconds for which one that was admitted for its age is not swapped out
STEP_TOKENS = 128  # prompt tokens a step; more gain little speed and delay whoever arrives
SHARED_STEP_TOKENS = 64  # the same while somebody as important writes
COURTEOUS_STEP_TOKENS = 16  # the same while somebody more important writes
SHARED_TOKENS = 32  # a shorter beginning is computed again
SWAPPED_CONTEXTS = 2  # as many tokens as this many contexts have may be swapped out; others start again


@dataclass(slots=True)
class Scheduler:
    """The state of the sequences of one model.

    `slots` are numbered from 0 and the slots of kept beginnings follow them.
    """

    tokens: int  # cells of context
    slots: int
    kept_slots: int = 3
    swapped_contexts: int = SWAPPED_CONTEXTS
    sequences: dict[SequenceId, SequenceState] = field(default_factory=dict)
    cells: Cells = field(init=False)
    swapped_tokens: int = 0
    swaps: int = 0  # how often somebody was swapped out
    step_tokens: int = STEP_TOKENS
    _turns: Turns = field(default_factory=Turns)
    _arrived: int = 0
    _passed: int = 0  # admitted before somebody who had waited for longer, since such a one was admitted

    def __post_init__(self) -> None:
        self.cells = Cells(self.tokens // BLOCK, self.slots, self.kept_slots)

    # Events

    def arrive(self, arrival: Arrival, now: float) -> None:
        """Take a request in; one that does not fit must be refused before."""
        self._arrived += 1
        self.sequences[arrival.id] = SequenceState.of(arrival, self._arrived, now)

    def fits(self, tokens: int, max_tokens: int) -> bool:
        """Say whether a request of this size could ever run."""
        return blocks_for(tokens + max_tokens) <= self.cells.blocks

    def sampled(self, id: SequenceId) -> None:
        """Note that a token was added to the sequence."""
        self.sequences[id].length += 1

    def leave(self, id: SequenceId, now: float) -> tuple[Keep | None, int | None]:
        """Note that a request has ended; return what is to be kept of it and the slot to be emptied then."""
        sequence = self.sequences.pop(id)
        if sequence.swapped:
            self.swapped_tokens -= sequence.position
        if sequence.slot is None:
            return None, None
        slot = sequence.slot
        computed = [mark for mark in sequence.arrival.beginnings if mark.tokens <= sequence.position]
        keep = self._keep(sequence, computed[-1], now) if computed else None
        self._release(sequence)
        return keep, slot

    def restored(self, key: bytes, *, ok: bool) -> None:
        """Note whether instructions could be read from disk."""
        kept = self.cells.kept[key]
        if ok:
            kept.ready = True
            return
        self.cells.remove(kept)
        for sequence in self.sequences.values():
            if sequence.arrival.instructions == kept.mark:
                sequence.arrival = sequence.arrival.unstored()

    def suspend(self) -> tuple[Move, ...]:
        """Swap everybody out and forget what is kept, so that the model can be dropped."""
        moves: list[Move] = []
        for sequence in self.running:
            self._swap_out(sequence, moves)
        while idle := self.cells.idle():
            moves.append(Forget(self.cells.remove(idle[0])))
        return tuple(moves)

    # What is there

    @property
    def running(self) -> list[SequenceState]:
        return [sequence for sequence in self.sequences.values() if sequence.slot is not None]

    @property
    def waiting(self) -> list[SequenceState]:
        return [sequence for sequence in self.sequences.values() if sequence.slot is None]

    def expired(self, now: float) -> list[SequenceId]:
        """Return the requests whose time is over; the caller ends them."""
        return [id for id, sequence in self.sequences.items() if sequence.arrival.deadline <= now]

    def step(self, now: float) -> Step:
        """Decide the next step; it has no feeds only if nothing can be computed now."""
        moves: list[Move] = []
        self._keep_instructions(now, moves)
        elder = self._elder(now)
        line = sorted(self.waiting, key=lambda waiting: (waiting is not elder, waiting.place(now)))
        for sequence in line:
            if len(self.running) >= self.slots and not self._victims(sequence, now):
                admitted = False
            elif self._peer_computes(sequence, now):
                continue
            else:
                admitted = self._admit(sequence, now, moves)
            if sequence is elder:
                self._passed = 0 if admitted else self._passed
                sequence.safe_until = now + QUANTUM if admitted else now
            elif admitted and any(other.since < sequence.since for other in self.waiting):
                self._passed += 1
            if not admitted and (sequence is not elder or self._passed >= BLOCKED):
                break
        feeds = self._feeds(now, moves)
        return Step(tuple(moves), feeds)

    # Admission

    def _elder(self, now: float) -> SequenceState | None:
        """Return who has waited for longest, if enough others went before it to make it the next."""
        elder = min(self.waiting, key=lambda waiting: waiting.since, default=None)
        if elder is None or self._passed < PASSED or now - elder.since < AGE:
            return None
        return elder

    def _admit(self, sequence: SequenceState, now: float, moves: list[Move]) -> bool:
        """Give the sequence a slot, or find that it has to wait."""
        self._keep_of_peer(sequence, now, moves)
        found = None if sequence.swapped else self.cells.find(sequence.arrival)
        wanted = sequence.arrival.instructions
        if found and not found[0].ready:
            return True  # it is admitted in the next step
        known = found[1].tokens if found else 0
        if wanted and sequence.arrival.stored and not sequence.swapped and known < wanted.tokens:
            return self._restore(sequence, wanted, now, moves)
        if self._enter(sequence, found, now, moves):
            return True
        return not self.running and found is not None and self._enter(sequence, None, now, moves)

    def _enter(
        self, sequence: SequenceState, found: tuple[Kept, Mark] | None, now: float, moves: list[Move]
    ) -> bool:
        kept, shared = (found[0], found[1].tokens) if found else (None, 0)
        need = blocks_for(sequence.length - shared)
        if not self._make_room(sequence, need, kept, now, moves, slot=True):
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

    def _restore(self, sequence: SequenceState, wanted: Mark, now: float, moves: list[Move]) -> bool:
        """Have the instructions read from disk; the sequence is admitted when that is done."""
        slot = self._kept_slot(moves)
        need = blocks_for(wanted.tokens)
        if slot is None or not self._make_room(sequence, need, None, now, moves, slot=False):
            sequence.arrival = sequence.arrival.unstored()
            return self._admit(sequence, now, moves)
        marks = _up_to(wanted, sequence.arrival.marks)
        self.cells.add(Kept(wanted, slot, need, now, marks, ready=False))
        moves.append(Restore(wanted.key, slot, wanted.tokens))
        return True

    def _make_room(
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
        victims = self._victims(sequence, now)
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

    def _victims(self, sequence: SequenceState, now: float) -> list[SequenceState]:
        """Return who may be swapped out for this sequence, the last in the queues last."""
        victims = [other for other in self.running if other.safe_until <= now]
        victims = [other for other in victims if self._gives_way(other, sequence, now)]
        return sorted(victims, key=lambda victim: victim.place(now))

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
        self._release(sequence)

    @property
    def _swap_room(self) -> int:
        return self.swapped_contexts * self.tokens - self.swapped_tokens

    def _release(self, sequence: SequenceState) -> None:
        self.cells.given -= sequence.blocks
        if sequence.parent:
            sequence.parent.users -= 1
        sequence.slot, sequence.parent, sequence.shared, sequence.blocks = None, None, 0, 0

    # What is kept

    def _keep_instructions(self, now: float, moves: list[Move]) -> None:
        for sequence in self.running:
            mark = sequence.arrival.instructions
            if mark and sequence.shared < mark.tokens <= sequence.position:
                keep = self._keep(sequence, mark, now)
                moves += [keep] if keep else []

    def _keep_of_peer(self, sequence: SequenceState, now: float, moves: list[Move]) -> None:
        """Keep what a running sequence has computed already and this one can begin with."""
        if sequence.swapped:
            return
        for peer in self.running:
            common = longest(sequence.arrival, peer.keys)
            if common and peer.shared < common.tokens <= peer.position:
                keep = self._keep(peer, common, now)
                moves += [keep] if keep else []

    def _keep(self, sequence: SequenceState, mark: Mark, now: float) -> Keep | None:
        """Keep a beginning that the sequence has computed, unless it is too short or there is no slot."""
        if mark.tokens - sequence.shared < SHARED_TOKENS or self.cells.has(mark):
            return None
        blocks = blocks_for(mark.tokens - sequence.shared)
        rest = blocks_for(sequence.length - mark.tokens)
        slot = self._kept_slot([]) if blocks + rest - sequence.blocks <= self.cells.free else None
        if slot is None or sequence.slot is None:
            return None
        marks = _up_to(mark, sequence.arrival.marks)
        kept = Kept(mark, slot, blocks, now, marks, parent=sequence.parent)
        self.cells.add(kept)
        self.cells.given += rest - sequence.blocks
        if sequence.parent:
            sequence.parent.users -= 1
        sequence.blocks, sequence.parent, sequence.shared = rest, kept, mark.tokens
        kept.users += 1
        return Keep(mark.key, sequence.slot, slot, mark.tokens, store=mark == sequence.arrival.instructions)

    def _kept_slot(self, moves: list[Move]) -> int | None:
        """Return a slot for a beginning, emptied if need be."""
        slot = self.cells.empty_slot()
        if slot is None and (idle := self.cells.idle()):
            slot = self.cells.remove(idle[0])
            moves.append(Forget(slot))
        return slot

    def _peer_computes(self, sequence: SequenceState, now: float) -> bool:
        """Say whether waiting for somebody as important spares computing a beginning."""
        if sequence.swapped or not sequence.keys:
            return False
        found = self.cells.find(sequence.arrival)
        known = found[1].tokens if found else 0
        for peer in self.running:
            common = longest(sequence.arrival, peer.keys)
            if (
                common
                and common.tokens > peer.position
                and common.tokens - known >= SHARED_TOKENS
                and priority_of(peer.queue(now)) <= priority_of(sequence.queue(now))
            ):
                return True
        return False

    # Batches

    def _feeds(self, now: float, moves: list[Move]) -> tuple[Feed, ...]:
        """Fill one batch and count its tokens as computed."""
        running = sorted(self.running, key=lambda sequence: sequence.place(now))
        priorities = {sequence.arrival.id: priority_of(sequence.queue(now)) for sequence in running}
        turn = self._turn(running, priorities)
        feeds: list[Feed] = []
        best: int | None = None
        for sequence in [writer for writer in turn if writer.writes]:
            if sequence.slot is None or not self._grow(sequence, running, moves):
                continue
            priority = priorities[sequence.arrival.id]
            best = priority if best is None else min(best, priority)
            feeds.append(sequence.feed(1, now))
        given = 0
        fed = {feed.id for feed in feeds}
        for reader in turn:
            if reader.slot is None or reader.arrival.id in fed:
                continue
            if (count := self._prompt_tokens(priorities[reader.arrival.id], best) - given) <= 0:
                continue
            feeds.append(reader.feed(count, now))
            given += feeds[-1].count
        return tuple(feeds)

    def _turn(self, running: list[SequenceState], priorities: dict[SequenceId, int]) -> list[SequenceState]:
        """Return the sequences with the adapter whose turn it is: all of them where there is but one."""
        groups: dict[str, int] = {}
        for sequence in running:
            adapter, priority = sequence.arrival.adapter, priorities[sequence.arrival.id]
            groups[adapter] = min(priority, groups.get(adapter, priority))
        if len(groups) < 2:
            return running
        adapter = self._turns.take(groups)
        return [sequence for sequence in running if sequence.arrival.adapter == adapter]

    def _grow(self, sequence: SequenceState, running: list[SequenceState], moves: list[Move]) -> bool:
        """Give the sequence the blocks for its next tokens; say whether it can go on."""
        while (need := self._missing(sequence)) > self.cells.free:
            after = running[running.index(sequence) + 1 :]
            others = [other for other in after if other.slot is not None]
            if not self._forget_one(None, moves):
                self._swap_out(others[-1] if others else sequence, moves)
                if not others:
                    return False
        sequence.blocks += need
        self.cells.given += need
        return True

    def _prompt_tokens(self, reader: int, best_writer: int | None) -> int:
        if best_writer is None or reader < best_writer:
            return self.step_tokens
        return min(self.step_tokens, COURTEOUS_STEP_TOKENS if best_writer < reader else SHARED_STEP_TOKENS)

    def _missing(self, sequence: SequenceState) -> int:
        return max(0, blocks_for(sequence.position + 1 - sequence.shared) - sequence.blocks)


def _up_to(mark: Mark, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    return tuple(item for item in marks if item.tokens <= mark.tokens)
