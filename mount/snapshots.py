"""The listings that directories of hits show: made when one is opened, kept until it is opened anew.

Owns the cache of snapshots; any thread may use it.  Only `fresh`, `current` and `recent` search.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from semfs.model import Hit, Narrowed, SearchResult, Step
from semfs.mount.names import ranked
from semfs.mount.ports import Finder

KEPT = 256  # directories whose listing is remembered
ASKED = 32  # queries about which a file of `.query` was read without opening the directory
RECENT_S = 5.0  # how old a snapshot may be for who reads such a file
FILES = 200_000  # in all of them: some 100 MB; a query that only filters may list every file

Steps = tuple[Step, ...]


@dataclass(slots=True)
class Snapshot:
    """One answer to a directory of hits, with the names that they are shown under."""

    result: SearchResult
    hits: dict[str, Hit]
    changed: float | None = None  # when it was first seen to list something else than before
    texts: dict[str, str] = field(default_factory=dict)  # files of `.query`, made when they are read
    counts: Mapping[str, Mapping[str, int]] | None = None  # by facet and value, made when they are asked for
    made: float = field(default_factory=monotonic)

    @property
    def files(self) -> int:
        return len(self.hits) + len(self.result.more)

    def lists(self, other: Snapshot) -> bool:
        """Whether it lists the same files in the same order."""
        return [hit.file.path for hit in self.hits.values()] == [hit.file.path for hit in other.hits.values()]

    def text(self, name: str, render: Callable[[SearchResult], str]) -> str:
        if name not in self.texts:
            self.texts[name] = render(self.result)
        return self.texts[name]


class Snapshots:
    """The newest snapshot of each directory, the least recently used dropped first."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._lock = threading.Lock()
        self._kept: OrderedDict[Steps, Snapshot] = OrderedDict()
        self._asked: OrderedDict[Steps, Snapshot] = OrderedDict()
        self._running: dict[Steps, threading.Lock] = {}

    def known(self, steps: Steps) -> Snapshot | None:
        """Return the snapshot if there is one; never searches."""
        with self._lock:
            found = self._kept.get(steps)
            if found is not None:
                self._kept.move_to_end(steps)
            return found

    def current(self, steps: Steps) -> Snapshot:
        """Return the snapshot, made now if there is none.  Callers who come together search once."""
        found = self.known(steps)
        if found is not None:
            return found
        with self._lock:
            running = self._running.setdefault(steps, threading.Lock())
        with running:
            try:
                return self.known(steps) or self.fresh(steps)
            finally:
                with self._lock:
                    self._running.pop(steps, None)

    def recent(self, steps: Steps) -> Snapshot:
        """Return what is to be told about a query now: the listing if it is recent, else a new search.

        Who only reads `.query/hits.jsonl` again and again sees what is new; the listing, and what
        its names lead to, stays as it is until the directory is opened anew.
        """
        listed = self.current(steps)
        with self._lock:
            asked = self._asked.get(steps, listed)
        newest = max(listed, asked, key=lambda snapshot: snapshot.made)
        if monotonic() - newest.made < RECENT_S:
            return newest
        snapshot = self._take(steps)
        with self._lock:
            self._asked[steps] = snapshot
            while len(self._asked) > ASKED:
                self._asked.popitem(last=False)
        return snapshot

    def counted(self, steps: Steps) -> Mapping[str, Mapping[str, int]]:
        """Return how often each value of each facet occurs in the whole result."""
        snapshot = self.recent(steps)
        if snapshot.counts is None:
            snapshot.counts = self._finder.counts(snapshot.result)
        return snapshot.counts

    def known_counts(self, steps: Steps) -> Mapping[str, Mapping[str, int]]:
        """Return what `counted` gave last, nothing if it was not asked; never searches."""
        with self._lock:
            snapshots = (self._asked.get(steps), self._kept.get(steps))
        return next((one.counts for one in snapshots if one is not None and one.counts is not None), {})

    def followed(self, hit: Hit) -> None:
        """Take note that somebody has read the link of a hit; returns at once."""
        self._finder.looked(hit)

    def _take(self, steps: Steps) -> Snapshot:
        *outer, last = steps
        if isinstance(last, Narrowed):  # of what is told about the outer query: nothing is searched again
            result = self._finder.narrow(self.recent(tuple(outer)).result, last)
        else:
            result = self._finder.search(steps)
        names = ranked([hit.file.path for hit in result.hits])
        return Snapshot(result, dict(zip(names, result.hits, strict=True)))

    def fresh(self, steps: Steps) -> Snapshot:
        """Search and put the result in the place of an earlier one."""
        snapshot = self._take(steps)
        with self._lock:
            before = self._kept.get(steps)
            if before is not None:
                snapshot.changed = before.changed if snapshot.lists(before) else time.time()
            self._kept[steps] = snapshot
            self._kept.move_to_end(steps)
            self._forget()
        return snapshot

    def without(self, steps: Steps, name: str) -> None:
        """Take a hit out of a listing, whose other names stay; the next opener has all made anew."""
        with self._lock:
            listed = self._kept.get(steps)
            if listed is not None:
                listed.hits.pop(name, None)
                listed.changed = time.time()
        self.outdate(steps)

    def outdate(self, steps: Steps) -> None:
        """Have what is told about a query made anew; the names of its listing stay."""
        with self._lock:
            self._asked.pop(steps, None)
            listed = self._kept.get(steps)
            if listed is not None:
                listed.made = float("-inf")

    def drop(self, first: Step) -> None:
        """Forget all that began with this step, which means something else from now on."""
        with self._lock:
            for cache in (self._kept, self._asked):
                for steps in [steps for steps in cache if steps[0] == first]:
                    del cache[steps]

    def _forget(self) -> None:
        """Drop the oldest while there are too many, but never the newest; call with the lock held."""
        files = sum(kept.files for kept in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > KEPT or files > FILES):
            files -= self._kept.popitem(last=False)[1].files
