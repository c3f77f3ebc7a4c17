"""Completing a path with the tabulator key, in each shell's own way, starts nothing that nobody asked for."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.model import Kept
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

SHELLS = {
    "bash": "bash --norc --noprofile -i",
    "zsh": "zsh -f -i",
    "fish": "fish --no-config --private -i",
}
BEGIN = {"zsh": "autoload -Uz compinit; compinit -D -u\n"}
CALLS = 300  # for a few dozen keystrokes, after each of which fish looks
PATIENCE_S = 20.0


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, command: str, folder: Path) -> None:
        environment = {**os.environ, "TERM": "dumb", "HOME": str(folder.parent), "HISTFILE": ""}
        self._process = subprocess.Popen(
            ["script", "-qfec", command, "/dev/null"],  # which gives it the terminal
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.shown = ""

    def type(self, keys: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(keys.encode())
        self._process.stdin.flush()

    def until(self, wanted: str) -> None:
        """Wait until something has been shown."""
        assert self._process.stdout is not None
        end = time.monotonic() + PATIENCE_S
        while wanted not in self.shown:
            assert time.monotonic() < end, f"{wanted!r} is not in {self.shown!r}"
            if select.select([self._process.stdout], [], [], 0.1)[0]:
                self.shown += os.read(self._process.stdout.fileno(), 65536).decode("utf-8", "replace")

    def answered(self) -> None:
        """Throw the line away and wait until the shell has done all that it had to do."""
        self.shown = ""
        self.type("\x15expr 41 + 1\n")
        self.until("42")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(params=SHELLS)
def terminal(request: pytest.FixtureRequest, mnt: Path, service: FakeService) -> Iterator[Terminal]:
    shell = request.param
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed: sudo apt install {shell}")
    service.files = {"rugby": ["/docs/calcutta cup.txt", "/docs/england.txt"], "letters": ["/docs/anna.txt"]}
    service.saved.add("rugby")
    service.saved.add("letters")
    terminal = Terminal(SHELLS[shell], mnt)
    try:
        terminal.type(BEGIN.get(shell, "") + "echo rea''dy\n")
        terminal.until("ready")
        yield terminal
    finally:
        terminal.close()


def test_words_that_are_half_typed_are_never_searched(
    terminal: Terminal, service: FakeService, tree: Tree
) -> None:
    before = sum(tree.calls.values())
    terminal.type("ls -d sav\t")
    terminal.until("ed/")
    terminal.type("let\t")
    terminal.until("ters/")
    terminal.answered()
    terminal.type("ls -d search/ru\t\t ask/who\t\t")
    terminal.answered()

    # fish looks by itself into a directory whose name stands there up to the slash
    assert set(service.searched) <= {(Kept("letters"),)}
    assert (service.asked, service.submitted) == ([], [])
    assert sum(tree.calls.values()) - before <= CALLS


def test_hits_are_completed_by_a_search_for_what_is_typed(
    terminal: Terminal, service: FakeService, tree: Tree
) -> None:
    before = sum(tree.calls.values())
    terminal.type("ls -d saved/rugby/02\t")
    terminal.until("02_england.txt")
    terminal.answered()

    assert set(service.searched) == {(Kept("rugby"),)}
    assert (service.asked, service.submitted) == ([], [])
    assert sum(tree.calls.values()) - before <= CALLS
