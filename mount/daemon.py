"""Go on in the background: the parent returns when the mount answers, or says why it does not.

Must be called before any thread is started.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from semfs.errors import MountError

_READY = b"ready"


@dataclass(frozen=True, slots=True)
class Parent:
    """The side that the user's shell waits for."""

    child: int
    _pipe: int

    def wait(self, mountpoint: str) -> None:
        """Return when the child is ready; raises MountError with the child's words if it is not."""
        try:
            words = _read_all(self._pipe)
        except KeyboardInterrupt:
            os.kill(self.child, signal.SIGTERM)
            raise
        finally:
            os.close(self._pipe)
        if words != _READY:
            reason = words.decode("utf-8", "replace").strip().removeprefix(f"{mountpoint}: ")
            raise MountError(mountpoint, reason or "the process ended before the mount answered; see its log")


@dataclass(frozen=True, slots=True)
class Child:
    """The side that goes on to serve."""

    _pipe: int

    def ready(self) -> None:
        """Let the parent return."""
        self._tell(_READY)

    def failed(self, reason: str) -> None:
        """Let the parent end with an error."""
        self._tell(reason.encode("utf-8", "replace"))

    def _tell(self, words: bytes) -> None:
        with suppress(BrokenPipeError):  # the parent was interrupted
            os.write(self._pipe, words)
        os.close(self._pipe)


def daemonise(log: Path) -> Parent | Child:
    """Fork; the child has a session of its own, and its standard output and error go to `log`."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Parent(pid, reading)
    os.close(reading)
    os.setsid()
    _redirect(log)
    return Child(writing)


def _redirect(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nowhere, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nowhere)
    os.close(output)


def _read_all(descriptor: int) -> bytes:
    words = b""
    while piece := os.read(descriptor, 65536):
        words += piece
    return words
