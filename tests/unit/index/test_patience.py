"""A folder is asked for without being waited for; where nothing is silent it is as `os` would say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from semfs.index.patience import listed, resolved


def test_links_are_resolved_as_the_system_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real/deep")
    monkeypatch.chdir(tmp_path)
    for path in (
        "link",
        "link/..",
        "./link/",
        f"{tmp_path}//link/../deep",
        "none/../link",
        ".",
        "/",
        "link/no",
    ):
        assert resolved(path) == os.path.realpath(path)


def test_what_cannot_be_listed_is_refused_as_the_system_does(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert listed(str(tmp_path))
    with pytest.raises(NotADirectoryError):
        listed(str(tmp_path / "file"))
    with pytest.raises(FileNotFoundError):
        listed(str(tmp_path / "none"))
