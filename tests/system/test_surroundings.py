"""What surrounds the folder: too few watches, drives that come and go, servers that fall silent, a battery.

Each runs in namespaces of its own, where limits can be lowered and mounts made without being root.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Shell, shell, unmount

MOUNT = 'semfs mount "$SRC" "$MNT" --daemon'
FAR_FOLDER = Path(__file__).parents[1] / "fakes" / "far_folder.py"
MUCH = 600  # files: more than are read in spite of a battery


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Shell]:
    """A shell whose user namespace and mounts are its own, with an empty folder, looked at every 2 s."""
    sh = shell(tmp_path)
    sh.src.mkdir()
    config = sh.home / ".config/semfs/semfs.conf"
    config.write_text(config.read_text() + "[index]\nrescan_seconds = 2\npause_on_load = false\n")
    with sh.in_own_namespaces():
        try:
            yield sh
        finally:
            unmount(sh)


def indexed(sh: Shell, files: int) -> str:
    return sh.until('cat "$MNT/sys/status"', lambda text: f"{files:,} indexed" in text)


def finds(sh: Shell, words: str, name: str) -> None:
    sh.until(f'ls "$MNT/search/{words}"', lambda text: name in text)


def loses(sh: Shell, words: str, name: str) -> None:
    sh.until(f'ls "$MNT/search/{words}"', lambda text: name not in text)


@pytest.mark.parametrize("limit", ("max_inotify_watches", "max_inotify_instances"))
def test_with_too_few_watches_changes_are_found_by_looking(alone: Shell, limit: str) -> None:
    for number in range(30):
        (alone.src / f"{number}").mkdir()
        (alone.src / f"{number}" / "note.txt").write_text(f"The heron number {number} stands in the reeds.")
    few = 10 if "watches" in limit else 0
    alone(f"echo {few} > /proc/sys/user/{limit}")
    alone(MOUNT)
    assert "max_user_watches" in indexed(alone, 30)
    for number in range(30):
        (alone.src / f"{number}" / "new.txt").write_text(f"The pelican number {number} has landed.")
    (alone.src / "0" / "note.txt").unlink()
    assert "max_user_watches" in indexed(alone, 59)
    finds(alone, "pelican number 7", "new.txt")
    alone(f"echo 1000 > /proc/sys/user/{limit}")
    alone.until('cat "$MNT/sys/status"', lambda text: "notice" not in text)


def test_a_drive_that_is_unmounted_keeps_its_files_until_it_is_back(alone: Shell) -> None:
    (alone.src / "home.txt").write_text("The kettle is at home.")
    drive, spare = alone.src / "drive", alone.src / "spare"
    for folder in (drive, spare):
        folder.mkdir()
        alone(f"mount -t tmpfs none {folder}")
    alone(f'echo "The espresso machine is on the drive." > {drive}/machine.txt; cp $SRC/home.txt {spare}')
    alone(f"mkdir {drive}/deep; echo 'The grinder is on the drive too.' > {drive}/deep/grinder.txt")
    alone(MOUNT)
    indexed(alone, 4)
    alone(f"mkdir $SRC/bound; mount --bind {drive}/deep $SRC/bound")
    indexed(alone, 5)
    alone(f"umount $SRC/bound; umount {spare}; umount --lazy {drive}")
    away = f"{drive}: is not mounted; what is known of its files is kept"
    alone.until('cat "$MNT/sys/status"', lambda text: away in text and f"{spare}: is not" in text)
    finds(alone, "espresso machine", "machine.txt")
    alone('semfs umount "$MNT"')
    alone(MOUNT)
    alone.until('cat "$MNT/sys/status"', lambda text: away in text)
    finds(alone, "grinder", "grinder.txt")

    alone(f"mount -t tmpfs none {drive}; echo 'The espresso machine was descaled.' > {drive}/machine.txt")
    alone(f"touch {spare}/put-here-instead.txt; rmdir $SRC/bound")
    alone.until('cat "$MNT/sys/status"', lambda text: f"{drive}: is not" not in text)
    finds(alone, "descaled", "machine.txt")
    loses(alone, "kettle at home", "02_")  # the copy on the spare drive


def test_a_server_that_falls_silent_costs_only_its_own_files(alone: Shell) -> None:
    far, net = alone.home / "far", alone.src / "net"
    far.mkdir()
    net.mkdir()
    (far / "log.txt").write_text("The lighthouse keeper grows dahlias.")
    (alone.src / "near.txt").write_text("The kettle is near.")
    alone(f"{sys.executable} {FAR_FOLDER} {far} {net} > /dev/null 2>&1 & echo $! > {far}.pid")
    alone.until("cat /proc/self/mountinfo", lambda text: f" {net} " in text)
    tell = f"kill -%s $(cat {far}.pid)"
    try:
        alone(MOUNT)
        assert f"{net} is shared with others (fuse.sshfs)" in indexed(alone, 2)
        (far / "second.txt").write_text("The second keeper grows roses.")
        finds(alone, "keeper grows roses", "second.txt")

        alone(tell % "STOP")
        alone.until('cat "$MNT/sys/status"', lambda text: f"{net}: does not answer" in text)
        (alone.src / "new.txt").write_text("The kayak is red.")
        finds(alone, "red kayak", "new.txt")
        finds(alone, "lighthouse keeper", "log.txt")
        (far / "third.txt").write_text("The third keeper grows tulips.")
        alone(tell % "CONT")
        alone.until('cat "$MNT/sys/status"', lambda text: "does not answer" not in text)
        finds(alone, "keeper grows tulips", "third.txt")

        alone('semfs umount "$MNT"')
        alone(tell % "STOP")
        started = alone.run(f'semfs mount {net} "$MNT" --daemon')  # now it is all that there is
        assert (started.returncode, f"{net} does not answer" in started.stderr) == (0, True)
        alone.until('cat "$MNT/sys/status"', lambda text: f"{net}: does not answer" in text)
        alone(tell % "CONT")
        indexed(alone, 3)
    finally:
        alone.run(tell % "KILL")
        alone.run(f"umount --lazy {net}")


def test_on_battery_much_work_waits_and_a_saved_file_does_not(alone: Shell) -> None:
    battery = alone.home / "supplies" / "BAT0"
    battery.mkdir(parents=True)
    (battery / "type").write_text("Battery\n")
    (battery / "status").write_text("Discharging\n")
    for number in range(MUCH):
        (alone.src / f"{number}.txt").write_text(f"The heron number {number} stands in the reeds.")
    if alone.run(f"mount --bind {battery.parent} /sys/class/power_supply").returncode:
        pytest.skip("this kernel has no /sys/class/power_supply: run the tests on another to try this")
    alone(MOUNT)
    alone.until('cat "$MNT/sys/status"', lambda text: "paused: on battery" in text)
    (alone.src / "saved.txt").write_text("The pelican has landed.")
    finds(alone, "pelican landed", "saved.txt")
    assert "paused: on battery" in alone('cat "$MNT/sys/status"')
    (battery / "status").write_text("Charging\n")
    indexed(alone, MUCH + 1)
