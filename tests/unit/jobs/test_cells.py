"""Where cells stand in their files, and whether they stand there still."""

from __future__ import annotations

import csv
import io

import pytest

from semfs.jobs.cells import COLUMNS, Placed, merged, placed, stands
from semfs.jobs.spans import Place
from semfs.jobs.windows import Window

LINE = (1, "amount", "1200", "/a.txt", None, 3, 9, "1,200.00")


def cell(words: str, *, line: int = 1, at: int = 1) -> Placed:
    return Placed("r, row 1, a", "/a.txt", Place(None, line, at), words)


def window(text: str) -> list[Window]:
    return [Window(text, None, 1, ((0, None, 1),))]


def test_what_is_written_is_read() -> None:
    found, unplaced = placed(merged("", "rows", [LINE, (2, "who", "Anna", "/b.txt", None, None, None, None)]))
    assert found == [Placed("rows, row 1, amount", "/a.txt", Place(None, 3, 9), "1,200.00")]
    assert unplaced == 1


def test_rows_that_are_made_again_take_the_place_of_their_old_cells() -> None:
    text = merged(merged("", "a", [LINE, LINE]), "b", [LINE])
    found, _ = placed(merged(text, "a", [LINE]))
    assert sorted(cell.name for cell in found) == ["a, row 1, amount", "b, row 1, amount"]


def test_words_of_a_document_are_no_formula() -> None:
    text = merged(
        "", "rows", [(1, "who", "=1+1", "/a.txt", None, 1, 1, '=HYPERLINK("http://evil.example/")')]
    )
    text = merged(text, "others", [])
    header, line = csv.reader(io.StringIO(text))
    assert tuple(header) == COLUMNS
    assert (line[3], line[8]) == ("'=1+1", '\'=HYPERLINK("http://evil.example/")')
    assert placed(text)[0][0].words == '=HYPERLINK("http://evil.example/")'


def test_a_negative_number_stays_one() -> None:
    assert "-12.50" in merged("", "rows", [(1, "sum", "-12.50", "/a.txt", None, 1, 1, "-12.50")]).split(",")


def test_a_cell_stands_at_its_place_though_its_words_stand_elsewhere_too() -> None:
    both = window("sum 5\nsum 5")
    assert stands(cell("5", line=2, at=5), both, changed=True) == Place(None, 2, 5)


def test_a_cell_that_moved_is_found_where_it_stands_now() -> None:
    assert stands(cell("Anna", at=6), window("New.\nDear Anna"), changed=True) == Place(None, 2, 6)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("1200", "sum 12000"),
        ("1200", "sum 1200.50"),
        ("200", "sum 1,200"),
        ("Anna", "Dear Annabel"),
        ("5", "none"),
    ],
)
def test_a_cell_is_gone_where_its_words_are_part_of_others(words: str, text: str) -> None:
    assert stands(cell(words), window(text), changed=True) is None


@pytest.mark.parametrize(("words", "text"), [("1200", "EUR 1200."), ("東京", "私は東京都に"), ("5", "(5)")])
def test_a_cell_stands_beside_what_does_not_continue_it(words: str, text: str) -> None:
    assert stands(cell(words), window(text), changed=True) == Place(None, 1, text.index(words) + 1)


def test_in_the_file_that_was_read_any_place_counts() -> None:
    assert stands(cell("invoice"), window("invoices"), changed=False) == Place(None, 1, 1)


@pytest.mark.parametrize("text", ["", "x,y\n", "rows,1,a,1,/a.txt,p,q,r,words\n", '"rows'])
def test_what_is_no_cell_is_passed_over(text: str) -> None:
    assert placed(text)[0] == []
