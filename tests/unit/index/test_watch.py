"""Changes are noticed, and looked at when they have settled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.index.watch import LONGEST_S, MOST_PATHS, QUIET_S, Settling, Watcher, topmost


def test_a_burst_is_over_when_it_is_quiet() -> None:
    settling = Settling()
    settling.add("/a", 10.0)
    settling.add("/b", 10.2)
    assert settling.take(10.3) == set()
    assert settling.take(10.2 + QUIET_S) == {"/a", "/b"}
    assert settling.due() is None


def test_a_burst_that_does_not_end_is_looked_at_all_the_same() -> None:
    settling = Settling()
    now = 10.0
    while now < 10.0 + LONGEST_S:
        settling.add("/a", now)
        now += QUIET_S / 2
    assert settling.take(now) == {"/a"}


def test_of_nested_paths_the_topmost_are_looked_at() -> None:
    assert topmost({"/a/b", "/a", "/a.txt", "/ab/c", "/a/b/c"}) == ["/a.txt", "/a", "/ab/c"]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Watcher, threading.Event, Path]]:
    noticed = threading.Event()
    watcher = Watcher(noticed.set)
    watcher.start([str(tmp_path)])
    assert watcher.healthy()
    yield watcher, noticed, tmp_path
    watcher.stop()


def take(watcher: Watcher, noticed: threading.Event) -> set[str]:
    assert noticed.wait(10)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        paths = watcher.take()
        if paths:
            return set(paths)
        time.sleep(0.05)
    return set()


def test_a_new_file_is_noticed(watched: tuple[Watcher, threading.Event, Path]) -> None:
    watcher, noticed, folder = watched
    (folder / "a.txt").write_text("x")
    assert take(watcher, noticed) == {str(folder / "a.txt")}


def test_both_ends_of_a_rename_are_noticed(watched: tuple[Watcher, threading.Event, Path]) -> None:
    watcher, noticed, folder = watched
    (folder / "a").mkdir()
    take(watcher, noticed)
    noticed.clear()
    (folder / "a").rename(folder / "b")
    assert take(watcher, noticed) == {str(folder / "a"), str(folder / "b")}


def test_reading_a_file_is_no_change(watched: tuple[Watcher, threading.Event, Path]) -> None:
    watcher, noticed, folder = watched
    (folder / "a.txt").write_text("x")
    take(watcher, noticed)
    noticed.clear()
    (folder / "a.txt").read_text()
    (folder / "b.txt").write_text("x")
    assert take(watcher, noticed) == {str(folder / "b.txt")}


def test_too_many_changes_ask_for_a_whole_scan(watched: tuple[Watcher, threading.Event, Path]) -> None:
    watcher, _, _ = watched
    long_ago = time.monotonic() - 60
    for number in range(MOST_PATHS + 1):
        watcher._settling.add(f"/{number}", long_ago)
    assert watcher.take() == []
    assert watcher.lost


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    watcher = Watcher(lambda: None)
    watcher.start([str(tmp_path / "none")])
    assert not watcher.healthy()
    assert watcher.trouble.startswith("changes are looked for once a minute")
    watcher.stop()


def test_a_folder_that_goes_away_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    watcher = Watcher(lambda: None)
    watcher.start([str(folder)])
    folder.rmdir()
    until = time.monotonic() + 10
    while watcher.healthy() and time.monotonic() < until:
        time.sleep(0.05)
    assert not watcher.healthy()
    watcher.stop()
