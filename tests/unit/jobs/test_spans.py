"""Where values stand in a document, and the currency beside them."""

from __future__ import annotations

import pytest

from semfs.jobs.spans import Place, Span, currency_of, locate
from semfs.jobs.windows import windows
from semfs.model import FileId, Passage, PassageId

TEXT = "Müller  GmbH\nRechnung vom 3. März 2024\nSumme ４２ Stück, 1.234,50 €"


def passage(text: str, *, page: int | None = None, line: int | None = None) -> Passage:
    return Passage(PassageId(1), FileId(1), 0, text, page=page, line=line)


@pytest.mark.parametrize(
    ("value", "type", "span"),
    [
        ("müller gmbh", "text", Span("Müller  GmbH", Place(None, 10, 1))),
        ("2024-03-03", "date", Span("3. März 2024", Place(None, 11, 14))),
        (1234.5, "number", Span("1.234,50", Place(None, 12, 17))),
        (42.0, "number", Span("４２", Place(None, 12, 7))),
        ("Meier", "text", None),
        (7.0, "number", None),
    ],
)
def test_a_value_is_found_where_it_stands(value, type, span) -> None:
    (window,) = windows([passage(TEXT, line=10)])
    assert locate(value, type, window) == span


def test_lines_and_pages_are_those_of_the_passage_that_holds_the_words() -> None:
    one, two = passage("first\npart", line=3), passage("second\nAcme", page=7, line=50)
    (window,) = windows([one, two])
    assert locate("Acme", "text", window) == Span("Acme", Place(7, 51, 1))


def test_a_passage_that_is_cut_keeps_its_lines() -> None:
    text = "\n".join(f"line {number} of words" for number in range(1, 400))
    last = windows([passage(text, line=1)])[-1]
    found = locate("line 399 of words", "text", last)
    assert found is not None
    assert found.place.line == 399


@pytest.mark.parametrize(
    ("value", "text", "code"),
    [
        (1234.5, "Summe 1.234,50 €", "EUR"),
        (5.0, "US$ 5 and 7 €", "USD"),
        (7.0, "US$ 5 and 7 €", "EUR"),
        (500.0, "总计500元", "CNY"),
        (90.0, "CHF 90.–", "CHF"),
        (3.0, "all prices in GBP\nscrew 3", "GBP"),
        (3.0, "3 of 5 €, 4 $", None),
        (3.0, "3 pieces", None),
    ],
)
def test_the_currency_is_beside_the_amount_or_the_only_one(value: float, text: str, code: str | None) -> None:
    assert currency_of(value, text) == code
