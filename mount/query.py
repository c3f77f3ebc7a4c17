"""`search/`: a name is a query, a name below it a refinement, and hits are links to the files.

search/<words>/NN_name        link to a file
search/<words>/<words>/       only among those hits; looked up, never listed
search/<words>/.query/        about the query, see `about`

A lookup never searches, except for a name that can only be a hit.
"""

from __future__ import annotations

from collections.abc import Mapping

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.model import Hit
from semfs.mount import attributes
from semfs.mount.about import ABOUT, AboutDirectory, Queries
from semfs.mount.denied import is_denied
from semfs.mount.names import is_ranked, matched
from semfs.mount.node import Directory, Link, Node
from semfs.mount.snapshots import Steps

DEEPEST = 16  # refinements below each other; a program that walks into its own guesses ends there


class SearchDirectory(Directory):
    """`search/` itself, which lists nothing: nobody has typed a name yet."""

    def __init__(self, inode: int, mtime: float, queries: Queries) -> None:
        super().__init__(inode, mtime)
        self._queries = queries

    def lookup(self, name: str) -> Node:
        if is_denied(name):
            raise NoSuchEntry(name)
        return QueryDirectory(self.below(name), (matched(name),), self._queries)

    def entries(self) -> list[tuple[str, Node]]:
        return []

    def remove(self, name: str) -> None:
        raise NotPermitted("a query is not stored, so it cannot be removed")


class HitsDirectory(Directory):
    """Links to files, the best first, and what there is to say about them."""

    def __init__(self, inode: int, steps: Steps, queries: Queries, *, made: float | None = None) -> None:
        """`made` is when the query was, if not with the mount; a listing that changes is younger."""
        self._known = queries.snapshots.known(steps)
        changed = self._known.changed if self._known else None
        super().__init__(inode, changed or made or queries.made)
        self.steps = steps
        self.queries = queries

    def lookup(self, name: str) -> Node:
        if name == ABOUT:
            return self.about()
        if is_ranked(name):
            return self.hit(matched(name))
        return self.other(name)

    def about(self) -> Directory:
        return AboutDirectory(self.below(ABOUT), self.mtime, self.steps, self.queries)

    def hit(self, name: str) -> Node:
        hit = self.queries.snapshots.current(self.steps).hits.get(name)
        if hit is None:
            raise NoSuchEntry(name)
        return self._link(name, hit)

    def other(self, name: str) -> Node:
        """Return what a name means that is neither a hit's nor ".query"."""
        raise NoSuchEntry(name)

    def _link(self, name: str, hit: Hit) -> Node:
        return Link(
            self.below(name),
            hit.file.path,
            hit.file.mtime,
            lambda: attributes.of_hit(hit),
            followed=lambda: self.queries.snapshots.followed(hit),
        )

    def links(self) -> list[tuple[str, Node]]:
        snapshot = self.queries.snapshots.fresh(self.steps)
        return [(name, self._link(name, hit)) for name, hit in snapshot.hits.items()]

    def entries(self) -> list[tuple[str, Node]]:
        return [*self.links(), (ABOUT, self.lookup(ABOUT))]

    def attributes(self) -> Mapping[str, bytes]:
        return attributes.of_query(self.steps, self._known.result if self._known else None)

    def remove(self, name: str) -> None:
        raise NotPermitted("files are not removed through a search; remove the file itself")


class QueryDirectory(HitsDirectory):
    """The files that match some words; a name below it refines it."""

    def other(self, name: str) -> Node:
        if is_denied(name) or len(self.steps) >= DEEPEST:
            raise NoSuchEntry(name)
        return QueryDirectory(self.below(name), (*self.steps, matched(name)), self.queries)
