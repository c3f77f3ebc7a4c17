from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.store.analysis import (
    analyse,
    analyse_name,
    is_unspaced,
    phrase_terms,
    query_groups,
    query_terms,
    quoted,
    whole_name,
)


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
        ("上周的会议", "上周 周的 的会 会议 议"),
        ("我", "我"),
        ("ABC公司", "abc 公司 司"),
        ("ภาษาไทย", "ภา าษ ษา าไ ไท ทย ย"),
        ("iPhone手机 ｱｲｽ", "iphone i phone 手机 机 アイ イス ス"),
        ("GRÖSSE", "grosse"),
        ("Crème brûlée, Ærøskøbing", "creme brulee aeroskobing"),
        ("", ""),
    ],
)
def test_a_text_becomes_its_terms(text: str, expected: str) -> None:
    assert analyse(text) == expected


def test_inflected_words_share_a_term() -> None:
    assert analyse("invoices") == analyse("invoice") == analyse("INVOICED")


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("de", ("Häuser", "Haeuser", "Haus", "Hauses")),
        ("de", ("Straße", "Strassen")),
        ("fr", ("l'école", "écoles", "ECOLE")),
        ("it", ("dell'amico", "amici")),
        ("es", ("canción", "canciones", "cancion")),
        ("ru", ("книги", "книгу", "Книга")),
        ("tr", ("KİTAP", "kitaplar")),
        ("ar", ("كتاب", "الكتاب")),
    ],
)
def test_forms_of_a_word_share_a_term_in_their_language(language: str, forms: tuple[str, ...]) -> None:
    assert len({analyse(form, language) for form in forms}) == 1


def test_a_language_without_a_stemmer_is_analysed_as_english() -> None:
    assert analyse("invoices", "vi") == analyse("invoices", "") == analyse("invoices", "en")


def test_a_word_of_a_query_has_a_form_for_each_language_that_differs() -> None:
    assert query_groups(["Häuser", "2024"], ["en", "de"]) == [("hauser", "haus"), ("2024",)]


def test_a_single_character_stands_for_the_terms_that_begin_with_it() -> None:
    """Each place of a character begins a pair or ends its run, so none is missed."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = \"unicode61 tokenchars '_'\")")
    for text in ("文字", "字典", "写字台", "ABC公司"):
        db.execute("INSERT INTO t VALUES (?)", (analyse(text),))
    ((form,),) = query_groups(["字"])
    assert db.execute("SELECT rowid FROM t WHERE t MATCH ?", (quoted(form),)).fetchall() == [(1,), (2,), (3,)]
    db.close()


def test_traditional_and_simplified_characters_are_the_same() -> None:
    assert analyse("會議記錄") == analyse("会议记录") == "会议 议记 记录 录"
    assert query_groups(["雜誌"]) == query_groups(["杂志"])


def test_a_phrase_may_go_on_in_the_text() -> None:
    assert phrase_terms("公司的") in analyse("ABC公司的报告")
    assert phrase_terms("ABC 公司") == "abc 公司"


def test_a_name_is_analysed_in_english_and_in_the_language_of_its_file() -> None:
    assert analyse_name("Häuser_houses.odt", "de").split()[:4] == ["hauser", "hous", "odt", "haus"]


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
