"""What a request gives reason for."""

from __future__ import annotations

import pytest

from semfs.plan.evidence import KIND_WORDS, evidence, offered
from semfs.plan.grammar import gbnf
from semfs.plan.operators import OPERATORS


@pytest.mark.parametrize(
    ("request_text", "options", "kinds"),
    [
        ("which of the letters ask for money?", set(), ()),
        ("total of the 2023 invoices by vendor", {"when"}, ()),
        ("list all PDFs about tax", {"kind"}, ("pdf",)),
        ("summarize the meeting notes from last month", {"when"}, ()),
        ("which spreadsheets are larger than 1 MB?", {"kind", "size"}, ("spreadsheet",)),
        ("emails and slides in the work folder", {"kind", "folder"}, ("presentation", "email")),
        ("列出所有关于税务的PDF", {"kind"}, ("pdf",)),
        ("每个供应商2023年发票的总金额", {"when"}, ()),
        ("Rechnungen seit März", {"when"}, ()),
        ("Verträge vor dem 1.5.2023", {"when"}, ()),
        ("Summe der Beträge nach Anbieter", set(), ()),
        ("Bis zu welchem Betrag ist Einbruch versichert?", set(), ()),
    ],
)
def test_options_are_offered_for_a_reason(
    request_text: str, options: set[str], kinds: tuple[str, ...]
) -> None:
    seen = evidence(request_text)
    assert (set(seen.options), seen.kinds) == (options, kinds)


def test_the_grammar_has_only_what_is_offered() -> None:
    grammar = gbnf(offered(OPERATORS, evidence("list all PDFs about tax")))
    assert '"find(" text-0-80 (", kind=" ("\\"pdf\\""))? ")"' in grammar


@pytest.mark.parametrize(
    ("request_text", "there"),
    [
        ('translate "Good morning" into Spanish', False),
        ("fasse die Notizen zusammen", False),
        ("which weekday is Christmas?", True),
        ("average of the 3 last offers", True),
        ("计算平均值", True),
    ],
)
def test_a_program_is_offered_for_numbers_and_words_of_computing(request_text: str, there: bool) -> None:
    assert ("python(" in gbnf(offered(OPERATORS, evidence(request_text)))) == there


def test_every_kind_that_find_takes_has_its_words() -> None:
    find = next(item for item in OPERATORS if item.name == "find")
    kind = find.parameter("kind")
    assert kind is not None
    assert set(kind.choices) == set(KIND_WORDS)


@pytest.mark.parametrize(
    ("request_text", "there"),
    [
        ('translate "Good morning" into Spanish', True),
        ("translate into German: the train is late", True),
        ("übersetze „Guten Morgen“ ins Englische", True),
        ("translate the lease into German", False),
        ("don't summarize Anna's notes", False),
    ],
)
def test_a_text_of_the_request_itself_is_seen(request_text: str, there: bool) -> None:
    assert evidence(request_text).quotes == there


@pytest.mark.parametrize(
    ("request_text", "fit"),
    [
        ("what deposit did we pay for the flat?", {"answer"}),
        ("who decides on a PEP?", {"answer"}),
        ("Wer hat den Vertrag unterschrieben?", {"answer"}),
        ("这份合同是谁写的？", {"answer"}),
        ("which of the letters ask for money?", {"keep"}),
        ("这些信里哪些是要钱的？", {"keep"}),
        ("summarize the notes", {"keep", "summarize"}),
        ("fasse die Notizen zusammen", {"keep", "summarize"}),
        ("what is the total of the invoices by vendor?", {"answer", "keep", "summarize", "extract", "table"}),
        ("what a mess", {"answer", "keep", "summarize", "extract", "table"}),
        ("how many files mention Python 3?", {"answer", "keep", "summarize", "extract", "table"}),
    ],
)
def test_what_does_not_serve_a_plain_wish_is_not_offered(request_text: str, fit: set[str]) -> None:
    names = {item.name for item in offered(OPERATORS, evidence(request_text))}
    assert names & {"answer", "keep", "summarize", "extract", "table"} == fit


@pytest.mark.parametrize(
    "request_",
    [
        "compute which weekday 1969-07-20 was",
        "which date is 90 days after 2024-02-10?",
        "Berechne, welcher Wochentag der 3. Oktober 2023 war",
        "compute the sum of the first 10 prime numbers",
        "2024年3月1日是星期几?",
    ],
)
def test_dates_and_orders_with_their_own_numbers_are_computed(request_: str) -> None:
    assert evidence(request_).computes


@pytest.mark.parametrize("request_", ["calculate the total of the 12 invoices", "compute the costs of 2023"])
def test_an_order_about_files_is_not_computed_from_itself(request_: str) -> None:
    assert not evidence(request_).computes


@pytest.mark.parametrize(
    "request_",
    [
        "which payment provider did we choose?",
        "Welche Kaution zahlen wir?",
        "新店的租金是多少?",
        "Wie hoch ist die Miete?",
    ],
)
def test_a_question_for_one_thing_is_answered(request_: str) -> None:
    assert "extract" in evidence(request_).unfit


@pytest.mark.parametrize(
    ("request_", "compared"),
    [
        ("which invoices are over 1000 euros?", True),
        ("Welche Rechnungen liegen über 500 €?", True),
        ("超过500元的发票", True),
        ("PDFs over 1 MB", False),
        ("letters over 20 years old", False),
    ],
)
def test_amounts_are_compared_by_sql_not_by_reading(request_: str, compared: bool) -> None:
    assert ("keep" in evidence(request_).unfit) == compared


def test_a_question_for_several_chooses_among_files() -> None:
    assert "keep" not in evidence("which invoices are not paid?").unfit
