"""Whether results make sense."""

from __future__ import annotations

import pytest

from semfs.jobs.sandbox import Outcome
from semfs.jobs.sense import decided, emptiness
from semfs.jobs.values import Cell, Column, Rows

GIVEN = Rows((Column("vendor"), Column("amount", "number")), ())


def rows(*names: str, cells: tuple[tuple[Cell, ...], ...]) -> Rows:
    return Rows(tuple(Column(name) for name in names), cells)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (rows("vendor", "total", cells=(("a", 3.0), ("b", None))), ""),
        (rows("vendor", "amount", cells=(("a", None),)), ""),
        (rows("n", cells=((0,),)), ""),
        (rows("vendor", "total", cells=(("a", None), ("b", None))), "nothing was found for total"),
        (
            rows("file", "vendor", "amount", cells=(("f", None, None),)),
            "nothing was found for vendor, amount",
        ),
        (rows("vendor", cells=()), "nothing was found: the SQL gives no rows"),
    ],
)
def test_a_result_without_what_is_asked_for_is_none(found: Rows, said: str) -> None:
    assert emptiness(found, [GIVEN]) == said


SLIP = Outcome("", "NameError: x", "NameError", 1)
REFUSAL = Outcome("", "A is 2x3, B is 2x2", "ValueError", 2, on_purpose=True)


def test_what_most_programs_say_counts_and_slips_do_not() -> None:
    right, other = Outcome("Sum: 129"), Outcome("17")
    assert decided([other, Outcome("129.0"), right], "sum") == Outcome("129.0")
    assert decided([SLIP, other], "sum") == other


def test_where_no_two_agree_the_first_counts() -> None:
    assert decided([Outcome("1"), Outcome("2"), Outcome("3")], "sum") == Outcome("1")


def test_programs_that_refuse_their_input_agree_whatever_their_words() -> None:
    assert decided([Outcome("4"), REFUSAL, Outcome("Error: no match")], "multiply") == REFUSAL


def test_a_division_by_zero_is_of_the_input_only_where_that_names_one() -> None:
    failed = Outcome("", "ZeroDivisionError: division by zero", "ZeroDivisionError", 1)
    assert decided([failed], "12 divided by 0") == failed
    assert decided([failed], "12 divided by 30") is None


def test_programs_that_all_have_slips_decide_nothing() -> None:
    assert decided([SLIP, Outcome("  ")], "sum") is None
