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
LONGEST_NAME = 1024  # bytes, what kernels let FUSE have at least, so that a question may be a long one
BLOCK = 4096
OURS = "semfs."  # in the name of every extended attribute there is
IDLE_WORKERS = 10  # libfuse's own default, which its 3.14 grumbles about unless it is given

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
_exit = mfusepy._libfuse.fuse_exit
_exit.argtypes = [ctypes.c_void_p]
_exit.restype = None


def errno_of(error: SemfsError) -> int:
    """Return the errno that an error ends a system call with; what the table lacks is EIO."""
    return next((ERRNOS[kind] for kind in type(error).__mro__ if kind in ERRNOS), errno.EIO)


@contextmanager
def _answering(operation: str) -> Iterator[None]:
    """Turn what goes wrong into an errno; a mistake of ours is logged with its traceback."""
    try:
        yield
    except SemfsError as error:
        number = errno_of(error)
        if number == errno.EIO:
            log.warning("%s: %s", operation, error)
        raise mfusepy.FuseOSError(number) from error
    except OSError:
        raise
    except Exception as error:
        log.exception("%s failed", operation)
        raise mfusepy.FuseOSError(errno.EIO) from error


def _named(path: str | None) -> str:
    """Return the path; there is none of what is open still, and removed."""
    if path is None:
        raise mfusepy.FuseOSError(errno.ESTALE)
    return path


def _was_interrupted() -> bool:
    """Whether the caller of the operation that this thread carries out has stopped waiting."""
    return bool(_interrupted())


def _calling() -> Process:
    """Return who called the operation that this thread carries out."""
    caller = _context().contents
    return Process(caller.uid, caller.pid)


class _Operations(mfusepy.Operations):  # type: ignore[misc]
    """The tree in terms of FUSE's operations; those that are missing end with ENOSYS."""

    use_ns = True

    def __init__(self, tree: Tree, started: Callable[[int], None]) -> None:
        self._tree = tree
        self.calls = tree.calls
        self._started = started
        self._opened: dict[int, tuple[Handle, Process]] = {}
        self._edited: dict[str, Handle] = {}  # Linux asks for the length of an open file by its path
        self._listings: dict[int, list[tuple[str, dict[str, int]]] | None] = {}  # None until one is read
        self._numbers = itertools.count(1)
        self._owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}

    def init_with_config(self, conn_info: Any, config_3: Any) -> None:
        config_3.use_ino = 1
        config_3.entry_timeout = REMEMBERED_S
        config_3.attr_timeout = REMEMBERED_S
        config_3.negative_timeout = 0.0
        config_3.hard_remove = 1  # else what is removed while it is open is first renamed, which is refused
        self._started(_context().contents.fuse)

    # -- looking

    def getattr(self, path: str | None, fh: Any = None) -> dict[str, int]:
        path = _named(path)
        with _answering("getattr"):
            if len(path.rpartition("/")[2].encode("utf-8", "surrogateescape")) > LONGEST_NAME:
                raise NameTooLong(path)
            attr = self._tree.attr(path)
        edited = self._edited.get(path)
        found = self._stat(attr if edited is None else replace(attr, size=edited.length() or 0))
        if path == "/" and self._tree.allow_other:
            found["st_mode"] &= ~0o077  # the kernel lets root pass here, and nobody else but the owner
        return found

    def readlink(self, path: str) -> str:
        with _answering("readlink"):
            return self._tree.readlink(path)

    def opendir(self, path: str) -> int:
        with _answering("opendir"):
            self._tree.attr(path)
        number = next(self._numbers)
        self._listings[number] = None
        return number

    def readdir(self, path: str, fh: int) -> list[str]:
        raise NotImplementedError("`_Binding.readdir_fuse_3` takes its place")

    def listing(self, path: str | None, fh: int) -> list[tuple[str, dict[str, int]]]:
        """Return what an opened directory lists: one snapshot, of when it is first read.

        Walkers such as `find` open directories a second time only to go back there.
        """
        listing = self._listings[fh]
        if listing is None:
            with _answering("readdir"):
                own = self._stat(self._tree.attr(_named(path)))
                listing = [(".", own), ("..", own)]  # the kernel has the true parent
                listing += [(name, self._stat(each)) for name, each in self._tree.entries(_named(path))]
            self._listings[fh] = listing
        return listing

    def releasedir(self, path: str, fh: int) -> int:
        del self._listings[fh]
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_namemax": LONGEST_NAME}

    def _stat(self, attr: Attr) -> dict[str, int]:
        when = int(attr.mtime * 1e9)
        return {
            "st_ino": attr.inode,
            "st_mode": attr.mode,
            "st_nlink": 2 if stat.S_ISDIR(attr.mode) else 1,
            "st_size": attr.size,
            "st_blocks": -(-attr.size // 512),
            "st_blksize": BLOCK,
            "st_atime": when,
            "st_mtime": when,
            "st_ctime": when,
            **self._owner,
        }

    # -- opened files

    def open(self, path: str, fi: Any) -> int:
        with _answering("open"):
            write = fi.flags & os.O_ACCMODE != os.O_RDONLY
            handle = self._tree.open(path, Access(write=write, truncate=bool(fi.flags & os.O_TRUNC)))
        fi.fh = next(self._numbers)
        fi.direct_io = handle.direct
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
        with _answering("read"), self._use(fi.fh) as handle:
            return handle.read(size, offset, _was_interrupted)

    def write(self, path: str, data: bytes, offset: int, fi: Any) -> int:
        with _answering("write"), self._use(fi.fh) as handle:
            return handle.write(data, offset)

    def truncate(self, path: str | None, length: int, fi: Any = None) -> int:
        with _answering("truncate"):
            if fi is None:
                self._tree.truncate(_named(path), length)
            else:
                with self._use(fi.fh) as handle:
                    handle.truncate(length)
        return 0

    def flush(self, path: str, fi: Any) -> int:
        with _answering("flush"), self._use(fi.fh) as handle:
            handle.flush()
        return 0

    def fsync(self, path: str, datasync: int, fi: Any) -> int:
        return 0

    def release(self, path: str | None, fi: Any) -> int:
        with _answering("release"):
            handle, _ = self._opened.pop(fi.fh)
            for name in [name for name, each in list(self._edited.items()) if each is handle]:
                del self._edited[name]
            handle.close()
        return 0

    # -- extended attributes

    def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
        with _answering("getxattr"):
            # `ls -l` asks every entry for security.selinux and the like, so those are not looked for.
            value = self._tree.attributes(path).get(name) if OURS in name else None
            if value is None:
                raise NoAttribute(name)
            return value

    def listxattr(self, path: str) -> list[str]:
        with _answering("listxattr"):
            return list(self._tree.attributes(path))

    # -- changing the tree

    def unlink(self, path: str) -> int:
        with _answering("unlink"), acting_for(_calling()):
            self._tree.remove(path)
        return 0

    rmdir = unlink

    def mkdir(self, path: str, mode: int) -> int:
        with _answering("mkdir"):
            self._tree.make_directory(path)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        with _answering("create"), acting_for(_calling()):
            self._tree.make(path)
        return self.open(path, fi)

    def mknod(self, path: str, mode: int, dev: int) -> int:
        """Refuse: a file that is made without being opened is never written."""
        raise mfusepy.FuseOSError(errno.EPERM)

    def link(self, target: str, source: str) -> int:
        raise mfusepy.FuseOSError(errno.EPERM)  # each thing has one name

    def symlink(self, target: str, source: str) -> int:
        """Make a link; the binding calls the new name the target."""
        with _answering("symlink"):
            self._tree.make_link(target, source)
        return 0

    def rename(self, old: str, new: str, flags: int = 0) -> int:
        if flags & ~_NOREPLACE:
            raise mfusepy.FuseOSError(errno.EINVAL)  # as renameat2(2) has it: two are never exchanged at once
        with _answering("rename"), acting_for(_calling()):
            self._tree.rename(old, new, replace=not flags)
        return 0

    def chmod(self, path: str | None, mode: int) -> int:
        with _answering("chmod"):
            self._tree.change_mode(_named(path))
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        raise mfusepy.FuseOSError(errno.EPERM)

    def utimens(self, path: str | None, times: tuple[int, int] | None = None) -> int:
        """Accept: `touch` does no harm, and a watcher of the file is told about it."""
        with _answering("utimens"):
            self._tree.attr(_named(path))
        return 0


class _Binding(mfusepy.FUSE):  # type: ignore[misc]
    """The binding with readdirplus, the handle given to ftruncate, the flags to rename, and calls counted."""

    def _wrapper(self, func: Callable[..., Any], *args: Any) -> Any:
        self.operations.calls[func.__name__.removesuffix("_fuse_3")] += 1
        return super()._wrapper(func, *args)

    def readdir_fuse_3(
        self, path: bytes | None, buf: Any, filler: Any, offset: int, fip: Any, flags: int
    ) -> int:
        entry = mfusepy.c_stat()
        filled = _PLUS_FILLED if flags & _PLUS_REQUESTED else 0
        where = None if path is None else path.decode("utf-8", "surrogateescape")
        listing = self.operations.listing(where, fip.contents.fh)
        for position in range(offset, len(listing)):
            name, attrs = listing[position]
            mfusepy.set_st_attrs(entry, attrs, use_ns=True)
            plus = filled if position >= 2 else 0  # "." and ".." have no attributes of their own
            if filler(buf, name.encode("utf-8", "surrogateescape"), entry, position + 1, plus):
                break
        return 0

    def truncate_fuse_3(self, path: bytes | None, length: int, fip: Any) -> int:
        name = None if path is None else path.decode("utf-8", "surrogateescape")
        return int(self.operations.truncate(name, length, fip.contents if fip else None))

    def rename_fuse_3(self, old: bytes, new: bytes, flags: int) -> int:
        names = (name.decode("utf-8", "surrogateescape") for name in (old, new))
        return int(self.operations.rename(*names, flags))


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
