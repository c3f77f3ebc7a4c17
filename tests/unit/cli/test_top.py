"""The screen of `semfs top` shows what a mount's files say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from semfs.cli.mounts import Running, record
from semfs.cli.top import SHOWN, Job, jobs
from semfs.model import Coverage


def job(folder: Path, number: int, status: str, request: str = "sum", progress: str = "1 of 2") -> None:
    place = folder / str(number)
    place.mkdir(parents=True)
    for name, text in (("status", status), ("request", request), ("progress", progress)):
        (place / name).write_text(text + "\n")


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Running]:
    """What looks like a running mount from outside."""
    (tmp_path / "sys").mkdir()
    covered = asdict(Coverage(files=40, indexed=40, passages=90, embedded=12, activity="embedding"))
    (tmp_path / "sys" / "status.json").write_text(json.dumps({"coverage": covered, "notices": ["no room"]}))
    (tmp_path / "sys" / "engine").write_text("running, model small\n")
    (tmp_path / "jobs").mkdir()
    with subprocess.Popen(["sleep", "60"]) as process:
        file = record(Running("documents", str(tmp_path), ("/d",), process.pid))
        yield Running("documents", str(tmp_path), ("/d",), process.pid)
        file.unlink()
        process.kill()


def test_what_has_not_ended_comes_first_then_the_newest(tmp_path: Path) -> None:
    for number in range(1, 30):
        job(tmp_path, number, "running" if number == 2 else "done")
    found = jobs(tmp_path)
    assert [one.number for one in found] == ["2", *(str(number) for number in range(29, 29 - SHOWN + 1, -1))]


def test_a_request_is_one_line_without_controls(tmp_path: Path) -> None:
    job(tmp_path, 7, "failed", request="two\nlines \x1b[31m")
    assert jobs(tmp_path) == [Job("7", "failed", "1 of 2", "two lines \ufffd[31m")]


def test_in_a_pipe_the_screen_is_printed_once(mount: Running) -> None:
    job(Path(mount.mountpoint, "jobs"), 3, "running", request="list the letters")
    command = [sys.executable, "-m", "semfs.cli.main", "top", "--mount", mount.mountpoint]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    for words in (
        "12 of 90",
        "notice: no room",
        "3  running  1 of 2  list the letters",
        "running, model small",
    ):
        assert words in done.stdout
