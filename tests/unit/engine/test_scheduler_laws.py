"""Laws of the scheduler: nobody is lost, nobody starves, equals are served equally."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.counting import Counting, arrival
from semfs.engine.levels import AGE
from semfs.engine.room import Room
from semfs.engine.scheduler import QUANTUM, SHARED_STEP_TOKENS, Scheduler
from semfs.engine.steps import SequenceId
from semfs.model import Priority

ONE = SequenceId(1)

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
@given(requests=REQUESTS, slots=st.integers(1, 4), kept_slots=st.integers(0, 3), burst=st.integers(1, 50))
def test_every_sequence_ends_with_all_its_tokens_within_the_blocks(
    requests: list[tuple[Priority, int, int, tuple[str, int], bool, int, str]],
    slots: int,
    kept_slots: int,
    burst: int,
) -> None:
    scheduler = Scheduler(Room(416, slots, kept_slots), step_tokens=40)
    world = Counting(scheduler, burst=burst)
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
    scheduler = Scheduler.of(640, slots)
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
    scheduler = Scheduler.of(8192, jobs)
    world = Counting(scheduler)
    for id in range(1, jobs + 1):
        world.arrive(arrival(id, tokens=tokens, max_tokens=writes), 0.0)
    while scheduler.room.sequences:
        world.carry_out(scheduler.step(0.0))
        written = [sequence.length for sequence in scheduler.room.running if sequence.writes]
        assert (
            max(written, default=0) - min(written, default=0)
            <= jobs * tokens // (SHARED_STEP_TOKENS - jobs) + 1
        )
    assert world.finished == sorted(world.finished), "in the order in which they came"
