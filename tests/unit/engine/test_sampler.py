"""The next token is chosen as the request says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from semfs.engine.sampler import CANDIDATES, Logits, NothingFollows, Sampler, Tokens
from semfs.model import Sampling


@dataclass
class Only:
    """A constraint that lets some tokens follow."""

    allowed: set[int]
    accepted: list[int] = field(default_factory=list)

    def allow(self, tokens: Tokens, logits: Logits) -> Logits:
        mask = np.isin(tokens, list(self.allowed))
        return np.where(mask, logits, -np.inf).astype(np.float32)

    def accept(self, token: int) -> None:
        self.accepted.append(token)


LOGITS = np.linspace(0, 10, 1000, dtype=np.float32)


def test_greedy_takes_the_most_likely() -> None:
    assert Sampler(Sampling()).pick(LOGITS) == 999


def test_greedy_takes_the_most_likely_that_the_grammar_allows() -> None:
    assert Sampler(Sampling(), Only({7, 990, 40})).pick(LOGITS) == 990


def test_an_unlikely_token_is_found_when_the_grammar_allows_no_likely_one() -> None:
    assert Sampler(Sampling(), Only({3, 1})).pick(LOGITS) == 3
    assert len(LOGITS) - 3 > CANDIDATES


def test_nothing_follows_where_the_grammar_allows_nothing() -> None:
    with pytest.raises(NothingFollows):
        Sampler(Sampling(), Only(set())).pick(LOGITS)


def test_the_grammar_is_told_what_was_taken() -> None:
    constraint = Only({1})
    Sampler(Sampling(), constraint).accept(1)
    assert constraint.accepted == [1]


def test_a_warm_choice_is_among_the_likely_ones_and_repeats_with_its_seed() -> None:
    def draw(seed: int) -> list[int]:
        sampler = Sampler(Sampling(temperature=0.5, seed=seed))
        return [sampler.pick(np.asarray([0.0, 1.0, 1.1, -9.0], np.float32)) for _ in range(50)]

    assert set(draw(1)) == {0, 1, 2} or set(draw(1)) == {1, 2}
    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_a_warm_choice_obeys_the_grammar() -> None:
    sampler = Sampler(Sampling(temperature=1.0), Only({5}))
    assert {sampler.pick(LOGITS) for _ in range(10)} == {5}


def test_the_way_out_is_never_taken_and_its_likelihood_is_known() -> None:
    logits = np.array([0.0, 2.0, 1.0], np.float32)
    sampler = Sampler(Sampling(), way_out=[1])
    assert sampler.pick(logits) == 2
    assert sampler.out == pytest.approx(2.0 - np.log(1 + np.e + np.e**2))


def test_an_answer_other_than_one_does_not_begin_as_it() -> None:
    sampler = Sampler(Sampling(), other_than=[1])
    assert sampler.pick(np.array([0.0, 2.0, 1.0], np.float32)) == 2
    assert sampler.out is None
    sampler.accept(2)
    assert sampler.pick(np.array([0.0, 2.0, 1.0], np.float32)) == 1


def test_after_the_first_token_the_way_out_is_a_word_like_others() -> None:
    logits = np.array([0.0, 2.0, 1.0], np.float32)
    sampler = Sampler(Sampling(), way_out=[1])
    sampler.accept(sampler.pick(logits))
    assert sampler.pick(logits) == 1
