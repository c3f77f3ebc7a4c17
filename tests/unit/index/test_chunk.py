"""Passages hold all of the text, fit the embedder and begin where the text pauses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.index.chunk import LIMIT, chunk, weight
from semfs.model import Section

WORDS = st.text(alphabet="abc é.,!? \n\t中文。0９-", max_size=300)
TEXTS = st.one_of(WORDS, WORDS.map(lambda text: text * 7), st.text(max_size=200))
SECTIONS = st.lists(
    st.builds(
        Section,
        text=TEXTS,
        heading=st.sampled_from(["", "A", "A > B"]),
        page=st.sampled_from([None, 1, 2]),
        line=st.sampled_from([None, 1, 40]),
    ),
    max_size=5,
)


def letters(text: str) -> str:
    return "".join(text.split())


@given(SECTIONS, st.sampled_from([20, 60, LIMIT]))
def test_passages_joined_are_the_text_but_for_blank_space(sections: list[Section], limit: int) -> None:
    joined = "\n".join(passage.text for passage in chunk(sections, limit=limit))
    assert letters(joined) == letters("\n".join(section.text for section in sections))


@given(SECTIONS, st.sampled_from([20, 60, LIMIT]))
def test_no_passage_is_heavier_than_the_limit_or_blank(sections: list[Section], limit: int) -> None:
    for passage in chunk(sections, limit=limit):
        assert weight(passage.text) <= limit
        assert passage.text.strip()


@given(st.lists(st.text(alphabet="abcdef", min_size=1, max_size=12), max_size=80))
def test_words_stay_whole(words: list[str]) -> None:
    passages = chunk([Section(" ".join(words))], limit=40)
    assert " ".join(passage.text for passage in passages).split() == words


@given(st.lists(st.sampled_from(["x", "xy z", "", "    indented", "word. word"]), max_size=60))
def test_a_passage_knows_its_line(lines: list[str]) -> None:
    for passage in chunk([Section("\n".join(lines), line=10)], limit=30):
        assert passage.line is not None
        rest = "\n".join(lines[passage.line - 10 :])
        assert passage.text.split("\n")[0] in rest.split("\n")[0]


def test_short_text_is_one_passage_with_its_layout() -> None:
    text = "def f():\n    return 1\n\n\ndef g():\n    return 2"
    assert [passage.text for passage in chunk([Section(text)])] == [text]


def test_paragraphs_are_kept_together() -> None:
    first, second = "one two three. " * 3, "four five six. " * 3
    passages = chunk([Section(f"{first}\n\n{second}")], limit=60)
    assert [passage.text.strip() for passage in passages] == [first.strip(), second.strip()]


def test_a_paragraph_too_long_is_cut_between_sentences() -> None:
    passages = chunk([Section("The cat sat down. The dog ran off. The bird flew.")], limit=40)
    assert [passage.text for passage in passages] == ["The cat sat down. The dog ran off.", "The bird flew."]


def test_sections_of_other_headings_or_pages_share_no_passage() -> None:
    sections = [Section("a", heading="A", page=1), Section("b", heading="A", page=1), Section("c", page=2)]
    assert [(passage.text, passage.page) for passage in chunk(sections)] == [("a\nb", 1), ("c", 2)]


def test_chinese_takes_four_times_the_room() -> None:
    passages = chunk([Section("汉" * 600)])
    assert [len(passage.text) for passage in passages] == [250, 250, 100]


def test_nothing_comes_from_nothing() -> None:
    assert chunk([Section(""), Section(" \n\n ")]) == []
