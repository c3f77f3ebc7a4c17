"""Long files are read in windows, and nothing of them is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs.values import estimate_tokens
from semfs.jobs.windows import cut, groups, windows
from semfs.model import FileId, Passage, PassageId


def passages(*texts: str) -> list[Passage]:
    return [Passage(PassageId(n), FileId(1), n, text, line=n * 10 + 1) for n, text in enumerate(texts)]


def test_short_passages_share_a_window_that_begins_where_the_first_does() -> None:
    found = windows(passages("one", "two"), tokens=100)
    assert [(window.text, window.line) for window in found] == [("one\ntwo", 1)]


def test_a_window_ends_before_it_is_too_long() -> None:
    found = windows(passages("a " * 100, "b " * 100, "c"), tokens=80)
    assert [window.line for window in found] == [1, 11]


def test_a_long_passage_is_cut_at_the_end_of_a_sentence() -> None:
    pieces = cut("This is a sentence of some length. " * 40, tokens=100)
    assert len(pieces) > 1
    assert all(piece.endswith(".") for piece in pieces[:-1])


@given(st.lists(st.tuples(st.sampled_from(["ab ", "abc", "字", "字。"]), st.integers(1, 600)), max_size=4))
def test_no_piece_of_a_text_in_several_scripts_is_too_long(parts: list[tuple[str, int]]) -> None:
    pieces = cut("".join(text * times for text, times in parts), tokens=300)
    assert [piece for piece in pieces if estimate_tokens(piece) > 300] == []


@given(st.lists(st.text(alphabet="ab 字\n.", max_size=2000), max_size=5))
def test_no_word_is_lost(texts: list[str]) -> None:
    found = windows(passages(*texts), tokens=60)
    assert "".join("".join(w.text for w in found).split()) == "".join("".join(texts).split())


@given(st.lists(st.text(max_size=400), min_size=2, max_size=30))
def test_groups_keep_order_and_get_fewer(texts: list[str]) -> None:
    found = groups(texts, tokens=50)
    assert [text for group in found for text in group] == texts
    assert len(found) < len(texts)


def test_chinese_counts_more_tokens_a_character_than_english() -> None:
    assert estimate_tokens("你好" * 100) > estimate_tokens("hi" * 100)
