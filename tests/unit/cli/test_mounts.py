"""The records of running mounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from semfs import config
from semfs.cli import mounts
from semfs.errors import UsageError

DEAD = 2**22 - 1  # above the kernel's default pid_max, so never a process


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def one(name: str, pid: int = os.getpid()) -> mounts.Running:
    return mounts.Running(name, f"/mnt/{name}", ("/src",), pid)


def test_a_recorded_mount_is_found_again() -> None:
    mounts.record(one("a"))
    assert mounts.running() == [one("a")]
    assert mounts.choose(None) == one("a")


def test_a_mount_whose_process_is_gone_is_not_listed() -> None:
    mounts.record(one("a", DEAD))
    assert mounts.running() == []


def test_a_login_and_cron_see_the_mounts_of_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "OF_A_LOGIN", f"{tmp_path}/login/semfs")
    monkeypatch.setattr(config, "FALLBACK", f"{tmp_path}/fallback")
    (tmp_path / "login").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "login"))
    mounts.record(one("a"))
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    mounts.record(one("b"))
    assert mounts.running() == [one("a"), one("b")]
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "login"))
    assert mounts.running() == [one("a"), one("b")]
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "elsewhere"))
    assert mounts.running() == []


def test_a_damaged_record_is_passed_over() -> None:
    mounts.record(one("a")).write_text("{")
    assert mounts.running() == []


def test_without_a_mount_the_error_says_how_to_start_one() -> None:
    with pytest.raises(UsageError, match="semfs mount SRC MNT"):
        mounts.choose(None)


def test_several_mounts_must_be_told_apart() -> None:
    for name in "ab":
        mounts.record(one(name))
    with pytest.raises(UsageError, match="--mount MNT: /mnt/a, /mnt/b"):
        mounts.choose(None)
    assert mounts.choose("/mnt/b") == one("b")


def test_the_same_folders_in_any_order_have_the_same_name(tmp_path: Path) -> None:
    folders = [str(tmp_path / name) for name in ("My Documents", "b")]
    assert mounts.name_for(folders) == mounts.name_for(folders[::-1])
    assert mounts.name_for(folders).startswith("my-documents-")


def test_names_of_any_script_give_a_usable_name(tmp_path: Path) -> None:
    assert mounts.name_for([str(tmp_path / "文档")]).startswith("files-")
