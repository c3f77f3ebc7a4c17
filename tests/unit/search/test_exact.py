"""What is typed as it stands comes first, whatever else is like it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.model import Kind
from semfs.search.lexical import thing_of
from semfs.search.searcher import Searcher

# Each file beside one or more that hold the same words in another form.
TEXTS = {
    "lock.txt": "call self.lock.release when the lock is to be released",
    "locks.txt": "self release: release the lock, lock self, release lock release self lock",
    "join.py": "path = os.path.join(folder, name)",
    "joins.txt": "an os can join a path, os path, path join, join os path join",
    "mail.txt": "write to anna.berg@example.org for money",
    "mails.txt": "Anna Berg: example of an org, anna berg example, example org anna",
    "version.txt": "fixed in 3.11.2 and nowhere else",
    "versions.txt": "11 of 3 and 2 of 11, 3 and 11 and 2, 2 11 3",
    "date.txt": "the meeting was on 2023-05-02 in the morning",
    "dates.txt": "5 of 2 in 2023, 2 5 2023, 05 and 02 and 2023 2023",
    "flag.txt": "run it with --dry-run first",
    "flags.txt": "a dry run, run dry, dry dry run run",
    "hash.txt": "commit 02f13114828ed4567e4410f5bac579895e20355a is good",
    "snake.txt": "the function compute_total_amount adds",
    "snakes.txt": "compute the total amount, amount in total, total of the amount to compute",
    "camel.txt": "call getUploadedFile of the form",
    "camels.txt": "get the uploaded file, a file uploaded, uploaded file file get",
    "invoice.txt": "invoice INV-2023-001 over 300",
    "invoices.txt": "invoice 001 of 2023, invoices 2023, inv 2023, 001 001 invoice",
    "rfc.txt": "headers as in RFC 2822",
    "rfcs.txt": "RFC of 2822 and rfc for rfc, 2822 times rfc",
    "zh.md": "昨天我们讨论了预算方案的细节。",
    "zhs.md": "方案和预算，预算的方案，方案讨论，讨论方案预算。",
    "ja.md": "東京都の天気予報をお知らせします。",
    "jas.md": "天気の予報と東京の都、予報の天気。",
    "ru.txt": "смотри приказ № 17-Б о порядке",
    "rus.txt": "приказ о порядке, порядок приказа, 17 порядков Б",
    "phrase.txt": "he said that the quick answer is no",
    "phrases.txt": "quick is the answer, the answer is quick, answer answer quick quick",
}
NAMES = (
    "Budget 2024.xlsx",
    "budget-2024-old.xlsx",
    "testWORD_various.docx",
    "testWORD.docx",
    "report.final.pdf",
    "final report.pdf",
    "Übersicht März.odt",
    "発表資料.pptx",
    "资料.pptx",
    "README",
    "pep-0484.rst",
    "pep-4840.rst",
)


@pytest.fixture
def library(shelf: Any, tmp_path: Path) -> Searcher:
    for name, text in TEXTS.items():
        shelf.put(f"/t/{name}", text)
    for name in NAMES:
        shelf.put(f"/n/{name}", "code and money " * 3, kind=Kind.DOCUMENT)
    shelf.embed()
    return Searcher(shelf.writer, lambda: shelf.embedder, cache_dir=tmp_path, limit=50)


def first(library: Searcher, query: str) -> str:
    hits = library.search([query]).hits
    return os.path.basename(hits[0].file.path) if hits else ""


@pytest.mark.parametrize(
    ("typed", "file"),
    [
        ("self.lock.release", "lock.txt"),
        ("os.path.join", "join.py"),
        ("os.path.join(", "join.py"),
        ("anna.berg@example.org", "mail.txt"),
        ("Anna.Berg@Example.org", "mail.txt"),
        ("3.11.2", "version.txt"),
        ("2023-05-02", "date.txt"),
        ("--dry-run", "flag.txt"),
        ("02f13114828ed4567e4410f5bac579895e20355a", "hash.txt"),
        ("compute_total_amount", "snake.txt"),
        ("compute_total_amount()", "snake.txt"),
        ("getUploadedFile", "camel.txt"),
        ("INV-2023-001", "invoice.txt"),
        ("RFC 2822", "rfc.txt"),
        ("预算方案", "zh.md"),
        ("天気予報", "ja.md"),
        ("17-Б", "ru.txt"),
        ('"quick answer"', "phrase.txt"),
        ("“quick answer”", "phrase.txt"),
        ("「预算方案」", "zh.md"),
    ],
)
def test_an_identifier_or_a_phrase_is_found_where_it_stands(library: Searcher, typed: str, file: str) -> None:
    assert first(library, typed) == file


@pytest.mark.parametrize(
    ("typed", "file"),
    [
        *((name, name) for name in NAMES),
        ("budget 2024", "Budget 2024.xlsx"),
        ("budget-2024.xlsx", "Budget 2024.xlsx"),
        ("testword_various", "testWORD_various.docx"),
        ("testWORD", "testWORD.docx"),
        ("report.final", "report.final.pdf"),
        ("final report", "final report.pdf"),
        ("übersicht märz", "Übersicht März.odt"),
        ("资料", "资料.pptx"),
        ("readme", "README"),
        ("pep-0484", "pep-0484.rst"),
        ("PEP 484", "pep-0484.rst"),
    ],
)
def test_a_file_is_found_by_its_name_with_and_without_the_extension(
    library: Searcher, typed: str, file: str
) -> None:
    assert first(library, typed) == file


def test_a_word_in_quotes_in_a_long_text_is_a_quotation(library: Searcher) -> None:
    text = "in the function the total of all amounts is computed by an add of each amount in turn, "
    first_of_it = first(library, f'{text} {text} which is good, as in "answer"')
    assert first_of_it not in ("phrase.txt", "phrases.txt")


@pytest.mark.parametrize(
    ("query", "thing"),
    [
        ("os.path.join", "os.path.join"),
        ("(foo_bar)", "foo_bar"),
        ("PEP 484?", "PEP 484"),
        ("3.11.2.", "3.11.2"),
        ("上周", "上周"),
        ("walrus", ""),
        ("walrus operator", ""),
        ("what is os.path.join", ""),
        ("?!", ""),
    ],
)
def test_a_thing_is_one_word_that_is_more_than_a_word(query: str, thing: str) -> None:
    assert thing_of(query) == thing


@given(st.text())
def test_a_thing_stands_in_the_query(query: str) -> None:
    assert thing_of(query) in query
