"""`similar/<path>/`: the nearest neighbours of one file.

The path begins at a source folder, at the name of one, or at the root.  The directories on the
way can be passed through and list nothing: the user's own folders have their listing already.
A path that the index does not know does not exist.
"""

from __future__ import annotations

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.model import Neighbours
from semfs.mount.about import Queries
from semfs.mount.node import Directory, Node
from semfs.mount.ports import Paths
from semfs.mount.query import QueryDirectory


class SimilarDirectory(Directory):
    """A directory on the way to a file; `parts` is the path so far."""

    def __init__(
        self, inode: int, mtime: float, paths: Paths, queries: Queries, parts: tuple[str, ...] = ()
    ) -> None:
        super().__init__(inode, mtime)
        self._paths = paths
        self._queries = queries
        self._parts = parts

    def lookup(self, name: str) -> Node:
        parts = (*self._parts, name)
        path = self._paths.file(parts)
        if path is not None:
            return QueryDirectory(self.below(name), (Neighbours(path),), self._queries)
        if self._paths.is_folder(parts):
            return SimilarDirectory(self.below(name), self.mtime, self._paths, self._queries, parts)
        raise NoSuchEntry(name)

    def entries(self) -> list[tuple[str, Node]]:
        return []

    def remove(self, name: str) -> None:
        raise NotPermitted("files are not removed here; remove the file itself")
