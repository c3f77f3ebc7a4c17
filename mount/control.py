"""The files of a job that do something: `ctl` obeys words, `plan` can be edited, `wait` blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from semfs.errors import BadRequest, Interrupted, NotPermitted, RequestTooLong
from semfs.mount.content import TextFile, TextHandle
from semfs.mount.node import READ_ONLY, WRITABLE, Access, Attr, File, Handle
from semfs.mount.ports import Cancelled
from semfs.mount.waiting import Waiters

CONTROL_USAGE = """\
Write one word a line:
  cancel                    stop the job
  go                        carry out a plan that is held
  retry                     run a job again that failed or was cancelled
  priority high|normal|low  who goes first at the model
"""
LONGEST_WORD = 200  # bytes of one line
LONGEST_PLAN = 65536  # bytes, as in the plan language


class ControlFile(File):
    """`ctl`: each line that is written is obeyed at once, or refused at the write."""

    mode = WRITABLE

    def __init__(self, inode: int, mtime: float, obey: Callable[[str], None]) -> None:
        super().__init__(inode, mtime)
        self._obey = obey

    def length(self) -> int:
        return len(CONTROL_USAGE)

    def open(self, access: Access) -> Handle:
        return ControlHandle(self._obey)

    def truncate(self, size: int) -> None:
        """Accept what a shell's `>` does first."""


class ControlHandle(Handle):
    """One open `ctl`; a last line without a newline is obeyed when it is closed."""

    def __init__(self, obey: Callable[[str], None]) -> None:
        self._obey = obey
        self._lock = threading.Lock()
        self._pending = b""

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        return CONTROL_USAGE.encode()[offset : offset + size]

    def write(self, data: bytes, offset: int) -> int:
        with self._lock:
            *lines, self._pending = (self._pending + data).split(b"\n")
            if len(self._pending) > LONGEST_WORD:
                self._pending = b""
                raise RequestTooLong(f"a line of `ctl` has at most {LONGEST_WORD} bytes")
            if not any(line.strip() for line in (*lines, self._pending)):
                raise BadRequest("write a word; reading `ctl` lists them")
            for line in lines:
                self._do(line)
        return len(data)

    def _do(self, line: bytes) -> None:
        try:
            word = line.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise BadRequest("this is no text") from None
        if word:
            self._obey(word)

    def truncate(self, size: int) -> None:
        """Accept; there is nothing to cut off."""

    def flush(self) -> None:
        with self._lock:
            line, self._pending = self._pending, b""
            self._do(line)


class PlanFile(TextFile):
    """`plan`: to read, and while the job is held to replace; it is checked when it is closed."""

    def __init__(
        self,
        inode: int,
        mtime: float,
        render: Callable[[], str],
        *,
        save: Callable[[bytes], None],
        held: bool,
    ) -> None:
        super().__init__(inode, mtime, render)
        self._save = save
        self._held = held

    def attr(self) -> Attr:
        found = super().attr()
        mode = found.mode & ~0o777 | (WRITABLE if self._held else READ_ONLY)
        return replace(found, mode=mode)

    def open(self, access: Access) -> Handle:
        if not access.write:
            return TextHandle(self._bytes)
        self._require_held()
        return PlanHandle(b"" if access.truncate else self._bytes(), self._save, changed=access.truncate)

    def truncate(self, size: int) -> None:
        """Accept the truncation by name that comes before an open; the open decides."""
        self._require_held()

    def _require_held(self) -> None:
        if not self._held:
            raise NotPermitted("only the plan of a held job is edited: begin the request with `#!semfs hold`")


class PlanHandle(Handle):
    """A plan that is being edited: nothing is taken over before it is closed."""

    def __init__(self, content: bytes, save: Callable[[bytes], None], *, changed: bool) -> None:
        self._content = bytearray(content)
        self._save = save
        self._changed = changed
        self._lock = threading.Lock()

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        with self._lock:
            return bytes(self._content[offset : offset + size])

    def length(self) -> int:
        return len(self._content)

    def write(self, data: bytes, offset: int) -> int:
        with self._lock:
            self._extend(offset, and_then=len(data))
            self._content[offset : offset + len(data)] = data
            self._changed = True
        return len(data)

    def truncate(self, size: int) -> None:
        with self._lock:
            self._extend(size)
            del self._content[size:]
            self._changed = True

    def _extend(self, size: int, *, and_then: int = 0) -> None:
        """Fill up with zeros, as every file system does; a plan with zeros in it is refused."""
        if size + and_then > LONGEST_PLAN:
            raise RequestTooLong(f"a plan has at most {LONGEST_PLAN} bytes")
        self._content.extend(bytes(max(0, size - len(self._content))))

    def flush(self) -> None:
        with self._lock:
            if self._changed and self._content.strip():
                self._changed = False
                self._save(bytes(self._content))


class WaitFile(File):
    """`wait`: reading it blocks until the job has ended, and gives the word it ended with."""

    def __init__(self, inode: int, mtime: float, wait: Callable[[Cancelled], str], waiters: Waiters) -> None:
        super().__init__(inode, mtime)
        self._wait = wait
        self._waiters = waiters

    def length(self) -> int:
        return 0

    def open(self, access: Access) -> Handle:
        self._refuse_writing(access)
        return WaitHandle(self._wait, self._waiters)


class ReportFile(File):
    """A text that takes a while to make: made when it is read, never for its length."""

    def __init__(self, inode: int, mtime: float, make: Callable[[Cancelled], str], waiters: Waiters) -> None:
        super().__init__(inode, mtime)
        self._make = make
        self._waiters = waiters

    def length(self) -> int:
        return 0

    def open(self, access: Access) -> Handle:
        self._refuse_writing(access)
        return ReportHandle(self._make, self._waiters)


class ReportHandle(Handle):
    """One reader of such a text, made anew when it is read from the beginning."""

    def __init__(self, make: Callable[[Cancelled], str], waiters: Waiters) -> None:
        self._make = make
        self._waiters = waiters
        self._text: bytes | None = None

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        if self._text is None or offset == 0:
            with self._waiters.one():
                text = self._make(lambda: cancelled() or self._waiters.closing)
            self._text = text.encode("utf-8", "replace")
        return self._text[offset : offset + size]


class WaitHandle(Handle):
    """One reader of `wait`; it waits once."""

    def __init__(self, wait: Callable[[Cancelled], str], waiters: Waiters) -> None:
        self._wait = wait
        self._waiters = waiters
        self._word: bytes | None = None

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        if self._word is None:
            with self._waiters.one():
                word = self._wait(lambda: cancelled() or self._waiters.closing)
            if not word:
                raise Interrupted("nobody waits for the job any more")
            self._word = word.strip().encode() + b"\n"
        return self._word[offset : offset + size]
