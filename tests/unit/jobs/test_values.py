"""A value survives being kept, and is written in the form that was asked for."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs.operators.forms import as_csv, as_markdown, coverage, shown_cell, with_sources
from semfs.jobs.values import Column, Files, Nothing, Rows, Text, Value, dump, load
from semfs.model import Source
from semfs.store.state import SourceRow

CELLS = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.one_of(
    st.lists(st.text()).map(lambda paths: Files(tuple(paths))),
    st.lists(st.tuples(CELLS, CELLS)).map(lambda c: Rows((Column("a"), Column("b", "number")), tuple(c))),
    st.text().map(lambda text: Text(text, (Source("/x", b"\1", 3, None, "q"),), True)),
    st.just(Nothing()),
)


@given(VALUES)
def test_a_kept_value_comes_back_equal(value: Value) -> None:
    assert load(dump(value)) == value


def test_a_path_that_is_not_utf8_is_kept() -> None:
    assert load(dump(Files(("/\udcff",)))) == Files(("/\udcff",))


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match="not a value"):
        load("[1]")


def test_csv_can_be_read_back_and_runs_no_formula() -> None:
    rows = Rows((Column("a"), Column("n", "number")), (('x, "y"\nz', 12.0), ("=cmd()", -0.5), (None, None)))
    assert list(csv.reader(io.StringIO(as_csv(rows)))) == [
        ["a", "n"],
        ['x, "y"\nz', "12"],
        ["'=cmd()", "-0.5"],
        ["", ""],
    ]


def test_a_markdown_table_has_one_line_a_row() -> None:
    rows = Rows((Column("a"),), (("x|y\nz",),))
    assert as_markdown(rows) == "| a |\n| --- |\n| x\\|y z |\n"


@pytest.mark.parametrize(("value", "words"), [(3.0, "3"), (0.1 + 0.2, "0.3"), (1e20, "1e+20"), (None, "")])
def test_cells_are_shown_as_people_write_them(value: float | None, words: str) -> None:
    assert shown_cell(value) == words


def test_a_text_names_its_sources_and_its_coverage() -> None:
    text = Text("It is so [1].", (Source("/a.pdf", b"", 3, None),))
    said = coverage([SourceRow(Source("/a.pdf", b"x")), SourceRow(Source("/b", b""), "it holds no text")])
    assert with_sources(text, said) == (
        "It is so [1].\n\nSources:\n[1] /a.pdf, page 3\n\n"
        "1 of 2 files read, 1 skipped (it holds no text: 1).\n"
    )
