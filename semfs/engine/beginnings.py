"""Beginnings that several prompts have in common: computed by the first, kept for the others; pure.

A kept beginning lies in a slot of its own (`cells`) until that or its blocks are needed.
"""

from __future__ import annotations

from semfs.engine.cells import Kept, blocks_for, longest
from semfs.engine.levels import priority_of
from semfs.engine.room import Room
from semfs.engine.sequence import SequenceState
from semfs.engine.steps import Keep, Mark, Move, Restore

SHARED_TOKENS = 32  # a shorter beginning is computed again


def keep(room: Room, sequence: SequenceState, mark: Mark, now: float) -> Keep | None:
    """Keep a beginning that the sequence has computed, unless it is too short or there is no slot."""
    cells = room.cells
    if mark.tokens - sequence.shared < SHARED_TOKENS or cells.has(mark):
        return None
    blocks = blocks_for(mark.tokens - sequence.shared)
    rest = blocks_for(sequence.length - mark.tokens)
    slot = room.kept_slot([]) if blocks + rest - sequence.blocks <= cells.free else None
    if slot is None or sequence.slot is None:
        return None
    kept = Kept(mark, slot, blocks, now, _up_to(mark, sequence.arrival.marks), parent=sequence.parent)
    cells.add(kept)
    cells.given += rest - sequence.blocks
    if sequence.parent:
        sequence.parent.users -= 1
    sequence.blocks, sequence.parent, sequence.shared = rest, kept, mark.tokens
    kept.users += 1
    return Keep(mark.key, sequence.slot, slot, mark.tokens, store=mark == sequence.arrival.instructions)


def keep_instructions(room: Room, now: float, moves: list[Move]) -> None:
    """Keep the instructions that somebody has just computed."""
    for sequence in room.running:
        mark = sequence.arrival.instructions
        if mark and sequence.shared < mark.tokens <= sequence.position:
            kept = keep(room, sequence, mark, now)
            moves += [kept] if kept else []


def keep_of_peer(room: Room, sequence: SequenceState, now: float, moves: list[Move]) -> None:
    """Keep what a running sequence has computed already and this one can begin with."""
    if sequence.swapped:
        return
    for peer in room.running:
        common = longest(sequence.arrival, peer.keys)
        if common and peer.shared < common.tokens <= peer.position:
            kept = keep(room, peer, common, now)
            moves += [kept] if kept else []


def peer_computes(room: Room, sequence: SequenceState, now: float) -> bool:
    """Say whether waiting for somebody as important spares computing a beginning."""
    if sequence.swapped or not sequence.keys:
        return False
    found = room.cells.find(sequence.arrival)
    known = found[1].tokens if found else 0
    for peer in room.running:
        common = longest(sequence.arrival, peer.keys)
        if (
            common
            and common.tokens > peer.position
            and common.tokens - known >= SHARED_TOKENS
            and priority_of(peer.queue(now)) <= priority_of(sequence.queue(now))
        ):
            return True
    return False


def restore(room: Room, sequence: SequenceState, wanted: Mark, now: float, moves: list[Move]) -> bool:
    """Have instructions read from disk into a slot; say whether there is room."""
    slot = room.kept_slot(moves)
    need = blocks_for(wanted.tokens)
    if slot is None or not room.make(sequence, need, None, now, moves, slot=False):
        return False
    marks = _up_to(wanted, sequence.arrival.marks)
    room.cells.add(Kept(wanted, slot, need, now, marks, ready=False))
    moves.append(Restore(wanted.key, slot, wanted.tokens))
    return True


def restored(room: Room, key: bytes, *, ok: bool) -> None:
    """Note whether instructions could be read from disk."""
    kept = room.cells.kept[key]
    if ok:
        kept.ready = True
        return
    room.cells.remove(kept)
    for sequence in room.sequences.values():
        if sequence.arrival.instructions == kept.mark:
            sequence.arrival = sequence.arrival.unstored()


def _up_to(mark: Mark, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    return tuple(item for item in marks if item.tokens <= mark.tokens)
