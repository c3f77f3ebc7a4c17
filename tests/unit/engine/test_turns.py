"""Steps are shared among groups by how important they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.engine.turns import COSTS, Turns


def test_equals_alternate() -> None:
    turns = Turns()
    assert [turns.take({"a": 1, "b": 1}) for _ in range(4)] == ["a", "b", "a", "b"]


def test_whoever_was_away_has_saved_nothing() -> None:
    turns = Turns()
    for _ in range(100):
        turns.take({"a": 1})
    assert [turns.take({"a": 1, "b": 1}) for _ in range(4)].count("b") == 2


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3), min_size=2), st.integers(1, 300))
def test_steps_are_shared_by_weight_within_one_step_of_the_least_important(
    groups: dict[str, int], steps: int
) -> None:
    turns = Turns()
    costs = {name: COSTS[min(priority, len(COSTS) - 1)] for name, priority in groups.items()}
    spent = dict.fromkeys(groups, 0)
    for _ in range(steps):
        chosen = turns.take(groups)
        spent[chosen] += costs[chosen]
    assert max(spent.values()) - min(spent.values()) <= max(costs.values())
