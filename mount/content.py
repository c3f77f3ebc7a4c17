"""Files whose content is a text made when it is read, and real files shown as they are.

Owns the descriptors of the real files that are open.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

from semfs.errors import NoSuchEntry
from semfs.mount.node import Access, Attr, Directory, File, Handle, Node
from semfs.mount.ports import Cancelled

REMEMBERED_S = 1.0  # as long as the kernel remembers attributes


class TextHandle(Handle):
    """A text that is made anew whenever it is read from the beginning, or at every read.

    Nothing is made for who reads only of `beginning`, which the text always begins with.
    """

    def __init__(self, render: Callable[[], bytes], *, growing: bool = False, beginning: bytes = b"") -> None:
        self._render = render
        self._growing = growing
        self._beginning = beginning
        self._content: bytes | None = None

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        if offset == 0 or self._growing:
            self._content = None
        if self._content is None:
            if offset + size <= len(self._beginning):
                return self._beginning[offset : offset + size]
            self._content = self._render()
        return self._content[offset : offset + size]


class TextFile(File):
    """A text to read.

    `length` says how long it is where making it to measure it costs too much, `beginning` what it
    always begins with where making it to see what it is does.
    """

    def __init__(
        self,
        inode: int,
        mtime: float,
        render: Callable[[], str],
        *,
        length: Callable[[], int] | None = None,
        beginning: Callable[[], str] | None = None,
        growing: bool = False,
    ) -> None:
        super().__init__(inode, mtime)
        self._render = render
        self._length = length
        self._beginning = beginning
        self._growing = growing

    def _bytes(self) -> bytes:
        return self._render().encode("utf-8", "replace")

    def length(self) -> int:
        return self._length() if self._length is not None else len(self._bytes())

    def open(self, access: Access) -> Handle:
        self._refuse_writing(access)
        beginning = self._beginning().encode() if self._beginning is not None else b""
        return TextHandle(self._bytes, growing=self._growing, beginning=beginning)


class LastingText(TextFile):
    """A text that stays the same as long as it has its name, or that is made once a second."""

    lasts = True


class StoredHandle(Handle):
    """A text that is read piece by piece from where it lies."""

    def __init__(self, piece: Callable[[int, int], bytes]) -> None:
        self._piece = piece

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        return self._piece(offset, size)


class StoredFile(File):
    """A text too long to be made at once; `piece` takes offset and size."""

    def __init__(
        self, inode: int, mtime: float, length: Callable[[], int], piece: Callable[[int, int], bytes]
    ) -> None:
        super().__init__(inode, mtime)
        self._length = length
        self._piece = piece

    def length(self) -> int:
        return self._length()

    def open(self, access: Access) -> Handle:
        self._refuse_writing(access)
        return StoredHandle(self._piece)


class Remembered:
    """A text that takes a while to make and is always another, made at most once a second.

    Who reads it is given the one whose length the kernel was told last, so that a program which
    reads as much as there is said to be, as `tar` and `rsync` do, reads all of it.
    """

    def __init__(self, render: Callable[[], str]) -> None:
        self._render = render
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._text = ""

    def length(self) -> int:
        return len(self._younger_than(REMEMBERED_S).encode("utf-8", "replace"))

    def text(self) -> str:
        return self._younger_than(2 * REMEMBERED_S)  # the kernel asked for the length up to a second ago

    def _younger_than(self, seconds: float) -> str:
        with self._lock:
            if time.monotonic() - self._at > seconds:
                self._text = self._render()
                self._at = time.monotonic()
            return self._text


class RealHandle(Handle):
    """A real file that is open for reading."""

    def __init__(self, path: Path, *, direct: bool) -> None:
        self.direct = direct
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not direct:
            found = os.fstat(self._descriptor)
            self.content = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        return os.pread(self._descriptor, size, offset)

    def close(self) -> None:
        os.close(self._descriptor)


class RealFile(File):
    """A regular file from outside the tree; `growing` if its length may change while it is read."""

    def __init__(self, inode: int, path: Path, *, growing: bool = False) -> None:
        super().__init__(inode, 0.0)
        self._path = path
        self._growing = growing

    def attr(self) -> Attr:
        found = _lstat(self._path)
        # Shown as writable by its owner, although it is not through the mount: so a copy of it is.
        mode = stat.S_IFREG | 0o600 | (found.st_mode & 0o155)
        return Attr(self.inode, mode, found.st_size, found.st_mtime, lasts=not self._growing)

    def length(self) -> int:
        return _lstat(self._path).st_size

    def open(self, access: Access) -> Handle:
        self._refuse_writing(access)
        if not stat.S_ISREG(_lstat(self._path).st_mode):
            raise NoSuchEntry(self._path.name)
        return RealHandle(self._path, direct=self._growing)


class RealDirectory(Directory):
    """The regular files and directories that a job made; links among them are not shown."""

    def __init__(self, inode: int, path: Path) -> None:
        super().__init__(inode, 0.0)
        self._path = path

    def attr(self) -> Attr:
        try:
            self.mtime = os.lstat(self._path).st_mtime
        except FileNotFoundError:
            self.mtime = 0.0  # it is made with its first file
        return super().attr()

    def lookup(self, name: str) -> Node:
        path = self._path / name
        mode = _lstat(path).st_mode
        if stat.S_ISREG(mode):
            return RealFile(self.below(name), path)
        if stat.S_ISDIR(mode):
            return RealDirectory(self.below(name), path)
        raise NoSuchEntry(name)

    def entries(self) -> list[tuple[str, Node]]:
        try:
            names = sorted(os.listdir(self._path))
        except FileNotFoundError:
            return []
        found = []
        for name in names:
            try:
                found.append((name, self.lookup(name)))
            except NoSuchEntry:
                continue  # a link, or gone since
        return found

    def remove(self, name: str) -> None:
        """Accept without effect: what belongs to a job is removed with the job."""


def _lstat(path: Path) -> os.stat_result:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise NoSuchEntry(path.name) from None
