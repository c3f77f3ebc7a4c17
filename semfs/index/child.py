"""Child processes that are spoken to in frames over pipes, on both sides.

A frame is a JSON object followed by raw bytes; nothing is unpickled, as a child has read
files that nobody vouches for.  `Child` is the parent's end and belongs to one thread, which
never blocks on it.  `Frames` is the child's end: it takes standard input and output for
itself and leaves the rest of the process with standard output sent to standard error.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from semfs.errors import SemfsError
from semfs.index.priority import Standing, stand_back

HEADER = struct.Struct("<II")  # lengths of the JSON and of the bytes after it
LONGEST_FRAME = 1 << 29  # more than any answer is; a longer one comes from a child that has gone mad
PIPE_BYTES = 1 << 20  # so that a request of any size fits and sending never blocks
PR_SET_PDEATHSIG = 1


class FramesBroken(SemfsError):
    """What came through the pipe is no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    fields: dict[str, Any]
    blob: bytes = b""

    def encoded(self) -> bytes:
        fields = json.dumps(self.fields, separators=(",", ":")).encode("ascii")
        return HEADER.pack(len(fields), len(self.blob)) + fields + self.blob


class Parser:
    """Put frames together from what a pipe gives; pure."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that are complete now; raises FramesBroken."""
        self._buffer += data
        frames = []
        while (end := self._end()) is not None:
            frames.append(self._frame(bytes(self._buffer[:end])))
            del self._buffer[:end]
        return frames

    def _end(self) -> int | None:
        if len(self._buffer) < HEADER.size:
            return None
        end = HEADER.size + sum(HEADER.unpack_from(self._buffer))
        if end > LONGEST_FRAME:
            raise FramesBroken(f"a frame of {end} bytes was announced")
        return end if len(self._buffer) >= end else None

    @staticmethod
    def _frame(data: bytes) -> Frame:
        length, _ = HEADER.unpack_from(data)
        try:
            fields = json.loads(data[HEADER.size : HEADER.size + length])
        except (ValueError, RecursionError) as error:
            raise FramesBroken(str(error)) from error
        if not isinstance(fields, dict):
            raise FramesBroken("a frame without fields")
        return Frame(fields, data[HEADER.size + length :])


class Child:
    """A running child and its pipes; killed and closed with `kill`, reaped later by `gone`."""

    def __init__(self, command: Sequence[str], settings: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._parser = Parser()
        self.started = time.monotonic()
        self.ready = False
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        with contextlib.suppress(PermissionError):  # the user has very many pipes; the usual size mostly does
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self._out.fileno(), False)
        self.send(Frame({**settings, "parent": os.getpid()}))

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self._out.fileno()

    def send(self, frame: Frame) -> None:
        """Send a request; a child that has died is noticed by `receive`."""
        data = frame.encoded()
        with contextlib.suppress(BrokenPipeError):
            os.write(self._in.fileno(), data)

    def receive(self) -> list[Frame] | None:
        """Return what has arrived, or None once the child has gone; raises FramesBroken."""
        received: list[Frame] = []
        while True:
            try:
                data = os.read(self._out.fileno(), PIPE_BYTES)
            except BlockingIOError:
                return self._greeted(received)
            if not data:
                return self._greeted(received) or None
            received += self._parser.feed(data)

    def _greeted(self, frames: list[Frame]) -> list[Frame]:
        """Take the greeting out: the child is ready from then on."""
        if frames and not self.ready:
            self.ready = True
            return frames[1:]
        return frames

    def kill(self) -> None:
        """End it at once and close the pipes; does not wait, as a process may hang in the kernel."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._in.close()
        self._out.close()

    def gone(self) -> bool:
        """Reap it if it has ended; return whether it has."""
        return self._process.poll() is not None

    def death(self) -> str:
        """Say in words how it ended, for one whose pipe was closed."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        if code >= 0:
            return f"exit status {code}"
        name = signal.strsignal(-code) or "unknown"
        return f"signal {-code}, {name}"


class Pit:
    """Children that were killed and wait to be reaped."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def take(self, child: Child) -> None:
        child.kill()
        self._children.append(child)
        self.reap()

    def reap(self) -> None:
        self._children = [child for child in self._children if not child.gone()]


def wait(children: Iterable[Child], wake: int, timeout: float) -> None:
    """Return when a child has something to say, `wake` is readable, or the time is over."""
    select.select([wake, *(child.fileno() for child in children)], [], [], max(timeout, 0))


class Frames:
    """The child's end of the pipes; the settings that the parent sent first are `settings`."""

    def __init__(self) -> None:
        self._in = os.dup(0)
        self._out = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)  # what a library prints must not end up between frames
        self._parser = Parser()
        self._waiting: list[Frame] = []
        first = self.receive()
        self.settings = first.fields if first else {}

    def receive(self) -> Frame | None:
        """Wait for the next request; None when the parent has closed the pipe."""
        while not self._waiting:
            data = os.read(self._in, PIPE_BYTES)
            if not data:
                return None
            self._waiting = self._parser.feed(data)
        return self._waiting.pop(0)

    def send(self, frame: Frame) -> None:
        data = memoryview(frame.encoded())
        while data:
            data = data[os.write(self._out, data) :]


def settle(settings: dict[str, Any]) -> None:
    """Take on a child's place: polite, limited in memory, and gone when its parent is."""
    stand_back(Standing(int(settings.get("standing", Standing.BULK))))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = int(settings.get("memory_mb", 0)) << 20
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != settings.get("parent"):
        sys.exit(0)  # it died before the kernel was told
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business


def spend_at_most(seconds: int) -> None:
    """Have this process killed once it has used so much more time of a processor."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + seconds, most))


def rss_mb() -> int:
    """Return the memory that this process occupies."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() >> 20
