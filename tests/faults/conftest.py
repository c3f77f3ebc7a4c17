"""A whole semfs over a folder with two notes, whose engine is a process without a model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANG_S = 1.0  # nothing takes longer, except a read that waits for the model
QUESTION = "when are the tomatoes watered?"
PLAN = '#!semfs plan\nsave(find("tomatoes"), "list.txt")\n'


def patience(seconds: float = HANG_S) -> float:
    """Return how long that takes on this machine now: as much longer as others wait for its processors.

    The load is an average over a minute, so a test that begins with others is given three times as long
    in any case: what hangs waits for 5 seconds and more.
    """
    return seconds * max(3.0, 1 + os.getloadavg()[0] / (os.cpu_count() or 1))


@contextmanager
def running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program and end it whatever happens."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass
class House:
    """A mount that can be started and ended, and commands that look at it."""

    base: Path
    runtime: Path
    phases: tuple[str, ...] = ("asleep",)
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = None

    @property
    def mnt(self) -> Path:
        return self.base / "mnt"

    @property
    def src(self) -> Path:
        return self.base / "src"

    @property
    def data(self) -> Path:
        return self.base / "data" / "semfs" / "faults"

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Mount, and return when it answers."""
        environment = {
            **os.environ,
            "XDG_DATA_HOME": str(self.base / "data"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            **self.environment,
        }
        places = [str(self.mnt), str(self.src), str(self.base)]
        with (self.base / "serve.out").open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.serve", *places, *self.phases],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", (self.base / "serve.out").read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> None:
        """Leave nothing behind."""
        if self._process is not None:
            self.process.kill()
            self.process.wait(10)
        subprocess.run(["fusermount3", "-u", "-z", "-q", str(self.mnt)], check=False, timeout=5)

    def bash(self, command: str) -> list[str]:
        """Return what runs a shell command that names the mount $MNT."""
        return ["env", f"MNT={self.mnt}", "bash", "-c", command]

    def run(self, command: str, *, within: float = HANG_S) -> subprocess.CompletedProcess[str]:
        """Run a shell command in the mount; fail if it takes longer than it may."""
        began = time.monotonic()
        done = subprocess.run(
            self.bash(command), cwd=self.base, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=60,
        )  # fmt: skip
        took = time.monotonic() - began
        assert took < patience(within), f"{command}: {took:.1f} s\n{done.stderr}"
        return done

    def __call__(self, command: str, *, within: float = HANG_S) -> str:
        """Return what a command prints; fail if it fails."""
        done = self.run(command, within=within)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def until(self, command: str, wanted: Callable[[str], bool], *, seconds: float = 30) -> str:
        """Repeat a command until it prints what is wanted; each time it must answer at once."""
        end = time.monotonic() + seconds
        while not wanted(text := self.run(command).stdout):
            assert time.monotonic() < end, f"{command}: {text}"
            time.sleep(0.1)
        return text

    def indexed(self) -> None:
        """Wait until the notes are found by their words."""
        self.until('ls "$MNT/search/tomatoes"', lambda text: "garden.md" in text, seconds=60)

    def embedded(self) -> None:
        """Wait until they are found by their meaning, and no question is answered without the model."""
        self.until('cat "$MNT/sys/status.json"', lambda text: '"embedded": 2' in text, seconds=120)

    @contextmanager
    def reader(self, question: str = QUESTION) -> Iterator[subprocess.Popen[bytes]]:
        """Give a program that waits for an answer, and end it."""
        with running(["cat", str(self.mnt / "ask" / question)]) as reader:
            yield reader

    def told(self, book: str) -> int:
        """Return how many `starts` or `requests` the engine has had."""
        with suppress(FileNotFoundError):
            return len((self.base / book).read_text().splitlines())
        return 0

    def until_told(self, book: str, count: int, *, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while self.told(book) < count:
            assert time.monotonic() < end, f"{self.told(book)} {book}"
            time.sleep(0.02)


@pytest.fixture
def asleep(tmp_path: Path) -> Iterator[House]:
    """A house that is not mounted yet."""
    house = House(tmp_path, Path(tempfile.mkdtemp(prefix="semfs-")))  # a socket's path must be short
    house.src.mkdir()
    (house.src / "garden.md").write_text("# Garden\n\nThe tomatoes are watered on Mondays.\n")
    (house.src / "boat.txt").write_text("The boat lies in Kappeln harbour, berth 12.\n")
    try:
        yield house
    finally:
        house.end()
        shutil.rmtree(house.runtime)


@pytest.fixture
def house(asleep: House) -> House:
    """A house that is mounted, its notes indexed."""
    asleep.start()
    asleep.indexed()
    return asleep
