"""The second look moves the query towards what leads, and reorders what could come first."""

from __future__ import annotations

import numpy as np
import pytest

from semfs.model import FileId, PassageId
from semfs.search.feedback import COMPARED, candidates, moved, seen_again, taken_as_near
from semfs.search.fusion import Match


def match(id: int, z: float) -> Match:
    return Match(PassageId(id), FileId(id), z=z, cosine=z / 10)


def axis(place: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.eye(4, dtype=np.float32)[place]


def test_only_the_leading_passages_are_compared_anew_best_first() -> None:
    found = {PassageId(id): match(id, 1 + id / 100) for id in range(COMPARED + 10)}
    best = [int(match.passage) for match in candidates(found, 1.0)]
    assert best == list(range(COMPARED + 9, 9, -1))


def test_the_query_moves_towards_the_first_three_and_not_to_them() -> None:
    query = moved(axis(0), np.stack([axis(1), axis(1), axis(1), axis(2)]))
    assert query.tolist() == pytest.approx([0.970, 0.243, 0.0, 0.0], abs=1e-3)
    assert float(np.linalg.norm(query)) == pytest.approx(1.0)


def test_vectors_that_are_nothing_leave_the_query_where_it_is() -> None:
    assert moved(axis(0), np.zeros((3, 4), np.float32)).tolist() == axis(0).tolist()


def test_what_is_near_the_moved_query_rises_and_keeps_its_first_cosine() -> None:
    seen = seen_again([match(1, 3.0), match(2, 2.0)], np.array([0.5, 0.7], np.float32), (0.1, 0.1))
    assert [round(found.z or 0.0, 3) for found in seen] == [4.0, 6.0]
    assert [found.cosine for found in seen] == [0.3, 0.2]


def test_what_waits_for_its_vector_is_behind_the_nearest_and_before_most() -> None:
    waiting = [Match(PassageId(3), FileId(3), words=2.0)]
    assert [found.z for found in taken_as_near(waiting, [match(1, 4.0), match(2, 1.0)])] == [0.7 * 4.0]
    assert [found.z for found in taken_as_near(waiting, [match(1, -1.0)])] == [0.0]
