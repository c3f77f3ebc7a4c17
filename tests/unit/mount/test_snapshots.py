"""Snapshots are remembered, but not more than memory has room for."""

from __future__ import annotations

import pytest

from semfs.model import Coverage, FileId, FileRow, FileStatus, Hit, Kind, SearchResult
from semfs.mount import snapshots as snapshots_module
from semfs.mount.snapshots import Snapshots, Words


def two_hits(words: Words) -> SearchResult:
    rows = (FileRow(FileId(n), f"/d/{n}", Kind.TEXT, 1, 0.0, FileStatus.INDEXED) for n in (1, 2))
    return SearchResult(
        (), tuple(Hit(n, row, 1.0, None, "name") for n, row in enumerate(rows, 1)), Coverage()
    )


def test_the_oldest_go_when_all_listings_together_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots_module, "HITS", 5)
    snapshots = Snapshots(two_hits)
    for word in "abc":
        snapshots.fresh((word,))
    assert [word for word in "abc" if snapshots.known((word,))] == ["b", "c"]


def test_the_newest_stays_however_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots_module, "HITS", 1)
    snapshots = Snapshots(two_hits)
    snapshots.fresh(("a",))
    assert snapshots.known(("a",))
