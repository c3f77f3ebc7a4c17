"""`.query/`: what a directory lists and why, each hit as a file, and the hits by what they are.

.query/hits.jsonl passages.md explain.json   what was found now
.query/run                  a request over these hits only
.query/hits/NN_name.txt     a card for each hit, with extended attributes
.query/by/                  see `narrow`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from semfs.errors import NoSuchEntry
from semfs.model import Hit, SearchResult, shown, shown_line
from semfs.mount import attributes
from semfs.mount.content import LastingText, TextFile
from semfs.mount.names import LONGEST, cut, is_ranked, matched
from semfs.mount.node import Directory, Node
from semfs.mount.run import RunFile, Submit
from semfs.mount.snapshots import Snapshot, Snapshots, Steps
from semfs.search.explain import explain_json, hits_jsonl, passages_md

ABOUT = ".query"
CARD = ".txt"  # so that a file manager opens a card as a text, whatever the hit is

TEXTS: dict[str, Callable[[SearchResult], str]] = {
    "hits.jsonl": hits_jsonl,
    "passages.md": passages_md,
    "explain.json": explain_json,
}


@dataclass(frozen=True, slots=True)
class Queries:
    """What the directories of hits share."""

    made: float  # when the mount was
    snapshots: Snapshots
    submit: Callable[[Steps], Submit]  # gives what a request over these hits is submitted with
    narrow: Callable[[int, float, Steps, Queries, bool], Directory]  # makes `by/`


class Yielding(Directory):
    """A directory below `.query`; in one that can be removed, `rm -r` passes through without effect."""

    def __init__(self, inode: int, mtime: float, *, yields: bool = False) -> None:
        super().__init__(inode, mtime)
        self.yields = yields

    def remove(self, name: str) -> None:
        if not self.yields:
            super().remove(name)


class AboutDirectory(Yielding):
    """What there is to know about one directory of hits."""

    def __init__(
        self,
        inode: int,
        mtime: float,
        steps: Steps,
        queries: Queries,
        *,
        lists: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        """`lists` are further texts, of a directory that can be removed."""
        super().__init__(inode, mtime, yields=lists is not None)
        self._steps = steps
        self._queries = queries
        self._lists = lists or {}

    def lookup(self, name: str) -> Node:
        inode = self.below(name)
        if name in TEXTS:
            return TextFile(inode, self.mtime, lambda: self._text(name), length=lambda: self._length(name))
        if name in self._lists:
            return TextFile(inode, self.mtime, self._lists[name])
        if name not in PARTS:
            raise NoSuchEntry(name)
        return PARTS[name](inode, self)

    def _text(self, name: str) -> str:
        return self._queries.snapshots.recent(self._steps).text(name, TEXTS[name])

    def _length(self, name: str) -> int:
        known = self._queries.snapshots.known(self._steps)
        return len(known.text(name, TEXTS[name]).encode("utf-8", "replace")) if known else 0

    def run(self, inode: int) -> Node:
        return RunFile(inode, self.mtime, self._queries.submit(self._steps))

    def cards(self, inode: int) -> Node:
        return CardsDirectory(inode, self.mtime, self._steps, self._queries, yields=self.yields)

    def by(self, inode: int) -> Node:
        return self._queries.narrow(inode, self.mtime, self._steps, self._queries, self.yields)

    def entries(self) -> list[tuple[str, Node]]:
        return [(name, self.lookup(name)) for name in (*TEXTS, *self._lists, *PARTS)]


PARTS: dict[str, Callable[[int, AboutDirectory], Node]] = {
    "run": lambda inode, about: about.run(inode),
    "hits": lambda inode, about: about.cards(inode),
    "by": lambda inode, about: about.by(inode),
}


class CardsDirectory(Yielding):
    """`.query/hits/`: a small text for each hit, which can carry attributes as a link cannot."""

    def __init__(self, inode: int, mtime: float, steps: Steps, queries: Queries, *, yields: bool) -> None:
        super().__init__(inode, mtime, yields=yields)
        self._steps = steps
        self._queries = queries

    def lookup(self, name: str) -> Node:
        if not is_ranked(name):
            raise NoSuchEntry(name)  # without a search
        hit = _cards(self._queries.snapshots.current(self._steps)).get(matched(name))
        if hit is None:
            raise NoSuchEntry(name)
        return CardFile(self.below(name), hit)

    def entries(self) -> list[tuple[str, Node]]:
        snapshot = self._queries.snapshots.current(self._steps)
        return [(name, CardFile(self.below(name), hit)) for name, hit in _cards(snapshot).items()]


class CardFile(LastingText):
    """What is known of one hit."""

    def __init__(self, inode: int, hit: Hit) -> None:
        super().__init__(inode, hit.file.mtime, lambda: card(hit))
        self._hit = hit

    def attributes(self) -> Mapping[str, bytes]:
        return attributes.in_user(attributes.of_hit(self._hit))


def card(hit: Hit) -> str:
    """Return what is known of a hit, to be read."""
    facts = ", ".join(filter(None, (f"rank {hit.rank}", f"score {hit.score:g}", hit.why, hit.place)))
    head = [hit.file.title, shown_line(hit.file.path), facts]
    text = f"\n{shown(hit.passage.text)}\n" if hit.passage else ""
    return "".join(f"{shown_line(line)}\n" for line in head if line) + text


def _cards(snapshot: Snapshot) -> dict[str, Hit]:
    return {cut(name, LONGEST - len(CARD)) + CARD: hit for name, hit in snapshot.hits.items()}
