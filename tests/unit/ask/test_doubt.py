"""How several weak signs speak for or against an answer."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.ask.doubt import LIKELY, Signs, odds, probability, signs

LIKELIHOODS = st.floats(min_value=-60, max_value=0)


def judged(question: str, sentence: str) -> Signs:
    return signs(question, sentence, sentence, chance=0.0, way_out=-3, wrong=-3)


def test_what_is_as_likely_as_not_has_odds_of_nothing() -> None:
    assert odds(log(0.5)) == pytest.approx(0)
    assert odds(0.0) > 15


@given(LIKELIHOODS, LIKELIHOODS, st.floats(min_value=0.01, max_value=3))
def test_the_likelier_the_model_thought_it_wrong_the_less_likely_it_is(
    way_out: float, wrong: float, more: float
) -> None:
    surer = probability(Signs(way_out, min(0.0, wrong)))
    assert probability(Signs(way_out, min(0.0, wrong + more))) <= surer
    assert probability(Signs(min(0.0, way_out + more), wrong)) <= surer


@pytest.mark.parametrize(
    ("question", "turned"),
    [("Who did not sign?", True), ("Wer hat nicht unterschrieben?", True), ("Who signed?", False)],
)
def test_a_question_that_denies_what_the_sentence_says_is_noticed(question: str, turned: bool) -> None:
    known = judged(question, "Norway and Sweden signed.")
    assert (known.denied, known.reversed) == (turned, turned)


@pytest.mark.parametrize("question", ["How many came at least?", "非洲有多少个不同的国家？"])
def test_a_word_that_only_looks_like_a_denial_is_none(question: str) -> None:
    assert not judged(question, "Norway and Sweden signed.").denied


def test_a_sentence_that_denies_too_is_no_sign() -> None:
    known = judged("Who did not sign?", "Norway never signed.")
    assert (known.denied, known.reversed) == (True, False)


def test_names_of_the_question_are_looked_for_beside_the_answer() -> None:
    asked = "When was the Rumford engine of 1849 patented?"
    assert judged(asked, "The Corliss engine was patented in 1849.").names == 0.5
    assert judged(asked, "The Rumford engine, 1849.").names == 1.0
    assert judged("when was it patented?", "It was.").names == 1.0


def test_the_more_words_of_the_question_a_sentence_has_the_likelier_it_is_meant() -> None:
    asked = "Who designed the library of Harlow?"
    found = [judged(asked, text) for text in ("Ann did.", "Ann designed it.", "Ann designed the library.")]
    assert [known.words for known in found] == [0, 1, 2]
    chances = [probability(known) for known in found]
    assert chances == sorted(chances)


def test_from_a_passage_that_is_less_likely_meant_an_answer_must_be_surer() -> None:
    chances = [probability(Signs(-5, -1.6, words=3, chance=-chance)) for chance in range(4)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > LIKELY > chances[1]
