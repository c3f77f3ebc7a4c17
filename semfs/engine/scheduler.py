"""Which tokens the model computes next; pure: events in, one step's instructions out.

No clock, no thread, no model: `now` comes with each event, in seconds.  The rules:

- `_level`: HIGH before NORMAL before LOW; who gets nothing for AGE seconds moves up one.
- `_admit`: a sequence gets a slot when all the cells that it may ever need are free, in
  the order of level and arrival; nobody overtakes whoever waits for room.
- `_victims`: it takes the place of a less important one if need be, which is swapped out.
- `_feeds`: each step carries one token of every sequence that writes and pieces of the
  prompts of those that do not yet, few of them where somebody more important writes.
- A prefix is computed by the first sequence that needs it while its equals wait for it,
  then kept until its slot or its cells are needed, the one unused for longest first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from semfs.engine.steps import (
    Admit,
    Arrival,
    Copy,
    Feed,
    Forget,
    Keep,
    Move,
    Preempt,
    Restore,
    SequenceId,
    Step,
)
from semfs.model import Priority

LEVELS = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}
AGE = 15.0  # seconds without a token after which a sequence counts as one level higher
QUANTUM = 2.0  # seconds for which one that was admitted for its age is not swapped out
STEP_TOKENS = 128  # prompt tokens a step; more gain little speed and delay whoever arrives
SHARED_STEP_TOKENS = 64  # the same while somebody writes
COURTEOUS_STEP_TOKENS = 16  # the same while somebody more important writes
PREFIX_TOKENS = 32  # a shorter beginning is computed again


@dataclass(slots=True)
class _Sequence:
    arrival: Arrival
    order: int
    since: float  # when it last got a token, or arrived
    length: int  # tokens known: the prompt and what was sampled
    position: int = 0  # tokens in the context
    slot: int | None = None
    held: int = 0  # cells reserved for it alone
    shares: bytes = b""  # the prefix whose cells it uses
    swapped: bool = False
    safe_until: float = 0.0

    @property
    def rank(self) -> int:
        return LEVELS[self.arrival.priority]

    @property
    def writes(self) -> bool:
        return self.length - self.position == 1

    @property
    def size(self) -> int:
        return self.arrival.tokens + self.arrival.max_tokens


@dataclass(slots=True)
class _Prefix:
    slot: int
    tokens: int
    used: float
    ready: bool


@dataclass(slots=True)
class Scheduler:
    """The state of the engine's sequences.

    `slots` are numbered from 0 and the prefixes' slots follow them.
    """

    cells: int
    slots: int
    prefix_slots: int = 3
    sequences: dict[SequenceId, _Sequence] = field(default_factory=dict)
    prefixes: dict[bytes, _Prefix] = field(default_factory=dict)
    _arrived: int = 0

    def arrive(self, arrival: Arrival, now: float) -> None:
        """Take a request in; one that does not fit must be refused before."""
        self._arrived += 1
        self.sequences[arrival.id] = _Sequence(arrival, self._arrived, now, arrival.tokens)

    def fits(self, tokens: int, max_tokens: int) -> bool:
        """Say whether a request of this size could ever run."""
        return tokens + max_tokens <= self.cells

    def sampled(self, id: SequenceId) -> None:
        """Note that a token was added to the sequence."""
        self.sequences[id].length += 1

    def leave(self, id: SequenceId) -> int | None:
        """Note that a request has ended or was cancelled; return the slot that is to be emptied."""
        return self.sequences.pop(id).slot

    def restored(self, prefix: bytes, *, ok: bool) -> None:
        """Note whether a prefix could be read from disk."""
        if ok:
            self.prefixes[prefix].ready = True
            return
        del self.prefixes[prefix]
        for sequence in self.sequences.values():
            if sequence.arrival.prefix == prefix:
                sequence.arrival = sequence.arrival.unstored()

    @property
    def running(self) -> list[_Sequence]:
        return [sequence for sequence in self.sequences.values() if sequence.slot is not None]

    @property
    def waiting(self) -> list[_Sequence]:
        return [sequence for sequence in self.sequences.values() if sequence.slot is None]

    @property
    def used(self) -> int:
        """Return how many cells are given out."""
        kept = sum(prefix.tokens for prefix in self.prefixes.values())
        return kept + sum(sequence.held for sequence in self.running)

    def step(self, now: float) -> Step:
        """Decide the next step; it has no feeds only if nothing can be computed now."""
        moves: list[Move] = []
        for sequence in sorted(self.waiting, key=lambda waiting: (_level(waiting, now), waiting.order)):
            if self._peer_computes_prefix(sequence):
                continue
            if not self._admit(sequence, now, moves):
                break
        feeds = self._feeds(now)
        return Step(tuple(moves), feeds, self._keeps(feeds, now))

    # Admission

    def _admit(self, sequence: _Sequence, now: float, moves: list[Move]) -> bool:
        """Give the sequence a slot, or find that it has to wait."""
        arrival = sequence.arrival
        prefix = None if sequence.swapped else self.prefixes.get(arrival.prefix)
        if prefix is None and arrival.stored and not sequence.swapped:
            return self._restore(sequence, now, moves)
        need = sequence.size - (prefix.tokens if prefix else 0)
        if not self._make_room(sequence, need, now, moves, slot=True):
            return False
        sequence.slot = min(set(range(self.slots)) - {other.slot for other in self.running})
        sequence.held = need
        sequence.safe_until = now + QUANTUM if _level(sequence, now) < sequence.rank else now
        moves.append(Admit(arrival.id, sequence.slot, sequence.swapped))
        sequence.swapped = False
        if prefix:
            moves.append(Copy(arrival.id, prefix.slot, sequence.slot, prefix.tokens))
            prefix.used, sequence.shares, sequence.position = now, arrival.prefix, prefix.tokens
        return True

    def _restore(self, sequence: _Sequence, now: float, moves: list[Move]) -> bool:
        """Have the sequence's prefix read from disk; it is admitted when that is done."""
        arrival = sequence.arrival
        slot = self._prefix_slot(moves)
        if slot is None or not self._make_room(sequence, arrival.prefix_tokens, now, moves, slot=False):
            sequence.arrival = arrival.unstored()
            return self._admit(sequence, now, moves)
        self.prefixes[arrival.prefix] = _Prefix(slot, arrival.prefix_tokens, now, ready=False)
        moves.append(Restore(arrival.prefix, slot, arrival.prefix_tokens))
        return False

    def _make_room(
        self, sequence: _Sequence, cells: int, now: float, moves: list[Move], *, slot: bool
    ) -> bool:
        """Free what the sequence needs, or nothing at all."""
        spare = self.cells - self.used
        victims, chosen = self._victims(sequence, now), list[_Sequence]()
        needed = b"" if sequence.swapped else sequence.arrival.prefix  # a swapped one brings its own copy
        idle, forgotten = self._idle_prefixes(besides=needed), list[bytes]()
        if slot and len(self.running) >= self.slots:
            chosen, victims = victims[:1], victims[1:]
            if not chosen:
                return False
            spare += chosen[0].held
        while spare < cells and idle:
            forgotten.append(idle.pop(0))
            spare += self.prefixes[forgotten[-1]].tokens
        while spare < cells and victims:
            chosen.append(victims.pop(0))
            spare += chosen[-1].held
        if spare < cells:
            return False
        moves.extend(Forget(self.prefixes.pop(key).slot) for key in forgotten)
        moves.extend(_swap_out(victim) for victim in chosen)
        return True

    def _victims(self, sequence: _Sequence, now: float) -> list[_Sequence]:
        """Return who may be swapped out for this sequence, the least important and newest first."""
        lower = [other for other in self.running if other.rank > sequence.rank and other.safe_until <= now]
        return sorted(lower, key=lambda other: (-other.rank, -other.order))

    # Prefixes

    def _idle_prefixes(self, *, besides: bytes = b"") -> list[bytes]:
        """Return the prefixes that nobody uses, the one unused for longest first."""
        busy = {sequence.shares for sequence in self.running} | {besides}
        idle = [key for key, prefix in self.prefixes.items() if key not in busy and prefix.ready]
        return sorted(idle, key=lambda key: self.prefixes[key].used)

    def _prefix_slot(self, moves: list[Move]) -> int | None:
        """Return a slot for a prefix, emptied if need be."""
        taken = {prefix.slot for prefix in self.prefixes.values()}
        free = set(range(self.slots, self.slots + self.prefix_slots)) - taken
        if free:
            return min(free)
        idle = self._idle_prefixes()
        if not idle:
            return None
        slot = self.prefixes.pop(idle[0]).slot
        moves.append(Forget(slot))
        return slot

    def _peer_computes_prefix(self, sequence: _Sequence) -> bool:
        """Say whether waiting for somebody as important spares computing the prefix."""
        arrival = sequence.arrival
        return (
            arrival.prefix_tokens >= PREFIX_TOKENS
            and not sequence.swapped
            and arrival.prefix not in self.prefixes
            and any(
                peer.arrival.prefix == arrival.prefix
                and peer.position < arrival.prefix_tokens
                and peer.rank <= sequence.rank
                for peer in self.running
            )
        )

    def _keeps(self, feeds: tuple[Feed, ...], now: float) -> tuple[Keep, ...]:
        """Keep the prefixes that these feeds complete."""
        keeps: list[Keep] = []
        for feed in feeds:
            sequence = self.sequences[feed.id]
            arrival = sequence.arrival
            ends = feed.start + feed.count == arrival.prefix_tokens
            if not ends or arrival.prefix_tokens < PREFIX_TOKENS or arrival.prefix in self.prefixes:
                continue
            slot = self._prefix_slot([])  # Keep empties it
            if slot is None:
                continue
            self.prefixes[arrival.prefix] = _Prefix(slot, arrival.prefix_tokens, now, ready=True)
            sequence.held -= arrival.prefix_tokens
            sequence.shares = arrival.prefix
            keeps.append(Keep(arrival.prefix, feed.slot, slot, arrival.prefix_tokens))
        return tuple(keeps)

    # Batches

    def _feeds(self, now: float) -> tuple[Feed, ...]:
        """Fill one batch and count its tokens as computed."""
        running = sorted(self.running, key=lambda sequence: (_level(sequence, now), sequence.order))
        writers = [sequence for sequence in running if sequence.writes]
        best = min((sequence.rank for sequence in writers), default=None)
        feeds = [_feed(sequence, 1, now) for sequence in writers]
        given = 0
        for reader in running:
            if reader in writers or (count := _prompt_tokens(reader, best) - given) <= 0:
                continue
            feeds.append(_feed(reader, count, now))
            given += feeds[-1].count
        return tuple(feeds)


def _level(sequence: _Sequence, now: float) -> int:
    return max(0, sequence.rank - int((now - sequence.since) // AGE))


def _prompt_tokens(reader: _Sequence, best_writer: int | None) -> int:
    if best_writer is None:
        return STEP_TOKENS
    return COURTEOUS_STEP_TOKENS if best_writer < reader.rank else SHARED_STEP_TOKENS


def _feed(sequence: _Sequence, count: int, now: float) -> Feed:
    """Take up to `count` tokens, stopping where the prefix ends so that it can be kept."""
    assert sequence.slot is not None
    start, arrival = sequence.position, sequence.arrival
    count = min(count, sequence.length - start)
    if start < arrival.prefix_tokens:
        count = min(count, arrival.prefix_tokens - start)
    sequence.position += count
    sequence.since = now
    return Feed(arrival.id, sequence.slot, start, count, sample=sequence.position == sequence.length)


def _swap_out(sequence: _Sequence) -> Preempt:
    assert sequence.slot is not None
    move = Preempt(sequence.arrival.id, sequence.slot)
    sequence.slot, sequence.held, sequence.shares = None, 0, b""
    sequence.swapped = sequence.position > 0
    return move
