"""What `semfs doctor` says to somebody who may not administer the machine."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from semfs.cli import doctor
from semfs.config import Config


@pytest.fixture
def fusermount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on the path of a user who is not root."""
    program = tmp_path / "fusermount3"
    program.touch()
    program.chmod(0o4755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return program


def test_a_fusermount_that_is_root_for_others_will_do(fusermount: Path) -> None:
    assert doctor.fusermount(Config()) == str(fusermount)


def test_a_fusermount_without_that_right_is_not_enough(fusermount: Path) -> None:
    fusermount.chmod(0o755)
    with pytest.raises(doctor.Failure) as failure:
        doctor.fusermount(Config())
    assert failure.value.args[1] == f"sudo chmod u+s {fusermount}"


def test_what_needs_root_is_said_to_be_for_an_administrator(
    fusermount: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fusermount.unlink()
    monkeypatch.setattr(doctor, "CHECKS", (("fusermount3", doctor.fusermount),))
    assert doctor.run(argparse.Namespace(), Config()) == 1
    assert capsys.readouterr().out.splitlines() == [
        "FAIL  fusermount3: fusermount3 is not installed",
        "      sudo apt install fuse3",
        "What begins with sudo is for somebody who may administer this machine.",
    ]
