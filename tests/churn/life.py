"""Live through a history, and say what is not as it should be at its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

PATIENCE_S = 30.0
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
        self.unseen = False

    def start(self) -> None:
        if not self.pid:
            self.pid = self.nursery.fork(
                name=self.name,
                sources=[str(self.folder.root)],
                log=str(self.base / "log"),
                embedded=str(self.base / "embedded"),
                embed_command=list(self.embedder),
            )

    def end(self, number: int) -> None:
        """End the process and what it started; it never ends by itself."""
        if self.pid:
            process = psutil.Process(self.pid)
            os.kill(self.pid, number)
            process.wait(PATIENCE_S)
            self.pid = 0

    def step(self, step: Step) -> None:
        match step.what:
            case "nap":
                time.sleep(int(str(step.arguments[0])) / 1000)
            case "kill":
                self.kills += 1
                self.end(signal.SIGKILL)
                self.start()
            case "kill_child":
                for child in psutil.Process(self.pid).children():
                    self.kills += 1
                    child.kill()
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

    def settled(self) -> tuple[str, ...]:
        """Wait until everything is as the folder is; return what is not after a long time."""
        content = self.folder.content()
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                wrong = tuple(
                    differences(self.path, content, self.vectors, None if self.embedder else vector)
                )
            except (sqlite3.OperationalError, StoreError) as error:
                wrong = (repr(error),)
            if not wrong or time.monotonic() > until:
                return wrong
            time.sleep(LOOK_S)


def live(
    name: str,
    steps: Sequence[Step],
    base: Path,
    nursery: Nursery,
    *,
    elsewhere: Path,
    embedder: Sequence[str] = (),
    watch: Callable[[str], None] = lambda _: None,
) -> Life:
    """Carry out the steps with the ingest process running, and wait until it has settled.

    The process starts when the first steps that write are done.  What the kernel tells nobody
    (`unseen`, and what is done to a file under a name outside of the folder) is found by the scan of a
    process that starts, so there is one at the end of such a history.
    """
    lived = _Lived(name, base, nursery, elsewhere=elsewhere, embedder=embedder)
    try:
        for step in steps:
            if step.what != "write":
                lived.start()
            watch(str(step))
            lived.step(step)
        lived.folder.open_folders()
        if lived.unseen:
            lived.end(signal.SIGKILL)
        lived.start()
        began = time.monotonic()
        wrong = lived.settled()
        return Life(wrong, lived.kills, time.monotonic() - began)
    finally:
        lived.end(signal.SIGKILL)
        lived.vectors.close()
        lived.catalog.close()
        shutil.rmtree(lived.home, ignore_errors=True)
        shutil.rmtree(elsewhere, ignore_errors=True)
        with contextlib.suppress(OSError):  # a step has put a file or a link in its place
            elsewhere.unlink()
