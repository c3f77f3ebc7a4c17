"""Requests that list, count or measure files."""

from __future__ import annotations

import pytest

from semfs.plan.check import check
from semfs.plan.listing import _FORMATS, listing_plan
from semfs.plan.operators import OPERATORS
from semfs.plan.parse import parse


def found(request: str) -> tuple[str, str]:
    """Return the call of find and the operator of what follows, ("", "") for no plan."""
    plan = listing_plan(request)
    if not plan:
        return "", ""
    first, second = check(parse(plan), OPERATORS).calls[:2]
    return str(first).removeprefix("files = "), second.operator.name


@pytest.mark.parametrize(
    ("request_text", "call"),
    [
        ("how many PDF files are there?", 'find("", kind="pdf")'),
        ("how many text files are in the folder bbc/sport?", 'find("", kind="text", folder="bbc/sport")'),
        ("how many emails mention Anna?", 'find("Anna", kind="email")'),
        ("how many files are larger than 1 MB?", 'find("", size="larger than 1 MB")'),
        ("Wie viele Textdateien liegen im Ordner bbc/tech?", 'find("", kind="text", folder="bbc/tech")'),
        ("文件夹bbc/tech里有多少个文本文件?", 'find("", kind="text", folder="bbc/tech")'),
        ("PDF文件有多少个？", 'find("", kind="pdf")'),
    ],
)
def test_files_are_counted(request_text: str, call: str) -> None:
    assert found(request_text) == (call, "table")


@pytest.mark.parametrize(
    ("request_text", "call"),
    [
        ("list all presentations", 'find("", kind="presentation")'),
        ("list all spreadsheets about the budget", 'find("budget", kind="spreadsheet")'),
        (
            "which spreadsheets are larger than 100 KB?",
            'find("", kind="spreadsheet", size="larger than 100 KB")',
        ),
        ("Liste alle Präsentationen auf", 'find("", kind="presentation")'),
        ("Zeige mir alle Bilder aus dem Jahr 2023", 'find("", kind="image", when="2023")'),
        ("列出所有关于预算的表格", 'find("预算", kind="spreadsheet")'),
        ("列出文件夹work里的所有PDF文件", 'find("", kind="pdf", folder="work")'),
    ],
)
def test_files_are_listed(request_text: str, call: str) -> None:
    assert found(request_text) == (call, "save")


@pytest.mark.parametrize(
    ("request_text", "call"),
    [
        ("the ten largest PDFs", 'find("", kind="pdf", limit="10 largest")'),
        ("the three newest letters", 'find("letters", limit="3 newest")'),
        ("what is the largest PDF?", 'find("", kind="pdf", limit="1 largest")'),
        ("list the 5 oldest files in the folder tax", 'find("", folder="tax", limit="5 oldest")'),
        ("die drei neuesten Briefe", 'find("Briefe", limit="3 newest")'),
        ("最大的十个PDF文件", 'find("", kind="pdf", limit="10 largest")'),
        ("最新的3封邮件", 'find("", kind="email", limit="3 newest")'),
    ],
)
def test_some_files_are_chosen_in_an_order(request_text: str, call: str) -> None:
    assert found(request_text) == (call, "save")


@pytest.mark.parametrize(
    "request_text", ["total size of all PDFs", "Gesamtgröße aller PDFs", "PDF文件的总大小"]
)
def test_the_sizes_of_files_are_summed(request_text: str) -> None:
    assert found(request_text) == ('find("", kind="pdf")', "table")


@pytest.mark.parametrize(
    "request_text",
    [
        "how many people work in Berlin?",
        "how many days of holiday does Petra have?",
        "list the contracts that end in 2025",
        "list all spreadsheets and summarize them",
        "the two highest offers",
        "which is the largest city?",
        "the newest letters",
        "the largest invoice",
        "list all PDFs by size",
        "",
    ],
)
def test_what_is_not_understood_whole_is_for_the_model(request_text: str) -> None:
    assert found(request_text) == ("", "")


@pytest.mark.parametrize("word", [word for word in _FORMATS.pattern.split("|") if word.isalnum()])
def test_each_format_is_a_kind_that_find_takes(word: str) -> None:
    assert found(f"list all {word} files") == (f'find("", kind="{word}")', "save")
