"""Walking folders and comparing them with what is known."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from semfs.index.ignore import Ignore
from semfs.index.scan import UNSETTLED, Changes, Trouble, compare, walk
from semfs.model import FileId
from semfs.store.catalog import FileState


def names(root: Path, trouble: Trouble | None = None) -> list[str]:
    seen = walk(str(root), Ignore(str(root)), trouble or Trouble())
    return sorted(os.path.relpath(state.path, root) for state in seen)


def test_regular_files_are_seen_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to("sub/a.txt")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    assert names(tmp_path) == ["sub/a.txt"]


def test_names_that_are_no_utf8_are_seen(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text("x")
    assert names(tmp_path) == ["caf\udce9.txt"]


def test_a_very_deep_tree_is_walked_as_far_as_paths_go(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(820):
        os.mkdir("deeper", dir_fd=here)
        below = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    trouble = Trouble()
    try:
        assert names(tmp_path, trouble) == []
        assert set(trouble.folders.values()) == {"File name too long"}
    finally:
        subprocess.run(["rm", "-rf", tmp_path], check=True)  # pytest's own cleaning recurses


def test_a_file_that_is_gone_yields_nothing(tmp_path: Path) -> None:
    trouble = Trouble()
    assert list(walk(str(tmp_path / "none"), Ignore(str(tmp_path)), trouble)) == []
    assert trouble.folders == {}


def test_a_single_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    [state] = walk(str(tmp_path / "a.txt"), Ignore(str(tmp_path)), Trouble())
    assert state.size == 1


def state(
    path: str, inode: int = 1, *, size: int = 1, mtime: int = 1, ctime: int = 1, device: int = 1
) -> FileState:
    return FileState(path, device, inode, size, mtime, ctime)


def known(*states: FileState) -> dict[str, tuple[FileId, FileState]]:
    return {item.path: (FileId(number), item) for number, item in enumerate(states, 1)}


def test_what_is_the_same_is_no_change() -> None:
    assert not compare(known(state("/a")), [state("/a")], Trouble())


def test_each_difference_is_told_from_the_others() -> None:
    before = known(state("/same", 1), state("/edited", 2), state("/old", 3), state("/gone", 4))
    after = [state("/same", 1), state("/edited", 2, mtime=9), state("/new", 3), state("/added", 5)]
    assert compare(before, after, Trouble()) == Changes(
        added=(after[3],),
        changed=((FileId(2), after[1]),),
        moved=((FileId(3), after[2]),),
        removed=(FileId(4),),
    )


def test_a_change_that_set_the_time_back_is_seen_by_its_change_time() -> None:
    assert compare(known(state("/a")), [state("/a", ctime=2)], Trouble()).changed


def test_a_file_at_a_new_path_with_a_new_change_time_is_read_again_in_its_row() -> None:
    """It was renamed, or another file has got its inode and its time."""
    renamed = state("/b", ctime=2)
    assert compare(known(state("/a")), [renamed], Trouble()) == Changes(changed=((FileId(1), renamed),))


def test_a_file_that_was_just_written_may_be_written_again_unseen(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    [fresh] = walk(str(tmp_path / "a"), Ignore(str(tmp_path)), Trouble())
    assert fresh.ctime_ns == UNSETTLED
    assert compare(known(fresh), [fresh], Trouble()).changed
    time.sleep(0.05)
    [settled] = walk(str(tmp_path / "a"), Ignore(str(tmp_path)), Trouble())
    assert settled.ctime_ns == os.stat(tmp_path / "a").st_ctime_ns


def test_a_new_device_number_is_no_change_of_content() -> None:
    changes = compare(known(state("/a")), [state("/a", device=2)], Trouble())
    assert (len(changes.moved), len(changes.changed)) == (1, 0)


def test_of_two_hard_links_the_one_that_is_left_stays() -> None:
    before = known(state("/a", 7), state("/b", 7))
    assert compare(before, [state("/b", 7), state("/c", 7)], Trouble()) == Changes(
        moved=((FileId(1), state("/c", 7)),)
    )


def test_nothing_is_removed_from_a_folder_that_could_not_be_listed() -> None:
    trouble = Trouble({"/locked": "Permission denied"})
    assert compare(known(state("/locked/sub/a"), state("/lock", 2)), [], trouble).removed == (FileId(2),)


def apply(before: dict[str, tuple[FileId, FileState]], changes: Changes) -> set[str]:
    paths = {id: path for path, (id, _) in before.items()}
    for id in changes.removed:
        del paths[id]
    paths.update({id: item.path for id, item in changes.moved + changes.changed})
    return {*paths.values(), *(item.path for item in changes.added)}


FOLDER = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.integers(1, 4), st.integers(1, 2)), max_size=6
)


@given(FOLDER, FOLDER)
def test_after_the_changes_the_catalogue_is_what_was_seen(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> None:
    def states(folder: dict[str, tuple[int, int]]) -> Iterable[FileState]:
        return [state(name, inode, mtime=mtime) for name, (inode, mtime) in folder.items()]

    have = known(*states(before))
    assert apply(have, compare(have, states(after), Trouble())) == set(after)
