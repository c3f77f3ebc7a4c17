"""Processes that end, stand still or go on: the mount, its engine, and the clock under them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from .conftest import PLAN, House, patience

CLOCK = Path(__file__).parents[1] / "fakes" / "clock.c"


def test_a_mount_killed_in_the_middle_of_a_read_frees_its_reader_and_is_mounted_again(house: House) -> None:
    with house.reader() as reader:
        house.until_told("requests", 1)
        began = time.monotonic()
        house.kill()
        assert reader.wait(10) == 1
        assert time.monotonic() - began < patience()
        assert reader.stderr is not None
        assert b"Software caused connection abort" in reader.stderr.read()
    assert "not connected" in house.run('ls "$MNT"').stderr
    house.start()
    house.indexed()
    assert house('cat "$MNT/README"')


@pytest.mark.parametrize("phase", ["starting", "reading", "writing"])
def test_an_engine_that_dies_in_any_phase_is_started_again_for_the_reader(asleep: House, phase: str) -> None:
    asleep.phases = (phase, "asleep")
    asleep.start()
    asleep.indexed()
    with asleep.reader() as reader:
        asleep.until_told("starts", 2)
        asleep.until_told("requests", 1 if phase == "starting" else 2)
        assert reader.poll() is None
        asleep('ls "$MNT/search/boat"; cat "$MNT/sys/engine"')
        reader.send_signal(signal.SIGINT)
        assert reader.wait(patience()) == -signal.SIGINT


def test_an_engine_that_is_killed_while_nobody_waits_is_started_for_the_next_reader(house: House) -> None:
    with house.reader() as reader:
        house.until_told("requests", 1)
        reader.kill()
    os.kill(int((house.base / "starts").read_text()), signal.SIGKILL)
    with house.reader() as reader:
        house.until_told("requests", 2)
        reader.kill()
    assert house.told("starts") == 2


def test_an_engine_that_stands_still_holds_up_nobody_who_looks_at_sys(house: House) -> None:
    with house.reader() as reader:
        house.until_told("requests", 1)
        os.kill(int((house.base / "starts").read_text()), signal.SIGSTOP)
        time.sleep(1.5)  # until nothing that was seen before is remembered
        house('ls -l "$MNT/sys"')
        assert "does not answer" in house('cat "$MNT/sys/engine"')
        reader.kill()


def test_an_engine_that_only_dies_is_said_in_the_answer(asleep: House) -> None:
    asleep.phases = ("reading",)
    asleep.start()
    asleep.indexed()
    with asleep.reader() as reader:
        words, _ = reader.communicate(timeout=60)
    assert words.startswith(b"No answer: ")
    assert asleep('ls "$MNT/search/boat"') == "01_boat.txt\n"


def test_a_mount_that_was_stopped_goes_on_where_it_was(house: House) -> None:
    with house.reader() as reader:
        house.until_told("requests", 1)
        house.process.send_signal(signal.SIGSTOP)
        with subprocess.Popen(["ls", str(house.mnt / "search" / "boat in harbour")]) as looking:
            time.sleep(1.5)
            assert looking.poll() is None
            house.process.send_signal(signal.SIGCONT)
            assert looking.wait(patience()) == 0
        house('ls "$MNT/search/boat"; cat "$MNT/sys/status"')
        assert reader.poll() is None
        reader.send_signal(signal.SIGINT)
        assert reader.wait(patience()) == -signal.SIGINT


class Clock:
    """The clock on the wall as the mount and its children see it."""

    def __init__(self, house: House) -> None:
        library = house.base / "clock.so"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, CLOCK], check=True)
        self._file = house.base / "clock"
        self.put(0)
        house.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._file)}

    def put(self, seconds: int) -> None:
        """Set it that far from the true one."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds}\n")
        new.replace(self._file)


def works(house: House, name: str) -> None:
    """Try what depends on times: new files, searches, jobs, saved queries, how long it has been up."""
    (house.src / f"{name}.txt").write_text(f"The tomatoes of {name} are red.\n")
    house.until('ls "$MNT/search/tomatoes"', lambda text: f"{name}.txt" in text)  # by its words
    job = house(f"exec 3<>\"$MNT/run\"; cat >&3 <<'.'\n{PLAN}.\nhead -1 <&3").strip()
    house.until(f'cat "$MNT/jobs/{job}/status"', lambda text: text == "done\n")
    assert f"{name}.txt" in house(f'cat "$MNT/jobs/{job}/out/list.txt"')
    house(f'mkdir "$MNT/saved/{name}" && ls "$MNT/saved/{name}"')
    assert "up -" not in house('cat "$MNT/sys/status"')


def test_a_clock_that_is_set_back_changes_nothing(asleep: House) -> None:
    clock = Clock(asleep)
    asleep.start()
    works(asleep, "before")
    clock.put(-7 * 86400)
    works(asleep, "after")
    with asleep.reader() as reader:
        asleep.until_told("requests", 1)
        reader.send_signal(signal.SIGINT)
        assert reader.wait(patience()) == -signal.SIGINT


def test_a_mount_that_was_stopped_for_an_hour_runs_once_what_was_due(asleep: House) -> None:
    clock = Clock(asleep)
    asleep.start()
    works(asleep, "before")
    due = datetime.now() + timedelta(minutes=30)
    every = PLAN.replace("plan", f'every="daily {due:%H:%M}" plan')
    asleep(f"cat > \"$MNT/jobs/every/often\" <<'.'\n{every}.")
    asleep.process.send_signal(signal.SIGSTOP)
    clock.put(3600)
    time.sleep(0.5)
    asleep.process.send_signal(signal.SIGCONT)
    works(asleep, "after")
    runs = asleep.until('ls "$MNT/jobs/every/often.runs" 2>/dev/null; true', bool)
    assert len(runs.splitlines()) == 1
    works(asleep, "later")
    assert asleep('ls "$MNT/jobs/every/often.runs"') == runs


def test_a_daemon_that_is_killed_leaves_no_children(house: House) -> None:
    with house.reader():
        house.until_told("requests", 1)
        engine = int((house.base / "starts").read_text())
        house.kill()
        end = time.monotonic() + 5
        while Path(f"/proc/{engine}").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
