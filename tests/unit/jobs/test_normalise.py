"""Numbers, dates and names out of what a document wrote."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs.normalise import day, file_name, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,50 €", 1234.5),
        ("$1,234.50", 1234.5),
        ("1 234,50", 1234.5),
        ("CHF 1'234.50", 1234.5),
        ("1,234", 1234.0),
        ("1.234.567", 1234567.0),
        ("12.5", 12.5),
        ("0.125", 0.125),
        ("3,5 %", 3.5),
        ("-12", -12.0),
        ("(12.00)", -12.0),
        ("−7", -7.0),
        ("2 million", 2e6),
        ("3 Mio. €", 3e6),
        ("EUR 90.–", 90.0),
        ("４２", 42.0),
        ("-$5", -5.0),
        ("10-20", 10.0),
        ("(3 hours)", 3.0),
        ("007", 7.0),
        ("2 3", 2.0),
        ("none", None),
        ("", None),
    ],
)
def test_a_number_is_read_in_any_notation(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2023-04-05", "2023-04-05"),
        ("05.04.2023", "2023-04-05"),
        ("5/4/2023", "2023-04-05"),
        ("12/25/2023", "2023-12-25"),
        ("5 April 2023", "2023-04-05"),
        ("April 5th, 2023", "2023-04-05"),
        ("3. März 2024", "2024-03-03"),
        ("1er février 2024", "2024-02-01"),
        ("2024年3月5日", "2024-03-05"),
        ("dated 5.4.23", "2023-04-05"),
        ("31.02.2023", None),
        ("soon", None),
    ],
)
def test_a_date_is_read_in_any_notation(text: str, value: str | None) -> None:
    assert day(text) == value


@given(st.dates(min_value=date(1000, 1, 1)))
def test_an_iso_date_is_kept(value: date) -> None:
    assert day(value.isoformat()) == value.isoformat()


@given(st.floats(min_value=0, max_value=1e9).map(lambda x: round(x, 2)))
def test_both_notations_of_money_mean_the_same(value: float) -> None:
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert number(english) == number(german) == value


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("totals.csv", "totals.csv"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (".bashrc", "bashrc"),
        ("", "result"),
    ],
)
def test_a_name_cannot_leave_its_directory(name: str, safe: str) -> None:
    assert file_name(name) == safe


@given(st.text())
def test_every_name_can_be_created(name: str) -> None:
    safe = file_name(name)
    assert safe and "/" not in safe and "\0" not in safe and not safe.startswith(".")
    assert len(safe.encode()) <= 200
