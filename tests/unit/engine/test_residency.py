"""Which models are in memory and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from semfs.engine.levels import queue_of
from semfs.engine.residency import LEAST, PATIENCE, TURN, Drop, Load, Residency, Want
from semfs.engine.turns import COSTS
from semfs.model import Priority

BATCH, INTERACTIVE = 6, 0  # queues


def settled(residency: Residency, wants: Mapping[str, Want], now: float) -> list[Load | Drop]:
    """Carry out what is decided until nothing more is."""
    moves = []
    while move := residency.decide(wants, now):
        moves.append(move)
        if isinstance(move, Load):
            residency.load(move.model, wants[move.model].bytes, now)
        else:
            residency.drop(move.model)
    return moves


def test_models_lie_side_by_side_as_long_as_they_fit() -> None:
    residency = Residency(10, 300)
    assert settled(residency, {"a": Want(4, BATCH, 0), "b": Want(6, BATCH, 0)}, 0) == [Load("a"), Load("b")]


def test_a_model_larger_than_the_budget_is_loaded_alone() -> None:
    residency = Residency(10, 300)
    settled(residency, {"a": Want(4, BATCH, 0)}, 0)
    assert settled(residency, {"large": Want(20, BATCH, 0)}, 1) == [Drop("a"), Load("large")]


def test_what_nobody_uses_goes_first_the_one_unused_for_longest_before() -> None:
    residency = Residency(10, 300)
    settled(residency, {"a": Want(4, BATCH, 0)}, 0)
    settled(residency, {"b": Want(4, BATCH, 0)}, 1)
    assert settled(residency, {"c": Want(4, BATCH, 0)}, 2) == [Drop("a"), Load("c")]


def test_a_batch_job_waits_for_the_turn_of_its_equal_to_end() -> None:
    residency = Residency(10, 300)
    wants = {"a": Want(8, BATCH, 0), "b": Want(8, BATCH, 1)}
    assert settled(residency, wants, 0) == [Load("a")]
    assert settled(residency, wants, TURN - 1) == []
    assert settled(residency, wants, TURN) == [Drop("a"), Load("b")]


def test_somebody_at_a_terminal_waits_no_longer_than_the_shortest_turn() -> None:
    residency = Residency(10, 300)
    settled(residency, {"a": Want(8, BATCH, 0)}, 0)
    wants = {"a": Want(8, BATCH, 0), "b": Want(8, INTERACTIVE, 1)}
    assert settled(residency, wants, LEAST - 1) == []
    assert settled(residency, wants, LEAST) == [Drop("a"), Load("b")]
    assert residency.swaps == 1


def test_nothing_is_dropped_for_a_model_that_would_not_fit_even_then() -> None:
    residency = Residency(10, 300)
    settled(residency, {"a": Want(5, INTERACTIVE, 0), "b": Want(5, BATCH, 0)}, 0)
    wants = {"a": Want(5, INTERACTIVE, 0), "b": Want(5, BATCH, 0), "c": Want(8, BATCH, 0)}
    assert settled(residency, wants, 20) == []


def test_a_model_that_nobody_used_for_long_is_dropped_while_another_goes_on() -> None:
    residency = Residency(10, 300)
    settled(residency, {"a": Want(4, BATCH, 0), "b": Want(4, BATCH, 0)}, 0)
    assert settled(residency, {"a": Want(4, BATCH, 0)}, 299) == []
    assert settled(residency, {"a": Want(4, BATCH, 0)}, 300) == [Drop("b")]


def test_side_by_side_the_more_important_has_most_steps_and_the_other_is_not_forgotten() -> None:
    residency = Residency(10, 300)
    wants = {"a": Want(4, INTERACTIVE, 0), "b": Want(4, BATCH, 0)}
    settled(residency, wants, 0)
    turns = [residency.turn(wants, 0) for _ in range(170)]
    assert turns.count("a") == 16 * turns.count("b")


def test_a_model_that_was_idle_has_no_claim_to_make_up_for_it() -> None:
    residency = Residency(10, 300)
    wants = {"a": Want(4, BATCH, 0), "b": Want(4, BATCH, 0)}
    settled(residency, wants, 0)
    for _ in range(1000):
        residency.turn({"a": wants["a"]}, 0)
    turns = [residency.turn(wants, 0) for _ in range(10)]
    assert turns.count("b") <= 6


@settings(max_examples=60, deadline=None)
@given(
    models=st.lists(st.tuples(st.integers(1, 12), st.sampled_from(list(Priority))), min_size=1, max_size=5),
    budget=st.integers(6, 12),
)
def test_every_model_that_is_wanted_has_steps_and_the_budget_holds(
    models: list[tuple[int, Priority]], budget: int
) -> None:
    """All are wanted all the time."""
    residency = Residency(budget, 300)
    last = dict.fromkeys(map(str, range(len(models))), 0.0)
    longest = PATIENCE + 2 * len(models) * TURN + sum(COSTS)
    for tick in range(2 * int(longest)):
        now = float(tick)
        wants = {
            name: Want(size, queue_of(priority, served=0, waited=now - last[name]), last[name])
            for name, (size, priority) in zip(last, models, strict=True)
        }
        settled(residency, wants, now)
        assert len(residency.loaded) == 1 or residency.used <= budget
        name = residency.turn(wants, now)
        assert name is not None
        last[name] = now
        assert now - min(last.values()) <= longest
