from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from semfs.search.lexical import Words, covers, holds, phrase, understand


def words(
    text: str,
    frequencies: Mapping[str, int] | None = None,
    phrases: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
) -> Words:
    known = frequencies or {}
    return understand(
        text, phrases, frequency=lambda word: known.get(word, 1), passages=100, languages=languages
    )


def test_a_question_s_own_words_are_not_looked_up() -> None:
    assert words("who decides on a PEP?").any_of == '"decid" OR "pep"'


def test_a_query_of_nothing_else_keeps_them() -> None:
    assert [term.forms for term in words("to be or not to be").terms] == [("to",), ("be",), ("or",), ("not",)]


def test_a_word_counts_as_often_as_it_is_asked_up_to_three_times() -> None:
    assert words("tax on tax").any_of == '"tax" OR "tax"'
    assert words("tax " * 9).any_of == '"tax" OR "tax" OR "tax"'


def test_a_word_in_most_passages_is_dropped_if_others_are_left() -> None:
    assert words("python walrus", {"python": 90}).any_of == '"walrus"'
    assert words("python", {"python": 90}).any_of == '"python"'


def test_a_long_query_keeps_its_words_of_most_weight_in_order() -> None:
    text = " ".join(f"w{number}x" for number in range(40))
    kept = words(text, {f"w{number}x": number + 1 for number in range(40)}).terms
    assert [term.forms for term in kept] == [(f"w{number}x",) for number in range(24)]


def test_the_rarer_half_carries_the_meaning() -> None:
    assert words("history of sourdough", {"histori": 40}).rarer_half == '"sourdough"'


def test_names_and_numbers_of_things_are_phrases() -> None:
    assert words("what does PEP 484 say of foo_bar").identifiers == ('"pep 484"', '"foo_bar foo bar"')


def test_a_phrase_is_held_as_it_stands_but_for_case_and_spaces() -> None:
    assert holds("He said: import\n  This.", "import this")
    assert not holds("imports this", "import this")


def test_a_name_covers_the_telling_words_of_a_query() -> None:
    assert covers("tax-2024.pdf", words("the tax of 2024")) == 1.0
    assert covers("tax-2024.pdf", words("tax invoices")) == 0.5
    assert covers("tax-2024.pdf", words("?")) == 0.0


def test_a_name_in_the_file_s_language_covers_a_query_in_it() -> None:
    query = words("Wohnungen", languages=("de",))
    assert (covers("Wohnung.odt", query, "de"), covers("Wohnung.odt", words("Wohnungen"))) == (1.0, 0.0)


def test_a_name_covers_a_single_character() -> None:
    assert covers("文字.txt", words("字")) == 1.0


def test_a_word_is_looked_up_in_its_forms_with_one_frequency() -> None:
    term = words("Häuser", {"haus": 30, "hauser": 1}, languages=("de",)).terms[0]
    assert term.forms == ("haus", "hauser")
    assert term.idf == words("haus", {"haus": 31}).terms[0].idf


def test_the_language_that_a_question_s_words_tell_is_the_one_it_is_looked_up_in() -> None:
    german = words("Wie hoch sind die Häuser", languages=("fr", "de", "ru"))
    assert (german.language, german.terms[-1].forms) == ("de", ("haus", "hauser"))
    assert [term.forms[0] for term in german.terms] == ["hoch", "haus"]
    english = words("how high are the houses", languages=("fr", "de", "ru"))
    assert (english.language, english.terms[-1].forms) == ("en", ("hous",))


def test_of_a_pasted_text_the_beginning_counts() -> None:
    pasted = f"walrus {'x ' * 500_000} tusk"
    assert [term.forms for term in words(pasted).terms] == [("walrus",), ("x",)]


def test_a_compound_that_stands_nowhere_is_looked_up_by_its_parts_as_well() -> None:
    frequencies = {"tischlamp": 0, "tischlampen": 0, "tisch": 3, "lamp": 5, "lampen": 0}
    found = words("Tischlampen", frequencies, languages=("de", "en")).terms
    assert [term.forms[0] for term in found] == ["tischlamp", "tisch", "lamp"]


def test_a_compound_that_stands_somewhere_is_looked_up_as_it_is() -> None:
    frequencies = {"tischlamp": 1, "tisch": 3, "lamp": 5}
    found = words("Tischlampen", frequencies, languages=("de", "en")).terms
    assert [term.forms[0] for term in found] == ["tischlamp"]


def test_a_query_without_such_words_is_of_no_language() -> None:
    assert words("Paris 1900", languages=("fr", "de")).language == ""


@given(st.text(), st.lists(st.text(), max_size=2))
def test_no_input_is_a_syntax_error(text: str, phrases: list[str]) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = \"unicode61 tokenchars '_'\")")
    found = words(text, phrases=tuple(phrases))
    expressions = (found.any_of, found.rarer_half, found.name, phrase(text))
    for expression in (*expressions, *found.phrases, *found.identifiers):
        if expression:
            assert db.execute("SELECT * FROM t WHERE t MATCH ?", (expression,)).fetchall() == []
    db.close()
