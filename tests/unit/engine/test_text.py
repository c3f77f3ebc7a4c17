"""Tokens become text that can be shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.engine.text import TextStream


def feed(stream: TextStream, data: bytes) -> list[str]:
    """Feed byte by byte, as a model may write."""
    return [stream.feed(data[at : at + 1]) for at in range(len(data))]


def test_a_character_is_held_back_until_it_is_complete() -> None:
    assert feed(TextStream(), "é€".encode()) == ["", "é", "", "", "€"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    stream = TextStream()
    assert stream.feed(b"a\xffb") + stream.close() == "a\ufffdb"


def test_what_is_cut_off_at_the_end_is_replaced() -> None:
    stream = TextStream()
    assert stream.feed("€".encode()[:2]) == ""
    assert stream.close() == "\ufffd"


def test_nothing_is_shown_from_a_stop_string_on() -> None:
    stream = TextStream(("\n\n", "END"))
    assert stream.feed(b"one\nEN") == "one\n"
    assert stream.feed(b"Dtwo") == ""
    assert stream.stopped
    assert stream.feed(b"three") + stream.close() == ""


def test_what_only_begins_like_a_stop_string_is_shown_after_all() -> None:
    stream = TextStream(("END",))
    assert [stream.feed(b"EN"), stream.feed(b"E"), stream.close()] == ["", "EN", "E"]


@given(st.text(), st.lists(st.text(min_size=1, max_size=3), max_size=3), st.integers(1, 5))
def test_the_text_up_to_the_first_stop_string_is_shown_however_it_is_cut(
    text: str, stop: list[str], size: int
) -> None:
    data = text.encode("utf-8", "replace")
    text = data.decode()
    stream = TextStream(tuple(stop))
    shown = "".join(stream.feed(data[at : at + size]) for at in range(0, len(data), size)) + stream.close()
    assert text.startswith(shown)
    assert not any(word in shown for word in stop)
    if stream.stopped:
        assert any(text.startswith(word, len(shown)) for word in stop)
    else:
        assert shown == text
