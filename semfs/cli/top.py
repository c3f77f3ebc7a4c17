"""`semfs top`: one mount on a live screen: its index, its jobs, its engine.

The mount is read in a thread of its own, as one that hangs would hold up Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from semfs.cli import mounts, watch
from semfs.config import Config
from semfs.jobs.state import ENDED
from semfs.model import JobStatus, shown_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

SHOWN = 15  # jobs, those that have not ended before those that have
LOOKED = 60  # newest jobs that are looked at for them
LONGEST = 200  # characters of a request or of a progress that are read
_ENDED = {*map(str, ENDED)}


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the screen."""

    number: str
    status: str
    progress: str
    request: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What was read of a mount at one time."""

    view: watch.View
    engine: str
    jobs: Sequence[Job]


class Followed:
    """What a mount shows, read again and again until the program ends."""

    def __init__(self, mount: mounts.Running) -> None:
        self._mount = mount
        self._view = watch.View(mount, at=time.monotonic())
        self._moment = Moment(self._view, "", ())
        self.read = threading.Event()  # for the first time
        threading.Thread(target=self._read, daemon=True).start()

    def moment(self) -> Moment:
        """Return what was read last; `view.ended` once the mount is gone."""
        self._view.ended = self._mount.pid not in {one.pid for one in mounts.running()}
        return self._moment

    def _read(self) -> None:
        while not self._view.ended:
            with contextlib.suppress(OSError):  # it is being unmounted
                self._view.line = _text(self._mount.path("sys", "status.json")) or self._view.line
                self._moment = Moment(
                    self._view, _text(self._mount.path("sys", "engine")), jobs(self._mount.path("jobs"))
                )
                self._view.at = time.monotonic()
                self.read.set()
            time.sleep(watch.EVERY_S)


def jobs(folder: Path) -> list[Job]:
    """Return the jobs to show: what has not ended, then what ended last, the newest first."""
    numbers = sorted((name.name for name in folder.iterdir() if name.name.isdecimal()), key=int, reverse=True)
    found = []
    for number in numbers[:LOOKED]:
        with contextlib.suppress(FileNotFoundError):  # removed meanwhile
            word, progress, request = (
                shown_line(" ".join(_text(folder / number / name)[:LONGEST].split()))
                for name in ("status", "progress", "request")
            )
            found.append(Job(number, word, "" if word == JobStatus.DONE else progress, request))
    return sorted(found, key=lambda job: job.status in _ENDED)[:SHOWN]


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def run(arguments: argparse.Namespace, config: Config) -> int:
    from rich.console import Console
    from rich.live import Live

    followed = Followed(mounts.choose(arguments.mount))
    console = Console()
    if not sys.stdout.isatty() or console.is_dumb_terminal:
        followed.read.wait(watch.SILENT_S)
        console.print(screen(followed.moment(), console.width))
        return 0
    with (
        contextlib.suppress(KeyboardInterrupt),
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while not (moment := followed.moment()).view.ended:
            live.update(screen(moment, console.width), refresh=True)
            followed.read.wait(watch.EVERY_S)
            time.sleep(watch.EVERY_S)
    return 0


def screen(moment: Moment, width: int) -> RenderableType:
    """Return the whole screen."""
    from rich.console import Group
    from rich.table import Table

    listed = Table.grid(padding=(0, 2))
    for job in moment.jobs:
        listed.add_row(*map(_line, (job.number, job.status, job.progress, job.request)))
    if not moment.jobs:
        listed.add_row(_line("none yet: write a request into run"))
    return Group(
        watch.part(moment.view, width),
        _line(""),
        _line("jobs", "bold"),
        listed,
        _line(""),
        _line("engine", "bold"),
        *(_line(text) for text in moment.engine.splitlines()),
    )


def _line(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(shown_line(text), style=style, no_wrap=True, overflow="ellipsis")
