"""A folder full of what is made to do harm, among notes: each costs its own row, and the notes are found."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fakes.hostile import BOMBS

from .conftest import Shell

ODD_FILES = Path(__file__).parents[1] / "fakes" / "odd_files.py"
DEEP = 10_000  # folders in each other
MANY = 1_500  # files in one folder
MOST_MB = 1_500  # of all processes of ingest: two readers, the embedder
INDEXED_S = 300
RESTLESS = re.compile(r"growing\.log|turning\.txt|brief\d\.txt").fullmatch
NOTES = {
    "tomatoes.md": "The tomatoes are watered on Mondays.",
    "a/b/c/kayak.txt": "The kayak is red.",
    os.fsdecode(b"caf\xe9.txt"): "The espresso machine needs descaling.",
    "two\nlines.txt": "The violin is with the luthier.",
    "n" * 251 + ".txt": "The gutter was cleaned in autumn.",
    "-rf.txt": "The badminton court is booked.",
}


def make_deep(root: Path) -> None:
    """Make folders in each other whose path is far longer than the kernel takes."""
    here = os.open(root, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def make_odd(src: Path) -> None:
    """Make what is no file, or none that can be read."""
    (src / "loop").symlink_to(".")
    (src / "itself").symlink_to("itself")
    (src / "elsewhere.txt").symlink_to("/etc/hostname")
    os.mkfifo(src / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(src)  # the address of a socket is short
        try:
            listener.bind("socket.txt")
        finally:
            os.chdir(here)
    if os.geteuid() == 0:
        os.mknod(src / "memory.txt", 0o20666, os.makedev(1, 5))
        os.mknod(src / "disk.txt", 0o60666, os.makedev(7, 99))
    with (src / "sparse.txt").open("wb") as file:
        for terabytes in (1, 10):
            with contextlib.suppress(OSError):  # not every file system counts so far
                file.truncate(terabytes << 40)
    (src / "empty.txt").touch()


@contextlib.contextmanager
def restless(src: Path) -> Iterator[None]:
    """Have a log grow, files come and go, and one turn into a FIFO and back, all the time."""
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.wait(0.05):
            number += 1
            with (src / "growing.log").open("a") as log:
                log.write(f"{number} the ferry left the harbour\n" * 20)
            brief = src / f"brief{number % 7}.txt"
            brief.unlink(missing_ok=True) if number % 2 else brief.write_text("here and gone")
            turning = src / "turning.txt"
            turning.unlink(missing_ok=True)
            os.mkfifo(turning) if number % 2 else turning.write_text(f"number {number}")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        (src / "turning.txt").unlink(missing_ok=True)


@contextlib.contextmanager
def odd_files(place: Path, *options: str) -> Iterator[None]:
    place.mkdir()
    process = subprocess.Popen([sys.executable, str(ODD_FILES), str(place), *options])
    try:
        end = time.monotonic() + 30
        while not any(str(place) in line for line in Path("/proc/self/mountinfo").read_text().splitlines()):
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGKILL)  # whoever waits for it is let go
        process.wait()
        subprocess.run(["fusermount3", "-u", "-z", str(place)], check=False)


def rows(sh: Shell) -> dict[str, tuple[str, str]]:
    """Return status and reason of each file, by its path below the folder."""
    path = next((sh.home / ".local/share/semfs").glob("*/catalog.db"), None)
    if path is None:
        return {}
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'files'").fetchall():
            return {}
        found = db.execute("SELECT path, status, reason FROM files").fetchall()
    return {os.path.relpath(os.fsdecode(path), sh.src): (status, reason) for path, status, reason in found}


def unread(sh: Shell) -> list[str]:
    """Return what waits to be read, but for what never rests."""
    known = rows(sh)
    if len(known) < MANY + len(NOTES):
        return ["the folder is not walked yet"]
    return [path for path, (status, _) in known.items() if status == "pending" and not RESTLESS(path)]


def memory_mb(sh: Shell) -> float:
    """Return what ingest and its children hold."""
    ingest = psutil.Process(sh.pid("_ingest"))
    total = 0
    for process in (ingest, *ingest.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total / 1e6


@pytest.fixture
def hostile(fresh: Shell) -> Iterator[Shell]:
    for name, text in NOTES.items():
        (fresh.src / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh.src / name).write_text(text)
    (fresh.src / "bombs").mkdir()
    for name, make in BOMBS.items():
        (fresh.src / "bombs" / name).write_bytes(make())
    (fresh.src / "many").mkdir()
    for number in range(MANY):
        (fresh.src / "many" / f"{number}.txt").touch()
    make_odd(fresh.src)
    make_deep(fresh.src)
    config = fresh.home / ".config/semfs/semfs.conf"
    config.write_text(config.read_text() + "[index]\nfile_seconds = 8\npause_on_load = false\n")
    try:
        with odd_files(fresh.src / "far"), odd_files(fresh.src / "silent", "--silent"), restless(fresh.src):
            yield fresh
            fresh('semfs umount "$MNT"')
    finally:
        subprocess.run(["rm", "-rf", fresh.src], check=False)  # pytest's own cleaning recurses


@pytest.mark.timeout(900)
def test_each_hostile_file_costs_only_itself(hostile: Shell) -> None:
    hostile('semfs mount "$SRC" "$MNT" --daemon')
    peak, end = 0.0, time.monotonic() + INDEXED_S
    while waiting := unread(hostile):
        assert time.monotonic() < end, waiting
        peak = max(peak, memory_mb(hostile))
        time.sleep(0.5)
    known = rows(hostile)

    for words, name in (
        ("watering tomatoes", "tomatoes"),
        ("red kayak", "kayak"),
        ("violin luthier", "lines"),
    ):
        assert name in hostile(f'ls "$MNT/search/{words}"')
    assert {known[name] for name in NOTES} == {("indexed", "")}
    assert known["far/well.txt"] == ("indexed", "")
    assert known["far/broken.txt"] == ("failed", "cannot be opened: Input/output error")
    assert known["far/waiting.txt"] == ("failed", "took longer than 8 s")
    assert {known[f"bombs/{name}"][0] for name in BOMBS} <= {"indexed", "failed", "skipped"}
    assert all(reason for status, reason in known.values() if status == "failed")
    odd = ("loop", "itself", "elsewhere.txt", "pipe.txt", "socket.txt", "memory.txt", "disk.txt")
    assert not {name for name in odd if name in known}
    assert known["sparse.txt"] == ("skipped", "larger than 100 MB (index.max_file_mb)")
    assert sum(path.startswith("many/") for path in known) == MANY
    assert peak < MOST_MB

    status = hostile('cat "$MNT/sys/status"')
    assert f"{hostile.src}/silent: does not answer" in status
    assert "File name too long" in status
    assert "broken.txt" in hostile('cat "$MNT/sys/errors/all.tsv"')
    (hostile.src / "later.txt").write_text("The dahlias bloom at last.")
    hostile.until('ls "$MNT/search/dahlias bloom"', lambda text: "later.txt" in text)
    hostile.until('ls "$MNT/search/ferry left the harbour"', lambda text: "growing.log" in text)
