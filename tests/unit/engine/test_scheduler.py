"""The scheduler, driven by lists of events and by made-up traces."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from semfs.engine.scheduler import (
    AGE,
    COURTEOUS_STEP_TOKENS,
    QUANTUM,
    SHARED_STEP_TOKENS,
    STEP_TOKENS,
    Scheduler,
)
from semfs.engine.steps import (
    Admit,
    Arrival,
    Copy,
    Feed,
    Forget,
    Keep,
    Preempt,
    Restore,
    SequenceId,
    Step,
)
from semfs.model import Priority

ONE, TWO, THREE = SequenceId(1), SequenceId(2), SequenceId(3)


def arrival(
    id: int, *, priority: Priority = Priority.NORMAL, tokens: int = 10, max_tokens: int = 10
) -> Arrival:
    return Arrival(SequenceId(id), priority, tokens, max_tokens)


def shared(id: int, *, priority: Priority = Priority.NORMAL, stored: bool = False) -> Arrival:
    return Arrival(SequenceId(id), priority, 60, 10, prefix=b"instructions", prefix_tokens=40, stored=stored)


def sampled(scheduler: Scheduler, step: Step) -> None:
    for feed in step.feeds:
        if feed.sample:
            scheduler.sampled(feed.id)


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


def test_the_prompt_of_a_batch_job_is_read_slowly_while_somebody_at_a_terminal_is_answered() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(arrival(1, priority=Priority.HIGH), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, priority=Priority.LOW, tokens=200), 0.0)
    assert scheduler.step(0.0).feeds[1].count == COURTEOUS_STEP_TOKENS


def test_high_goes_before_normal_before_low_and_first_come_first_served_inside() -> None:
    scheduler = Scheduler(1000, 4)
    for id, priority in enumerate((Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.HIGH), start=1):
        scheduler.arrive(arrival(id, priority=priority), 0.0)
    assert [feed.id for feed in scheduler.step(0.0).feeds] == [3, 4, 2, 1]


def test_whoever_waits_long_counts_as_more_important() -> None:
    scheduler = Scheduler(1000, 1)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 2 * AGE)
    assert scheduler.step(2 * AGE).moves == (Admit(ONE, 0),)


def test_a_request_waits_until_all_the_cells_that_it_may_need_are_free() -> None:
    scheduler = Scheduler(50, 4)
    scheduler.arrive(arrival(1, tokens=20, max_tokens=20), 0.0)
    scheduler.arrive(arrival(2, tokens=10, max_tokens=10), 0.0)
    assert scheduler.step(0.0).moves == (Admit(ONE, 0),)
    assert scheduler.leave(ONE) == 0
    assert scheduler.step(1.0).moves == (Admit(TWO, 0),)


def test_nobody_overtakes_a_large_request_that_waits_for_room() -> None:
    scheduler = Scheduler(50, 4)
    for id, tokens in ((1, 20), (2, 40), (3, 1)):
        scheduler.arrive(arrival(id, tokens=tokens), 0.0)
    scheduler.step(0.0)
    assert [sequence.arrival.id for sequence in scheduler.running] == [ONE]


def test_a_batch_job_is_swapped_out_for_somebody_at_a_terminal_and_comes_back_where_it_was() -> None:
    scheduler = Scheduler(1000, 1)
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    sampled(scheduler, scheduler.step(0.0))
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 1.0)
    assert scheduler.step(1.0).moves == (Preempt(ONE, 0), Admit(TWO, 0))
    scheduler.leave(TWO)
    assert scheduler.step(2.0) == Step((Admit(ONE, 0, swapped=True),), (Feed(ONE, 0, 10, 1, sample=True),))


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
    scheduler.step(2 * AGE)
    scheduler.arrive(arrival(2, priority=Priority.HIGH), 2 * AGE)
    assert scheduler.step(2 * AGE + QUANTUM / 2).moves == ()
    assert scheduler.step(2 * AGE + QUANTUM).moves == (Preempt(ONE, 0), Admit(TWO, 0))


def test_a_prefix_is_computed_once_kept_and_copied() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(shared(1), 0.0)
    scheduler.arrive(shared(2), 0.0)
    step = scheduler.step(0.0)
    assert step.moves == (Admit(ONE, 0),), "the second waits for the prefix"
    assert step.feeds == (Feed(ONE, 0, 0, 40, sample=False),)
    assert step.keeps == (Keep(b"instructions", 0, 2, 40),)
    assert scheduler.step(0.0).moves == (Admit(TWO, 1), Copy(TWO, 2, 1, 40))
    assert scheduler.used == 40 + 2 * 30, "the prefix's cells count once"


def test_if_whoever_computes_a_prefix_leaves_the_next_one_does_it() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(Arrival(ONE, Priority.NORMAL, 300, 10, b"long", 290), 0.0)
    scheduler.arrive(Arrival(TWO, Priority.NORMAL, 300, 10, b"long", 290), 0.0)
    scheduler.step(0.0)
    scheduler.leave(ONE)
    assert scheduler.step(0.0).feeds == (Feed(TWO, 0, 0, STEP_TOKENS, sample=False),)


def test_a_stored_prefix_is_restored_before_the_request_is_admitted() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(shared(1, stored=True), 0.0)
    assert scheduler.step(0.0) == Step((Restore(b"instructions", 2, 40),))
    scheduler.restored(b"instructions", ok=True)
    assert scheduler.step(0.0) == Step(
        (Admit(ONE, 0), Copy(ONE, 2, 0, 40)), (Feed(ONE, 0, 40, 20, sample=True),)
    )


def test_a_stored_prefix_that_cannot_be_used_is_computed() -> None:
    scheduler = Scheduler(1000, 2)
    scheduler.arrive(shared(1, stored=True), 0.0)
    scheduler.step(0.0)
    scheduler.restored(b"instructions", ok=False)
    assert scheduler.step(0.0).feeds == (Feed(ONE, 0, 0, 40, sample=False),)


def test_the_prefix_unused_for_longest_makes_room() -> None:
    scheduler = Scheduler(150, 1, prefix_slots=2)
    for id, name in enumerate((b"a", b"b"), start=1):
        scheduler.arrive(Arrival(SequenceId(id), Priority.NORMAL, 60, 10, name, 50), float(id))
        scheduler.step(float(id))
        scheduler.leave(SequenceId(id))
    scheduler.arrive(arrival(3, tokens=60, max_tokens=30), 3.0)
    assert scheduler.step(3.0).moves == (Forget(1), Admit(THREE, 0))
    assert set(scheduler.prefixes) == {b"b"}


def test_a_request_larger_than_the_context_does_not_fit() -> None:
    assert Scheduler(100, 1).fits(60, 40)
    assert not Scheduler(100, 1).fits(61, 40)


@dataclass
class Model:
    """A model that only counts: it checks every instruction and gives each sequence its tokens."""

    scheduler: Scheduler
    wanted: dict[SequenceId, int] = field(default_factory=dict)
    stored: dict[SequenceId, bool] = field(default_factory=dict)
    slots: dict[int, int] = field(default_factory=dict)  # tokens in each slot
    owners: dict[int, SequenceId] = field(default_factory=dict)
    swapped: dict[SequenceId, int] = field(default_factory=dict)
    finished: list[SequenceId] = field(default_factory=list)

    def carry_out(self, step: Step) -> None:
        for move in step.moves:
            self.make(move)
        for feed in step.feeds:
            assert self.owners[feed.slot] == feed.id
            assert self.slots.get(feed.slot, 0) == feed.start
            assert feed.count > 0
            self.slots[feed.slot] = feed.start + feed.count
        assert len({feed.slot for feed in step.feeds}) == len(step.feeds)
        for keep in step.keeps:
            assert self.slots[keep.slot] >= keep.tokens
            self.slots[keep.prefix_slot] = keep.tokens
        assert self.scheduler.used <= self.scheduler.cells
        for feed in step.feeds:
            if feed.sample:
                self.write(feed)

    def make(self, move: object) -> None:
        match move:
            case Preempt(id, slot):
                assert self.owners.pop(slot) == id
                self.swapped[id] = self.slots.pop(slot, 0)
            case Forget(slot):
                del self.slots[slot]
            case Admit(id, slot, swapped):
                assert slot not in self.owners
                self.owners[slot] = id
                self.slots[slot] = self.swapped.pop(id) if swapped else 0
            case Copy(id, prefix_slot, slot, tokens):
                assert self.owners[slot] == id
                assert self.slots[prefix_slot] == tokens
                self.slots[slot] = tokens
            case Restore(prefix, prefix_slot, tokens):
                ok = len(self.finished) % 2 == 0
                if ok:
                    self.slots[prefix_slot] = tokens
                self.scheduler.restored(prefix, ok=ok)

    def write(self, feed: Feed) -> None:
        self.wanted[feed.id] -= 1
        if self.wanted[feed.id]:
            self.scheduler.sampled(feed.id)
            return
        self.finished.append(feed.id)
        slot = self.scheduler.leave(feed.id)
        assert slot == feed.slot
        del self.owners[slot], self.slots[slot]


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(list(Priority)),
        st.integers(1, 200),  # own tokens of the prompt
        st.integers(1, 60),  # tokens to write
        st.sampled_from([(b"", 0), (b"p", 40), (b"q", 90), (b"r", 33)]),
        st.booleans(),  # stored
        st.integers(0, 40),  # steps until the next one arrives
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(requests=REQUESTS, slots=st.integers(1, 4), prefix_slots=st.integers(0, 3))
def test_every_sequence_ends_with_all_its_tokens_within_the_cells(
    requests: list[tuple[Priority, int, int, tuple[bytes, int], bool, int]], slots: int, prefix_slots: int
) -> None:
    scheduler = Scheduler(400, slots, prefix_slots)
    model = Model(scheduler)
    now = 0.0
    for number, (priority, own, writes, (prefix, length), stored, pause) in enumerate(requests, start=1):
        id = SequenceId(number)
        model.wanted[id] = writes
        scheduler.arrive(
            Arrival(id, priority, own + length, writes, prefix, length, stored and bool(prefix)), now
        )
        for _ in range(pause):
            model.carry_out(scheduler.step(now))
            now += 0.3
    for _ in range(20_000):
        if not scheduler.sequences:
            break
        step = scheduler.step(now)
        assert step.moves or step.feeds, "somebody waits and nothing is done"
        model.carry_out(step)
        now += 0.3
    assert sorted(model.finished) == list(range(1, len(requests) + 1))


def test_a_batch_job_gets_on_under_an_endless_stream_of_important_requests() -> None:
    scheduler = Scheduler(1000, 1)
    model = Model(scheduler)
    model.wanted[ONE] = 10
    scheduler.arrive(arrival(1, priority=Priority.LOW), 0.0)
    for tick in range(4000):
        id = SequenceId(100 + tick)
        model.wanted[id] = 5
        scheduler.arrive(arrival(id, priority=Priority.HIGH), tick * 0.5)
        for part in range(3):
            model.carry_out(scheduler.step(tick * 0.5 + part * 0.1))
        if ONE in model.finished:
            return
    raise AssertionError("the batch job never ended")
