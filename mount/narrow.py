"""`.query/by/`: the whole result of a query by what its files are.

by/counts.tsv               a line for each directory below: how many files, and its path
by/kind/<value>/NN_name     links as in the query, all that have the value
by/folder/<a>/<b>/          folders lie in each other
by/<facet>/<value>/.query/  as everywhere, so that it can be narrowed further; looked up, never listed

Only opening searches, and only where the query was not opened lately; the size of a value's
directory is its count as far as that is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from semfs.errors import NoSuchEntry
from semfs.model import Narrowed
from semfs.mount.about import Queries, Yielding
from semfs.mount.content import TextFile
from semfs.mount.denied import is_denied
from semfs.mount.names import matched, showable
from semfs.mount.node import Directory, Node
from semfs.mount.query import DEEPEST, HitsDirectory
from semfs.mount.snapshots import Steps
from semfs.search.facets import FACETS, NESTED, may_be

COUNTS = "counts.tsv"


class FacetsDirectory(Yielding):
    """`by/` itself: a directory for each facet."""

    def __init__(self, inode: int, mtime: float, steps: Steps, queries: Queries, yields: bool) -> None:
        super().__init__(inode, mtime, yields=yields)
        self._steps = steps
        self._queries = queries

    def lookup(self, name: str) -> Node:
        if name == COUNTS:
            return TextFile(self.below(name), self.mtime, self._text, length=self._length)
        if name not in FACETS or len(self._steps) >= DEEPEST:
            raise NoSuchEntry(name)
        at = Narrowed(name, "")
        return FacetDirectory(self.below(name), self.mtime, at, self._steps, self._queries, self.yields)

    def _text(self) -> str:
        return _table(self._queries.snapshots.counted(self._steps))

    def _length(self) -> int:
        return len(_table(self._queries.snapshots.known_counts(self._steps)).encode())

    def entries(self) -> list[tuple[str, Node]]:
        return [(name, self.lookup(name)) for name in FACETS] + [(COUNTS, self.lookup(COUNTS))]


def _table(counted: Mapping[str, Mapping[str, int]]) -> str:
    return "".join(
        f"{count}\t{facet}/{'/'.join(map(showable, value.split('/')))}\n"
        for facet, values in counted.items()
        for value, count in values.items()
    )


class _Values(Directory):
    """Has a directory for each value that lies directly below `at`, the most frequent first."""

    def __init__(self, at: Narrowed, outer: Steps, queries: Queries, yields: bool) -> None:
        self._at = at
        self._outer = outer
        self._queries = queries
        self._yields = yields

    def _counts(self) -> Mapping[str, int]:
        return self._queries.snapshots.known_counts(self._outer).get(self._at.facet, {})

    def value(self, name: str) -> Node:
        value = f"{self._at.value}/{name}" if self._at.value else name
        if not may_be(self._at.facet, value) or (is_denied(name) and value not in self._counts()):
            raise NoSuchEntry(name)
        step = Narrowed(self._at.facet, value)
        return ValueDirectory(self.below(name), step, self._outer, self._queries, self._yields)

    def values(self) -> list[tuple[str, Node]]:
        counted = self._queries.snapshots.counted(self._outer)[self._at.facet]
        below = f"{self._at.value}/" if self._at.value else ""
        names = [value.removeprefix(below) for value in counted if value.startswith(below)]
        return [(name, self.value(name)) for name in names if "/" not in name and name == showable(name)]


class FacetDirectory(_Values, Yielding):
    """`by/kind/`: the values of one facet."""

    def __init__(
        self, inode: int, mtime: float, at: Narrowed, outer: Steps, queries: Queries, yields: bool
    ) -> None:
        Yielding.__init__(self, inode, mtime, yields=yields)
        _Values.__init__(self, at, outer, queries, yields)

    def lookup(self, name: str) -> Node:
        return self.value(matched(name))

    def entries(self) -> list[tuple[str, Node]]:
        return self.values()


class ValueDirectory(_Values, HitsDirectory):
    """`by/kind/pdf/`: the files of the whole result that have a value."""

    def __init__(self, inode: int, at: Narrowed, outer: Steps, queries: Queries, yields: bool) -> None:
        HitsDirectory.__init__(self, inode, (*outer, at), queries)
        _Values.__init__(self, at, outer, queries, yields)
        self.size = self._counts().get(at.value, 0)

    def hit(self, name: str) -> Node:
        try:
            return super().hit(name)
        except NoSuchEntry:
            if name in dict(self._folders()):
                return self.value(name)
            raise

    def other(self, name: str) -> Node:
        if self._at.facet != NESTED:
            raise NoSuchEntry(name)
        return self.value(matched(name))

    def _folders(self) -> list[tuple[str, Node]]:
        return self.values() if self._at.facet == NESTED else []

    def entries(self) -> list[tuple[str, Node]]:
        links = self.links()
        taken = {name for name, _ in links}
        return [*links, *(entry for entry in self._folders() if entry[0] not in taken)]

    def remove(self, name: str) -> None:
        if not self._yields:
            super().remove(name)
