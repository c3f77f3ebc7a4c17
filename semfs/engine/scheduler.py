"""Which tokens a model computes next; pure: events in, one step's instructions out.

No clock, no thread, no model: `now` comes with each event, in seconds.  The rules:

- Sequences stand in queues (`levels`): the interactive before the batch, the short before the
  long; of every five that are admitted one is whoever has waited for longest (`_elder`).
- `_admit`: a sequence gets a slot when there are blocks for its prompt and it is the first in
  its queue; nobody overtakes whoever waits for room, and it may take the place of a less important one
  (`room`).
- A beginning that several prompts have in common is computed by the first while the others
  wait, and kept (`beginnings`).
- `_feeds`: each step carries what every sequence that writes has written last, one token or
  several where a grammar left no choice, and pieces of the prompts of those that
  do not write yet, few of them where somebody more important writes.
- `_turn`: sequences with different LoRA adapters have steps by turns.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from semfs.engine import beginnings
from semfs.engine.cells import blocks_for
from semfs.engine.levels import AGE, priority_of
from semfs.engine.room import SWAPPED_CONTEXTS, Room
from semfs.engine.sequence import SequenceState
from semfs.engine.steps import Arrival, Feed, Keep, Move, SequenceId, Step
from semfs.engine.turns import Turns

PASSED = 4  # of every five that are admitted one is whoever has waited for longest
BLOCKED = 16  # while it finds no room this many go before it, then nobody
QUANTUM = 2.0  # seconds for which one that was admitted for its age is not swapped out
# Tokens of a step, those of who writes included; more gain little speed and delay whoever arrives.
STEP_TOKENS = 128
SHARED_STEP_TOKENS = 96  # while somebody as important as the reader writes
COURTEOUS_STEP_TOKENS = 16  # while somebody more important writes
TILE = 16  # tokens that the kernels compute together: 65 take the 1.5B as long as 80
LEAST = TILE // 2  # tokens of a prompt, however many write


@dataclass(slots=True)
class Scheduler:
    """Decides for the sequences of one model; `room` says where each of them is."""

    room: Room
    step_tokens: int = STEP_TOKENS
    _turns: Turns = field(default_factory=Turns)
    _arrived: int = 0
    _passed: int = 0  # admitted before somebody who had waited for longer, since such a one was admitted

    @classmethod
    def of(
        cls, tokens: int, slots: int, kept_slots: int = 3, *, swapped_contexts: int = SWAPPED_CONTEXTS
    ) -> Scheduler:
        """Return one for a context of so many tokens."""
        return cls(Room(tokens, slots, kept_slots, swapped_contexts))

    # Events

    def arrive(self, arrival: Arrival, now: float) -> None:
        """Take a request in; one that does not fit must be refused before."""
        self._arrived += 1
        self.room.sequences[arrival.id] = SequenceState.of(arrival, self._arrived, now)

    def fits(self, tokens: int, max_tokens: int) -> bool:
        """Say whether a request of this size could ever run."""
        return blocks_for(tokens + max_tokens) <= self.room.cells.blocks

    def sampled(self, id: SequenceId, tokens: int = 1) -> None:
        """Note that a token was added to the sequence, and those that had to follow it."""
        self.room.sequences[id].length += tokens

    def leave(self, id: SequenceId, now: float) -> tuple[Keep | None, int | None]:
        """Note that a request has ended; return what is to be kept of it and the slot to be emptied then."""
        sequence = self.room.sequences.pop(id)
        if sequence.swapped:
            self.room.swapped_tokens -= sequence.position
        if sequence.slot is None:
            return None, None
        slot = sequence.slot
        computed = [mark for mark in sequence.arrival.beginnings if mark.tokens <= sequence.position]
        keep = beginnings.keep(self.room, sequence, computed[-1], now) if computed else None
        self.room.release(sequence)
        return keep, slot

    def restored(self, key: bytes, *, ok: bool) -> None:
        """Note whether instructions could be read from disk."""
        beginnings.restored(self.room, key, ok=ok)

    def suspend(self) -> tuple[Move, ...]:
        """Swap everybody out and forget what is kept, so that the model can be dropped."""
        moves: list[Move] = []
        self.room.clear(moves)
        return tuple(moves)

    def expired(self, now: float) -> list[SequenceId]:
        """Return the requests whose time is over; the caller ends them."""
        return [id for id, sequence in self.room.sequences.items() if sequence.arrival.deadline <= now]

    def step(self, now: float) -> Step:
        """Decide the next step; it has no feeds only if nothing can be computed now."""
        room = self.room
        moves: list[Move] = []
        beginnings.keep_instructions(room, now, moves)
        elder = self._elder(now)
        line = sorted(room.waiting, key=lambda waiting: (waiting is not elder, waiting.place(now)))
        for sequence in line:
            if len(room.running) >= room.slots and not room.victims(sequence, now):
                admitted = False
            elif beginnings.peer_computes(room, sequence, now):
                continue
            else:
                admitted = self._admit(sequence, now, moves)
            if sequence is elder:
                self._passed = 0 if admitted else self._passed
                sequence.safe_until = now + QUANTUM if admitted else now
            elif admitted and any(other.since < sequence.since for other in room.waiting):
                self._passed += 1
            if not admitted and (sequence is not elder or self._passed >= BLOCKED):
                break
        feeds = self._feeds(now, moves)
        return Step(tuple(moves), feeds)

    # Admission

    def _elder(self, now: float) -> SequenceState | None:
        """Return who has waited for longest, if enough others went before it to make it the next."""
        elder = min(self.room.waiting, key=lambda waiting: waiting.since, default=None)
        if elder is None or self._passed < PASSED or now - elder.since < AGE:
            return None
        return elder

    def _admit(self, sequence: SequenceState, now: float, moves: list[Move]) -> bool:
        """Give the sequence a slot, or find that it has to wait."""
        room = self.room
        beginnings.keep_of_peer(room, sequence, now, moves)
        found = None if sequence.swapped else room.cells.find(sequence.arrival)
        wanted = sequence.arrival.instructions
        if found and not found[0].ready:
            return True  # it is admitted in the next step
        known = found[1].tokens if found else 0
        if wanted and sequence.arrival.stored and not sequence.swapped and known < wanted.tokens:
            if beginnings.restore(room, sequence, wanted, now, moves):
                return True  # it is admitted when that is done
            sequence.arrival = sequence.arrival.unstored()
            return self._admit(sequence, now, moves)
        if room.enter(sequence, found, now, moves):
            return True
        return not room.running and found is not None and room.enter(sequence, None, now, moves)

    # Batches

    def _feeds(self, now: float, moves: list[Move]) -> tuple[Feed, ...]:
        """Fill one batch and count its tokens as computed."""
        running = sorted(self.room.running, key=lambda sequence: sequence.place(now))
        priorities = {sequence.arrival.id: priority_of(sequence.queue(now)) for sequence in running}
        turn = self._turn(running, priorities)
        feeds: list[Feed] = []
        best: int | None = None
        forced = read = 0  # tokens besides one of each that writes, and those of prompts
        for sequence in [writer for writer in turn if writer.writes]:
            count = min(sequence.length - sequence.position, 1 + self.step_tokens - forced)
            if sequence.slot is None or not self.room.grow(sequence, count, running, moves):
                continue
            priority = priorities[sequence.arrival.id]
            best = priority if best is None else min(best, priority)
            feeds.append(sequence.feed(count, now))
            forced += count - 1
        fed = {feed.id for feed in feeds}
        written = len(feeds) + forced
        for reader in turn:
            if reader.slot is None or reader.arrival.id in fed:
                continue
            room = self._prompt_tokens(priorities[reader.arrival.id], best, written)
            if (count := min(room, self.step_tokens - forced) - read) <= 0:
                continue
            feeds.append(reader.feed(count, now))
            read += feeds[-1].count
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

    def _prompt_tokens(self, reader: int, best_writer: int | None, written: int) -> int:
        """Return how many tokens of prompts fill whole tiles together with those that are written."""
        most = self.step_tokens
        if best_writer is not None and best_writer <= reader:
            most = min(most, COURTEOUS_STEP_TOKENS if best_writer < reader else SHARED_STEP_TOKENS)
        return -(-max(most, written + LEAST) // TILE) * TILE - written
