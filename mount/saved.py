"""`saved/`: queries that somebody keeps, and what was decided about single files in them.

saved/<query>/              mkdir or mv from search/ keeps a query, rmdir forgets it, mv changes its words
saved/<query>/NN_name       rm leaves the file out from now on, or unpins it if it is pinned
saved/<query>/<name>        ln -s pins a file under its own name; it is listed first, as 01_name
saved/<query>/<words>/      only among those hits; looked up, never listed
saved/<query>/.query/       as in `search`, and `excluded` and `pinned`: a path a line

A name that could be a file's is no refinement here, because a link can only be made under a
name that is not there.  Nothing here touches a file of the user's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from semfs.errors import NameTooLong, NoSuchEntry, NotPermitted
from semfs.model import Kept
from semfs.mount.about import ABOUT, AboutDirectory, Queries
from semfs.mount.denied import is_denied
from semfs.mount.names import LONGEST, matched
from semfs.mount.node import Directory, Link, Node
from semfs.mount.ports import Paths, Saved
from semfs.mount.query import HitsDirectory, QueryDirectory, SearchDirectory


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the directories of saved queries share."""

    saved: Saved
    paths: Paths
    queries: Queries
    resolve: Callable[[str, str], str]  # (name of the saved query, target of a link in it) -> file


class SavedDirectory(Directory):
    """`saved/` itself."""

    def __init__(self, inode: int, mtime: float, shelf: Shelf) -> None:
        super().__init__(inode, mtime)
        self._shelf = shelf

    def lookup(self, name: str) -> Node:
        name = matched(name)
        made = self._shelf.saved.created(name)
        if made is None:
            raise NoSuchEntry(name)
        return KeptDirectory(self.below(name), name, made, self._shelf)

    def entries(self) -> list[tuple[str, Node]]:
        return [
            (name, KeptDirectory(self.below(name), name, made, self._shelf))
            for name, made in self._shelf.saved.names().items()
        ]

    def make_directory(self, name: str) -> None:
        self._shelf.saved.add(_keepable(name))

    def remove(self, name: str) -> None:
        self._shelf.saved.remove(matched(name))
        self._shelf.queries.snapshots.drop(Kept(matched(name)))

    def take(self, name: str, source: Directory, old: str) -> None:
        """Give a query other words, or keep one of `search/`, which stays there as all do."""
        if isinstance(source, SearchDirectory):
            self.make_directory(name)
            return
        if not isinstance(source, SavedDirectory):
            super().take(name, source, old)
        self._shelf.saved.rename(matched(old), _keepable(name))
        self._shelf.queries.snapshots.drop(Kept(matched(old)))


class KeptDirectory(HitsDirectory):
    """The hits of one saved query."""

    def __init__(self, inode: int, name: str, made: float, shelf: Shelf) -> None:
        super().__init__(inode, (Kept(name),), shelf.queries, made=made)
        self._name = name
        self._shelf = shelf

    def about(self) -> Directory:
        saved, name = self._shelf.saved, self._name
        lists = {
            "excluded": lambda: saved.listing(name, pinned=False),
            "pinned": lambda: saved.listing(name, pinned=True),
        }
        return AboutDirectory(self.below(ABOUT), self.mtime, self.steps, self.queries, lists=lists)

    def hit(self, name: str) -> Node:
        try:
            return super().hit(name)
        except NoSuchEntry:
            return self._pin(name)

    def other(self, name: str) -> Node:
        given = matched(name)
        try:
            return self._pin(given)
        except NoSuchEntry:
            if is_denied(name) or self._shelf.paths.may_be_file(given):
                raise
        return QueryDirectory(self.below(name), (*self.steps, given), self.queries)

    def _pin(self, name: str) -> Node:
        """Return a pinned file by the name that its link was given."""
        path = self._shelf.saved.pins(self._name).get(name)
        if path is None:
            raise NoSuchEntry(name)
        return Link(self.below(name), path, self.mtime)

    def make_link(self, name: str, target: str) -> None:
        self._keep(name, self._shelf.resolve(self._name, target))

    def _keep(self, name: str, path: str) -> None:
        self._shelf.saved.pin(self._name, path, matched(name))
        self.queries.snapshots.outdate(self.steps)

    def take(self, name: str, source: Directory, old: str) -> None:
        """Pin a hit that is moved here; from a search it is not taken away, from a saved query it is."""
        link = source.lookup(old)
        if source.inode == self.inode or not isinstance(link, Link):
            super().take(name, source, old)
            return
        self._keep(name, link.target)
        if isinstance(source, KeptDirectory):
            source.remove(old)

    def remove(self, name: str) -> None:
        if name == ABOUT:
            return  # what `rm -r` does before it comes to the directory itself
        given = matched(name)
        link = self.lookup(name)
        if not isinstance(link, Link):
            super().remove(name)
            return
        self._shelf.saved.take_out(self._name, link.target)
        self.queries.snapshots.without(self.steps, given)


def _keepable(name: str) -> str:
    """Return the name that a query is saved under, or refuse it."""
    name = matched(name)
    if is_denied(name):
        raise NotPermitted(f"programs look for {name} by themselves, so it is no query")
    if len(name.encode()) > LONGEST:
        raise NameTooLong(f"a saved query's name has at most {LONGEST} bytes")
    return name
