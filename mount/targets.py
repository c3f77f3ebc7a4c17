"""Where the target of a symbolic link leads to, without asking the kernel about the mount itself.

While a link is made the kernel holds a lock on its directory, so a look through the mount from
here could wait for itself: what is below the mount point is followed in the tree.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from semfs.errors import NoSuchEntry

HOPS = 40  # links that are followed, as in path_resolution(7)


def file_of(target: str, *, base: str, mountpoint: str, link_at: Callable[[str], str | None]) -> str:
    """Return the absolute path, free of links, that a target leads to; raises NoSuchEntry.

    `base` is the absolute path of the link's own directory; `link_at` takes a path of the tree
    and returns where the link there leads, None if it is none.
    """
    pending = _components(target) if target.startswith("/") else _components(target) + _components(base)
    path, hops = "", 0
    while pending:
        name = pending.pop()
        if name == "..":
            path = path.rpartition("/")[0]
            continue
        link = _link(f"{path}/{name}", mountpoint, link_at)
        if link is None:
            path = f"{path}/{name}"
            continue
        pending += _components(link)
        path = "" if link.startswith("/") else path
        hops += 1
        if hops > HOPS:
            raise NoSuchEntry(target)
    return path or "/"


def _components(path: str) -> list[str]:
    """Return the names on a path, the last one first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _link(path: str, mountpoint: str, link_at: Callable[[str], str | None]) -> str | None:
    if path == mountpoint:
        return None
    if path.startswith(f"{mountpoint}/"):
        return link_at(path.removeprefix(mountpoint))
    try:
        return os.readlink(path)
    except OSError as error:
        if error.errno == errno.EINVAL:  # it is there and no link
            return None
        raise NoSuchEntry(path) from None
