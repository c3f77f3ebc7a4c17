"""Bulk work stands back for others, never for good, and what is little or just saved does not wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.index.neighbour import LONGEST_REST_S, Machine, Neighbour

BUSY, CALM, BATTERY = Machine(others=1.0), Machine(others=0.0), Machine(on_battery=True)


def seen(machine: Machine, *, seconds: int = 60, much: bool = True, **minds: bool) -> Neighbour:
    """Return one that has seen the same machine for so long."""
    neighbour = Neighbour(**minds)
    neighbour.backlog(files=10_000 if much else 10, passages=0)
    for now in range(seconds):
        neighbour.observe(float(now), machine)
    return neighbour


def test_a_calm_machine_is_used() -> None:
    assert seen(CALM).reason == ""
    assert seen(CALM).allows(60)


def test_on_battery_bulk_work_waits() -> None:
    assert seen(BATTERY).reason == "on battery"
    assert not seen(BATTERY).allows(60)


def test_it_goes_on_when_mains_is_back() -> None:
    neighbour = seen(BATTERY)
    neighbour.observe(60, CALM)
    assert neighbour.allows(60)


def test_a_load_of_some_seconds_is_no_reason() -> None:
    assert seen(BUSY, seconds=5).reason == ""
    assert seen(BUSY, seconds=30).reason == "others need the processors"


def test_a_pause_ends_only_when_the_machine_is_calm() -> None:
    neighbour = seen(BUSY)
    for now in range(60, 120):
        neighbour.observe(now, Machine(others=0.5))
    assert neighbour.reason == "others need the processors"
    for now in range(120, 180):
        neighbour.observe(now, CALM)
    assert neighbour.reason == ""


def test_what_is_little_is_done_at_once() -> None:
    assert seen(BUSY, much=False).reason == ""
    assert seen(BATTERY, much=False).allows(60)


def test_a_user_who_does_not_mind_is_not_minded() -> None:
    assert seen(BATTERY, minds_battery=False).reason == ""
    assert seen(BUSY, minds_load=False).reason == ""


@given(st.lists(st.floats(0.001, 600), min_size=1, max_size=20))
def test_beside_others_it_goes_on_as_a_trickle(pieces: list[float]) -> None:
    neighbour, now = seen(BUSY), 60.0
    for seconds in pieces:
        assert neighbour.allows(now)
        now += seconds
        neighbour.worked(now, seconds)
        assert not neighbour.allows(now)
        assert 0 < neighbour.timeout(now) <= LONGEST_REST_S + 1e-6
        now += neighbour.timeout(now) + 1e-6
