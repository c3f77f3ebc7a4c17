"""Where the words of an answer stand in their passage."""

from __future__ import annotations

import pytest

from semfs.ask.spans import LONGEST, bare, copied, dated, sentences, support

LEASE = "The deposit is 2,400 euros. It is due on May 1, e.g. by transfer. The rent\nis 900 euros."


def test_sentences_keep_their_words() -> None:
    assert sentences(LEASE) == [
        "The deposit is 2,400 euros.",
        "It is due on May 1, e.g. by transfer.",
        "The rent\nis 900 euros.",
    ]
    assert sentences("租金是三千元。押金是两千元。") == ["租金是三千元。", "押金是两千元。"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ann met Charles W. Eliot.",
        "The U.S. Senate sat.",
        "He (d. 1520) knew St. John.",
        "J. Smith came, Dr. Ito did not.",
        "Er zog am 30. Juni 2024 aus, sie am 1. Juli.",
    ],
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} It rained.") == [sentence, "It rained."]


@pytest.mark.parametrize(
    ("answer", "words"),
    [("2,400 Euros.", "2,400 euros"), ("rent is", "rent\nis"), ("9,999 euros", ""), ("", ""), ("...", "")],
)
def test_the_words_of_an_answer_are_found_as_they_stand_there(answer: str, words: str) -> None:
    assert copied(answer, LEASE) == words


def test_a_quote_is_the_sentence_that_has_the_answer_and_is_about_the_question() -> None:
    text = "Ann came in 1999. Bob was born in 1999. Nobody knows Carl."
    assert support("1999", "When was Bob born?", text).quote == "Bob was born in 1999."
    assert support("900 euros", "What is the rent?", LEASE).quote == "The rent is 900 euros."


def test_a_quote_has_an_answer_that_goes_over_the_end_of_a_sentence() -> None:
    text = "It rained. The play is called Help! Or Not. Ann saw it."
    assert support("Help! Or Not", "What is the play?", text).quote == "The play is called Help! Or Not."


def test_a_very_long_sentence_is_quoted_around_the_answer() -> None:
    text = "so " * 200 + "the key is under the mat " + "and on " * 200
    quoted = support("under the mat", "Where is the key?", text).quote
    assert "under the mat" in quoted
    assert len(quoted) <= LONGEST + 2
    assert quoted.startswith("…") and quoted.endswith("…")


def test_of_no_text_nothing_is_quoted() -> None:
    assert support("a", "b?", "").quote == ""


def test_an_answer_is_checked_with_the_sentence_before_which_says_who_he_is() -> None:
    text = "It rained. Ann came in. She sat down."
    assert support("down", "Where did Ann sit?", text).context == "Ann came in. She sat down."


@pytest.mark.parametrize(
    ("answer", "question", "told"),
    [
        ("By 1979", "By which year did the cars shrink?", "1979"),
        ("in Paris", "Where was it signed?", "Paris"),
        ("im Jahr 1979", "In welchem Jahr endete der Vertrag?", "Jahr 1979"),
        ("before 1979", "When was it built?", "before 1979"),
        ("in principle", "What did they agree to?", "in principle"),
        ("in", "Where?", "in"),
    ],
)
def test_the_preposition_that_a_question_has_is_not_told_again(answer: str, question: str, told: str) -> None:
    assert bare(answer, question) == told


@pytest.mark.parametrize(
    ("question", "sentence", "told"),
    [
        ("When was it?", "Between 24 August – 3 October 1572 many died.", "24 August – 3 October 1572"),
        ("When did it open?", "It opened on 4 May 1572.", "4 May 1572"),
        ("when did it open", "It opened on May 4, 1572.", "May 4, 1572"),
        ("Wann wurde es eröffnet?", "Es wurde am 4. Mai 1572 eröffnet.", "4. Mai 1572"),
        ("When did it open?", "In May they met; in 1572 it opened.", "1572"),
        ("In what year did it open?", "It opened on 4 May 1572.", "1572"),
    ],
)
def test_who_asks_when_is_told_the_day_too(question: str, sentence: str, told: str) -> None:
    assert dated("1572", question, sentence) == told


def test_what_is_no_year_gets_no_date() -> None:
    assert dated("many", "When was it?", "On 4 May 1572 many died.") == "many"
