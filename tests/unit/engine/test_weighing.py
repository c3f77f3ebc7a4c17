"""How likely the end of a prompt is, heard over any steps."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.engine.weighing import Weighing, ending


@given(st.integers(1, 30), st.data())
def test_every_token_is_heard_once_however_the_prompt_is_cut(end: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(1, end))
    cuts = sorted(data.draw(st.sets(st.integers(1, end), max_size=5)) | {0, end + 3})
    weighing = Weighing(range(start, end))
    told = [place for first, last in pairwise(cuts) for place in weighing.told_by(first, last - first)]
    assert [place + 1 for place in told] == list(weighing.tokens)


def test_the_total_is_that_of_all_tokens() -> None:
    weighing = Weighing(range(4, 6))
    weighing.hear(3, np.log(np.array([0.25, 0.5, 0.25], np.float32)) + 7, 1)
    weighing.hear(4, np.log(np.array([0.25, 0.5, 0.25], np.float32)), 0)
    assert weighing.total == pytest.approx(math.log(0.5) + math.log(0.25), abs=1e-5)


def test_tokens_that_were_not_heard_count_as_the_others() -> None:
    weighing = Weighing(range(1, 5))
    assert weighing.total == 0.0
    weighing.hear(0, np.zeros(2, np.float32), 0)
    assert weighing.total == pytest.approx(4 * math.log(0.5), abs=1e-5)


def test_the_end_of_a_text_is_found_in_its_tokens() -> None:
    pieces = [b"Question", b":", b" Wh", b"o", b"?"]
    assert ending(pieces, "Who?") == 3
    assert ending(pieces, "") == 0
    assert ending(pieces, "What is longer than all of this?") == len(pieces)
