"""A tree served by libfuse: the only file that knows the binding, and the one that makes errnos of errors.

Owns the session and what the kernel is told to remember.  libfuse calls from up to 64 threads of its own.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import stat
import threading
import time
from collections.abc import Callable
from typing import Any

from semfs.caller import Process
from semfs.errors import (
    AlreadyExists,
    BadRequest,
    DiskFull,
    Interrupted,
    MissingPart,
    NameTooLong,
    NoAttribute,
    NoSuchEntry,
    NotPermitted,
    PlanError,
    QueueFull,
    RequestTooLong,
    SemfsError,
    StoreBusy,
)
from semfs.mount.node import Attr
from semfs.mount.operations import BLOCK, LONGEST_NAME, Operations
from semfs.mount.tree import Tree

os.environ.setdefault("FUSE_LIBRARY_NAME", "fuse3")  # the binding would take libfuse 2 if both are there
try:
    import mfusepy  # type: ignore[import-untyped]
except OSError as error:  # what it raises when it finds no library
    raise MissingPart("libfuse 3", "install it, for example `sudo apt install fuse3 libfuse3-3`") from error

log = logging.getLogger(__name__)

WORKERS = 64  # with libfuse's 10, 12 blocked readers froze everybody else
REMEMBERED_S = 1.0  # names and attributes in the kernel; nothing is remembered about names that are not there
FORGOTTEN = 0.0  # as long are attributes remembered that change without notice
ON_ITS_WAY_S = 0.02  # what an answer takes to leave on a machine whose processors are all used
IDLE_WORKERS = WORKERS  # none ends, since what the interpreter keeps of each would stay behind

ERRNOS: dict[type[SemfsError], int] = {
    BadRequest: errno.EINVAL,
    PlanError: errno.EINVAL,
    RequestTooLong: errno.E2BIG,
    QueueFull: errno.EAGAIN,
    NotPermitted: errno.EPERM,
    NoSuchEntry: errno.ENOENT,
    AlreadyExists: errno.EEXIST,
    NameTooLong: errno.ENAMETOOLONG,
    NoAttribute: errno.ENODATA,
    Interrupted: errno.EINTR,
    DiskFull: errno.ENOSPC,
    StoreBusy: errno.EAGAIN,
}

_PLUS_REQUESTED = 1  # FUSE_READDIR_PLUS
_PLUS_FILLED = 2  # FUSE_FILL_DIR_PLUS
_interrupted = mfusepy._libfuse.fuse_interrupted
_context = mfusepy._libfuse.fuse_get_context
_keep = ctypes.pythonapi.PyGILState_Ensure
_thread = threading.local()
_exit = mfusepy._libfuse.fuse_exit
_exit.argtypes = [ctypes.c_void_p]
_exit.restype = None


def errno_of(error: SemfsError) -> int:
    """Return the errno that an error ends a system call with; what the table lacks is EIO."""
    return next((ERRNOS[kind] for kind in type(error).__mro__ if kind in ERRNOS), errno.EIO)


def _number_of(error: Exception, operation: str) -> int:
    """Return the errno that an operation ends with; a mistake of ours is logged with its traceback."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if not isinstance(error, SemfsError):
        log.error("%s failed", operation, exc_info=error)
        return errno.EIO
    number = errno_of(error)
    if number == errno.EIO:
        log.warning("%s: %s", operation, error)
    return number


def _keep_thread() -> None:
    """Let the interpreter keep what it knows of this thread of libfuse's.

    It would make that anew for each operation, with a mapping of memory for the stack.
    """
    if not hasattr(_thread, "kept"):
        _thread.kept = True
        _keep()


def _decoded(path: bytes | None) -> str | None:
    return None if path is None else path.decode("utf-8", "surrogateescape")


def _was_interrupted() -> bool:
    """Whether the caller of the operation that this thread carries out has stopped waiting."""
    return bool(_interrupted())


def _calling() -> Process:
    """Return who called the operation that this thread carries out."""
    caller = _context().contents
    return Process(caller.uid, caller.pid)


class _Binding(mfusepy.FUSE):  # type: ignore[misc]
    """The binding with readdirplus, the handle given to ftruncate, the flags to rename, and calls counted."""

    _owner = os.getuid(), os.getgid()

    def __init__(self, tree: Tree, started: Callable[[int], None], mountpoint: str, **options: Any) -> None:
        self._calls = tree.calls
        self._started = started
        self._on_its_way = 0.0  # until when an answer that is to be forgotten may be
        operations = Operations(tree, calling=_calling, interrupted=_was_interrupted)
        super().__init__(operations, mountpoint, raw_fi=True, foreground=True, **options)

    def _wrapper(self, operation: Any, *arguments: Any) -> int:
        """Carry out one call of libfuse's; the boundary at which whatever goes wrong becomes an errno."""
        _keep_thread()
        self._calls[operation.__name__.removesuffix("_fuse_3")] += 1
        try:
            return operation(*arguments) or 0
        except Exception as error:
            return -_number_of(error, operation.__name__)

    def _fill(self, entry: Any, attr: Attr) -> None:
        entry.st_ino = attr.inode
        entry.st_mode = attr.mode
        entry.st_nlink = 2 if stat.S_ISDIR(attr.mode) else 1
        entry.st_size = attr.size
        entry.st_blocks = -(-attr.size // 512)
        entry.st_blksize = BLOCK
        entry.st_uid, entry.st_gid = self._owner
        seconds, nanoseconds = divmod(int(attr.mtime * 1e9), 10**9)
        for when in (entry.st_atimespec, entry.st_mtimespec, entry.st_ctimespec):
            when.tv_sec = seconds
            when.tv_nsec = nanoseconds

    def _remember(self, attr: Attr) -> None:
        """Have the kernel remember the attributes that are answered next for as long as they hold.

        libfuse has one time for all, which it looks at when an answer is on its way to the kernel: right
        after this, in the same thread.  While one that is to be forgotten may be on its way in another
        thread, all are (`adr/0024`).
        """
        now = time.monotonic()
        if not attr.lasts:
            self._on_its_way = now + ON_ITS_WAY_S
        self._config.attr_timeout = REMEMBERED_S if now > self._on_its_way else FORGOTTEN

    def init_fuse_3(self, connection: Any, config: Any) -> None:
        self._config = settings = config.contents
        settings.use_ino = 1
        settings.entry_timeout = REMEMBERED_S
        settings.negative_timeout = 0.0
        settings.hard_remove = 1  # else what is removed while it is open is first renamed, which is refused
        self._started(_context().contents.fuse)

    def getattr_fuse_3(self, path: bytes | None, buffer: Any, fip: Any) -> int:
        if path is not None and len(path) - path.rfind(b"/") - 1 > LONGEST_NAME:
            return -errno.ENAMETOOLONG
        attr = self.operations.getattr(_decoded(path))
        self._fill(buffer.contents, attr)
        self._remember(attr)
        return 0

    def readdir_fuse_3(
        self, path: bytes | None, buf: Any, filler: Any, offset: int, fip: Any, flags: int
    ) -> int:
        entry = mfusepy.c_stat()
        filled = _PLUS_FILLED if flags & _PLUS_REQUESTED else 0
        listing = self.operations.readdir(_decoded(path), fip.contents.fh)
        for position in range(offset, len(listing)):
            name, attr = listing[position]
            self._fill(entry, attr)
            self._remember(attr)
            plus = filled if position >= 2 else 0  # "." and ".." have no attributes of their own
            if filler(buf, name.encode("utf-8", "surrogateescape"), entry, position + 1, plus):
                break
        return 0

    def truncate_fuse_3(self, path: bytes | None, length: int, fip: Any) -> int:
        return int(self.operations.truncate(_decoded(path), length, fip.contents if fip else None))

    def rename_fuse_3(self, old: bytes, new: bytes, flags: int) -> int:
        return int(self.operations.rename(_decoded(old), _decoded(new), flags))


def run(tree: Tree, mountpoint: str, started: Callable[[int], None]) -> None:
    """Mount the tree and serve it until it is unmounted; `started` is given what `leave` takes."""
    options: dict[str, Any] = {"fsname": "semfs", "subtype": "semfs", "noatime": True}
    if tree.allow_other:
        options |= {"allow_other": True, "default_permissions": True}  # never the one without the other
    if mfusepy.fuse_version_minor >= 12:
        options |= {"max_threads": WORKERS, "max_idle_threads": IDLE_WORKERS}  # no limit before 3.12
    _Binding(tree, started, mountpoint, **options)


def leave(session: int) -> None:
    """Have `run` return as soon as a signal wakes its thread."""
    _exit(session)
