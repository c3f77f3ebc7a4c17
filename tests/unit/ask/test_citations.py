from __future__ import annotations

import pytest

from semfs.ask.citations import Citer

PASSAGES = (
    "The steering council has five members, elected after each release.",
    "A delegate may decide on a proposal in the council's place.",
    "Lunch costs 12 euros and is served from noon.",
)


def told(question: str, *pieces: str, passages: tuple[str, ...] = PASSAGES) -> str:
    citer = Citer(question, passages)
    return "".join([text for piece in pieces for text in citer.feed(piece)] + list(citer.finish()))


def test_the_model_s_numbers_are_kept_and_put_behind_the_statement() -> None:
    assert told("who?", "The council has [1] five members.") == "The council has five members. [1]"


def test_a_number_that_is_no_passage_is_removed() -> None:
    assert told("who?", "The council has five members. [7]") == "The council has five members. [1]"


def test_a_statement_without_a_number_gets_that_of_the_passage_with_its_words() -> None:
    assert told("price?", "Lunch is served from noon.") == "Lunch is served from noon. [1]"


def test_sources_are_numbered_in_the_order_in_which_they_are_cited() -> None:
    citer = Citer("who?", PASSAGES)
    text = "".join(
        [*citer.feed("Lunch costs 12 euros. [3] The council has five members. [1]"), *citer.finish()]
    )
    assert text == "Lunch costs 12 euros. [1] The council has five members. [2]"
    assert citer.cited == [2, 0]


def test_several_numbers_in_one_bracket_are_told_apart() -> None:
    answer = told("who?", "A delegate or the council may decide. [1, 2]")
    assert answer == "A delegate or the council may decide. [1][2]"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what does lunch cost?", "Lunch costs 99 euros. [3]"),
        ("what is the capital of France and its council?", "The capital of France is Paris. [1]"),
        ("who?", "Bananas grow upon tropical plants everywhere."),
    ],
)
def test_a_statement_that_no_passage_bears_out_is_left_out(question: str, answer: str) -> None:
    assert told(question, answer) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "The files do not say.",
        "The files do not say. [1]",
        "The passages do not mention this.",
        "The provided documents do not contain any information.",
        "The price of the lunch is not mentioned in the given passages. [1]",
        "There is no information about five members in the passages.",
        "The passages don't say anything about the council.",
    ],
)
def test_a_refusal_is_noticed_and_not_repeated(answer: str) -> None:
    citer = Citer("who?", PASSAGES)
    assert ([*citer.feed(answer), *citer.finish()], citer.refused) == ([], True)


def test_a_number_before_a_statement_is_taken_for_it() -> None:
    assert told("price?", "[3] Lunch costs 12 euros.") == "Lunch costs 12 euros. [1]"


def test_statements_come_as_soon_as_they_are_whole() -> None:
    citer = Citer("who?", PASSAGES)
    assert list(citer.feed("The council has five members. ")) == []
    assert list(citer.feed("[1] Lunch")) == ["The council has five members. [1]"]
    assert list(citer.feed(" is served from noon.")) == []
    assert list(citer.finish()) == [" Lunch is served from noon. [2]"]


def test_each_line_of_a_list_is_a_statement() -> None:
    answer = told("who?", "- five members, elected\n- a delegate may decide\n")
    assert answer == "- five members, elected [1]\n- a delegate may decide [2]\n"


def test_a_bare_yes_is_believed_with_its_number() -> None:
    assert told("may a delegate decide?", "Yes. [2]") == "Yes. [1]"


def test_an_answer_in_another_language_goes_by_the_model_s_numbers() -> None:
    answer = told("Wie viele Mitglieder gibt es?", "Der Rat hat mehrere Mitglieder. [1]")
    assert answer == "Der Rat hat mehrere Mitglieder. [1]"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_how_the_text_is_cut_up_changes_nothing(size: int) -> None:
    text = (
        "The council has five members [1]. Lunch costs 12 euros. [3] A delegate may decide, e.g. on this [2]."
    )
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert told("who?", *pieces) == told("who?", text)
