"""Which of several results counts."""

from __future__ import annotations

import pytest

from semfs.jobs.voting import agreed, most_common, value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Left: 27.0 apples", "27"),
        ("1,250 of 3", "3"),
        ("0.1 + 0.2 = 0.30000000000000004", "0.3"),
        ("Yes ", "yes"),
    ],
)
def test_a_result_says_its_last_number(text: str, said: str) -> None:
    assert value(text) == said


def test_what_most_say_counts_in_the_words_of_the_first_that_says_it() -> None:
    assert most_common(["eggs: 11", "left: 9.0", "9 are left"], value) == "left: 9.0"


def test_where_none_agree_the_first_counts() -> None:
    assert most_common(["11", "9", "7"], value) == "11"


def test_one_result_agrees_with_nobody() -> None:
    assert not agreed(["9"])
    assert agreed(["9", "nine: 9.0"])
    assert not agreed(["9", "9", "8"])
