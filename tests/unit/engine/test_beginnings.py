"""What prompts have in common is computed once: by the first, kept for the others."""

from __future__ import annotations

from fakes.counting import Counting, arrival
from semfs.engine.cells import BLOCK
from semfs.engine.scheduler import STEP_TOKENS, Scheduler
from semfs.engine.steps import Admit, Arrival, Copy, Feed, Forget, Keep, Restore, SequenceId, Step
from semfs.model import Priority

ONE, TWO = SequenceId(1), SequenceId(2)


def shared(id: int, *, priority: Priority = Priority.NORMAL, stored: bool = False) -> Arrival:
    return arrival(id, priority=priority, tokens=60, like="instructions", shared=40, stored=stored)


def test_instructions_are_computed_once_kept_and_copied() -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(shared(1), 0.0)
    scheduler.arrive(shared(2), 0.0)
    step = scheduler.step(0.0)
    assert step.moves == (Admit(ONE, 0),), "the second waits for what the first computes"
    assert step.feeds == (Feed(ONE, 0, 0, 60, sample=True),)
    scheduler.sampled(ONE)
    keep = Keep(b"instructions 40", 0, 2, 40, store=True)
    assert scheduler.step(0.0).moves == (keep, Admit(TWO, 1), Copy(TWO, 2, 1, 40))
    assert scheduler.room.cells.cached == 2, "their blocks count once"
    assert [sequence.blocks for sequence in scheduler.room.running] == [1, 1]


def test_a_document_under_several_questions_is_computed_once() -> None:
    scheduler = Scheduler.of(1000, 4)
    world = Counting(scheduler)
    for id in range(1, 5):
        world.arrive(
            Arrival(
                SequenceId(id), Priority.LOW, 300, 5, arrival(id, tokens=300, like="doc", shared=256).marks
            ),
            0.0,
        )
    world.run()
    assert world.computed == 256 + 4 * (300 - 256) + 4 * 4


def test_what_was_asked_before_is_not_computed_again() -> None:
    scheduler = Scheduler.of(1000, 4)
    world = Counting(scheduler)
    world.arrive(arrival(1, tokens=300, max_tokens=1, like="doc", shared=256), 0.0)
    world.run()
    world.arrive(arrival(2, tokens=300, max_tokens=1, like="doc", shared=256), 9.0)
    world.run(9.0)
    assert world.computed == 300 + 300 - 256


def test_if_whoever_computes_instructions_leaves_the_next_one_does_it() -> None:
    scheduler = Scheduler.of(1000, 2)
    for id in (1, 2):
        scheduler.arrive(arrival(id, tokens=300, like="long", shared=290), 0.0)
    scheduler.step(0.0)
    scheduler.leave(ONE, 0.0)
    second = scheduler.step(0.0)
    assert second.moves[-1] == Copy(TWO, 2, 0, STEP_TOKENS), "what the first has computed is not lost"
    assert second.feeds == (Feed(TWO, 0, STEP_TOKENS, STEP_TOKENS, sample=False),)


def test_stored_instructions_are_restored_before_the_request_is_admitted() -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(shared(1, stored=True), 0.0)
    assert scheduler.step(0.0) == Step((Restore(b"instructions 40", 2, 40),))
    scheduler.restored(b"instructions 40", ok=True)
    assert scheduler.step(0.0) == Step(
        (Admit(ONE, 0), Copy(ONE, 2, 0, 40)), (Feed(ONE, 0, 40, 20, sample=True),)
    )


def test_stored_instructions_that_cannot_be_used_are_computed() -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(shared(1, stored=True), 0.0)
    scheduler.step(0.0)
    scheduler.restored(b"instructions 40", ok=False)
    assert scheduler.step(0.0).feeds == (Feed(ONE, 0, 0, 60, sample=True),)


def test_what_was_never_used_again_makes_room_first_then_what_was_unused_for_longest() -> None:
    scheduler = Scheduler.of(10 * BLOCK, 1, kept_slots=3)
    world = Counting(scheduler)
    for id, like in enumerate(("a", "a", "b"), start=1):
        world.arrive(arrival(id, tokens=70, max_tokens=1, like=like, shared=64), float(id))
        world.run(float(id))
    assert set(scheduler.room.cells.kept) == {b"a 64", b"b 64"}
    scheduler.arrive(arrival(4, tokens=7 * BLOCK), 9.0)
    assert scheduler.step(9.0).moves == (Forget(2), Admit(SequenceId(4), 0))
    assert set(scheduler.room.cells.kept) == {b"a 64"}
