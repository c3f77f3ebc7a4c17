"""A mounted copy of the sample library, driven with shell tools as a user would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

LIBRARY = Path(__file__).parents[1] / "data" / "library"
SMALL_MODEL = "qwen2.5-coder-0.5b"
INDEXED_S = 180


@dataclass
class Shell:
    """Run shell commands with $MNT and $SRC set, and `semfs` on the path."""

    home: Path
    mnt: Path
    src: Path
    environment: dict[str, str] = field(default_factory=dict)
    enter: tuple[str, ...] = ()  # what runs a command elsewhere

    def __call__(self, command: str, *, timeout: float = 120) -> str:
        """Return what a command prints; fail the test if it fails."""
        done = self.run(command, timeout=timeout)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run(self, command: str, *, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.enter, "bash", "-c", command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            errors="replace",
            stdin=subprocess.DEVNULL,
        )

    @contextmanager
    def in_own_namespaces(self) -> Iterator[None]:
        """Run commands where this user is root over limits and mounts, which nobody else sees."""
        holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "echo; exec sleep infinity"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            assert holder.stdout
            if not holder.stdout.readline():
                pytest.skip(
                    "no user namespaces here: allow them (kernel.unprivileged_userns_clone) to try this"
                )
            self.enter = ("nsenter", f"--target={holder.pid}", "--user", "--mount", "--preserve-credentials")
            yield
        finally:
            self.enter = ()
            holder.kill()
            holder.communicate()

    def until(self, command: str, wanted: Callable[[str], bool], *, timeout: float = 60) -> str:
        """Repeat a command until its output is as wanted, and return that."""
        end = time.monotonic() + timeout
        while True:
            done = self.run(command)
            if done.returncode == 0 and wanted(done.stdout):
                return done.stdout
            if time.monotonic() > end:
                raise AssertionError(
                    f"{command}: not as wanted within {timeout:.0f} s:\n{done.stdout}{done.stderr}"
                )
            time.sleep(0.3)

    def pid(self, child: str = "") -> int:
        """Return the mount's process id, or that of its child that runs a hidden command."""
        record = next((self.home.parent / "run" / "semfs" / "mounts").glob("*.json"))
        mount = int(json.loads(record.read_text())["pid"])
        if not child:
            return mount
        children = psutil.Process(mount).children(recursive=True)
        return next(process.pid for process in children if child in process.cmdline())


def shell(base: Path) -> Shell:
    """Return a shell in a home of its own; models are shared through the user's cache."""
    home, mnt, src = base / "home", base / "sem", base / "Documents"
    (home / ".config" / "semfs").mkdir(parents=True)
    (home / ".config" / "semfs" / "semfs.conf").write_text(f'[engine]\nmodel = "{SMALL_MODEL}"\n')
    # A socket's name has 107 bytes at the most, of which pytest's own folders take many.
    runtime = tempfile.mkdtemp(prefix="semfs-")
    (base / "run").symlink_to(runtime)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "HOME": str(home),
        "XDG_CACHE_HOME": cache,
        "XDG_RUNTIME_DIR": runtime,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "MNT": str(mnt),
        "SRC": str(src),
    }
    return Shell(home, mnt, src, environment)


def unmount(sh: Shell) -> None:
    """Leave nothing behind, whatever the tests did."""
    sh.run('semfs umount "$MNT" || fusermount3 -u -z "$MNT"')
    shutil.rmtree(sh.environment["XDG_RUNTIME_DIR"])


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The sample library, mounted in the background and indexed to the end."""
    sh = shell(tmp_path_factory.mktemp("system"))
    shutil.copytree(LIBRARY, sh.src)
    try:
        sh('semfs mount "$SRC" "$MNT" --daemon')
        sh.until(
            'ls "$MNT/search/lease" > /dev/null; cat "$MNT/search/lease/.query/explain.json"',
            lambda text: '"complete": true' in text,
            timeout=INDEXED_S,
        )
        yield sh
    finally:
        unmount(sh)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Shell]:
    """A folder with two notes, not mounted yet."""
    sh = shell(tmp_path)
    sh.src.mkdir()
    (sh.src / "garden.md").write_text("# Garden\n\nThe tomatoes are watered on Mondays.\n")
    (sh.src / "boat.txt").write_text("The boat lies in Kappeln harbour, berth 12.\n")
    try:
        yield sh
    finally:
        unmount(sh)
