"""From the cells of a CSV file or a sheet to rows with names and types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs.grids import Named, named, typed, united
from semfs.jobs.values import Column, Rows


def test_the_first_full_row_of_words_names_the_columns() -> None:
    grid = [["Budget 2024", "", ""], [], ["Item", "Cost in €", "Cost in €"], ["Rent", 900.0, 12.0]]
    assert named(grid) == Named(("item", "cost_in", "cost_in_2"), (("Rent", 900.0, 12.0),))


def test_a_row_of_years_names_columns_where_figures_stand_below() -> None:
    grid = [["Country", "2019", "2020"], ["France", "1", "2"]]
    assert named(grid).names == ("country", "c_2019", "c_2020")


def test_figures_alone_are_rows_of_columns_without_a_name() -> None:
    assert named([["1", "2"], ["3", "4"]]) == Named(("column_1", "column_2"), (("1", "2"), ("3", "4")))


def test_names_in_other_scripts_are_kept_and_empty_columns_and_rows_left_out() -> None:
    grid = [["商店", "", "Größe"], ["A", "", "1"], ["", "", ""]]
    assert named(grid) == Named(("商店", "größe"), (("A", "1"),))


@pytest.mark.parametrize(
    ("values", "type", "cells"),
    [
        (["1.234,50 €", "12 €"], "number", [1234.5, 12.0]),
        (["1.234", "12,5"], "number", [1234.0, 12.5]),
        (["1.234", "12.5"], "number", [1.234, 12.5]),
        (["$1,200", "($5)", "-"], "number", [1200.0, -5.0, None]),
        (["CHF 1'200", "-3 CHF"], "number", [1200.0, -3.0]),
        (["12%", "3.5 %"], "number", [12.0, 3.5]),
        ([1.0, None, 2.5], "number", [1.0, None, 2.5]),
        (["1 kg", "2 kg"], "text", ["1 kg", "2 kg"]),
        (["12", "about 12"], "text", ["12", "about 12"]),
        (["3. März 2024", "2024-01-05"], "date", ["2024-03-03", "2024-01-05"]),
        (["2024-01-05 10:00", "n/a"], "date", ["2024-01-05", None]),
        (["2003–04", "2004–05"], "text", ["2003–04", "2004–05"]),
        (["1.5", "1.2.3"], "text", ["1.5", "1.2.3"]),
        (["", None], "text", [None, None]),
    ],
)
def test_a_column_has_the_type_that_all_its_cells_have(values, type, cells) -> None:
    assert typed(values) == (type, cells)


def test_tables_are_put_under_one_another_by_the_names_of_their_columns() -> None:
    tables = [
        (("a.csv",), named([["x", "y"], ["1", "2"]])),
        (("b.csv",), named([["y", "file"], ["3", "z"]])),
    ]
    assert united(tables, (Column("file"),)) == Rows(
        (Column("file"), Column("x", "number"), Column("y", "number"), Column("file_2")),
        (("a.csv", 1.0, 2.0, None), ("b.csv", None, 3.0, "z")),
    )


CELLS = st.none() | st.floats() | st.text("0123456789.,'-+ €()%²٣ab\n", max_size=8)
NAMES = st.sampled_from(["a", "A", "a 2", "a_2_2", "file", "file 2", "", None])
GRIDS = st.tuples(st.lists(NAMES, max_size=5), st.lists(st.lists(CELLS, max_size=5), max_size=4))


@given(st.lists(GRIDS, max_size=3))
def test_any_tables_give_rows_whose_columns_differ(grids) -> None:
    rows = united([(("x",), named([head, *below])) for head, below in grids], (Column("file"),))
    assert len({column.name.casefold() for column in rows.columns}) == len(rows.columns)
    assert {len(cells) for cells in rows.cells} <= {len(rows.columns)}
