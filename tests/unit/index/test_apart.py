"""What may never answer is walked in a child, which is left behind when it falls silent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from semfs.config import Index
from semfs.index.apart import Apart
from semfs.index.scan import Trouble

SLEEPER = "import time; time.sleep(600)"
NEVER: frozenset[str] = frozenset()


def names(apart: Apart, folder: Path, trouble: Trouble) -> list[str]:
    root = str(folder)
    return sorted(
        os.path.relpath(state.path, root) for state in apart.walk(root, root, root, Index(), NEVER, trouble)
    )


def test_a_child_sees_what_a_walk_sees(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for number in range(450):
        (tmp_path / "sub" / f"{number}.txt").touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).touch()
    (tmp_path / ".hidden.txt").touch()
    trouble = Trouble()
    found = names(Apart(), tmp_path, trouble)
    assert (len(found), found[0], trouble.folders) == (451, "caf\udce9.txt", {})


def test_one_that_is_silent_is_named_and_not_asked_twice(tmp_path: Path) -> None:
    apart, trouble = Apart((sys.executable, "-c", SLEEPER), patience=0.2), Trouble()
    assert names(apart, tmp_path, trouble) == []
    assert trouble.folders == {str(tmp_path): "does not answer"}


def test_one_that_dies_is_named(tmp_path: Path) -> None:
    trouble = Trouble()
    names(Apart((sys.executable, "-c", "raise SystemExit(7)")), tmp_path, trouble)
    assert trouble.folders == {str(tmp_path): "cannot be walked: exit status 7"}


def test_a_folder_that_cannot_be_listed_is_told_by_the_child(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything: run the tests as another user to try this")
    (tmp_path / "closed").mkdir(mode=0)
    trouble = Trouble()
    assert names(Apart(), tmp_path, trouble) == []
    assert trouble.folders == {str(tmp_path / "closed"): "Permission denied"}
