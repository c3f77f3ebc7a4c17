"""`semfs top`: one mount on a live screen: its index, its jobs, its engine.

The mount is read in a thread of its own, as one that hangs would hold up Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from semfs.cli import mounts, watch
from semfs.config import Config
from semfs.jobs.state import ENDED
from semfs.model import JobStatus, shown_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

SHOWN = 25  # jobs, those that have not ended before those that have
LOOKED = 60  # newest jobs that are looked at for them
LONGEST = 200  # characters of a request or of a progress that are read
RESIZED_S = 0.1  # how soon a new size of the terminal is seen
FURNITURE = 4  # lines of the screen that are neither the index, nor jobs, nor the engine's details
FEWEST = 4  # jobs for which the engine's details make room
END = "\x04"
QUIT = ("q", END)  # no "Q": F2 sends one
STYLES: dict[str, str] = {
    JobStatus.RUNNING: "bold",
    JobStatus.PLANNING: "bold",
    JobStatus.DONE: "green",
    JobStatus.FAILED: "red",
    JobStatus.CANCELLED: "dim",
}
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
            found.append((number, _text(folder / number / "status").strip()))
    found.sort(key=lambda each: each[1] in _ENDED)
    shown = []
    for number, status in found[:SHOWN]:
        with contextlib.suppress(FileNotFoundError):
            shown.append(_job(folder / number, number, status))
    return shown


def _job(folder: Path, number: str, status: str) -> Job:
    request = directed(_text(folder / "request")[:LONGEST])
    progress = _flat(_text(folder / "progress")[:LONGEST]) if status == JobStatus.RUNNING else ""
    return Job(number, shown_line(status), progress, _flat(request))


def directed(request: str) -> str:
    """Return a request without the line that says how it is to be run, if there is another."""
    first, _, rest = request.partition("\n")
    return rest if first.startswith("#!") and rest.strip() else request


def _flat(text: str) -> str:
    return shown_line(" ".join(text.split()))


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def run(arguments: argparse.Namespace, config: Config) -> int:
    from rich.console import Console

    followed = Followed(mounts.choose(arguments.mount))
    console = Console()
    if not sys.stdout.isatty() or console.is_dumb_terminal:
        followed.read.wait(watch.SILENT_S)
        console.print(screen(followed.moment(), console.width))
        return 0
    with contextlib.suppress(KeyboardInterrupt):
        _follow(followed, console)
    if followed.moment().view.ended:
        print(f"{followed.moment().view.mount.mountpoint} was unmounted")
    return 0


def _follow(followed: Followed, console: Console) -> None:
    from rich.live import Live

    followed.read.wait(watch.EVERY_S)
    with keyboard() as typed, Live(console=console, screen=True, auto_refresh=False) as live:
        while not (moment := followed.moment()).view.ended:
            size = console.size
            live.update(screen(moment, size.width, size.height), refresh=True)
            end = time.monotonic() + watch.EVERY_S
            while time.monotonic() < end and console.size == size:
                if typed(RESIZED_S) in QUIT:
                    return


@contextlib.contextmanager
def keyboard() -> Iterator[Callable[[float], str]]:
    """Give what waits so long for a key: "" if none came, `END` once there is nobody to type."""
    if not sys.stdin.isatty():
        yield _nobody
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield lambda seconds: _key(descriptor, seconds)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _nobody(seconds: float) -> str:
    time.sleep(seconds)
    return ""


def _key(descriptor: int, seconds: float) -> str:
    if not select.select([descriptor], [], [], seconds)[0]:
        return ""
    return os.read(descriptor, 1).decode("latin-1") or END


def screen(moment: Moment, width: int, height: int | None = None) -> RenderableType:
    """Return the whole screen; where it has a height, the newest of the jobs and less of the engine."""
    from rich.console import Group

    told = watch.lines(moment.view)
    brief, *details = moment.engine.expandtabs(8).splitlines() or [""]
    room = SHOWN if height is None else height - told - FURNITURE
    details = details if room - len(details) >= FEWEST else []
    room = max(room - len(details), 1)
    listed = moment.jobs[:room]
    return Group(
        watch.part(moment.view, width),
        _line(""),
        _heading("jobs", watch.counted(moment.view) or "none yet: write a request into run"),
        *([_table(listed, width)] if listed else []),
        _line(""),
        _heading("engine", brief),
        *map(_line, details),
    )


def _table(listed: Sequence[Job], width: int) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column()
    if any(job.progress for job in listed):
        table.add_column(max_width=width // 3)
    table.add_column(ratio=1)
    for job in listed:
        progress = [job.progress] if len(table.columns) > 3 else []
        cells = [_line(text) for text in (job.number, job.status, *progress, job.request)]
        cells[1].style = STYLES.get(job.status, "")
        table.add_row(*cells)
    return table


def _heading(word: str, text: str) -> Text:
    from rich.text import Text

    line = Text(no_wrap=True, overflow="ellipsis")
    return line.append(f"{word:<8}", style="bold").append(shown_line(text))


def _line(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(shown_line(text), style=style, no_wrap=True, overflow="ellipsis")
