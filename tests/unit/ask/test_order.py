"""Which passage a question is about."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.ask.order import chances, close, without

SCORES = st.lists(st.floats(0.0, 50.0), max_size=6)


@given(SCORES, st.data())
def test_chances_are_of_one_passage_among_all(scores: list[float], data: st.DataObject) -> None:
    one = st.none() | st.floats(-300.0, 0.0)
    heard = data.draw(st.lists(one, min_size=len(scores), max_size=len(scores)))
    found = chances(scores, heard)
    assert len(found) == len(scores)
    assert not found or sum(map(math.exp, found)) == pytest.approx(1.0)


def test_a_better_score_and_a_likelier_question_raise_the_chance() -> None:
    first, second = chances([11.0, 10.0], [None, None])
    assert first > second
    assert chances([11.0, 10.0], [-30.0, -20.0])[1] > math.log(0.9)
    assert chances([11.0, 10.0], [-20.0, -30.0])[0] > math.log(0.9)


def test_a_passage_that_was_not_asked_about_has_no_advantage() -> None:
    assert chances([10.0, 10.0, 6.0], [-20.0, -30.0, None])[2] < chances([10.0, 6.0], [None, None])[1]


def test_what_says_nothing_leaves_its_chance_to_the_others() -> None:
    first, second = chances([10.0, 9.0], [None, None])
    assert without(second, math.exp(first)) == pytest.approx(0.0)
    assert without(second, 0.0) == second
    assert without(second, 1.0) == 0.0


def test_only_what_is_near_the_best_is_close() -> None:
    assert close([12.0, 9.5, 9.3, 9.2]) == [0, 1, 2]
    assert close([12.0, 9.0]) == close([12.0]) == close([]) == []
