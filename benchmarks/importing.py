"""An import as a user has it: through a mount, with files saved meanwhile, and what it costs the machine.

One thread looks at the processes, one asks the mount for names; files are saved by the main one.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import string
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from beir import coverage, say

from semfs.model import Coverage
from semfs.store.catalog import Catalog

SEMFS = [sys.executable, "-m", "semfs.cli.main"]
NAME = "import"
LOOK_S = 0.25  # between two looks at the processes
STAT_S = 0.01  # between two names asked for
ASK_S = 0.05  # between two listings in which a file is looked for
PAUSE_S = 0.5  # between two saves
MOST_S = 30.0  # after which a file is taken not to be found
IDLE_SAVES = 10
SENTENCE = "{word} is the word for the day on which {what} was put off until {when}."
WHAT = (
    "the repair of the crane",
    "a rehearsal of the choir",
    "the harvest of pears",
    "our ferry to the isle",
)
WHEN = ("the spring tide", "somebody finds the key", "Thursday", "the snow has gone")


@dataclass(slots=True)
class Watch:
    """What ingest and its children took."""

    rss_mb: float = 0.0
    pss_mb: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)

    def look(self, ingest: psutil.Process) -> None:
        rss = pss = 0.0
        for process in [ingest, *_children(ingest)]:
            with contextlib.suppress(psutil.Error, OSError):
                rss += process.memory_info().rss
                pss += _pss(process.pid)
                used = process.cpu_times()
                self.cpu[process.pid] = used.user + used.system
        self.rss_mb, self.pss_mb = max(self.rss_mb, rss / 1e6), max(self.pss_mb, pss / 1e6)


@dataclass(frozen=True, slots=True)
class Saved:
    """How long one saved file took to be found, and what ingest did then."""

    activity: str
    words_s: float
    meaning_s: float


def measure_import(folder: Path, base: Path, *, saves: int, limit_s: float) -> dict[str, Any]:
    """Import `folder` and save files beside it; the data directory must be empty."""
    mountpoint, desk = base / "mnt", base / "desk"
    mountpoint.mkdir()
    desk.mkdir()
    command = ["mount", "--name", NAME, str(folder), str(desk), str(mountpoint)]
    catalog = Catalog(base / "data" / "semfs" / NAME / "catalog.db")
    watch, waits = Watch(), list[float]()
    began = time.perf_counter()
    with subprocess.Popen([*SEMFS, *command]) as mount:
        try:
            ingest = _ingest(mount)
            stages = Stages(catalog, began)
            with (
                repeated(LOOK_S, lambda: watch.look(ingest)),
                repeated(LOOK_S, stages.look),
                repeated(STAT_S, lambda: waits.append(_stat(mountpoint))),
            ):
                while not stages.begun:
                    time.sleep(ASK_S)
                found = list(_saves(desk, mountpoint, stages, saves))
                while not stages.complete and time.perf_counter() - began < limit_s:
                    time.sleep(LOOK_S)
            idle = [_save(desk, mountpoint, stages) for _ in range(IDLE_SAVES)]
        finally:
            mount.terminate()
    seconds = time.perf_counter() - began
    cpu = sum(watch.cpu.values())
    return {
        "stages": stages.figures(),
        "words_ready_s": _rounded(stages.words_s),
        "meaning_ready_s": _rounded(stages.meaning_s),
        "cpu_s": round(cpu, 1),
        "cpu_share": round(cpu / seconds / (os.cpu_count() or 1), 2),
        "peak_rss_mb": round(watch.pss_mb),
        "peak_rss_sum_mb": round(watch.rss_mb),
        "stat_p99_ms": round(1000 * p(waits, 99), 2),
        "fresh_words_p95_s": _rounded(p([one.words_s for one in found], 95)),
        "fresh_meaning_p95_s": _rounded(p([one.meaning_s for one in found], 95)),
        "fresh": {
            activity: _fresh([one for one in found if one.activity == activity])
            for activity in sorted({one.activity for one in found})
        }
        | {"idle": _fresh(idle)},
    }


def _fresh(saved: Sequence[Saved]) -> dict[str, Any]:
    return {
        "saves": len(saved),
        "words_p95_s": _rounded(p([one.words_s for one in saved], 95)),
        "words_median_s": _rounded(p([one.words_s for one in saved], 50)),
        "meaning_p95_s": _rounded(p([one.meaning_s for one in saved], 95)),
        "meaning_median_s": _rounded(p([one.meaning_s for one in saved], 50)),
    }


# -- the stages


class Stages:
    """When each stage ended, as the catalogue tells it."""

    def __init__(self, catalog: Catalog, began: float) -> None:
        self._catalog = catalog
        self._began = began
        self._last_say = 0.0
        self.covered = Coverage()
        self.scan_s: float | None = None
        self.words_s: float | None = None
        self.meaning_s: float | None = None

    @property
    def begun(self) -> bool:
        """Return whether ingest is at work: from then on a file is an event."""
        return bool(coverage(self._catalog).activity)

    @property
    def complete(self) -> bool:
        return self.meaning_s is not None

    def look(self) -> None:
        covered = coverage(self._catalog)
        now = time.perf_counter() - self._began
        if now - self._last_say > 10:
            self._last_say = now
            say(f"{now:.0f} s: {covered.activity}, {covered.pending} files and"
                f" {covered.passages - covered.embedded} passages wait")  # fmt: skip
        if self.scan_s is None and covered.files and covered.activity not in ("", "scanning"):
            self.scan_s = now
        if self.scan_s is not None and self.words_s is None and not covered.pending:
            self.words_s, self.covered = now, covered
        if self.words_s is not None and self.meaning_s is None and covered.embedded >= covered.passages:
            self.meaning_s, self.covered = now, covered

    @property
    def activity(self) -> str:
        """Return what the import is at."""
        return "reading" if self.words_s is None else "idle" if self.complete else "embedding"

    def figures(self) -> dict[str, Any]:
        files, passages = self.covered.files, self.covered.passages
        scan, words, meaning = self.scan_s or 0.0, self.words_s, self.meaning_s
        figures: dict[str, Any] = {"scan": {"s": round(scan, 2), "files_s": round(files / (scan or 1))}}
        if words is not None:
            took = words - scan
            figures["words"] = {"s": round(took, 2), "files_s": round(files / took, 1)}
            figures["words"]["passages_s"] = round(passages / took, 1)
        if words is not None and meaning is not None:
            took = max(meaning - words, LOOK_S)
            figures["vectors"] = {"s": round(took, 2), "passages_s": round(passages / took, 1)}
        return figures


# -- saving


def _saves(desk: Path, mountpoint: Path, stages: Stages, most: int) -> Iterator[Saved]:
    """Save files as long as the import runs: half of them while files are read."""
    for number in range(most):
        if stages.complete:
            return
        if number >= most // 2:
            while stages.activity == "reading":
                time.sleep(ASK_S)
        yield _save(desk, mountpoint, stages)
        time.sleep(PAUSE_S)


def _save(desk: Path, mountpoint: Path, stages: Stages) -> Saved:
    """Save a file and look for it: by a word that no other has, then for its vector among the reasons."""
    chance = random.Random()
    word = "".join(chance.choices(string.ascii_lowercase, k=12))
    text = SENTENCE.format(word=word, what=chance.choice(WHAT), when=chance.choice(WHEN))
    file = desk / f"note {word[:6]}.txt"
    activity = stages.activity
    with file.open("w") as out:
        out.write(text)
    saved = time.perf_counter()
    words_s = _until(saved, lambda: any(file.name in name for name in _listing(mountpoint / "search" / word)))
    sentence = text.rstrip(".")
    meaning_s = _until(saved, lambda: "meaning" in _reasons(mountpoint / "search" / sentence, file))
    say(f"saved while {activity}: by words {words_s:.2f} s, by meaning {meaning_s:.2f} s")
    return Saved(activity, words_s, meaning_s)


def _until(since: float, found: Callable[[], bool]) -> float:
    while not found():
        if time.perf_counter() - since > MOST_S:
            return MOST_S
        time.sleep(ASK_S)
    return time.perf_counter() - since


def _listing(directory: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(directory)
    return []


def _reasons(directory: Path, file: Path) -> str:
    """Return why a file is among the hits of a directory, which is opened anew."""
    _listing(directory)
    with contextlib.suppress(OSError, ValueError):
        for line in (directory / ".query" / "hits.jsonl").read_text("utf-8").splitlines():
            hit = json.loads(line)
            if hit["path"] == str(file):
                return str(hit["why"])
    return ""


# -- looking on


@contextlib.contextmanager
def repeated(pause_s: float, look: Callable[[], object]) -> Iterator[None]:
    """Do something again and again in a thread of its own."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(pause_s):
            with contextlib.suppress(psutil.Error):
                look()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _ingest(mount: subprocess.Popen[bytes]) -> psutil.Process:
    while mount.poll() is None:
        for child in psutil.Process(mount.pid).children():
            with contextlib.suppress(psutil.Error):
                if "_ingest" in child.cmdline():
                    return child
        time.sleep(0.01)
    raise SystemExit("semfs mount ended early")


def _children(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _pss(pid: int) -> int:
    """Return the bytes of a process, what it shares with others divided among them (proc(5))."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return 1024 * int(line.split()[1])
    return 0


def _stat(mountpoint: Path) -> float:
    """Return how long the mount takes to say what a name is that nobody has asked for."""
    name = "".join(random.choices(string.ascii_lowercase, k=16))
    began = time.perf_counter()
    os.stat(mountpoint / "search" / name)
    return time.perf_counter() - began


def p(values: Sequence[float], percent: int) -> float:
    """Return a percentile, NaN of nothing."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _rounded(value: float | None) -> float | None:
    return None if value is None or value != value else round(value, 3)
