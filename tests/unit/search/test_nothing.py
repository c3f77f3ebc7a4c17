"""How likely it is that anything was found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.model import FileId, PassageId
from semfs.search.fusion import Match
from semfs.search.nothing import THRESHOLD, Chance, likelihood

# A query of four words against 30,000 passages.
CHANCE = Chance(passages=30_000, weight=28.0, unseen=0.0, mean=0.05, farthest=0.3)


def match(words: float, cosine: float | None) -> Match:
    return Match(PassageId(1), FileId(1), words=words, cosine=cosine)


def test_a_passage_with_the_words_and_the_meaning_is_what_was_asked_for() -> None:
    assert likelihood([match(25.0, 0.6)], CHANCE) > 0.95


def test_a_far_passage_with_one_word_of_four_is_not() -> None:
    assert likelihood([match(7.0, 0.3)], CHANCE) < THRESHOLD


def test_no_passage_is_nothing() -> None:
    assert likelihood([], CHANCE) == 0.0


def test_the_likeliest_passage_counts() -> None:
    good, poor = match(20.0, 0.5), match(5.0, 0.2)
    assert likelihood([poor, good], CHANCE) == likelihood([good], CHANCE)


def test_words_that_stand_nowhere_make_it_less_likely() -> None:
    there, missing = CHANCE, replace(CHANCE, unseen=0.5)
    assert likelihood([match(14.0, 0.4)], missing) < likelihood([match(14.0, 0.4)], there)


def test_the_same_scores_say_less_among_more_passages() -> None:
    few, many = replace(CHANCE, passages=100), CHANCE
    assert likelihood([match(14.0, 0.4)], many) < likelihood([match(14.0, 0.4)], few)


@pytest.mark.parametrize("empty", [Chance(0, 0.0, 0.0, 0.0, 0.0)])
def test_an_empty_index_and_a_query_without_words_are_no_error(empty: Chance) -> None:
    assert 0.0 <= likelihood([match(0.0, None)], empty) <= 1.0


@given(
    words=st.floats(0, 500),
    cosine=st.none() | st.floats(-1, 1),
    chance=st.builds(
        Chance,
        passages=st.integers(0, 10**9),
        weight=st.floats(0, 500),
        unseen=st.floats(0, 1),
        mean=st.floats(-1, 1),
        farthest=st.floats(-1, 1),
    ),
)
def test_it_is_a_probability_that_grows_with_words_and_meaning(
    words: float, cosine: float | None, chance: Chance
) -> None:
    likely = likelihood([match(words, cosine)], chance)
    assert 0.0 <= likely <= 1.0
    if cosine is not None and cosine >= 0:
        assert likelihood([match(words + 1, cosine)], chance) >= likely
        assert likelihood([match(words, min(cosine + 0.1, 1.0))], chance) >= likely
