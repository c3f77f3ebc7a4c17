"""A whole semfs over a catalogue of many passages, a plain loopback and a folder on the disk, side by side.

The language model is a server that takes every question and never answers: nothing is computed
beside what is measured, and a job that asks it waits for as long as one likes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from copies import say

from semfs.mount.lifecycle import mounted_at
from semfs.store.catalog import Catalog

NAME = "mount"
SEMFS = [sys.executable, "-m", "semfs.cli.main"]
LINKS = 1000  # in the folder that is listed at length
SMALL = 3000  # small files on the disk
LONG = 64 << 20  # bytes of the file that is read through a hit
LONG_NAME = "soundings of the harbour.bin"  # found by its name; it holds no text
START_S = 120
COMPLETE_S = 240
CONFIG = """\
[engine]
url = "http://127.0.0.1:{port}/v1"
[jobs]
queue = 100000
[index]
pause_on_load = false
pause_on_battery = false
"""


@dataclass(frozen=True, slots=True)
class House:
    """What is measured, and what it is compared with."""

    mnt: Path  # semfs
    loopback: Path  # `disk` through mfusepy
    disk: Path
    desk: Path  # an indexed folder; what is put there is imported
    daemon: psutil.Process

    def places(self) -> dict[str, Path]:
        """Return what is looked at in the same way: the disk itself, and through the loopback."""
        return {"loopback": self.loopback, "disk": self.disk}

    def processor_s(self) -> float:
        used = self.daemon.cpu_times()
        return used.user + used.system


@contextmanager
def house(base: Path, catalogue: Path) -> Iterator[House]:
    """Mount all of it below `base`, and leave nothing behind; CATALOGUE/files has the indexed files."""
    with ExitStack() as stack:
        desk, disk, mnt, loopback = (base / name for name in ("desk", "disk", "mnt", "loopback"))
        for folder in (desk, disk, mnt, loopback, base / "run"):
            folder.mkdir(parents=True, mode=0o700)
        _furnish(desk, disk)
        shutil.copytree(catalogue / "semfs", base / "data" / "semfs")
        os.environ |= {"XDG_DATA_HOME": str(base / "data"), "XDG_RUNTIME_DIR": str(base / "run")}
        config = base / "semfs.conf"
        config.write_text(CONFIG.format(port=stack.enter_context(silent_server())), "utf-8")
        command = [*SEMFS, "--config", config, "mount", "--name", NAME, catalogue / "files", desk, mnt]
        daemon = stack.enter_context(mounted(command, mnt))
        passthrough = [sys.executable, Path(__file__).with_name("loopback.py"), disk, loopback]
        stack.enter_context(mounted(passthrough, loopback))
        _complete(base / "data")
        yield House(mnt, loopback, disk, desk, psutil.Process(daemon))


@contextmanager
def mounted(command: Sequence[str | Path], mountpoint: Path) -> Iterator[int]:
    """Give the process of a program that mounts something; both are gone afterwards."""
    process = subprocess.Popen(list(map(str, command)), start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        _until(lambda: mounted_at(str(mountpoint)) is not None, process, START_S)
        os.listdir(mountpoint)
        yield process.pid
    finally:
        if mounted_at(str(mountpoint)) is not None:
            subprocess.run(["fusermount3", "-u", "-z", str(mountpoint)], check=False, timeout=20)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def _until(true: Callable[[], bool], process: subprocess.Popen[bytes], limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"{process.args} does not come up")
        time.sleep(0.02)


def _furnish(desk: Path, disk: Path) -> None:
    """Write the files that are read, and those that are listed: as many links as a query has hits."""
    (desk / LONG_NAME).write_bytes(os.urandom(1 << 20) * (LONG >> 20))
    (desk / "thousand").mkdir()
    (disk / "small").mkdir()
    (disk / "links").mkdir()
    for number in range(LINKS):
        file = desk / "thousand" / f"letter {number:04} about the ferry.txt"
        file.write_text(f"Letter {number}: the ferry was late again.\n", "utf-8")
        (disk / "links" / f"{number + 1:04}_{file.name}").symlink_to(file)
    for number in range(SMALL):
        (disk / "small" / f"{number:04}").write_text("done\n", "utf-8")


def _complete(data: Path) -> None:
    """Wait until what was put on the desk is indexed, words and vectors."""
    catalog = Catalog(data / "semfs" / NAME / "catalog.db")
    end = time.monotonic() + COMPLETE_S
    while not (covered := catalog.coverage()).complete or covered.indexed < LINKS:
        if time.monotonic() > end:
            raise SystemExit(f"the new files are not indexed: {covered}")
        time.sleep(0.2)
    say(f"{covered.files} files, {covered.passages} passages")


@contextmanager
def silent_server() -> Iterator[int]:
    """Take connections on a port and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            for connection in held:
                connection.close()
