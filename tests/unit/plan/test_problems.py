"""Which requests are word problems, which need nothing but themselves."""

from __future__ import annotations

import pytest

from semfs.plan.plain import is_problem


@pytest.mark.parametrize(
    "request_text",
    [
        "Ann has 12 apples and buys 3 bags of 4. How many has she now?",
        "It takes Ben 6 hours to walk around a lake and Eva 3 hours. If Ben walks at 4 km/h, what speed"
        " does Eva run at?",
        "A shop had 40 pounds of rice. It sold 70% of it in two days, calculate the amount that is left.",
        "Ein Zug hat 8 Wagen mit je 64 Plätzen. 350 Leute steigen ein. Wie viele Plätze bleiben frei?",
        "商店有120个苹果，上午卖出三分之一，下午又卖出35个。还剩多少个苹果？",
    ],
)
def test_a_story_with_quantities_that_asks_for_one_is_a_problem(request_text: str) -> None:
    assert is_problem(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "The two invoices of 2023 and three receipts. How much is it?",
        "how many days are there from 2024-01-15 to 2024-03-01?",
        "Two matrices A=[[1,2],[3,4]] and B=[[5,6],[7,8]]. What is the sum of 2 A and 3 B?",
        "find the three newest letters; put the 5 largest of them first",
    ],
)
def test_what_asks_for_files_or_is_a_plain_sum_is_none(request_text: str) -> None:
    assert not is_problem(request_text)
