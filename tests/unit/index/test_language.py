from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.index.language import language_of
from semfs.model import Kind

GERMAN = "Die Sitzung beginnt um zehn Uhr, und wir sprechen über die Rechnungen des letzten Jahres."
TEXTS = {
    "de": GERMAN,
    "en": "The meeting begins at ten, and we will talk about the invoices of last year.",
    "fr": "La réunion commence à dix heures et nous parlerons des factures de l'année dernière.",
    "ru": "Собрание начинается в десять часов, и мы поговорим о счетах за прошлый год.",
    "ja": "会議は十時に始まり、去年の請求書について話し合います。",
    "zh": "会议十点开始，我们将讨论去年的发票和今年的预算，请大家准时参加。",
    "no": "Møtet begynner klokken ti, og vi skal snakke om fjorårets fakturaer og hva de kostet.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_text_tells_its_language(language: str) -> None:
    assert language_of(Kind.TEXT, [TEXTS[language]]) == language


def test_the_text_counts_more_than_what_the_word_processor_declares() -> None:
    assert language_of(Kind.DOCUMENT, [GERMAN], declared="en") == "de"


def test_a_declared_language_helps_where_the_text_is_unsure() -> None:
    assert language_of(Kind.TEXT, ["Invoice 17, Paris, 2023"]) == ""
    assert language_of(Kind.TEXT, ["Invoice 17, Paris, 2023"], declared="en") == "en"
    assert language_of(Kind.TEXT, ["Invoice 17, Paris, 2023"], declared="ja") == ""


@pytest.mark.parametrize("text", ["", "17 4 2024-03-01", "a;b;c\n1;2;3\n4;5;6", "x" * 200, "\0\ufffe\ud800"])
def test_what_is_no_prose_has_no_language(text: str) -> None:
    assert language_of(Kind.DATA, [text]) == ""


def test_a_program_has_no_language() -> None:
    assert language_of(Kind.CODE, ["# " + TEXTS["en"]]) == ""


def test_most_of_a_long_text_decides() -> None:
    assert language_of(Kind.TEXT, [TEXTS["en"], *[GERMAN] * 50]) == "de"


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    assert len(language_of(Kind.TEXT, [text])) in (0, 2)
