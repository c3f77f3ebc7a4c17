"""Snapshots are remembered, but not more than memory has room for."""

from __future__ import annotations

import pytest

from semfs.mount import snapshots as snapshots_module
from semfs.mount.snapshots import Snapshots
from tests.mount.fake_service import FakeService


@pytest.fixture
def two_hits(service: FakeService) -> FakeService:
    service.files = {word: ["/d/1", "/d/2"] for word in "abc"}
    return service


def test_the_oldest_go_when_all_listings_together_are_too_long(
    monkeypatch: pytest.MonkeyPatch, two_hits: FakeService
) -> None:
    monkeypatch.setattr(snapshots_module, "FILES", 5)
    snapshots = Snapshots(two_hits)
    for word in "abc":
        snapshots.fresh((word,))
    assert [word for word in "abc" if snapshots.known((word,))] == ["b", "c"]


def test_the_newest_stays_however_long_it_is(monkeypatch: pytest.MonkeyPatch, two_hits: FakeService) -> None:
    monkeypatch.setattr(snapshots_module, "FILES", 1)
    snapshots = Snapshots(two_hits)
    snapshots.fresh(("a",))
    assert snapshots.known(("a",))
