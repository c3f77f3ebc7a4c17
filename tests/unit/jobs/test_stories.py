"""Several solutions of a word problem, and the one that counts."""

from __future__ import annotations

import pytest

from semfs.jobs.stories import ROUNDS, concluded, decided


def test_the_shortest_that_says_what_most_say_counts() -> None:
    assert decided(["4 * 6 = 24\nAnswer: 24", "11", "Apples: 24.0"]) == "Apples: 24.0"


def test_where_none_agree_the_first_counts() -> None:
    assert decided(["Answer: 9", "Left: 11"]) == "Answer: 9"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("3 * 4 = 12\nAnswer: $1,200", "3 * 4 = 12\nAnswer: 1200"),
        ("so \\(\\boxed{64}\\) worms", "so \\(\\boxed{64}\\) worms\nAnswer: 64"),
        ("he has 12, so 9 are left.", "he has 12, so 9 are left.\nAnswer: 9"),
        ("Answer: 7", "Answer: 7"),
        ("Answer: nobody knows", ""),
    ],
)
def test_a_solution_in_words_ends_with_its_answer(written: str, told: str) -> None:
    assert concluded(written) == told


def test_each_round_has_a_program_and_words() -> None:
    assert [sorted({way.computes for way in ways}) for ways in ROUNDS] == [[False, True]] * len(ROUNDS)
