"""Children are started, restarted and ended; their deaths are told."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import time
from pathlib import Path

import pytest

from semfs.supervise import FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS, Backoff, Death, Supervised, ending

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def death(status: int, lived: float) -> Death:
    return Death("child", 1, status, lived)


def until_up(log: Path) -> None:
    while not (log.exists() and "up" in log.read_text()):
        time.sleep(0.01)


def test_delays_double_and_are_bounded() -> None:
    backoff = Backoff()
    delays = [backoff.after(death(1, 0.1)) for _ in range(10)]
    assert delays[:4] == [FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY, 8 * FIRST_DELAY]
    assert delays[-1] == LONGEST_DELAY


def test_delays_begin_again_after_a_long_life_or_a_clean_end() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(death(-9, 0.1))
    assert backoff.after(death(-9, STEADY_SECONDS)) == FIRST_DELAY
    assert backoff.after(death(0, 1.0)) == 0.0
    assert backoff.after(death(-9, 0.1)) == FIRST_DELAY


def test_endings_are_told_in_words() -> None:
    assert [ending(status) for status in (0, 3, -9, -300)] == [
        "ended",
        "failed with status 3",
        "was killed by SIGKILL",
        "was killed by signal 300",
    ]


def test_a_child_runs_until_it_is_stopped_and_its_output_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "new" / "log"
    child = Supervised(SLEEP, name="child", log=log)
    child.start()
    child.start()
    until_up(log)
    assert child.alive
    child.stop()
    assert not child.alive
    assert log.read_text() == "up\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_child_can_stand_back_for_everything_else(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Supervised(SLEEP, name="child", log=log, nice=10)
    child.start()
    until_up(log)
    assert child.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 10
    child.stop()


@pytest.mark.warns
def test_a_child_that_is_killed_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    deaths: queue.SimpleQueue[Death] = queue.SimpleQueue()
    log = tmp_path / "log"
    child = Supervised(SLEEP, name="child", log=log, on_death=deaths.put)
    child.start()
    until_up(log)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert deaths.get(timeout=10).status == -signal.SIGKILL
    log.unlink()
    until_up(log)
    assert child.alive
    assert child.pid != first
    assert child.deaths == 1
    child.stop()
    assert "was killed by SIGKILL" in caplog.text


def test_a_child_that_ends_by_itself_rests_until_it_is_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    deaths: queue.SimpleQueue[Death] = queue.SimpleQueue()
    child = Supervised([sys.executable, "-c", ""], name="child", on_death=deaths.put)
    child.start()
    assert deaths.get(timeout=10).clean
    assert not child.alive
    child.start()
    assert deaths.get(timeout=10).clean
    child.stop()
    assert child.deaths == 0


@pytest.mark.warns
def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    deaths: queue.SimpleQueue[Death] = queue.SimpleQueue()
    child = Supervised(STUBBORN, name="child", log=tmp_path / "log", on_death=deaths.put)
    child.start()
    until_up(tmp_path / "log")
    child.stop(timeout=0.2)
    assert deaths.get(timeout=10).status == -signal.SIGKILL


@pytest.mark.warns
def test_a_command_that_does_not_exist_is_told(caplog: pytest.LogCaptureFixture) -> None:
    child = Supervised(["/nonexistent/command"], name="child")
    child.start()
    while "cannot be started" not in caplog.text:
        time.sleep(0.01)
    child.stop()
    assert not child.alive


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    log = tmp_path / "log"
    inner = "from semfs.supervise import die_with_parent; die_with_parent(); import os, time; "
    inner += "print('up', os.getpid(), flush=True); time.sleep(60)"
    outer = "import sys, time; from pathlib import Path; from semfs.supervise import Supervised; "
    outer += "Supervised([sys.executable, '-c', sys.argv[2]], name='inner', log=Path(sys.argv[1])).start(); "
    outer += "time.sleep(60)"
    parent = Supervised([sys.executable, "-c", outer, str(log), inner], name="outer")
    parent.start()
    until_up(log)
    child = int(log.read_text().split()[1])
    parent.stop()
    while _exists(child):
        time.sleep(0.01)


def _exists(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_child_hears_the_signal_that_ends_it_though_its_starter_blocks_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Supervised(SLEEP, name="sleeper", log=log)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    until_up(log)
    began = time.monotonic()
    child.stop(timeout=30)
    assert time.monotonic() - began < 15


def test_the_last_words_of_a_child_are_the_last_line_of_its_log(tmp_path: Path) -> None:
    child = Supervised(["true"], name="child", log=tmp_path / "log")
    assert child.last_words() == ""
    (tmp_path / "log").write_text("a line\n" * 1000 + "semfs: no such file\n\n")
    assert child.last_words() == "semfs: no such file"


def test_children_that_are_dismissed_end_while_others_are_waited_for(tmp_path: Path) -> None:
    children = [Supervised(SLEEP, name=name, log=tmp_path / name) for name in ("first", "second")]
    for child in children:
        child.start()
        until_up(tmp_path / child.name)
        child.dismiss()
    for child in children:
        child.stop(timeout=30)
        assert (child.alive, child.deaths) == (False, 0)


def test_a_child_that_was_stopped_is_not_started_again_by_who_still_asks_for_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Supervised(SLEEP, name="child", log=log)
    child.start()
    until_up(log)
    child.stop()
    child.start()
    time.sleep(0.3)
    assert (child.alive, log.read_text()) == (False, "up\n")
