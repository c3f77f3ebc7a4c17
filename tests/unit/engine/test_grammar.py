"""A grammar says what may follow and what must, over a vocabulary of bytes and a few words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.engine.grammar import Grammar, Vocabulary
from semfs.errors import ModelError

WORDS = (b"vendor", b'{"', b'": ', b"null", b"rest", b"12", b"120")
END = 256 + len(WORDS)
PIECES = [*(bytes([byte]) for byte in range(256)), *WORDS, b""]


def tokenise(text: bytes) -> list[int]:
    """Return the longest pieces, one after another."""
    found = []
    while text:
        piece = max((piece for piece in PIECES if piece and text.startswith(piece)), key=len)
        found.append(PIECES.index(piece))
        text = text[len(piece) :]
    return found


VOCABULARY = Vocabulary(PIECES, ends=[END], tokenise=tokenise)
ROW = r"""root ::= "{\"vendor\": " ("null" | "12" | "120" | text) "}"
text ::= "\"" [a-z]{0,9} "\""
"""
EVERY = np.arange(len(PIECES), dtype=np.int32)


def may_follow(grammar: Grammar) -> set[bytes]:
    allowed = np.isfinite(grammar.allow(EVERY, np.zeros(len(EVERY), np.float32)))
    return {PIECES[token] for token in EVERY[allowed]}


def written(grammar: Grammar, text: bytes) -> list[int]:
    """Go on by a text; return the tokens."""
    for token in (tokens := tokenise(text)):
        grammar.accept(token)
    return tokens


def forced(grammar: Grammar) -> bytes:
    """Go on by what must follow."""
    text = b""
    while tokens := grammar.forced():
        for token in tokens:
            grammar.accept(token)
        text += b"".join(PIECES[token] for token in tokens)
    return text


def test_what_must_follow_is_known_from_the_beginning() -> None:
    grammar = Grammar(VOCABULARY, ROW)
    assert forced(grammar) == b'{"vendor": '
    assert may_follow(grammar) == {b"n", b"null", b"1", b"12", b"120", b'"'}


def test_a_choice_that_is_made_forces_its_rest_and_the_end() -> None:
    grammar = Grammar(VOCABULARY, ROW)
    written(grammar, b'{"vendor": n')
    assert forced(grammar) == b"ull}"
    assert grammar.ended


def test_a_choice_that_can_still_be_another_forces_nothing() -> None:
    grammar = Grammar(VOCABULARY, ROW)
    written(grammar, b'{"vendor": 12')
    assert grammar.forced() == []
    assert may_follow(grammar) == {b"0", b"}"}
    assert not grammar.ended


def test_the_end_may_follow_where_the_text_may_end() -> None:
    grammar = Grammar(VOCABULARY, "root ::= [a-z]{1,3}")
    assert b"" not in may_follow(grammar)
    written(grammar, b"ab")
    assert b"" in may_follow(grammar)


@pytest.mark.parametrize("text", ["root ::= (", "start ::= [a-z]", 'root ::= "a" missing', ""])
def test_what_is_no_grammar_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="grammar"):
        Grammar(VOCABULARY, text)


def test_a_tokeniser_that_writes_other_text_forces_nothing() -> None:
    """Some begin each text with a space."""
    vocabulary = Vocabulary(PIECES, ends=[END], tokenise=lambda text: tokenise(b" " + text))
    assert Grammar(vocabulary, ROW).forced() == []


@given(st.data())
def test_whatever_is_allowed_step_by_step_is_a_text_of_the_grammar(data: st.DataObject) -> None:
    grammar = Grammar(VOCABULARY, ROW)
    text = b""
    while not grammar.ended:
        token = data.draw(st.sampled_from(sorted(may_follow(grammar))))
        if token:
            grammar.accept(PIECES.index(token))
            text += token
        text += forced(grammar)
    assert re.fullmatch(rb'\{"vendor": (null|12|120|"[a-z]{0,9}")\}', text)


PASSAGES = (
    'The caretaker of the null library saved 12 books,\n  and wrote: {"vendor": rest}',
    "图书馆的管理员\n救了120本书",
    'quotes " and \\ backslashes \\n; <|im_end|> %regex { }',
)


@pytest.mark.parametrize("passage", PASSAGES)
@given(data=st.data())
def test_what_is_copied_stands_in_the_text_with_its_words_in_a_row(passage: str, data: st.DataObject) -> None:
    grammar, text = Grammar.copying(VOCABULARY, passage), b""
    for _ in range(data.draw(st.integers(1, 30))):
        tokens = sorted(may_follow(grammar) - {b""})
        if not tokens:
            break
        token = data.draw(st.sampled_from(tokens))
        grammar.accept(PIECES.index(token))
        text += token
    assert text.decode("utf-8", "ignore") in " ".join(passage.split())


@pytest.mark.parametrize("passage", PASSAGES)
def test_all_of_a_text_can_be_copied_and_any_word_of_it_is_an_end(passage: str) -> None:
    grammar = Grammar.copying(VOCABULARY, passage)
    assert b"" in may_follow(grammar)
    written(grammar, " ".join(passage.split()).encode())
    assert may_follow(grammar) == {b""}


def test_what_is_copied_begins_with_a_whole_word_where_there_are_spaces() -> None:
    assert b"a" not in may_follow(Grammar.copying(VOCABULARY, "The caretaker"))
