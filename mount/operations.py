"""A tree in terms of FUSE's operations, without the binding: `fuse` hands on what libfuse asks.

Owns the table of opened files.  Called from up to 64 threads at once; `fi` is libfuse's `fuse_file_info`.
"""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from semfs.caller import Process, acting_for
from semfs.errors import BadRequest, NoAttribute, NotPermitted
from semfs.mount.node import Access, Attr, Handle
from semfs.mount.ports import Cancelled
from semfs.mount.tree import Tree

BLOCK = 4096
LONGEST_NAME = 1024  # bytes, what kernels let FUSE have at least, so that a question may be a long one
MOST_CACHED = 10_000  # files of which it is known that the kernel has their content
OURS, USER = "semfs.", "user."  # every extended attribute there is begins with these, or with both

_NOREPLACE = 1  # RENAME_NOREPLACE


def _named(path: str | None) -> str:
    """Return the path; there is none of what is open still, and removed."""
    if path is None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    return path


class Operations:
    """The operations there are; those that are missing end with ENOSYS.

    They raise what the tree raises, and OSError for what `semfs.errors` has no word for.
    """

    use_ns = True

    def __init__(self, tree: Tree, *, calling: Callable[[], Process], interrupted: Cancelled) -> None:
        """`calling` and `interrupted` tell of the operation that the thread they are asked on carries out."""
        self._tree = tree
        self._calling = calling
        self._interrupted = interrupted
        self._opened: dict[int, tuple[Handle, Process]] = {}
        self._edited: dict[str, Handle] = {}  # Linux asks for the length of an open file by its path
        self._cached: dict[str, object] = {}  # what is in the kernel's pages, by path
        self._listings: dict[int, list[tuple[str, Attr]] | None] = {}  # None until one is read
        self._numbers = itertools.count(1)

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

    def readlink(self, path: str) -> str:
        return self._tree.readlink(path)

    def opendir(self, path: str) -> int:
        self._tree.attr(path)
        number = next(self._numbers)
        self._listings[number] = None
        return number

    def readdir(self, path: str | None, fh: int) -> list[tuple[str, Attr]]:
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
        self._opened[fi.fh] = handle, self._calling()
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
            return handle.read(size, offset, self._interrupted)

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
            raise OSError(errno.EOPNOTSUPP, "no extended attributes of this kind", path)
        value = self._tree.attributes(path).get(name) if OURS in name else None
        if value is None:
            raise NoAttribute(name)
        return value

    def listxattr(self, path: str) -> list[str]:
        return list(self._tree.attributes(path))

    # -- changing the tree

    def unlink(self, path: str) -> int:
        with acting_for(self._calling()):
            self._tree.remove(path)
        return 0

    rmdir = unlink

    def mkdir(self, path: str, mode: int) -> int:
        self._tree.make_directory(path)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        with acting_for(self._calling()):
            self._tree.make(path)
        return self.open(path, fi)

    def mknod(self, path: str, mode: int, dev: int) -> int:
        raise NotPermitted("a file that is made without being opened is never written")

    def link(self, target: str, source: str) -> int:
        raise NotPermitted("each thing has one name")

    def symlink(self, target: str, source: str) -> int:
        """Make a link; the binding calls the new name the target."""
        self._tree.make_link(target, source)
        return 0

    def rename(self, old: str, new: str, flags: int = 0) -> int:
        if flags & ~_NOREPLACE:
            raise BadRequest("two are never exchanged at once")  # EINVAL, as renameat2(2) has it
        with acting_for(self._calling()):
            self._tree.rename(old, new, replace=not flags)
        return 0

    def chmod(self, path: str | None, mode: int) -> int:
        self._tree.change_mode(_named(path))
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        raise NotPermitted("owners are what they are here")

    def utimens(self, path: str | None, times: tuple[int, int] | None = None) -> int:
        """Accept: `touch` does no harm, and a watcher of the file is told about it."""
        self._tree.attr(_named(path))
        return 0
