"""`run`: a request is written, the job's number is read back on the same open file.

What is written becomes one request when the writer pauses, reads or closes.  A newline alone
does not end it, because bash writes the lines of `echo "two\\nlines"` one by one.  What is
wrong with the text itself is refused at the write, where every shell reports it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from semfs.errors import BadRequest, RequestTooLong, SemfsError
from semfs.jobs.directive import MARK, read
from semfs.model import JobId
from semfs.mount.node import WRITABLE, Access, File, Handle
from semfs.mount.pauses import Pauses
from semfs.mount.ports import Cancelled

# After a newline and this long without another write the request is complete, even if the
# writer keeps the file open and never reads.
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Submit:
    """Where the requests of one `run` go."""

    request: Callable[[bytes], JobId]
    admit: Callable[[], None]  # raises QueueFull while no request can be taken
    usage: Callable[[], str]  # what an opener reads who has not written
    longest: int  # bytes
    pauses: Pauses  # of PAUSE_S


class RunFile(File):
    """A `run` file: that of the root, or the one of a query directory."""

    mode = WRITABLE

    def __init__(self, inode: int, mtime: float, submit: Submit) -> None:
        super().__init__(inode, mtime)
        self._submit = submit

    def length(self) -> int:
        return len(self._submit.usage().encode())

    def open(self, access: Access) -> Handle:
        return RunHandle(self._submit)

    def truncate(self, size: int) -> None:
        """Accept what a shell's `>` does first; there is nothing to cut off."""


class RunHandle(Handle):
    """One open `run`: requests go in, numbers come out.

    The numbers stand at the file offset where the writing ended, since that is where the
    shared offset of a shell's descriptor is; a reader that seeks back to 0 finds them as well.
    """

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self._lock = threading.Lock()
        self._pause: object | None = None
        self._pending = bytearray()
        self._refusal: SemfsError | None = None  # at a write; holds until the writer closes
        self._failure: SemfsError | None = None  # when it was submitted; holds until the next write
        self._written = False
        self._numbers = b""
        self._delivered = 0  # of the numbers, those that a read has returned
        self._base = 0  # file offset at which the numbers begin

    def write(self, data: bytes, offset: int) -> int:
        with self._lock:
            self._end_pause()
            self._failure = None
            self._pending += data
            try:
                self._check(data)
            except SemfsError as error:
                self._pending.clear()
                self._refusal = error
                raise
            self._expect_numbers(offset + len(data))
            # A first line alone that says how to treat the rest is no request, however long the rest takes.
            if data.endswith(b"\n") and not self._is_directive():
                self._begin_pause()
        return len(data)

    def _check(self, data: bytes) -> None:
        """Refuse now what can only be refused."""
        if self._refusal is not None:
            raise self._refusal
        self._submit.admit()
        if len(self._pending) > self._submit.longest:
            raise RequestTooLong(f"a request may have {self._submit.longest} bytes")
        if b"\0" in data:
            raise BadRequest("a request is text; this is binary")
        if data.endswith(b"\n") and not self._is_directive():
            read(bytes(self._pending), longest=self._submit.longest)

    def _is_directive(self) -> bool:
        """Whether there is nothing yet but a first line that says how to treat the rest."""
        return self._pending.startswith(MARK.encode()) and self._pending.count(b"\n") == 1

    def _expect_numbers(self, end: int) -> None:
        self._written = True
        self._numbers, self._delivered = self._numbers[self._delivered :], 0
        self._base = end

    def _begin_pause(self) -> None:
        mine = object()

        def over() -> None:
            with self._lock:
                if self._mine is mine:
                    self._dispatch()

        self._mine, self._pause = mine, self._submit.pauses.begin(over)

    def _end_pause(self) -> None:
        self._mine = None
        if self._pause is not None:
            self._submit.pauses.end(self._pause)
            self._pause = None

    def _dispatch(self) -> None:
        """Submit what was written; a refusal is kept for the next read or close."""
        self._end_pause()
        if not self._pending:
            return
        request = bytes(self._pending)
        self._pending.clear()
        try:
            self._numbers += b"%d\n" % self._submit.request(request)
        except SemfsError as error:
            self._failure = error

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        with self._lock:
            self._dispatch()
            if self._failure is not None:
                raise self._failure
            if not self._written:
                return self._submit.usage().encode()[offset : offset + size]
            if offset < self._base:
                self._base = 0
            begin = offset - self._base
            piece = self._numbers[begin : begin + size]
            self._delivered = max(self._delivered, begin + len(piece))
            return piece

    def flush(self) -> None:
        with self._lock:
            self._refusal = None
            self._dispatch()
            if self._failure is not None:
                raise self._failure

    def close(self) -> None:
        with self._lock:
            self._end_pause()
            self._pending.clear()
