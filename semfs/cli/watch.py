"""`semfs status --watch`: follow mounts, as bars on a terminal and as lines in a pipe.

A mount is read in a thread of its own, as one that hangs would hold up the others and Ctrl-C.
"""

from __future__ import annotations

import contextlib
import json as jsons
import select
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from semfs.cli import mounts
from semfs.errors import UsageError
from semfs.model import Coverage, Progress, shown_line
from semfs.status import left

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

EVERY_S = 1.0  # between two looks; ingest tells what is new every two seconds
SILENT_S = 10.0  # after which a mount is said not to answer
LABEL, BAR, LONGEST_LINE = 10, 30, 200  # characters


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of something is done."""

    label: str
    done: int
    total: int


@dataclass(slots=True)
class View:
    """What was last read of a mount."""

    mount: mounts.Running
    line: str = ""  # JSON as it was read, "" before the first
    at: float = 0.0  # on the monotonic clock
    ended: bool = False

    @property
    def silent(self) -> bool:
        return not self.ended and time.monotonic() - self.at > SILENT_S


class Followed:
    """The mounts that run, and those that have ended since they were first seen."""

    def __init__(self, mountpoint: str | None) -> None:
        self._only = mounts.choose(mountpoint).mountpoint if mountpoint else None
        self._views: dict[int, View] = {}  # by process

    def views(self) -> list[View]:
        """Return the mounts as they are now, by name."""
        running = {one.pid: one for one in mounts.running() if self._only in (None, one.mountpoint)}
        for pid, one in running.items():
            if pid not in self._views:
                self._views[pid] = View(one, at=time.monotonic())
                threading.Thread(target=self._read, args=(self._views[pid],), daemon=True).start()
        for pid, view in self._views.items():
            view.ended = pid not in running
        return sorted(self._views.values(), key=lambda view: (view.mount.name, view.at))

    @staticmethod
    def _read(view: View) -> None:
        while not view.ended:
            with contextlib.suppress(OSError):  # it is being unmounted
                view.line = view.mount.path("sys", "status.json").read_text("utf-8", "replace") or view.line
                view.at = time.monotonic()
            time.sleep(EVERY_S)


def follow(mountpoint: str | None, *, json: bool) -> int:
    """Show the mounts until Ctrl-C; lines are printed where something has changed."""
    followed = Followed(mountpoint)
    if not followed.views() and not sys.stdout.isatty():
        raise UsageError("no semfs mount is running; start one with `semfs mount SRC MNT --daemon`")
    with contextlib.suppress(KeyboardInterrupt):
        if json or not sys.stdout.isatty():
            _lines(followed, json=json)
        else:
            _bars(followed)
    return 0


def _lines(followed: Followed, *, json: bool) -> None:
    told: dict[int, str] = {}
    reader = select.poll()
    reader.register(sys.stdout.fileno(), 0)  # speaks up once nobody reads any more
    waiting: list[tuple[int, int]] = []
    while not waiting:
        for view in followed.views():
            line = view.line.rstrip("\n") if json else summary(view)
            read = view.line or view.silent
            if read and line and told.get(view.mount.pid) != line:
                told[view.mount.pid] = line
                print(line, flush=True)
        waiting = reader.poll(EVERY_S * 1000)


def _bars(followed: Followed) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if console.is_dumb_terminal:
        return _lines(followed, json=False)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(_screen(console, followed.views()), refresh=True)
            time.sleep(EVERY_S)


def _screen(console: Console, views: list[View]) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    parts = [part(view, console.width) for view in views]
    return Group(*parts) if parts else Text("no semfs mount is running")


def part(view: View, width: int) -> RenderableType:
    """Return one mount for a terminal of `width` characters: a headline, its bars, what there is to say."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    headline = f"{view.mount.mountpoint}  {_word(view)}"
    table = Table.grid(padding=(0, 1))
    for bar in bars(coverage_of(view)):
        table.add_row(
            Text(f"{bar.label:<{LABEL}}", no_wrap=True, overflow="ellipsis"),
            ProgressBar(max(bar.total, 1), bar.done, width=min(BAR, width // 3)),
            Text(f"{bar.done:,} of {bar.total:,}", justify="right", no_wrap=True, overflow="ellipsis"),
        )
    return Group(
        Text(headline, style="bold", no_wrap=True, overflow="ellipsis"),
        table,
        *(Text(line, no_wrap=True, overflow="ellipsis", style="dim") for line in _details(view)),
    )


def lines(view: View) -> int:
    """Return how many lines of a terminal a mount takes."""
    return 1 + len(bars(coverage_of(view))) + len(list(_details(view)))


# -- what is shown, whatever it is shown on


def coverage_of(view: View) -> Coverage:
    """Return what a mount says it has indexed."""
    given = _facts(view).get("coverage", {})
    known = {name: value for name, value in given.items() if name in Coverage.__dataclass_fields__}
    return Coverage(**known | {"progress": Progress(**given.get("progress", {}))})


def bars(covered: Coverage) -> list[Bar]:
    """Return what is counted: files read, passages that can be found by meaning, pictures looked at."""
    pictures = Bar("pictures", covered.scanned, covered.scanned + covered.scans)
    return [
        Bar("words", covered.files - covered.pending, covered.files),
        Bar("meaning", covered.embedded, covered.passages),
        *([pictures] if pictures.total else []),
    ]


def counted(view: View) -> str:
    """Return how many jobs are in which state, "" where there are none."""
    return ", ".join(f"{count} {status}" for status, count in _facts(view).get("jobs", {}).items())


def summary(view: View) -> str:
    """Return a mount on one line."""
    covered = coverage_of(view)
    counted = (f"{bar.label} {bar.done:,} of {bar.total:,}" for bar in bars(covered))
    parts = (view.mount.mountpoint, *counted, _word(view), covered.current)
    return shown_line("; ".join(filter(None, parts)))[:LONGEST_LINE]


def _word(view: View) -> str:
    if view.ended:
        return "unmounted"
    if view.silent:
        return "does not answer"
    covered = coverage_of(view)
    return ", ".join(filter(None, (covered.activity or "starting", left(covered))))


def _details(view: View) -> Iterator[str]:
    if view.ended:
        return
    if current := coverage_of(view).current:
        yield shown_line(current)
    for notice in _facts(view).get("notices", ()):
        yield shown_line(f"notice: {notice}")


def _facts(view: View) -> dict[str, Any]:
    try:
        facts = jsons.loads(view.line or "{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
