"""One job's directory on the disk: jobs/N/ with out/, steps/, log, explain and usage.json.

Owns everything below that directory.  The thread that works on the job writes; any thread
may read.  A file appears under its name only when it is whole and on the disk.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from semfs.jobs.cells import merged
from semfs.model import shown_line

log = logging.getLogger(__name__)

SCRATCH = ".scratch"
CELLS = "cells.csv"


class Folder:
    """The directory of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.out = path / "out"
        self._steps = path / "steps"
        self._lock = threading.Lock()

    def create(self) -> None:
        """Make the directory and what is in it; harmless if it is there."""
        for folder in (self.out, self._steps):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def tidy(self) -> None:
        """Remove what a process that died in the middle of writing left; only for who alone writes here."""
        for folder in (self.path, self.out, self._steps):
            for part in folder.glob(".*.part"):
                part.unlink(missing_ok=True)
        for scratch in self._steps.glob(f"*{SCRATCH}"):
            shutil.rmtree(scratch, ignore_errors=True)

    def remove(self) -> None:
        """Remove all of it; what another thread puts there meanwhile is removed too."""
        shutil.rmtree(self.path, ignore_errors=True)

    # -- text files for people

    def read(self, name: str) -> str:
        """Return a file's text, "" if there is none yet."""
        try:
            return (self.path / name).read_text("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            return ""

    def size(self, name: str) -> int:
        """Return a file's length in bytes, 0 if there is none yet."""
        try:
            return (self.path / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def write(self, name: str, text: str) -> None:
        write_whole(self.path / name, text.encode("utf-8", "replace"))

    def log(self, line: str) -> None:
        """Add a line with the time to the job's log; what follows a line break is set in."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        first, *rest = map(shown_line, line.split("\n"))
        line = "\n".join([first, *(part if part.startswith(" ") else f"    {part}" for part in rest)])
        with self._lock, (self.path / "log").open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{stamp}  {line}\n")

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a place that is empty and goes afterwards; what a killed process leaves, `tidy` removes."""
        with TemporaryDirectory(suffix=SCRATCH, dir=self._steps, ignore_cleanup_errors=True) as place:
            yield Path(place)

    # -- results of steps

    def keep(self, name: str, text: str) -> None:
        write_whole(self._steps / name, text.encode("utf-8", "surrogatepass"))

    def kept(self, name: str) -> str:
        """Raises OSError if it is not there."""
        return (self._steps / name).read_bytes().decode("utf-8", "surrogatepass")

    def append(self, name: str, record: Any) -> None:
        """Add a record to a journal; it is on the disk when this returns."""
        line = json.dumps(record) + "\n"
        with self._lock, (self._steps / name).open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def records(self, name: str) -> list[Any]:
        """Return a journal's records; a line that was cut off by a crash is left out and made good."""
        path = self._steps / name
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) != len(data):
            log.info("%s: its last line was cut off by a crash and is dropped", path)
            os.truncate(path, len(whole))
        return [record for line in whole.split(b"\n") for record in _record(line, path)]

    # -- where cells come from

    def cells(self, rows: str, places: Iterable[Sequence[object]]) -> None:
        """Put into cells.csv where each cell of some rows stands, in place of what it said of them."""
        self.write(CELLS, merged(self.read(CELLS), rows, places))

    # -- what the job made

    def save(self, name: str, data: bytes) -> None:
        """Put a result into out/, whole or not at all."""
        self.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.out / name, data)

    def saved(self) -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self.out) if not entry.name.startswith("."))
        except FileNotFoundError:
            return []


def _record(line: bytes, path: Path) -> list[Any]:
    """Return the record in a line, if there is one: a full disk may have cut one off, another follows it."""
    try:
        return [json.loads(line)] if line else []
    except ValueError:
        log.info("%s: a damaged line is left out; what it told of is done again", path)
        return []


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole, or as it was before; raises OSError."""
    part = path.with_name(f".{path.name[:80]}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
