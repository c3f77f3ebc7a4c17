from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.model import Filters, Kind, Query
from semfs.search.query import parse

NOW = datetime(2025, 6, 18, 14, 30)
Y2023 = Filters(since=datetime(2023, 1, 1).timestamp(), until=datetime(2024, 1, 1).timestamp())


def understood(text: str) -> Query:
    return parse(text, now=NOW, is_folder=lambda name: name == "archive")


@pytest.mark.parametrize(
    ("text", "left", "notes"),
    [
        ("PDFs from 2023", "", ["from 2023: 2023-01-01 to 2024-01-01", "PDFs: kind pdf"]),
        (
            "invoices from Anna last March over 1 MB",
            "invoices from Anna",
            ["over 1 MB: at least 1000000 bytes", "last March: 2025-03-01 to 2025-04-01"],
        ),
        ("pdf invoices from 2024", "invoices", ["from 2024: 2024-01-01 to 2025-01-01", "pdf: kind pdf"]),
        ("PDFs about tax before 2020", "tax", ["before 2020: before 2020-01-01", "PDFs: kind pdf"]),
        ("photos from summer 2023", "", ["from summer 2023: 2023-06-01 to 2023-09-01", "photos: kind image"]),
        ("photos 2023", "", ["photos: kind image", "2023: 2023-01-01 to 2024-01-01"]),
        ("budget spreadsheets", "budget", ["spreadsheets: kind spreadsheet or .csv"]),
        ("spreadsheet with budget", "budget", ["spreadsheet: kind spreadsheet or .csv"]),
        ("notes in archive", "notes", ["in archive: folder archive"]),
        (
            "slides from the reports folder",
            "",
            ["from the reports folder: folder reports", "slides: kind presentation"],
        ),
        ("files in folder a/b smaller than 10k", "", None),
        ("documents modified last week", "", None),
        ("yesterday", "", ["yesterday: 2025-06-17 to 2025-06-18"]),
        ("kind:pdf tax since:2022", "tax", ["since:2022: since 2022-01-01", "kind:pdf: kind pdf"]),
        ("*.py sorting", "sorting", ["*.py: .py"]),
    ],
)
def test_filters_in_plain_words_are_taken_out(text: str, left: str, notes: list[str] | None) -> None:
    query = understood(text)
    assert query.text == left
    assert notes is None or list(query.notes) == notes


@pytest.mark.parametrize(
    "text",
    [
        "2023",
        "PEP 2023",
        "parse PDFs with python",
        "merge pdfs",
        "pdf parser",
        "how to send emails",
        "python read excel files",
        "exceptions in python",
        "plan for this year",
        "tax not in archive",
        "decided in 2050",
        "who decides on a PEP?",
        "上周的会议记录",
        "the may queen",
    ],
)
def test_words_that_do_not_stand_as_a_filter_are_left(text: str) -> None:
    assert understood(text) == Query(given=text, text=text)


def test_what_is_quoted_is_a_phrase_and_no_filter() -> None:
    query = understood('"last week" notes from 2023')
    assert (query.text, query.phrases) == ("last week notes", ("last week",))
    assert query.filters == Y2023


def test_kinds_become_filters() -> None:
    assert understood("emails").filters == Filters(kinds=frozenset({Kind.EMAIL}))
    assert understood("excel files").filters.suffixes == {".xlsx", ".xls", ".xlsm", ".xlsb"}


def test_sizes_have_bounds() -> None:
    filters = understood("report over 1.5 MB under 2 GiB").filters
    assert (filters.min_size, filters.max_size) == (1_500_000, 2 * 2**30)


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    query = understood(text)
    assert query.given == text
    assert "\ue000" not in query.text
    assert "\ue001" not in query.text


@given(
    st.lists(
        st.sampled_from(
            ["PDFs", "from", "2023", "in", "archive", "over", "1", "MB", '"', "last", "week", "about", "tax"]
        ),
        max_size=9,
    )
)
def test_a_filter_always_has_a_note(words: list[str]) -> None:
    query = understood(" ".join(words))
    assert bool(query.notes) or not query.filters


@pytest.mark.parametrize(
    "text",
    [
        "Which country in 1985 signed a treaty?",
        "what happened in August 2009",
        "python datetime get last month number",
    ],
)
def test_a_time_that_a_question_is_about_is_no_filter(text: str) -> None:
    assert understood(text) == Query(given=text, text=text)
