"""What people look at, told by the mount to ingest; a hint and nothing more.

A FIFO beside the catalogue takes the numbers of files.  Telling never waits: where nobody listens,
or nobody has listened for long, it is as if nothing had been said.  Nothing is kept.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import struct
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from semfs.model import FileId

logger = logging.getLogger(__name__)

NAME = "looks"
PAUSE_S = 0.02  # at least between two tellings: each takes four system calls and wakes a process
MOST_TOLD = 50  # files at once: what fits on a screen
LONGEST = 1 << 16  # bytes read at once: all that a FIFO holds


def tell(folder: Path, files: Sequence[FileId]) -> None:
    """Say that somebody looks at these files, the most interesting one last; from any thread."""
    told = files[-MOST_TOLD:]
    if not told:
        return
    with contextlib.suppress(OSError):  # nobody listens, or the FIFO is full
        descriptor = os.open(folder / NAME, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, struct.pack(f"<{len(told)}q", *told))  # whole or not at all: pipe(7)
        finally:
            os.close(descriptor)


class Teller:
    """Tells several looks at once where they come fast, as when a program reads every link.

    Those after the last telling wait for the next look.  Any thread may use it.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._untold: list[FileId] = []
        self._told_at = float("-inf")

    def tell(self, files: Sequence[FileId]) -> None:
        with self._lock:
            self._untold = [*self._untold, *files][-MOST_TOLD:]
            now = self._clock()
            if now - self._told_at < PAUSE_S:
                return
            self._told_at = now
            told, self._untold = self._untold, []
        tell(self._folder, told)


class Looks:
    """The listening end; for the one thread of the ingest process."""

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        path = folder / NAME
        try:
            path.unlink(missing_ok=True)
            os.mkfifo(path, 0o600)
            self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:  # a file system without FIFOs
            logger.info("what people look at is not heard of: %s", error)

    def take(self) -> list[FileId]:
        """Return the files that were looked at since the last time, in order."""
        if self._descriptor is None:
            return []
        try:
            data = os.read(self._descriptor, LONGEST)
        except BlockingIOError:
            return []
        whole = len(data) - len(data) % 8
        return [FileId(number) for (number,) in struct.iter_unpack("<q", data[:whole])]

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
