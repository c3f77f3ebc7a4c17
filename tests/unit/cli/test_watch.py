"""Following mounts: what is shown of each, also of one that ends, on a terminal and in a pipe."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from semfs.cli.mounts import Running, record
from semfs.cli.watch import View, bars, coverage_of, summary
from semfs.model import Coverage, Progress

READING = Coverage(
    files=40,
    indexed=8,
    pending=30,
    failed=2,
    passages=90,
    embedded=12,
    activity="reading",
    current="/d/\x1b[31mred.txt",
    progress=Progress(files_per_s=2.0, words_left_s=15.0),
)
COMMAND = [sys.executable, "-m", "semfs.cli.main", "status", "--watch"]


def told(coverage: Coverage) -> str:
    return json.dumps({"coverage": asdict(coverage) | {"complete": False}, "notices": ["no room"]}) + "\n"


def view(coverage: Coverage, **changes: bool) -> View:
    return View(Running("d", "/mnt", ("/d",), 1), told(coverage), time.monotonic(), **changes)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Running]:
    """What looks like a running mount from outside."""
    (tmp_path / "sys").mkdir()
    (tmp_path / "sys" / "status.json").write_text(told(READING))
    with subprocess.Popen(["sleep", "60"]) as process:
        running = Running("documents", str(tmp_path), ("/d",), process.pid)
        file = record(running)
        yield running
        file.unlink()
        process.kill()


def test_what_was_written_is_read_again() -> None:
    assert coverage_of(view(READING)) == READING


def test_bars_count_what_has_been_dealt_with() -> None:
    assert [(bar.label, bar.done, bar.total) for bar in bars(READING)] == [
        ("words", 10, 40),
        ("meaning", 12, 90),
    ]
    assert [bar.label for bar in bars(replace(READING, scans=3, scanned=1))][-1] == "pictures"


def test_a_mount_is_told_on_one_line_without_what_would_move_the_cursor() -> None:
    assert summary(view(READING)) == (
        "/mnt; words 10 of 40; meaning 12 of 90; reading, less than a minute left for the words;"
        " /d/\ufffd[31mred.txt"
    )
    assert "unmounted" in summary(view(READING, ended=True))


def test_in_a_pipe_there_is_a_line_for_each_change_and_ctrl_c_ends_it(mount: Running) -> None:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        assert "words 10 of 40" in watching.stdout.readline()
        new = mount.path("new")
        new.write_text(told(Coverage(files=40, indexed=40, activity="watching")))
        new.rename(mount.path("sys", "status.json"))
        assert "words 40 of 40" in watching.stdout.readline()
        os.kill(mount.pid, signal.SIGKILL)
        os.waitpid(mount.pid, 0)
        assert "unmounted" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0


def test_a_pipe_that_is_closed_ends_it(mount: Running) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} --json | head -n 1"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert json.loads(done.stdout)["notices"] == ["no room"]


def test_on_a_terminal_bars_are_drawn_over_each_other(mount: Running) -> None:
    inside, outside = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    with subprocess.Popen(COMMAND, stdin=outside, stdout=outside, env=environment) as watching:
        os.close(outside)
        seen = b""
        while seen.count(b"10 of 40") < 3:
            seen += os.read(inside, 65536)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0
    assert "━".encode() in seen
    assert (b"no room" in seen, b"\x1b[2J" in seen, b"\x1b[31mred" in seen) == (True, False, False)
    os.close(inside)
