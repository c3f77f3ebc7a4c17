"""What a passage can bear out."""

from __future__ import annotations

import pytest

from semfs.ask.evidence import Evidence, refuses

LEASE = "Deposit. The tenant pays a deposit of 2,400 euros in three instalments. Dogs need consent."


@pytest.mark.parametrize(
    ("statement", "borne_out"),
    [
        ("The deposit is 2,400 euros.", True),
        ("The deposit is 2400 euros.", True),
        ("The deposit is 9,999 euros.", False),
        ("The deposit is 24 euros.", False),
        ("It is paid in three instalments.", True),
        ("It is kept by elephants upon marble floors.", False),
        ("Yes.", True),
        ("The passage does not say.", False),
    ],
)
def test_a_statement_needs_its_numbers_and_words_in_the_passage(statement: str, borne_out: bool) -> None:
    assert Evidence("what is the deposit?", [LEASE]).bears_out(statement, 0) is borne_out


def test_a_number_of_the_question_may_be_repeated() -> None:
    evidence = Evidence("was the deposit of 5,000 euros paid?", [LEASE])
    assert evidence.bears_out("Not 5,000 but 2,400 euros.", 0)


@pytest.mark.parametrize(
    ("question", "borne_out"),
    [
        ("what does the tenant do with the deposit?", False),
        ("does the tenant pay a deposit or a fee?", True),
        ("wer zahlt deposit oder tenant?", True),
        ("what is paid?", True),
    ],
)
def test_words_of_the_question_answer_it_only_where_it_offers_a_choice(
    question: str, borne_out: bool
) -> None:
    text = "The tenant pays the deposit."
    assert Evidence(question, [text]).bears_out("the deposit", 0) is borne_out


@pytest.mark.parametrize(
    ("question", "worth"),
    [
        ("what deposit did we pay for the flat?", True),
        ("what is the melting point of tungsten?", False),
        ("???", True),
    ],
)
def test_a_passage_is_read_only_if_it_has_the_question_s_words(question: str, worth: bool) -> None:
    assert Evidence(question, [LEASE, "The melting snow."]).worth_reading(0) is worth


def test_a_question_in_another_language_is_judged_by_numbers_alone() -> None:
    evidence = Evidence("押金是多少?", [LEASE])
    assert evidence.worth_reading(0)
    assert evidence.bears_out("押金是2,400欧元。", 0)
    assert not evidence.bears_out("押金是9,999欧元。", 0)


@pytest.mark.parametrize(
    "text", ["The files do not say.", "It is not mentioned in the passage.", "NONE", "There is no answer."]
)
def test_a_refusal_is_known_by_what_it_says(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["Nobody is paid.", "It is not far.", "No dogs are allowed."])
def test_a_negative_answer_is_no_refusal(text: str) -> None:
    assert not refuses(text)
