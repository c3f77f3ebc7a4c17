"""Changes are noticed, and looked at when they have settled."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.index.ignore import Ignore
from semfs.index.scan import Trouble, walk
from semfs.index.watch import LONGEST_S, MOST_PATHS, QUIET_S, Settling, Watcher, topmost

LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")


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


class Watched:
    """A folder that is watched as far as it has been walked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watcher = Watcher(lambda: None)
        self.watcher.start()
        self.walk()

    def walk(self, place: str = "") -> list[str]:
        """Walk as a scan does; return the files."""
        start = str(self.folder / place) if place else str(self.folder)
        states = walk(start, Ignore(str(self.folder)), Trouble(), self.watcher.enter)
        return sorted(os.path.relpath(state.path, self.folder) for state in states)

    def noticed(self) -> set[str]:
        """Wait for a burst and return its paths."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            paths = self.watcher.take()
            if paths:
                return {os.path.relpath(path, self.folder) for path in paths}
            time.sleep(0.02)
        return set()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    assert watched.watcher.healthy()
    yield watched
    watched.watcher.stop()


def test_a_new_file_is_noticed(watched: Watched) -> None:
    (watched.folder / "a.txt").write_text("x")
    assert watched.noticed() == {"a.txt"}


def test_a_folder_is_watched_once_it_was_walked(watched: Watched) -> None:
    (watched.folder / "a").mkdir()
    (watched.folder / "a/1.txt").write_text("x")
    assert watched.noticed() == {"a"}
    assert watched.walk("a") == ["a/1.txt"]
    (watched.folder / "a/2.txt").write_text("x")
    assert watched.noticed() == {"a/2.txt"}


def test_both_ends_of_a_rename_are_noticed_and_the_new_one_is_watched(watched: Watched) -> None:
    (watched.folder / "a/deep").mkdir(parents=True)
    watched.walk()
    watched.noticed()
    (watched.folder / "a").rename(watched.folder / "b")
    assert watched.noticed() == {"a", "b"}
    watched.walk("b")
    (watched.folder / "b/deep/1.txt").write_text("x")
    assert watched.noticed() == {"b/deep/1.txt"}


def test_what_is_moved_away_is_watched_no_longer(
    watched: Watched, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (watched.folder / "a/deep").mkdir(parents=True)
    watched.walk()
    watched.noticed()
    assert watched.watcher.count == 3
    (watched.folder / "a").rename(tmp_path_factory.mktemp("elsewhere") / "a")
    assert watched.noticed() == {"a"}
    assert watched.watcher.count == 1


def test_what_is_ignored_is_not_watched(watched: Watched) -> None:
    (watched.folder / "node_modules/x").mkdir(parents=True)
    (watched.folder / ".git").mkdir()
    watched.walk()
    assert watched.watcher.count == 1


def test_what_a_whole_walk_does_not_enter_is_watched_no_longer(watched: Watched) -> None:
    (watched.folder / "a").mkdir()
    watched.walk()
    assert watched.watcher.count == 2
    (watched.folder / ".semfsignore").write_text("a/\n")
    watched.watcher.begin_whole()
    watched.walk()
    watched.watcher.end_whole()
    assert watched.watcher.count == 1


def test_reading_a_file_is_no_change(watched: Watched) -> None:
    (watched.folder / "a.txt").write_text("x")
    watched.noticed()
    (watched.folder / "a.txt").read_text()
    (watched.folder / "b.txt").write_text("x")
    assert watched.noticed() == {"b.txt"}


def test_too_many_changes_ask_for_a_whole_scan(watched: Watched) -> None:
    long_ago = time.monotonic() - 60
    for number in range(MOST_PATHS + 1):
        watched.watcher._settling.add(f"/{number}", long_ago)
    assert watched.watcher.take() == []
    assert watched.watcher.lost


def test_events_that_the_kernel_dropped_are_noticed(tmp_path: Path) -> None:
    if not os.access(LIMIT, os.W_OK):
        pytest.skip("only root can lower fs.inotify.max_queued_events: run the tests as root to try this")
    before = LIMIT.read_text()
    LIMIT.write_text("8")
    try:
        watched = Watched(tmp_path)
    finally:
        LIMIT.write_text(before)
    with watched.watcher._lock:  # as a machine that is too busy to listen
        for number in range(100):
            (tmp_path / str(number)).write_text("x")
    until = time.monotonic() + 10
    while not watched.watcher.lost and time.monotonic() < until:
        time.sleep(0.02)
    assert not watched.watcher.healthy()
    watched.watcher.start()
    assert watched.watcher.healthy()
    watched.watcher.stop()
