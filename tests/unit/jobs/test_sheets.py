"""A table's cells as rows that a question can be computed from."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs import sheets
from semfs.jobs.values import Rows


def columns(rows: Rows) -> dict[str, str]:
    return {column.name: column.type for column in rows.columns}


def test_a_column_of_numbers_is_one_whatever_its_separators() -> None:
    rows = sheets.table([["city", "people", "share"], ["Ulm", "126,000", "4.5%"], ["Bonn", "", "12%"]])
    assert columns(rows) == {"row_no": "number", "city": "text", "people": "number", "share": "number"}
    assert rows.cells == ((1, "Ulm", 126000, 4.5), (2, "Bonn", None, 12))


def test_a_few_words_among_numbers_leave_it_a_column_of_numbers() -> None:
    grid = [["name", "points"], *(["a", str(n)] for n in range(9)), ["b", "retired"]]
    assert columns(sheets.table(grid))["points"] == "number"


def test_text_that_begins_with_numbers_or_dates_gives_a_column_to_compute_with() -> None:
    rows = sheets.table(
        [["ship", "weight", "launched"], ["A", "940 tons", "1 May 1942"], ["B", "1,370 tons", "3 June 1943"]]
    )
    assert [record["weight_number"] for record in rows.records()] == [940, 1370]
    assert [record["launched_date"] for record in rows.records()] == ["1942-05-01", "1943-06-03"]
    assert rows.records()[0]["weight"] == "940 tons"


def test_times_of_the_clock_can_be_compared() -> None:
    rows = sheets.table([["who", "time"], ["a", "47:30"], ["b", "1:02:15"], ["c", "retired"]])
    assert [record["time_minutes"] for record in rows.records()] == [47.5, 62.25, None]


def test_both_sides_of_a_score_can_be_computed_with() -> None:
    rows = sheets.table([["result", "years"], ["W 21–7", "1998–2001"], ["L 3 - 13 (a.e.t.)", "2002-03"]])
    assert [record["result_left"] for record in rows.records()] == [21, 3]
    assert [record["result_right"] for record in rows.records()] == [7, 13]
    assert [record["years_left"] for record in rows.records()] == [1998, 2002]


def test_hours_of_the_day_are_no_score() -> None:
    rows = sheets.table([["begin"], ["6:00 PM"], ["11:30 am"]])
    assert "begin_left" not in columns(rows)


def test_names_need_no_quotes_in_sql_and_differ() -> None:
    rows = sheets.table([["Order", "row_no", "c_order"], ["a", "b", "c"]])
    assert [column.name for column in rows.columns] == ["row_no", "c_order", "c_row_no", "c_order_"]


TELLING = st.sampled_from(["a", "a number", "a left", "a date", "5 t", "2-1", "1:30", "2024-01-05"])
GRIDS = st.lists(
    st.lists(st.none() | TELLING | st.text(max_size=8) | st.floats(allow_nan=False), max_size=5), max_size=6
)


@given(GRIDS)
def test_any_grid_gives_rows_whose_columns_differ(grid: list[list[str | float | None]]) -> None:
    rows = sheets.table(grid)
    assert len({column.name for column in rows.columns}) == len(rows.columns)
    assert {len(cells) for cells in rows.cells} <= {len(rows.columns)}


def test_what_is_made_of_a_column_takes_no_name_from_another() -> None:
    rows = sheets.table([["Load", "Load number"], ["5 t", "A"], ["6 t", "B"]])
    assert [column.name for column in rows.columns] == ["row_no", "load", "load_number"]
    assert rows.cells == ((1.0, "5 t", "A"), (2.0, "6 t", "B"))


def test_no_word_that_duckdb_reserves_names_a_column() -> None:
    asked = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    words = [word for (word,) in duckdb.connect().execute(asked).fetchall()]
    named = [sheets.table([[word], ["a"]]).columns[1].name for word in words]
    assert named == [f"c_{word}" for word in words]
