"""What the tree is made of: directories, links and files, and what an opened file can do.

Nodes are cheap, hold no state of their own and are made anew for each lookup; whatever
lasts belongs to the view that makes them.  Everything may be called from any thread.
`lookup` and `attr` answer at once; `entries`, `target` and a handle's methods may compute.
A refusal is one of the errors of `semfs.errors`.
"""

from __future__ import annotations

import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from semfs.errors import BadRequest, NoSuchEntry, NotPermitted
from semfs.mount.names import inode
from semfs.mount.ports import Cancelled

READ_ONLY = 0o444
WRITABLE = 0o644


@dataclass(frozen=True, slots=True)
class Attr:
    """What `stat` shows of a node."""

    inode: int
    mode: int  # type and permissions, as in stat(2)
    size: int = 0
    mtime: float = 0.0
    lasts: bool = True  # whether the kernel may remember it for a second, as nothing changes it unnoticed


@dataclass(frozen=True, slots=True)
class Access:
    """What an opener wants to do."""

    write: bool = False
    truncate: bool = False


class Handle(ABC):
    """An opened file.

    `direct` means that the length may change or is not known: the kernel then asks for every
    read and neither caches nor stops at the reported size.
    """

    direct = True
    content: object | None = None  # equal as long as what is read is the same, of what is not direct

    @abstractmethod
    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        """Return at most `size` bytes; none means the end."""

    def length(self) -> int | None:
        """Return how long what is open is, None if that is as long as the file."""
        return None

    def write(self, data: bytes, offset: int) -> int:
        raise NotPermitted("this file is not written to")

    def truncate(self, size: int) -> None:
        raise NotPermitted("this file is not written to")

    def flush(self) -> None:  # noqa: B027 - most have nothing to do
        """One of the descriptors was closed; an error is what close(2) ends with."""

    def close(self) -> None:  # noqa: B027
        """The last descriptor was closed; nobody is left to see an error."""


class Node(ABC):
    """Anything that has a name."""

    lasts = True  # see Attr; of a name that is there, not of whether it is

    def __init__(self, inode: int) -> None:
        self.inode = inode

    @abstractmethod
    def attr(self) -> Attr: ...

    def attributes(self) -> Mapping[str, bytes]:
        """Return the extended attributes by their full names, without computing anything."""
        return {}

    def change_mode(self) -> None:
        """Accept chmod without effect, or refuse it."""
        raise NotPermitted("permissions are what they are here")


class File(Node):
    """A file that is made up, not stored."""

    mode = READ_ONLY
    lasts = False

    def __init__(self, inode: int, mtime: float) -> None:
        super().__init__(inode)
        self.mtime = mtime

    def attr(self) -> Attr:
        return Attr(self.inode, stat.S_IFREG | self.mode, self.length(), self.mtime, self.lasts)

    @abstractmethod
    def length(self) -> int:
        """Return the length as far as it is known without computing anything."""

    @abstractmethod
    def open(self, access: Access) -> Handle: ...

    def truncate(self, size: int) -> None:
        raise NotPermitted("this file is not written to")

    def _refuse_writing(self, access: Access) -> None:
        if access.write or access.truncate:
            raise NotPermitted("this file is not written to")


class Link(Node):
    """A symbolic link; `attributes` gives its extended ones, `followed` is told when it is read."""

    def __init__(
        self,
        inode: int,
        target: str,
        mtime: float,
        attributes: Callable[[], Mapping[str, bytes]] = dict,
        *,
        followed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(inode)
        self.target = target
        self.mtime = mtime
        self.followed = followed
        self._attributes = attributes

    def attr(self) -> Attr:
        size = len(self.target.encode("utf-8", "surrogateescape"))
        return Attr(self.inode, stat.S_IFLNK | 0o777, size, self.mtime, self.lasts)

    def attributes(self) -> Mapping[str, bytes]:
        return self._attributes()


class Directory(Node):
    """A directory; what it lists need not be all that it knows."""

    size = 0

    def __init__(self, inode: int, mtime: float) -> None:
        super().__init__(inode)
        self.mtime = mtime

    def attr(self) -> Attr:
        return Attr(self.inode, stat.S_IFDIR | 0o755, self.size, self.mtime, self.lasts)

    def below(self, name: str) -> int:
        """Return the inode of the child with this name."""
        return inode(self.inode, name)

    @abstractmethod
    def lookup(self, name: str) -> Node:
        """Return the child with this name, or raise NoSuchEntry."""

    @abstractmethod
    def entries(self) -> list[tuple[str, Node]]:
        """Return what an opener of the directory is shown: one snapshot."""

    def remove(self, name: str) -> None:
        """Carry out unlink or rmdir of a child."""
        raise NotPermitted(f"{name} cannot be removed")

    def make(self, name: str) -> None:
        """Carry out creat, link or mknod of a child."""
        if "\0" in name:
            raise BadRequest("a name cannot hold a NUL")
        raise NotPermitted("nothing can be made here")

    def make_directory(self, name: str) -> None:
        """Carry out mkdir of a child."""
        self.make(name)

    def make_link(self, name: str, target: str) -> None:
        """Carry out symlink of a child."""
        self.make(name)

    def take(self, name: str, source: Directory, old: str) -> None:
        """Carry out rename of a child of `source` to one of this directory."""
        raise NotPermitted("nothing can be moved here")


Make = Callable[[int], Node]  # takes the inode


class FixedDirectory(Directory):
    """A directory whose children are always the same."""

    def __init__(self, inode: int, mtime: float, children: Mapping[str, Make]) -> None:
        super().__init__(inode, mtime)
        self._children = children

    def lookup(self, name: str) -> Node:
        if name not in self._children:
            raise NoSuchEntry(name)
        return self._children[name](self.below(name))

    def entries(self) -> list[tuple[str, Node]]:
        return [(name, make(self.below(name))) for name, make in self._children.items()]
