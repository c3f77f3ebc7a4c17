"""Live through a history, and say what is not as it should be at its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil
from churn.embedder import DIMENSION, vector
from churn.folder import Folder
from churn.history import Step
from churn.ledger import differences
from churn.nursery import Nursery

from semfs.config import data_dir
from semfs.errors import StoreError
from semfs.search.vector import VectorIndex
from semfs.store.catalog import Catalog

PATIENCE_S = 30.0  # with what is left to be done once the steps are over
DEATH_S = 30.0  # for a killed process to be gone
LOOK_S = 0.05
MOST_FLAT = 8  # vectors in memory: few, so that files of vectors are written and followed too
QUERY = np.full(DIMENSION, DIMENSION**-0.5, np.float32)


@dataclass(frozen=True, slots=True)
class Life:
    """How a history went."""

    wrong: tuple[str, ...]
    kills: int
    settle_s: float


class _Lived:
    """One folder, its ingest process and its search, while things happen."""

    def __init__(
        self, name: str, base: Path, nursery: Nursery, *, elsewhere: Path, embedder: Sequence[str]
    ) -> None:
        self.name, self.base, self.nursery, self.embedder = name, base, nursery, embedder
        self.folder = Folder(base, elsewhere)
        self.home = data_dir(name)
        self.path = self.home / "catalog.db"
        self.catalog = Catalog(self.path)
        self.vectors = VectorIndex(self.catalog, self.home / "vectors", most_flat=MOST_FLAT)
        self.pid = 0
        self.kills = 0
        self.bereft = False  # its children have been killed
        self.unseen = False

    def start(self) -> None:
        if not self.pid:
            self.pid = self.nursery.fork(
                name=self.name,
                sources=[str(self.folder.root)],
                log=str(self.base / "log"),
                slow=str(self.folder.slow),
                embedded=str(self.base / "embedded"),
                embed_command=list(self.embedder),
            )

    def end(self, number: int) -> None:
        """End the process and what it started; it never ends by itself."""
        if self.pid:
            process = psutil.Process(self.pid)
            os.kill(self.pid, number)
            process.wait(DEATH_S)
            self.pid = 0

    def note(self, what: str) -> None:
        """Write what happens beside what the process says."""
        with (self.base / "log").open("a", errors="backslashreplace") as log:
            log.write(f"{datetime.now():%F %T,%f} {self.pid} ---- {what}\n")

    def step(self, step: Step) -> None:
        match step.what:
            case "nap":
                time.sleep(int(str(step.arguments[0])) / 1000)
            case "kill":
                self.kills += 1
                self.end(signal.SIGKILL)
                self.start()
            case "kill_child" if not self.bereft:
                for child in psutil.Process(self.pid).children():
                    self.kills += 1
                    child.kill()
                    self.bereft = True
            case "kill_child":
                pass  # a file whose reader dies of it twice is given up, and so is a passage
            case "stop":
                self.end(signal.SIGTERM)
                self.start()
            case "search":
                self.search()
            case what:
                self.unseen = self.unseen or what == "unseen" or "../" in str(step)
                self.folder(what, *step.arguments)

    def search(self) -> None:
        with contextlib.suppress(StoreError):  # there is no catalogue yet
            self.vectors.search(QUERY, limit=10)

    def settled(self, patience: float) -> tuple[str, ...]:
        """Wait until everything is as the folder is; return what is not after so many seconds."""
        content = self.folder.content()
        until = time.monotonic() + patience
        vector_of = None if self.embedder else vector
        wrong: tuple[str, ...] = ("there is no catalogue",)
        while True:
            trouble = ()
            try:
                wrong = tuple(differences(self.path, content, self.vectors, vector_of))
            except (sqlite3.OperationalError, StoreError) as error:
                trouble = (f"{error!r} {getattr(error, 'sqlite_errorname', '')}",)
            if not (wrong or trouble) or time.monotonic() > until:
                return wrong + trouble
            time.sleep(LOOK_S)


def live(
    name: str,
    steps: Sequence[Step],
    base: Path,
    nursery: Nursery,
    *,
    elsewhere: Path,
    embedder: Sequence[str] = (),
    patience: float = PATIENCE_S,
    keep: Path | None = None,
) -> Life:
    """Carry out the steps with the ingest process running, and wait until it has settled.

    The process starts when the first steps that write are done.  What the kernel tells nobody
    (`unseen`, and what is done to a file under a name outside of the folder) is found by the scan of a
    process that starts, so there is one at the end of such a history.  What there is after one that ends
    badly is left in `keep`.
    """
    wrong: tuple[str, ...] = ("it did not come to an end",)
    lived = _Lived(name, base, nursery, elsewhere=elsewhere, embedder=embedder)
    try:
        for step in steps:
            if step.what != "write":
                lived.start()
            lived.note(str(step))
            lived.step(step)
        lived.folder.open_folders()
        if lived.unseen:
            lived.end(signal.SIGKILL)
        lived.start()
        lived.note("the end")
        began = time.monotonic()
        wrong = lived.settled(patience)
        return Life(wrong, lived.kills, time.monotonic() - began)
    finally:
        lived.end(signal.SIGKILL)
        lived.vectors.close()
        lived.catalog.close()
        if wrong and keep:
            lived.note("\n".join(wrong))
            with contextlib.suppress(shutil.Error):  # what cannot be read, and a FIFO, is left out
                shutil.copytree(base, keep / name, symlinks=True)
            with contextlib.suppress(shutil.Error):
                shutil.copytree(lived.home, keep / name / "index")
        shutil.rmtree(lived.home, ignore_errors=True)
        shutil.rmtree(elsewhere, ignore_errors=True)
        with contextlib.suppress(OSError):  # a step has put a file or a link in its place
            elsewhere.unlink()
