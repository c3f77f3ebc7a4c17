from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.search.compounds import parts

KNOWN = {"haus", "tür", "schlüssel", "verteidigung", "minister", "tisch", "lampe"}


def test_a_compound_is_taken_apart_into_words_that_are_known() -> None:
    assert parts("Tischlampe", KNOWN.__contains__) == ("tisch", "lampe")


def test_a_letter_that_joins_two_words_belongs_to_neither() -> None:
    assert parts("Verteidigungsminister", KNOWN.__contains__) == ("verteidigung", "minister")


def test_what_has_an_unknown_part_stays_whole() -> None:
    assert parts("Tischdecke", KNOWN.__contains__) == ()


def test_short_parts_are_endings_and_prefixes() -> None:
    assert parts("Haustür", KNOWN.__contains__) == ()


def test_numbers_and_what_is_very_long_are_no_compounds() -> None:
    assert parts("tisch2024lampe", lambda word: True) == parts("ab" * 100, lambda word: True) == ()


@given(st.text(), st.data())
def test_parts_are_known_and_begin_and_end_the_word(word: str, data: st.DataObject) -> None:
    found = parts(word, lambda part: data.draw(st.booleans()))
    assert not found or (word.casefold().startswith(found[0]) and word.casefold().endswith(found[1]))
