from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.model import Filters, Kind, Query
from semfs.search.query import loosened, merged, parse

NOW = datetime(2025, 6, 18, 14, 30)
Y2023 = Filters(since=datetime(2023, 1, 1).timestamp(), until=datetime(2024, 1, 1).timestamp())
FOLDERS = {"archive", "archiv", "sales", "合同"}
AUTHORS = {"test", "anna", "anna schmidt", "guido", "王伟"}
RECIPIENTS = {"bob", "bob meier", "李娜", "ボブ"}


def understood(text: str) -> Query:
    return parse(
        text,
        now=NOW,
        is_folder=lambda name: name.casefold() in FOLDERS,
        is_author=lambda name: name.casefold() in AUTHORS,
        is_recipient=lambda name: name.casefold() in RECIPIENTS,
    )


@pytest.mark.parametrize(
    ("text", "left", "notes"),
    [
        ("PDFs from 2023", "", ["PDFs: kind pdf", "from 2023: 2023-01-01 to 2024-01-01"]),
        (
            "invoices from Anna last March over 1 MB",
            "invoices",
            [
                "from Anna: author Anna",
                "last March: 2025-03-01 to 2025-04-01",
                "over 1 MB: at least 1000000 bytes",
            ],
        ),
        (
            "PDFs about tax before 2020 not in archive",
            "tax",
            ["PDFs: kind pdf", "before 2020: before 2020-01-01", "not in archive: not folder archive"],
        ),
        ("photos from summer 2023", "", ["photos: kind image", "from summer 2023: 2023-06-01 to 2023-09-01"]),
        ("pdf invoices from 2024", "invoices", ["pdf: kind pdf", "from 2024: 2024-01-01 to 2025-01-01"]),
        ("photos 2023", "", ["photos: kind image", "2023: 2023-01-01 to 2024-01-01"]),
        ("budget spreadsheets", "budget", ["spreadsheets: kind spreadsheet or .csv"]),
        ("spreadsheet with budget", "budget", ["spreadsheet: kind spreadsheet or .csv"]),
        ("notes in archive", "notes", ["in archive: folder archive"]),
        (
            "slides from the reports folder",
            "",
            ["slides: kind presentation", "from the reports folder: folder reports"],
        ),
        ("files in folder a/b smaller than 10k", "", None),
        ("documents modified last week", "", None),
        ("yesterday", "", ["yesterday: 2025-06-17 to 2025-06-18"]),
        ("kind:pdf tax since:2022", "tax", ["kind:pdf: kind pdf", "since:2022: since 2022-01-01"]),
        ("*.py sorting", "sorting", ["*.py: .py"]),
        ("by:Guido lang:de in:archive types", "types", None),
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
        "read a file larger than 1 GB in python",
        "python print without newline",
        "how to print without moving cursor python",
        "iterate over file names in directory python",
        "plan for this year",
        "decided in 2050",
        "who decides on a PEP?",
        "the may queen",
        "Which country in 1985 signed a treaty?",
        "what happened in August 2009",
        "python datetime get last month number",
        "Name a luxury model that became popular in the mid-1970s.",
        "Incidence of heart failure decreased by 10% in women since 1979.",
        "According to the review where has Harvard ranked in 2013",
        "Macrolides have no protective effect against myocardial infarction.",
        "Mice without its receptor are resistant to the disease induced by it.",
        "jet interference with supersonic flow -dash experimental papers .",
        "Besides England who else welcomed them?",
        "What is an example of a rotary engine without pistons?",
        "Wann fand der erste Bodentest ohne Außenstromversorgung statt?",
        "Was wurde außer der Nordsee in der letzten Kaltzeit noch gesenkt?",
        "除了喝凉茶，在凉茶店还能做什么？",
        "2008年的奥运会在哪里举行？",
        "如何发送邮件",
        "¿quién firmó el tratado en 1985?",
        "quels pays ont signé le traité en 1985 ?",
        "1985年に条約を結んだのはどの国ですか",
        "sin city",
        "sans serif fonts",
        "no country for old men",
        "to be or not to be",
        "python -m venv",
        "decided by will",
        "cases in German grammar",
        "diagnosis and prevention of T2DM",
        "differentiation mediated by S100A8 and S100A9",
        "the factors GEF-H1 regulate",
        "structure of a capsid at 3.1 Å",
        "the European heatwave of 2003",
        "findings to date from the study",
        "quantification with or without a reference genome",
        "generate number of seconds since 1970 in the local time",
        "get a name from the metadata directory name",
        "version 1.2 -> 1.3.dev0",
        "PEP 305 – CSV File API",
        "保护你的数据，不要泄漏",
        "排除故障手册",
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
    assert understood("PDFs and emails about tax").filters.kinds == {Kind.PDF, Kind.EMAIL}


def test_several_filters_are_one() -> None:
    pdf, archive = Filters(kinds=frozenset({Kind.PDF})), Filters(folder="archive")
    mail = Filters(kinds=frozenset({Kind.EMAIL}), folder="letters")
    both = merged((pdf, archive, mail))
    assert both == Filters(kinds=frozenset({Kind.PDF, Kind.EMAIL}), folder="archive")


def test_one_filter_at_a_time_is_left_aside_the_most_doubtful_first() -> None:
    query = understood("PDFs about tax in archive over 1 MB")
    aside = [" ".join(item.words for item in way.relaxed) for way, _ in loosened(query)]
    assert aside == [
        "in archive",
        "PDFs",
        "over 1 MB",
        "PDFs in archive",
        "PDFs in archive over 1 MB",
    ]


def test_words_that_may_be_about_the_matter_are_searched_when_their_filter_is_left_aside() -> None:
    ways = list(loosened(understood("tax in archive last week")))
    assert [(bare.text, worded.text) for bare, worded in ways] == [
        ("tax", "tax in archive"),
        ("tax", "tax"),
        ("tax", "tax in archive"),
    ]
    assert ways[1][0].filters == Filters(folder="archive")


def test_exclusions_are_never_left_aside() -> None:
    assert list(loosened(understood("tax not in archive without England"))) == []


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    query = understood(text)
    assert query.given == text
    assert "\ue000" not in query.text
    assert "\ue001" not in query.text


PIECES = [
    *("PDFs", "from", "2023", "in", "archive", "over", "1", "MB", '"', "last", "week", "about", "tax", "by"),
    *("Anna", "not", "without", "except", "-", "-tax", "German", "auf", "Deutsch", "ohne", "größer", "als"),
    *(
        "照片",
        "的",
        "不包括",
        "以外の",
        "写真",
        "除了",
        "以外",
        "在",
        "文件夹",
        "大于",
        "sans",
        "pas",
        "de",
        ",",
        "?",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
def test_what_is_taken_has_a_note_and_its_words_stand_in_the_query(words: list[str], space: str) -> None:
    text = space.join(words)
    query = understood(text)
    assert query.notes == tuple(map(str, query.understood))
    assert query.filters == merged(item.filters for item in query.understood)
    assert all(item.words in text for item in query.understood)
    for way in (way for pair in loosened(query) for way in pair):
        assert set(way.understood) | set(way.relaxed) == set(query.understood)


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_a_query_is_understood_the_same_when_its_white_space_differs(words: list[str]) -> None:
    first, second = understood(" ".join(words)), understood("  " + " \n ".join(words))
    assert (first.text, first.understood, first.filters) == (second.text, second.understood, second.filters)


@given(st.text(alphabet="bcdfghjkqvwxz", min_size=1, max_size=40))
def test_a_word_that_nobody_knows_is_left_as_it_is(word: str) -> None:
    assert understood(word) == Query(given=word, text=word)


@pytest.mark.parametrize(
    "piece", ["a", "“", '"', "not ", "over 1 MB ", "from Anna ", "除了", "PDFs and ", "-x ", "在", "\0", "1 "]
)
def test_a_text_of_megabytes_is_searched_as_it_stands(piece: str) -> None:
    assert understood(piece * (2_000_000 // len(piece))).notes == ()
