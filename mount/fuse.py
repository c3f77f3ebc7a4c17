"""A tree in terms of FUSE: the only file that knows the binding, and the only one that picks an errno.

Owns the table of opened files.  libfuse calls from up to 64 threads of its own.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from semfs.caller import Process, acting_for
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
from semfs.mount.node import Access, Attr, Handle
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
LONGEST_NAME = 1024  # bytes, what kernels let FUSE have at least, so that a question may be a long one
BLOCK = 4096
MOST_CACHED = 10_000  # files of which it is known that the kernel has their content
OURS, USER = "semfs.", "user."  # every extended attribute there is begins with these, or with both
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
_NOREPLACE = 1  # RENAME_NOREPLACE
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


def _named(path: str | None) -> str:
    """Return the path; there is none of what is open still, and removed."""
    if path is None:
        raise mfusepy.FuseOSError(errno.ESTALE)
    return path


def _decoded(path: bytes | None) -> str | None:
    return None if path is None else path.decode("utf-8", "surrogateescape")


def _was_interrupted() -> bool:
    """Whether the caller of the operation that this thread carries out has stopped waiting."""
    return bool(_interrupted())


def _calling() -> Process:
    """Return who called the operation that this thread carries out."""
    caller = _context().contents
    return Process(caller.uid, caller.pid)


class _Operations(mfusepy.Operations):  # type: ignore[misc]
    """The tree in terms of FUSE's operations; those that are missing end with ENOSYS.

    They raise what the tree raises; `_Binding` makes an errno of it.
    """

    use_ns = True

    def __init__(self, tree: Tree, started: Callable[[int], None]) -> None:
        self._tree = tree
        self.calls = tree.calls
        self._started = started
        self._opened: dict[int, tuple[Handle, Process]] = {}
        self._edited: dict[str, Handle] = {}  # Linux asks for the length of an open file by its path
        self._cached: dict[str, object] = {}  # what is in the kernel's pages, by path
        self._listings: dict[int, list[tuple[str, Attr]] | None] = {}  # None until one is read
        self._numbers = itertools.count(1)
        self._on_its_way = 0.0  # until when an answer that is to be forgotten may be

    def init_with_config(self, conn_info: Any, config_3: Any) -> None:
        config_3.use_ino = 1
        config_3.entry_timeout = REMEMBERED_S
        config_3.negative_timeout = 0.0
        config_3.hard_remove = 1  # else what is removed while it is open is first renamed, which is refused
        self._config = config_3
        self._started(_context().contents.fuse)

    # -- looking

    def getattr(self, path: str | None, fh: Any = None) -> Attr:
        path = _named(path)
        attr = self._tree.attr(path)
        if self._edited and (edited := self._edited.get(path)) is not None:
            attr = replace(attr, size=edited.length() or 0)
        if path == "/" and self._tree.allow_other:
            # The kernel lets root pass here, and nobody else but the owner.
            attr = replace(attr, mode=attr.mode & ~0o077)
        return attr

    def remember(self, attr: Attr) -> None:
        """Have the kernel remember the attributes that are answered next for as long as they hold.

        libfuse has one time for all, which it looks at when an answer is on its way to the kernel: right
        after this, in the same thread.  While one that is to be forgotten may be on its way in another
        thread, all are (`adr/0024`).
        """
        now = time.monotonic()
        if not attr.lasts:
            self._on_its_way = now + ON_ITS_WAY_S
        self._config.attr_timeout = REMEMBERED_S if now > self._on_its_way else FORGOTTEN

    def readlink(self, path: str) -> str:
        return self._tree.readlink(path)

    def opendir(self, path: str) -> int:
        self._tree.attr(path)
        number = next(self._numbers)
        self._listings[number] = None
        return number

    def readdir(self, path: str, fh: int) -> list[str]:
        raise NotImplementedError("`_Binding.readdir_fuse_3` takes its place")

    def listing(self, path: str | None, fh: int) -> list[tuple[str, Attr]]:
        """Return what an opened directory lists: one snapshot, of when it is first read.

        Walkers such as `find` open directories a second time only to go back there.
        """
        listing = self._listings[fh]
        if listing is None:
            own = self._tree.attr(_named(path))
            # The kernel has the true parent.
            listing = [(".", own), ("..", own), *self._tree.entries(_named(path))]
            self._listings[fh] = listing
        return listing

    def releasedir(self, path: str, fh: int) -> int:
        del self._listings[fh]
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_namemax": LONGEST_NAME}

    # -- opened files

    def open(self, path: str, fi: Any) -> int:
        write = fi.flags & os.O_ACCMODE != os.O_RDONLY
        handle = self._tree.open(path, Access(write=write, truncate=bool(fi.flags & os.O_TRUNC)))
        fi.fh = next(self._numbers)
        fi.direct_io = handle.direct
        fi.keep_cache = handle.content is not None and self._cached.get(path) == handle.content
        if handle.content is not None:
            if len(self._cached) >= MOST_CACHED:
                self._cached.clear()
            self._cached[path] = handle.content
        fi.noflush = type(handle).flush is Handle.flush  # a close is then no call; since libfuse 3.11
        self._opened[fi.fh] = handle, _calling()
        if handle.length() is not None:
            self._edited[path] = handle
        return 0

    @contextmanager
    def _use(self, number: int) -> Iterator[Handle]:
        """Give an opened file to an operation, which is done for who opened it."""
        handle, process = self._opened[number]
        with acting_for(process):
            yield handle

    def read(self, path: str, size: int, offset: int, fi: Any) -> bytes:
        with self._use(fi.fh) as handle:
            return handle.read(size, offset, _was_interrupted)

    def write(self, path: str, data: bytes, offset: int, fi: Any) -> int:
        with self._use(fi.fh) as handle:
            return handle.write(data, offset)

    def truncate(self, path: str | None, length: int, fi: Any = None) -> int:
        if fi is None:
            self._tree.truncate(_named(path), length)
        else:
            with self._use(fi.fh) as handle:
                handle.truncate(length)
        return 0

    def flush(self, path: str, fi: Any) -> int:
        with self._use(fi.fh) as handle:
            handle.flush()
        return 0

    def fsync(self, path: str, datasync: int, fi: Any) -> int:
        return 0

    def release(self, path: str | None, fi: Any) -> int:
        handle, _ = self._opened.pop(fi.fh)
        for name in [name for name, each in list(self._edited.items()) if each is handle]:
            del self._edited[name]
        handle.close()
        return 0

    # -- extended attributes

    def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
        if not name.startswith((OURS, USER)):
            # `ls -l` asks for security.selinux and the like, of every entry unless it is told so.
            raise mfusepy.FuseOSError(errno.EOPNOTSUPP)
        value = self._tree.attributes(path).get(name) if OURS in name else None
        if value is None:
            raise NoAttribute(name)
        return value

    def listxattr(self, path: str) -> list[str]:
        return list(self._tree.attributes(path))

    # -- changing the tree

    def unlink(self, path: str) -> int:
        with acting_for(_calling()):
            self._tree.remove(path)
        return 0

    rmdir = unlink

    def mkdir(self, path: str, mode: int) -> int:
        self._tree.make_directory(path)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        with acting_for(_calling()):
            self._tree.make(path)
        return self.open(path, fi)

    def mknod(self, path: str, mode: int, dev: int) -> int:
        """Refuse: a file that is made without being opened is never written."""
        raise mfusepy.FuseOSError(errno.EPERM)

    def link(self, target: str, source: str) -> int:
        raise mfusepy.FuseOSError(errno.EPERM)  # each thing has one name

    def symlink(self, target: str, source: str) -> int:
        """Make a link; the binding calls the new name the target."""
        self._tree.make_link(target, source)
        return 0

    def rename(self, old: str, new: str, flags: int = 0) -> int:
        if flags & ~_NOREPLACE:
            raise mfusepy.FuseOSError(errno.EINVAL)  # as renameat2(2) has it: two are never exchanged at once
        with acting_for(_calling()):
            self._tree.rename(old, new, replace=not flags)
        return 0

    def chmod(self, path: str | None, mode: int) -> int:
        self._tree.change_mode(_named(path))
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        raise mfusepy.FuseOSError(errno.EPERM)

    def utimens(self, path: str | None, times: tuple[int, int] | None = None) -> int:
        """Accept: `touch` does no harm, and a watcher of the file is told about it."""
        self._tree.attr(_named(path))
        return 0


class _Binding(mfusepy.FUSE):  # type: ignore[misc]
    """The binding with readdirplus, the handle given to ftruncate, the flags to rename, and calls counted."""

    _owner = os.getuid(), os.getgid()

    def _wrapper(self, operation: Any, *arguments: Any) -> int:
        """Carry out one call of libfuse's; the boundary at which whatever goes wrong becomes an errno."""
        _keep_thread()
        self.operations.calls[operation.__name__.removesuffix("_fuse_3")] += 1
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

    def getattr_fuse_3(self, path: bytes | None, buffer: Any, fip: Any) -> int:
        if path is not None and len(path) - path.rfind(b"/") - 1 > LONGEST_NAME:
            return -errno.ENAMETOOLONG
        attr = self.operations.getattr(_decoded(path))
        self._fill(buffer.contents, attr)
        self.operations.remember(attr)
        return 0

    def readdir_fuse_3(
        self, path: bytes | None, buf: Any, filler: Any, offset: int, fip: Any, flags: int
    ) -> int:
        entry = mfusepy.c_stat()
        filled = _PLUS_FILLED if flags & _PLUS_REQUESTED else 0
        listing = self.operations.listing(_decoded(path), fip.contents.fh)
        for position in range(offset, len(listing)):
            name, attr = listing[position]
            self._fill(entry, attr)
            self.operations.remember(attr)
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
    _Binding(_Operations(tree, started), mountpoint, raw_fi=True, foreground=True, **options)


def leave(session: int) -> None:
    """Have `run` return as soon as a signal wakes its thread."""
    _exit(session)
