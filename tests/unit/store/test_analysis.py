from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.store.analysis import analyse, analyse_name, is_unspaced, query_terms, whole_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The invoices' totals", "the invoic total"),
        ("foo_bar", "foo_bar foo bar"),
        ("__init__", "init"),
        ("fooBarBaz", "foobarbaz foo bar baz"),
        ("HTTPServer", "httpserver http server"),
        ("iso8601", "iso8601 iso 8601"),
        ("don't 2nd", "don 2nd"),
        ("pep-0484.rst", "pep 484 0484 rst"),
        ("ﬁne ＡＢＣ", "fine abc"),
        ("上周的会议", "上周 周的 的会 会议"),
        ("我", "我"),
        ("ABC公司", "abc 公司"),
        ("ภาษาไทย", "ภา าษ ษา าไ ไท ทย"),
        ("", ""),
    ],
)
def test_a_text_becomes_its_terms(text: str, expected: str) -> None:
    assert analyse(text) == expected


def test_inflected_words_share_a_term() -> None:
    assert analyse("invoices") == analyse("invoice") == analyse("INVOICED")


def test_a_number_is_found_with_and_without_its_leading_zeros() -> None:
    assert analyse("PEP 484") in analyse("pep 0484")


def test_a_file_name_has_its_parts_and_one_term_for_the_whole() -> None:
    assert analyse_name("budget_2024 (final).xlsx") == "budget 2024 final xlsx _budget_2024_final_xlsx_"


def test_the_whole_name_does_not_depend_on_separators_or_case() -> None:
    assert whole_name("Budget-2024.XLSX") == whole_name("budget 2024.xlsx")


def test_a_query_has_each_term_once_in_order() -> None:
    assert query_terms("tests of a test, tested again") == ["test", "of", "a", "again"]


def test_scripts_without_spaces_are_told_apart() -> None:
    assert [is_unspaced(text) for text in ("日本語", "Grüße", "한국어", "")] == [True, False, True, False]


@given(st.text())
def test_terms_survive_the_tokenizer_of_the_full_text(text: str) -> None:
    """What FTS5 indexes is what `analyse` gave: each term finds the row again."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = \"unicode61 tokenchars '_'\")")
    terms = analyse(text)
    db.execute("INSERT INTO t VALUES (?)", (terms,))
    for term in terms.split():
        assert db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (f'"{term}"',)).fetchone() == (1,)
    db.close()


@given(st.text(), st.text())
def test_terms_of_joined_texts_are_the_terms_of_the_texts(left: str, right: str) -> None:
    assert analyse(f"{left} \n {right}").split() == analyse(left).split() + analyse(right).split()
