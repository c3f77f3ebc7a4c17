"""SQL compared with what really stands in the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs import sheets
from semfs.jobs.grounding import grounded

TABLE = sheets.table(
    [
        ["Venue", "Result", "Height", "Points"],
        ["Oslo, Norway", "1st", "10 m", "7"],
        ["Doha, Qatar", "2nd", "9 m", "4"],
        ["Mauer's Park (Ulm)", "W", "11 m", "5"],
    ]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("venue = 'norway'", "venue ILIKE '%norway%'"),
        ("result = 'w'", "result ILIKE 'w'"),
        ("lower(venue) != 'Qatar'", "venue NOT ILIKE '%Qatar%'"),
        ("result ILIKE '%oslo%'", "venue ILIKE '%oslo%'"),
        ("venue LIKE 'Ulm Mauer''s park'", "venue ILIKE 'Mauer''s Park (Ulm)'"),
        ("venue ILIKE '%oslo%norway%'", "venue ILIKE '%oslo%norway%'"),
        ("venue ILIKE '%lima%'", "venue ILIKE '%lima%'"),
        ("points = '7'", "points = '7'"),
    ],
)
def test_a_text_is_compared_with_the_cells_that_are_meant(written: str, meant: str) -> None:
    assert grounded(f"SELECT a FROM t WHERE {written}", TABLE) == f"SELECT a FROM t WHERE {meant}"


def test_a_cell_is_given_as_it_stands_and_not_what_was_computed_from_it() -> None:
    assert (
        grounded("SELECT height_number FROM t ORDER BY height_number LIMIT 1", TABLE)
        == "SELECT height FROM t ORDER BY height_number LIMIT 1"
    )
    assert grounded("SELECT sum(height_number) FROM t", TABLE) == "SELECT sum(height_number) FROM t"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "SELECT venue FROM t ORDER BY height DESC LIMIT 1",
            "SELECT venue FROM t ORDER BY height_number DESC LIMIT 1",
        ),
        ("SELECT sum(height) FROM t", "SELECT sum(height_number) FROM t"),
        ("SELECT venue FROM t WHERE height >= 10", "SELECT venue FROM t WHERE height_number >= 10"),
        ("SELECT venue FROM t WHERE points > 4", "SELECT venue FROM t WHERE points > 4"),
    ],
)
def test_a_text_that_begins_with_a_number_is_computed_with_as_one(written: str, meant: str) -> None:
    assert grounded(written, TABLE) == meant


def test_of_two_that_no_row_is_both_of_each_is_looked_for() -> None:
    assert (
        grounded("SELECT sum(points) FROM t WHERE venue ILIKE '%oslo%' AND venue ILIKE '%doha%'", TABLE)
        == "SELECT sum(points) FROM t WHERE (venue ILIKE '%oslo%' OR venue ILIKE '%doha%')"
    )
    both = "SELECT points FROM t WHERE venue ILIKE '%oslo%' AND venue ILIKE '%norway%'"
    assert grounded(both, TABLE) == both


def test_a_column_less_itself_is_the_difference_of_two_rows() -> None:
    assert (
        grounded("SELECT points - points FROM t WHERE venue ILIKE '%oslo%' AND venue ILIKE '%doha%'", TABLE)
        == "SELECT (SELECT points FROM t WHERE venue ILIKE '%oslo%' LIMIT 1)"
        " - (SELECT points FROM t WHERE venue ILIKE '%doha%' LIMIT 1)"
    )


@given(st.text(max_size=30))
def test_sql_stays_as_it_is_from_the_second_time_on(text: str) -> None:
    quoted = text.replace("'", "''")
    once = grounded(f"SELECT venue FROM t WHERE venue = '{quoted}'", TABLE)
    assert grounded(once, TABLE) == once
