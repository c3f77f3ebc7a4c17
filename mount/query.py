"""`search/`: a name is a query, a name below it a refinement, and hits are links to the files.

search/<words>/NN_name        link to a file
search/<words>/<words>/       only among those hits; looked up, never listed
search/<words>/.query/        about the query: hits.jsonl passages.md explain.json run

A lookup never searches, except for a name that can only be a hit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.model import Hit, SearchResult
from semfs.mount.content import TextFile
from semfs.mount.denied import is_denied
from semfs.mount.names import is_ranked, matched
from semfs.mount.node import Directory, Link, Node
from semfs.mount.run import RunFile, Submit
from semfs.mount.snapshots import Snapshots, Words
from semfs.search.explain import explain_json, hits_jsonl, passages_md

ABOUT = ".query"
DEEPEST = 16  # refinements below each other; a program that walks into its own guesses ends there

TEXTS: dict[str, Callable[[SearchResult], str]] = {
    "hits.jsonl": hits_jsonl,
    "passages.md": passages_md,
    "explain.json": explain_json,
}


@dataclass(frozen=True, slots=True)
class Queries:
    """What the directories of this view share."""

    snapshots: Snapshots
    submit: Callable[[Words], Submit]  # gives what a request over these hits is submitted with


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


class QueryDirectory(Directory):
    """The files that match some words, best first."""

    def __init__(self, inode: int, words: Words, queries: Queries) -> None:
        known = queries.snapshots.known(words)
        super().__init__(inode, known.time if known else time.time())
        self._words = words
        self._queries = queries

    def lookup(self, name: str) -> Node:
        if name == ABOUT:
            return AboutDirectory(self.below(name), self.mtime, self._words, self._queries)
        if is_ranked(name):
            return self._hit(matched(name))
        if is_denied(name) or len(self._words) >= DEEPEST:
            raise NoSuchEntry(name)
        return QueryDirectory(self.below(name), (*self._words, matched(name)), self._queries)

    def _hit(self, name: str) -> Node:
        hit = self._queries.snapshots.current(self._words).hits.get(name)
        if hit is None:
            raise NoSuchEntry(name)
        return self._link(name, hit)

    def _link(self, name: str, hit: Hit) -> Node:
        return Link(self.below(name), hit.file.path, hit.file.mtime)

    def entries(self) -> list[tuple[str, Node]]:
        snapshot = self._queries.snapshots.fresh(self._words)
        links = [(name, self._link(name, hit)) for name, hit in snapshot.hits.items()]
        return [*links, (ABOUT, self.lookup(ABOUT))]

    def remove(self, name: str) -> None:
        raise NotPermitted("files are not removed through a search; remove the file itself")


class AboutDirectory(Directory):
    """`.query/`: what was found and why, and a place for a request about it."""

    def __init__(self, inode: int, mtime: float, words: Words, queries: Queries) -> None:
        super().__init__(inode, mtime)
        self._words = words
        self._queries = queries

    def lookup(self, name: str) -> Node:
        if name == "run":
            return RunFile(self.below(name), self.mtime, self._queries.submit(self._words))
        if name not in TEXTS:
            raise NoSuchEntry(name)
        return TextFile(
            self.below(name), self.mtime, lambda: self._text(name), length=lambda: self._length(name)
        )

    def _text(self, name: str) -> str:
        return self._queries.snapshots.recent(self._words).text(name, TEXTS[name])

    def _length(self, name: str) -> int:
        known = self._queries.snapshots.known(self._words)
        return len(known.text(name, TEXTS[name]).encode("utf-8", "replace")) if known else 0

    def entries(self) -> list[tuple[str, Node]]:
        return [(name, self.lookup(name)) for name in (*TEXTS, "run")]
