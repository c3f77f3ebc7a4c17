"""Whose turn it is: the just saved at once, then words, then vectors, then pictures."""

from __future__ import annotations

import pytest

from semfs.index.order import Lane, Work, turn

READERS, EMBEDDER, RECOGNISER = Lane


@pytest.mark.parametrize(
    ("lane", "waiting", "bulk", "expected"),
    [
        (READERS, [], True, None),
        (READERS, [Work.WORDS], True, Work.WORDS),
        (READERS, [Work.WORDS, Work.SAVED_WORDS], True, Work.SAVED_WORDS),
        (READERS, [Work.WORDS, Work.SAVED_VECTORS], True, Work.WORDS),
        (EMBEDDER, [Work.WORDS, Work.SAVED_VECTORS], True, Work.SAVED_VECTORS),
        (EMBEDDER, [Work.WORDS, Work.VECTORS], True, None),
        (EMBEDDER, [Work.SAVED_WORDS, Work.VECTORS], True, Work.VECTORS),
        (EMBEDDER, [Work.VECTORS, Work.LOOKED_VECTORS], True, Work.LOOKED_VECTORS),
        (EMBEDDER, [Work.VECTORS], False, None),
        (READERS, [Work.WORDS], False, None),
        (READERS, [Work.SAVED_WORDS, Work.WORDS], False, Work.SAVED_WORDS),
        (EMBEDDER, [Work.SAVED_VECTORS, Work.VECTORS], False, Work.SAVED_VECTORS),
        (RECOGNISER, [Work.SCANS], True, Work.SCANS),
        (RECOGNISER, [Work.SCANS, Work.VECTORS], True, None),
        (RECOGNISER, [Work.SCANS], False, None),
    ],
)
def test_a_lane_does_what_comes_first(
    lane: Lane, waiting: list[Work], bulk: bool, expected: Work | None
) -> None:
    assert turn(lane, waiting, bulk=bulk) == expected


def test_all_that_waits_is_done_in_the_end() -> None:
    waiting, done = set(Work), []
    while waiting:
        for lane in Lane:
            work = turn(lane, waiting, bulk=True)
            if work is not None:
                waiting.discard(work)
                done.append(work)
    assert [work for work in done if work.bulk] == [work for work in Work if work.bulk]
    assert sorted(work.number for work in done) == sorted(work.number for work in Work)
