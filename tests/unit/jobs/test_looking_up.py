"""What is told of what a SELECT finds."""

from __future__ import annotations

import pytest

from semfs.jobs import sheets
from semfs.jobs.looking_up import asked_for, described, fits, question, samplings
from semfs.jobs.values import Cell, Column, Rows

TABLE = sheets.table(
    [
        ["Year", "Venue"],
        ["1998", "Oslo"],
        ["1999", "Doha"],
        ["2001", "Rome"],
        ["2003", "Lima"],
        ["2004", "Bonn"],
    ]
)


def found(type: str, *rows: tuple[Cell, ...]) -> Rows:
    return Rows(tuple(Column(f"c{place}", type) for place in range(len(rows[0]))), rows)


CITIES = found("text", ("Oslo", 3), ("Doha", 2), ("Oslo", 1))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("list the venues", ("Oslo", "Doha")),
        ("which venue and how often", ("Oslo, 3", "Doha, 2", "Oslo, 1")),
        ("how many venues are there?", ("3",)),
        ("which was the first venue?", ("Oslo",)),
        ("which was the last venue?", ("Doha",)),
    ],
)
def test_the_cells_that_are_asked_for_are_told(asked: str, told: tuple[str, ...]) -> None:
    assert asked_for(asked, CITIES) == told


def test_a_difference_has_no_sign_and_a_truth_is_a_word() -> None:
    assert asked_for("what is the difference?", found("number", (-3.0,))) == ("3",)
    assert asked_for("was it higher in Oslo?", found("text", (True,))) == ("yes",)


@pytest.mark.parametrize(
    ("asked", "lines", "fit"),
    [
        ("how many games were there?", ("7",), True),
        ("how many games were there?", ("7", "9"), False),
        ("how many years?", ("5 years",), True),
        ("who won?", ("12",), False),
        ("who won?", ("Ann", "Ben"), True),
        ("which year?", ("1998",), True),
    ],
)
def test_an_answer_of_another_form_does_not_fit(asked: str, lines: tuple[str, ...], fit: bool) -> None:
    assert fits(asked, lines) is fit


def test_of_a_column_a_few_cells_are_shown_and_those_that_the_question_names() -> None:
    assert described("what was in Bonn?", TABLE).endswith("venue text: Oslo; Doha; Rome; Bonn")
    assert question("what was in Bonn?", TABLE).user.endswith("\nQuestion: what was in Bonn?")


def test_only_columns_that_the_table_has_can_be_written() -> None:
    greedy, *others = samplings(TABLE)
    assert greedy.grammar.endswith('column ::= "row_no" | "year" | "venue"')
    assert {other.grammar for other in others} == {greedy.grammar}
