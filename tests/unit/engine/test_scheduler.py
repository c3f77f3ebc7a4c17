"""The scheduler, driven by lists of events and by made-up traces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.counting import Counting, arrival
from semfs.engine.cells import BLOCK
from semfs.engine.levels import AGE
from semfs.engine.room import Room
from semfs.engine.scheduler import (
    COURTEOUS_STEP_TOKENS,
    PASSED,
    QUANTUM,
    SHARED_STEP_TOKENS,
    STEP_TOKENS,
    TILE,
    Scheduler,
)
from semfs.engine.steps import Admit, Arrival, Feed, Preempt, SequenceId, Step
from semfs.model import Priority

ONE, TWO, THREE = SequenceId(1), SequenceId(2), SequenceId(3)


def sampled(scheduler: Scheduler, step: Step) -> None:
    for feed in step.feeds:
        if feed.sample:
            scheduler.sampled(feed.id)


def test_a_prompt_is_read_in_pieces_and_the_last_one_samples() -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(arrival(1, tokens=STEP_TOKENS + 5), 0.0)
    first, second = scheduler.step(0.0), scheduler.step(1.0)
    assert first == Step((Admit(ONE, 0),), (Feed(ONE, 0, 0, STEP_TOKENS, sample=False),))
    assert second == Step((), (Feed(ONE, 0, STEP_TOKENS, 5, sample=True),))


def test_who_writes_gets_one_token_in_each_step_while_another_prompt_is_read() -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(arrival(1), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, tokens=200), 0.0)
    assert scheduler.step(0.0).feeds == (
        Feed(ONE, 0, 10, 1, sample=True),
        Feed(TWO, 1, 0, SHARED_STEP_TOKENS - 1, sample=False),
    )


@pytest.mark.parametrize(
    ("writer", "reader", "together"),
    [
        (Priority.HIGH, Priority.LOW, COURTEOUS_STEP_TOKENS),
        (Priority.LOW, Priority.LOW, SHARED_STEP_TOKENS),
        (Priority.LOW, Priority.HIGH, STEP_TOKENS),
    ],
)
def test_a_prompt_is_read_the_faster_the_less_important_those_are_who_write(
    writer: Priority, reader: Priority, together: int
) -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(arrival(1, priority=writer), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, priority=reader, tokens=200), 0.0)
    assert scheduler.step(0.0).feeds[1].count == together - 1


@given(writers=st.integers(0, 40), step=st.integers(6, 30), reader=st.sampled_from(Priority))
def test_a_step_that_reads_fills_whole_tiles(writers: int, step: int, reader: Priority) -> None:
    scheduler = Scheduler.of(1 << 20, writers + 2)
    scheduler.step_tokens = TILE * step
    for id in range(writers):
        scheduler.arrive(arrival(id), 0.0)
    while sum(sequence.writes for sequence in scheduler.room.running) < writers:
        sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(writers, priority=reader, tokens=5), 0.0)
    scheduler.arrive(arrival(writers + 1, priority=reader, tokens=10_000), 0.0)
    fed = scheduler.step(0.0).feeds
    assert len(fed) == writers + 2
    assert sum(feed.count for feed in fed) % TILE == 0


def test_high_goes_before_normal_before_low_and_first_come_first_served_inside() -> None:
    scheduler = Scheduler.of(1000, 4)
    for id, priority in enumerate((Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.HIGH), start=1):
        scheduler.arrive(arrival(id, priority=priority), 0.0)
    assert [feed.id for feed in scheduler.step(0.0).feeds] == [3, 4, 2, 1]


def test_of_five_that_are_admitted_one_is_whoever_has_waited_for_longest() -> None:
    scheduler = Scheduler.of(1000, 1)
    world = Counting(scheduler)
    world.arrive(arrival(1, priority=Priority.LOW), 0.0)
    for id in range(2, 9):
        world.arrive(arrival(id, priority=Priority.HIGH), AGE)
    world.run(AGE + 1, tick=0.1)
    assert world.finished.index(ONE) == PASSED


def test_a_long_sequence_sinks_and_gives_way_to_a_short_one() -> None:
    scheduler = Scheduler.of(4000, 1)
    scheduler.arrive(arrival(1, tokens=3000, max_tokens=500), 0.0)
    for _ in range(20):
        sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2), 1.0)
    assert scheduler.step(1.0).moves == (Preempt(ONE, 0), Admit(TWO, 0))


def test_a_request_waits_until_there_are_blocks_for_its_prompt() -> None:
    scheduler = Scheduler.of(5 * BLOCK, 4)
    scheduler.arrive(arrival(1, tokens=3 * BLOCK), 0.0)
    scheduler.arrive(arrival(2, tokens=2 * BLOCK), 0.0)
    assert scheduler.step(0.0).moves == (Admit(ONE, 0),), "the first needs a block more to write"
    scheduler.leave(ONE, 1.0)
    assert scheduler.step(1.0).moves == (Admit(TWO, 0),)


def test_nobody_overtakes_a_large_request_that_waits_for_room() -> None:
    scheduler = Scheduler.of(10 * BLOCK, 4)
    for id, tokens in ((1, 5), (2, 8), (3, 1)):
        scheduler.arrive(arrival(id, tokens=tokens * BLOCK), 0.0)
    scheduler.step(0.0)
    assert [sequence.arrival.id for sequence in scheduler.room.running] == [ONE]


def test_who_needs_a_block_where_none_is_left_takes_it_from_the_last_in_the_queues() -> None:
    scheduler = Scheduler.of(4 * BLOCK, 2)
    world = Counting(scheduler)
    for id in (1, 2):
        world.arrive(arrival(id, tokens=BLOCK, max_tokens=2 * BLOCK), 0.0)
    moves = []
    while not scheduler.room.swaps:
        step = scheduler.step(0.0)
        world.carry_out(step)
        moves += step.moves
    assert moves[-1] == Preempt(TWO, 1)
    world.run()
    assert world.finished == [ONE, TWO]
    assert world.computed == 2 * (3 * BLOCK - 1), "nothing is computed twice"


def test_a_batch_job_is_swapped_out_for_somebody_at_a_terminal_and_comes_back_where_it_was() -> None:
    scheduler = Scheduler.of(1000, 1)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 1.0)
    assert scheduler.step(1.0).moves == (Preempt(ONE, 0), Admit(TWO, 0))
    scheduler.leave(TWO, 2.0)
    assert scheduler.step(2.0) == Step((Admit(ONE, 0, swapped=True),), (Feed(ONE, 0, 10, 1, sample=True),))


def test_whoever_finds_no_room_among_the_swapped_out_starts_again() -> None:
    scheduler = Scheduler.of(320, 1, swapped_contexts=0)
    world = Counting(scheduler)
    world.arrive(arrival(1, tokens=100, max_tokens=5, priority=Priority.LOW), 0.0)
    world.carry_out(scheduler.step(0.0))
    world.arrive(arrival(2, tokens=10, max_tokens=5, priority=Priority.HIGH), 0.0)
    step = scheduler.step(0.0)
    assert step.moves == (Preempt(ONE, 0, discarded=True), Admit(TWO, 0))
    world.carry_out(step)
    world.run()
    assert world.finished == [TWO, ONE]


def test_nobody_is_swapped_out_for_an_equal_or_without_need() -> None:
    scheduler = Scheduler.of(1000, 2)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    scheduler.step(0.0)
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 0.0)
    scheduler.step(0.0)
    scheduler.arrive(arrival(3, priority=Priority.LOW), 0.0)
    assert scheduler.step(0.0).moves == ()


def test_one_that_got_its_slot_by_waiting_keeps_it_for_a_while() -> None:
    scheduler = Scheduler.of(1000, 1)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    for id in range(2, 8):
        scheduler.arrive(arrival(id, priority=Priority.HIGH), AGE)
    for id in range(2, 2 + PASSED):
        scheduler.step(AGE)
        scheduler.leave(SequenceId(id), AGE)
    assert scheduler.step(AGE).moves[-1] == Admit(ONE, 0)
    assert scheduler.step(AGE + QUANTUM / 2).moves == ()
    assert scheduler.step(AGE + QUANTUM).moves[0] == Preempt(ONE, 0)


def test_requests_whose_time_is_over_are_told() -> None:
    scheduler = Scheduler.of(1000, 1)
    scheduler.arrive(Arrival(ONE, Priority.HIGH, 10, 10, deadline=5.0), 0.0)
    scheduler.arrive(arrival(2), 0.0)
    assert scheduler.expired(4.9) == []
    assert scheduler.expired(5.0) == [ONE]


def test_a_request_larger_than_the_context_does_not_fit() -> None:
    assert Scheduler.of(320, 1).fits(280, 40)
    assert not Scheduler.of(320, 1).fits(281, 40)


def test_all_are_swapped_out_when_the_model_is_dropped_and_go_on_when_it_is_back() -> None:
    scheduler = Scheduler.of(1000, 4)
    world = Counting(scheduler)
    for id in range(1, 4):
        world.arrive(arrival(id, tokens=100, max_tokens=9, like="doc", shared=64), 0.0)
    for _ in range(4):
        world.carry_out(scheduler.step(0.0))
    before = world.computed
    world.carry_out(Step(scheduler.suspend()))
    assert (world.slots, scheduler.room.cells.free) == ({}, scheduler.room.cells.blocks)
    world.run()
    assert world.computed == 100 + 36 + 36 + 3 * 8 > before


def test_those_with_different_adapters_have_steps_by_turns() -> None:
    scheduler = Scheduler.of(416, 4)
    world = Counting(scheduler)
    for id, adapter in enumerate(("", "a", "a", ""), start=1):
        world.arrive(arrival(id, adapter=adapter, tokens=1, max_tokens=10), 0.0)
    served = []
    for _ in range(4):
        step = scheduler.step(0.0)
        world.carry_out(step)
        served.append({int(feed.id) for feed in step.feeds})
    assert served == [{1, 4}, {2, 3}, {1, 4}, {2, 3}]


def test_the_adapter_of_somebody_at_a_terminal_has_most_steps_and_no_other_has_none() -> None:
    scheduler = Scheduler.of(416, 4)
    world = Counting(scheduler)
    world.arrive(arrival(1, adapter="a", tokens=1, max_tokens=100, priority=Priority.LOW), 0.0)
    world.arrive(arrival(2, tokens=1, max_tokens=100, priority=Priority.HIGH), 0.0)
    steps: list[Step] = []
    for _ in range(34):
        steps.append(scheduler.step(0.0))
        world.carry_out(steps[-1])
    assert [sum(feed.id == id for step in steps for feed in step.feeds) for id in (1, 2)] == [2, 32]


def test_tokens_that_had_to_follow_are_computed_with_the_one_that_was_chosen() -> None:
    scheduler = Scheduler.of(416, 2)
    scheduler.arrive(arrival(1, tokens=3, max_tokens=90), 0.0)
    scheduler.arrive(arrival(2, tokens=3, max_tokens=90), 0.0)
    scheduler.step(0.0)
    scheduler.sampled(ONE, 50)
    scheduler.sampled(TWO)
    feeds = scheduler.step(0.0).feeds
    assert [(feed.start, feed.count, feed.sample) for feed in feeds] == [(3, 50, True), (3, 1, True)]


def test_more_tokens_than_a_step_has_are_computed_in_several() -> None:
    scheduler = Scheduler(Room(416, 2, 3), step_tokens=20)
    scheduler.arrive(arrival(1, tokens=3, max_tokens=90), 0.0)
    scheduler.step(0.0)
    scheduler.sampled(ONE, 50)
    feeds = [scheduler.step(0.0).feeds[0] for _ in range(3)]
    assert [(feed.start, feed.count, feed.sample) for feed in feeds] == [
        (3, 21, False),
        (24, 21, False),
        (45, 8, True),
    ]
