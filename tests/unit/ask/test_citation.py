"""A quote holds if its words stand in the source."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.ask.citation import holds


@given(st.text(max_size=300), st.data())
def test_any_piece_of_a_text_holds_however_lines_are_broken(text: str, data: st.DataObject) -> None:
    words = text.replace("…", "").split()
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words)))
    last = data.draw(st.integers(first, len(words)))
    assert holds(" \n".join(words[first:last]), text) == (first < last)


def test_words_matter_and_line_breaks_do_not() -> None:
    assert holds("the deposit  is\n2,400", "So the\ndeposit is 2,400 euros")
    assert not holds("the deposit is 2,500", "So the deposit is 2,400 euros")
    assert holds("…deposit is…", "So the deposit is 2,400 euros")
    assert not holds("", "anything")
