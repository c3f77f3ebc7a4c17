"""The screen of `semfs top` shows what a mount's files say."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console

from semfs.cli.mounts import Running, record
from semfs.cli.top import SHOWN, Job, Moment, directed, jobs, screen
from semfs.cli.watch import View
from semfs.config import runtime_dir
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
    job(tmp_path, 7, "running", request="two\nlines \x1b[31m")
    assert jobs(tmp_path) == [Job("7", "running", "1 of 2", "two lines \ufffd[31m")]


def test_how_a_request_is_to_be_run_is_not_shown_unless_it_is_all_there_is() -> None:
    assert directed("#!semfs hold\nlist the letters\n") == "list the letters\n"
    assert directed("#!semfs plan\n") == "#!semfs plan\n"
    assert directed("list the letters\nof Anna\n") == "list the letters\nof Anna\n"


def moment(*jobs: Job) -> Moment:
    covered = asdict(Coverage(files=40, indexed=40, passages=90, embedded=12, activity="embedding"))
    facts = json.dumps({"coverage": covered, "jobs": {"running": 2, "done": 30}})
    view = View(Running("documents", "/home/me/Suche 文件", ("/d",), 1), facts, time.monotonic())
    return Moment(view, "2 running, 0 waiting\nprocess\t7, 900 MB\nmodel\tsmall: 2 running\n", jobs)


JOBS = [
    Job(str(number), "running", f"step 2 of 3: extract, {number} of 900 files", "把" * 60 + " e\u0301\u202e")
    for number in range(140, 100, -1)
]


@pytest.mark.parametrize("width,height", [(80, 24), (40, 10), (200, 50), (20, 6), (1000, 200)])
@pytest.mark.parametrize("count", [0, 1, len(JOBS)])
def test_the_screen_fits_any_terminal_in_any_script(width: int, height: int, count: int) -> None:
    console = Console(width=width, height=height, file=io.StringIO())
    drawn = console.render_lines(screen(moment(*JOBS[:count]), width, height), pad=False)
    assert all(sum(segment.cell_length for segment in line) <= width for line in drawn)
    assert len(drawn) <= max(height, 9)
    told = "\n".join("".join(segment.text for segment in line) for line in drawn)
    assert "engine" in told
    assert not count or "140" in told


class Terminal:
    """`semfs top` on a terminal of its own."""

    def __init__(self, mount: Running) -> None:
        self.ours, theirs = pty.openpty()
        termios.tcsetwinsize(self.ours, (24, 80))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "semfs.cli.main", "top", "--mount", mount.mountpoint],
            stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"},
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.shown = b""

    def until(self, words: bytes) -> None:
        end = time.monotonic() + 60
        while words not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 65536)

    def left(self) -> int:
        """Return how the program ends, reading what it still says."""
        end = time.monotonic() + 60
        while self.process.poll() is None:
            assert time.monotonic() < end, self.shown
            if select.select([self.ours], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # nobody is there to write any more
                    self.shown += os.read(self.ours, 65536)
        return self.process.returncode


@pytest.fixture
def terminal(mount: Running) -> Iterator[Terminal]:
    terminal = Terminal(mount)
    try:
        terminal.until(b"12 of 90")
        yield terminal
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.ours)


def test_q_ends_it_and_the_terminal_is_as_it_was(terminal: Terminal) -> None:
    os.write(terminal.ours, b"xq")
    assert terminal.left() == 0
    assert {b"\x1b[?1049l", b"\x1b[?25h"} <= set(re.findall(rb"\x1b\[\?\d+[hl]", terminal.shown[-20:]))
    assert termios.tcgetattr(terminal.ours)[3] & (termios.ECHO | termios.ICANON)


def test_ctrl_c_ends_it(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.left() == 0
    assert b"Traceback" not in terminal.shown


def test_a_mount_that_ends_is_said_to_have_ended(terminal: Terminal, mount: Running) -> None:
    (runtime_dir() / "mounts" / "documents.json").unlink()
    assert terminal.left() == 0
    assert f"{mount.mountpoint} was unmounted".encode() in terminal.shown
    record(mount)


def test_in_a_pipe_the_screen_is_printed_once(mount: Running) -> None:
    job(Path(mount.mountpoint, "jobs"), 3, "running", request="list the letters")
    command = [sys.executable, "-m", "semfs.cli.main", "top", "--mount", mount.mountpoint]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    for words in (
        "12 of 90",
        "notice: no room",
        "3  running  1 of 2  list the letters",
        "engine  running, model small",
    ):
        assert words in done.stdout
