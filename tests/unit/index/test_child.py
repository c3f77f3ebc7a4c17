"""Frames survive any cut of the pipe's stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.index.child import HEADER, Frame, FramesBroken, Parser

FRAMES = st.lists(
    st.builds(
        Frame,
        fields=st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.none(), max_size=3),
        blob=st.binary(max_size=40),
    ),
    max_size=5,
)


@given(FRAMES, st.integers(1, 50))
def test_frames_come_out_as_they_went_in(frames: list[Frame], step: int) -> None:
    stream = b"".join(frame.encoded() for frame in frames)
    parser, received = Parser(), []
    for start in range(0, len(stream), step):
        received += parser.feed(stream[start : start + step])
    assert received == frames


@pytest.mark.parametrize("data", [b"\xff" * 8, HEADER.pack(2, 0) + b"{{", HEADER.pack(2, 0) + b"[]"])
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(FramesBroken):
        Parser().feed(data)
