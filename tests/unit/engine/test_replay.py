"""A thousand jobs, replayed against the scheduler and against plainer ways to serve."""

from __future__ import annotations

import pytest

from fakes.replay import Serve, Served, fairness, in_order, in_slices, scheduled, share_below, trace
from semfs.model import Priority


@pytest.fixture(scope="module")
def served() -> list[Served]:
    return scheduled(trace(1))


def of(served: list[Served], priority: Priority) -> list[Served]:
    return [item for item in served if item.job.arrival.priority is priority]


def latest(served: list[Served]) -> float:
    """Return how long all but one in twenty waited for their first token at most."""
    return share_below([item.wait for item in served], 0.95)


def test_a_thousand_jobs_are_all_served(served: list[Served]) -> None:
    assert len(served) == 1000
    assert all(item.job.at < item.first <= item.last for item in served)


@pytest.mark.parametrize("plain", [in_order, in_slices])
def test_people_wait_a_fraction_and_nobody_pays_for_it(served: list[Served], plain: Serve) -> None:
    other = plain(trace(1))
    assert 20 * latest(of(served, Priority.HIGH)) < latest(of(other, Priority.HIGH))
    assert latest(of(served, Priority.LOW)) < latest(of(other, Priority.LOW))
    assert max(item.last for item in served) < max(item.last for item in other)


def test_people_are_slowed_down_more_alike_than_one_after_another(served: list[Served]) -> None:
    ours, theirs = of(served, Priority.HIGH), of(in_order(trace(1)), Priority.HIGH)
    assert fairness([item.slowdown for item in ours]) > fairness([item.slowdown for item in theirs])
