"""The scheduler, driven by lists of events and by made-up traces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.counting import Counting, arrival
from semfs.engine.cells import BLOCK
from semfs.engine.levels import AGE
from semfs.engine.scheduler import (
    COURTEOUS_STEP_TOKENS,
    PASSED,
    QUANTUM,
    SHARED_STEP_TOKENS,
    STEP_TOKENS,
    Scheduler,
)
from semfs.engine.steps import Admit, Arrival, Copy, Feed, Forget, Keep, Preempt, Restore, SequenceId, Step
from semfs.model import Priority

ONE, TWO, THREE = SequenceId(1), SequenceId(2), SequenceId(3)


def sampled(scheduler: Scheduler, step: Step) -> None:
    for feed in step.feeds:
        if feed.sample:
            scheduler.sampled(feed.id)


def shared(id: int, *, priority: Priority = Priority.NORMAL, stored: bool = False) -> Arrival:
    return arrival(id, priority=priority, tokens=60, like="instructions", shared=40, stored=stored)


def test_a_prompt_is_read_in_pieces_and_the_last_one_samples() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(arrival(1, tokens=STEP_TOKENS + 5), 0.0)
    first, second = scheduler.step(0.0), scheduler.step(1.0)
    assert first == Step((Admit(ONE, 0),), (Feed(ONE, 0, 0, STEP_TOKENS, sample=False),))
    assert second == Step((), (Feed(ONE, 0, STEP_TOKENS, 5, sample=True),))


def test_who_writes_gets_one_token_in_each_step_while_another_prompt_is_read() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(arrival(1), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, tokens=200), 0.0)
    assert scheduler.step(0.0).feeds == (
        Feed(ONE, 0, 10, 1, sample=True),
        Feed(TWO, 1, 0, SHARED_STEP_TOKENS, sample=False),
    )


@pytest.mark.parametrize(
    ("writer", "reader", "count"),
    [
        (Priority.HIGH, Priority.LOW, COURTEOUS_STEP_TOKENS),
        (Priority.LOW, Priority.LOW, SHARED_STEP_TOKENS),
        (Priority.LOW, Priority.HIGH, STEP_TOKENS),
    ],
)
def test_a_prompt_is_read_the_faster_the_less_important_those_are_who_write(
    writer: Priority, reader: Priority, count: int
) -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(arrival(1, priority=writer), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, priority=reader, tokens=200), 0.0)
    assert scheduler.step(0.0).feeds[1].count == count


def test_high_goes_before_normal_before_low_and_first_come_first_served_inside() -> None:
    scheduler = Scheduler(1000, 4)
    for id, priority in enumerate((Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.HIGH), start=1):
        scheduler.arrive(arrival(id, priority=priority), 0.0)
    assert [feed.id for feed in scheduler.step(0.0).feeds] == [3, 4, 2, 1]


def test_of_five_that_are_admitted_one_is_whoever_has_waited_for_longest() -> None:
    scheduler = Scheduler(1000, 1)
    world = Counting(scheduler)
    world.arrive(arrival(1, priority=Priority.LOW), 0.0)
    for id in range(2, 9):
        world.arrive(arrival(id, priority=Priority.HIGH), AGE)
    world.run(AGE + 1, tick=0.1)
    assert world.finished.index(ONE) == PASSED


def test_a_long_sequence_sinks_and_gives_way_to_a_short_one() -> None:
    scheduler = Scheduler(4000, 1)
    scheduler.arrive(arrival(1, tokens=3000, max_tokens=500), 0.0)
    for _ in range(20):
        sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2), 1.0)
    assert scheduler.step(1.0).moves == (Preempt(ONE, 0), Admit(TWO, 0))


def test_a_request_waits_until_there_are_blocks_for_its_prompt() -> None:
    scheduler = Scheduler(5 * BLOCK, 4)
    scheduler.arrive(arrival(1, tokens=3 * BLOCK), 0.0)
    scheduler.arrive(arrival(2, tokens=2 * BLOCK), 0.0)
    assert scheduler.step(0.0).moves == (Admit(ONE, 0),), "the first needs a block more to write"
    scheduler.leave(ONE, 1.0)
    assert scheduler.step(1.0).moves == (Admit(TWO, 0),)


def test_nobody_overtakes_a_large_request_that_waits_for_room() -> None:
    scheduler = Scheduler(10 * BLOCK, 4)
    for id, tokens in ((1, 5), (2, 8), (3, 1)):
        scheduler.arrive(arrival(id, tokens=tokens * BLOCK), 0.0)
    scheduler.step(0.0)
    assert [sequence.arrival.id for sequence in scheduler.running] == [ONE]


def test_who_needs_a_block_where_none_is_left_takes_it_from_the_last_in_the_queues() -> None:
    scheduler = Scheduler(4 * BLOCK, 2)
    world = Counting(scheduler)
    for id in (1, 2):
        world.arrive(arrival(id, tokens=BLOCK, max_tokens=2 * BLOCK), 0.0)
    moves = []
    while not scheduler.swaps:
        step = scheduler.step(0.0)
        world.carry_out(step)
        moves += step.moves
    assert moves[-1] == Preempt(TWO, 1)
    world.run()
    assert world.finished == [ONE, TWO]
    assert world.computed == 2 * (3 * BLOCK - 1), "nothing is computed twice"


def test_a_batch_job_is_swapped_out_for_somebody_at_a_terminal_and_comes_back_where_it_was() -> None:
    scheduler = Scheduler(1000, 1)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 1.0)
    assert scheduler.step(1.0).moves == (Preempt(ONE, 0), Admit(TWO, 0))
    scheduler.leave(TWO, 2.0)
    assert scheduler.step(2.0) == Step((Admit(ONE, 0, swapped=True),), (Feed(ONE, 0, 10, 1, sample=True),))


def test_whoever_finds_no_room_among_the_swapped_out_starts_again() -> None:
    scheduler = Scheduler(320, 1, swapped_contexts=0)
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
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    scheduler.step(0.0)
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 0.0)
    scheduler.step(0.0)
    scheduler.arrive(arrival(3, priority=Priority.LOW), 0.0)
    assert scheduler.step(0.0).moves == ()


def test_one_that_got_its_slot_by_waiting_keeps_it_for_a_while() -> None:
    scheduler = Scheduler(1000, 1)
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
    scheduler = Scheduler(1000, 1)
    scheduler.arrive(Arrival(ONE, Priority.HIGH, 10, 10, deadline=5.0), 0.0)
    scheduler.arrive(arrival(2), 0.0)
    assert scheduler.expired(4.9) == []
    assert scheduler.expired(5.0) == [ONE]


# What prompts have in common


def test_instructions_are_computed_once_kept_and_copied() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(shared(1), 0.0)
    scheduler.arrive(shared(2), 0.0)
    step = scheduler.step(0.0)
    assert step.moves == (Admit(ONE, 0),), "the second waits for what the first computes"
    assert step.feeds == (Feed(ONE, 0, 0, 60, sample=True),)
    scheduler.sampled(ONE)
    keep = Keep(b"instructions 40", 0, 2, 40, store=True)
    assert scheduler.step(0.0).moves == (keep, Admit(TWO, 1), Copy(TWO, 2, 1, 40))
    assert scheduler.cells.cached == 2, "their blocks count once"
    assert [sequence.blocks for sequence in scheduler.running] == [1, 1]


def test_a_document_under_several_questions_is_computed_once() -> None:
    scheduler = Scheduler(1000, 4)
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
    scheduler = Scheduler(1000, 4)
    world = Counting(scheduler)
    world.arrive(arrival(1, tokens=300, max_tokens=1, like="doc", shared=256), 0.0)
    world.run()
    world.arrive(arrival(2, tokens=300, max_tokens=1, like="doc", shared=256), 9.0)
    world.run(9.0)
    assert world.computed == 300 + 300 - 256


def test_if_whoever_computes_instructions_leaves_the_next_one_does_it() -> None:
    scheduler = Scheduler(1000, 2)
    for id in (1, 2):
        scheduler.arrive(arrival(id, tokens=300, like="long", shared=290), 0.0)
    scheduler.step(0.0)
    scheduler.leave(ONE, 0.0)
    second = scheduler.step(0.0)
    assert second.moves[-1] == Copy(TWO, 2, 0, STEP_TOKENS), "what the first has computed is not lost"
    assert second.feeds == (Feed(TWO, 0, STEP_TOKENS, STEP_TOKENS, sample=False),)


def test_stored_instructions_are_restored_before_the_request_is_admitted() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(shared(1, stored=True), 0.0)
    assert scheduler.step(0.0) == Step((Restore(b"instructions 40", 2, 40),))
    scheduler.restored(b"instructions 40", ok=True)
    assert scheduler.step(0.0) == Step(
        (Admit(ONE, 0), Copy(ONE, 2, 0, 40)), (Feed(ONE, 0, 40, 20, sample=True),)
    )


def test_stored_instructions_that_cannot_be_used_are_computed() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(shared(1, stored=True), 0.0)
    scheduler.step(0.0)
    scheduler.restored(b"instructions 40", ok=False)
    assert scheduler.step(0.0).feeds == (Feed(ONE, 0, 0, 60, sample=True),)


def test_what_was_never_used_again_makes_room_first_then_what_was_unused_for_longest() -> None:
    scheduler = Scheduler(10 * BLOCK, 1, kept_slots=3)
    world = Counting(scheduler)
    for id, like in enumerate(("a", "a", "b"), start=1):
        world.arrive(arrival(id, tokens=70, max_tokens=1, like=like, shared=64), float(id))
        world.run(float(id))
    assert set(scheduler.cells.kept) == {b"a 64", b"b 64"}
    scheduler.arrive(arrival(4, tokens=7 * BLOCK), 9.0)
    assert scheduler.step(9.0).moves == (Forget(2), Admit(SequenceId(4), 0))
    assert set(scheduler.cells.kept) == {b"a 64"}


def test_a_request_larger_than_the_context_does_not_fit() -> None:
    assert Scheduler(320, 1).fits(280, 40)
    assert not Scheduler(320, 1).fits(281, 40)


def test_all_are_swapped_out_when_the_model_is_dropped_and_go_on_when_it_is_back() -> None:
    scheduler = Scheduler(1000, 4)
    world = Counting(scheduler)
    for id in range(1, 4):
        world.arrive(arrival(id, tokens=100, max_tokens=9, like="doc", shared=64), 0.0)
    for _ in range(4):
        world.carry_out(scheduler.step(0.0))
    before = world.computed
    world.carry_out(Step(scheduler.suspend()))
    assert (world.slots, scheduler.cells.free) == ({}, scheduler.cells.blocks)
    world.run()
    assert world.computed == 100 + 36 + 36 + 3 * 8 > before


def test_those_with_different_adapters_have_steps_by_turns() -> None:
    scheduler = Scheduler(416, 4)
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
    scheduler = Scheduler(416, 4)
    world = Counting(scheduler)
    world.arrive(arrival(1, adapter="a", tokens=1, max_tokens=100, priority=Priority.LOW), 0.0)
    world.arrive(arrival(2, tokens=1, max_tokens=100, priority=Priority.HIGH), 0.0)
    steps: list[Step] = []
    for _ in range(34):
        steps.append(scheduler.step(0.0))
        world.carry_out(steps[-1])
    assert [sum(feed.id == id for step in steps for feed in step.feeds) for id in (1, 2)] == [2, 32]


# Laws

REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(list(Priority)),
        st.integers(1, 200),  # own tokens of the prompt
        st.integers(1, 60),  # tokens to write
        st.sampled_from([("", 0), ("p", 40), ("q", 90), ("r", 33)]),
        st.booleans(),  # stored
        st.integers(0, 40),  # steps until the next one arrives
        st.sampled_from(["", "", "a", "b"]),  # adapter
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(requests=REQUESTS, slots=st.integers(1, 4), kept_slots=st.integers(0, 3))
def test_every_sequence_ends_with_all_its_tokens_within_the_blocks(
    requests: list[tuple[Priority, int, int, tuple[str, int], bool, int, str]],
    slots: int,
    kept_slots: int,
) -> None:
    scheduler = Scheduler(416, slots, kept_slots)
    world = Counting(scheduler)
    now = 0.0
    for number, (priority, own, writes, (like, length), stored, pause, adapter) in enumerate(requests, 1):
        request = arrival(
            number,
            priority=priority,
            tokens=own + length,
            max_tokens=writes,
            like=like,
            shared=length,
            stored=stored and bool(like),
            adapter=adapter,
        )
        world.arrive(request, now)
        for _ in range(pause):
            world.carry_out(scheduler.step(now), now)
            now += 0.3
    world.run(now)
    assert sorted(world.finished) == list(range(1, len(requests) + 1))


# Five admissions for each of the six that may have waited for longer, of 102 steps at most, and its own age.
LONGEST_WAIT = AGE + QUANTUM + 5 * 7 * 102 * 0.1


@settings(max_examples=40, deadline=None)
@given(
    priority=st.sampled_from(list(Priority)),
    tokens=st.integers(1, 300),
    streams=st.lists(
        st.tuples(
            st.sampled_from(list(Priority)),
            st.integers(1, 150),
            st.integers(1, 100),
            st.sampled_from(["", "a"]),
        ),
        min_size=1,
        max_size=6,
    ),
    slots=st.integers(1, 3),
)
def test_nobody_waits_for_ever_whatever_goes_on_arriving(
    priority: Priority, tokens: int, streams: list[tuple[Priority, int, int, str]], slots: int
) -> None:
    """Each stream has a new request as soon as its last one has ended, so the engine is never free."""
    scheduler = Scheduler(640, slots)
    world = Counting(scheduler)
    now, last, waits = 0.0, 0.0, [0.0]
    numbers = iter(range(2, 1_000_000))
    running: dict[int, SequenceId | None] = dict.fromkeys(range(len(streams)))
    world.arrive(arrival(1, priority=priority, tokens=tokens, max_tokens=30), now)
    while ONE not in world.finished:
        for stream, (other, prompt, writes, adapter) in enumerate(streams):
            if running[stream] is None or running[stream] in world.finished:
                request = arrival(
                    next(numbers), priority=other, tokens=prompt, max_tokens=writes, adapter=adapter
                )
                running[stream] = request.id
                world.arrive(request, now)
        step = scheduler.step(now)
        world.carry_out(step, now)
        if any(feed.id == ONE for feed in step.feeds):
            waits.append(now - last)
            last = now
        now += 0.1
        assert now - last <= LONGEST_WAIT, "it starves"


@settings(max_examples=40, deadline=None)
@given(jobs=st.integers(2, 8), writes=st.integers(1, 200), tokens=st.integers(1, 200))
def test_equals_are_served_equally(jobs: int, writes: int, tokens: int) -> None:
    """Of equal jobs that arrive together none is ahead by more than it takes to read all the prompts."""
    scheduler = Scheduler(8192, jobs)
    world = Counting(scheduler)
    for id in range(1, jobs + 1):
        world.arrive(arrival(id, tokens=tokens, max_tokens=writes), 0.0)
    while scheduler.sequences:
        world.carry_out(scheduler.step(0.0))
        written = [sequence.length for sequence in scheduler.running if sequence.writes]
        assert max(written, default=0) - min(written, default=0) <= jobs * tokens // SHARED_STEP_TOKENS + 1
    assert world.finished == sorted(world.finished), "in the order in which they came"
