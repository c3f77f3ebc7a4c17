"""The estimate is unknown at first, then right for steady work, and follows a change of pace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.index.progress import Estimate, Pace
from semfs.model import Coverage, Progress


def reading(pending: int, *, files: int = 1000) -> Coverage:
    return Coverage(files=files, pending=pending, indexed=files - pending, passages=1, activity="reading")


def embedding(embedded: int) -> Coverage:
    return Coverage(files=5, indexed=5, passages=600, embedded=embedded, activity="embedding")


def test_nothing_is_known_at_first() -> None:
    assert Estimate().observe(0.0, reading(1000)) == Progress()


def test_steady_work_is_estimated_exactly() -> None:
    estimate = Estimate()
    for second in range(0, 21, 2):
        progress = estimate.observe(100.0 + second, reading(1000 - 10 * second))
    assert progress.files_per_s == pytest.approx(10)
    assert progress.words_left_s == pytest.approx(80)
    assert progress.meaning_left_s is None  # nobody knows yet how many passages there will be


def test_vectors_have_a_pace_of_their_own() -> None:
    estimate = Estimate()
    for second in range(0, 9, 2):
        estimate.observe(float(second), reading(8 - second, files=8))
    for second in range(10, 31, 2):
        progress = estimate.observe(float(second), embedding(20 * (second - 10)))
    assert (progress.files_per_s, progress.words_left_s) == (0.0, 0.0)
    assert progress.meaning_left_s == pytest.approx(10, rel=0.2)


def test_time_in_which_nothing_was_done_on_purpose_is_no_slowness() -> None:
    estimate = Estimate()
    for second in range(0, 11, 2):
        estimate.observe(float(second), embedding(20 * second))
    waiting = Coverage(files=5, indexed=5, passages=600, embedded=200, activity="paused")
    for second in range(12, 50, 2):
        assert estimate.observe(float(second), waiting).meaning_left_s is None
    assert estimate.observe(50.0, embedding(200)).meaning_left_s == pytest.approx(20, rel=0.2)


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0.1, 30)), min_size=1, max_size=30))
def test_a_pace_lies_between_the_slowest_and_the_fastest(parts: list[tuple[int, float]]) -> None:
    pace = Pace()
    for done, seconds in parts:
        pace.add(done, seconds)
    rates = [done / seconds for done, seconds in parts]
    assert pace.rate is None or min(rates) - 1e-6 <= pace.rate <= max(rates) + 1e-6


def test_a_pace_follows_what_was_done_last() -> None:
    pace = Pace()
    pace.add(1000, 100.0)
    pace.add(100, 100.0)
    assert pace.rate == pytest.approx(1, rel=0.4)
