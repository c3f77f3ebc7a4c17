"""The listings that query directories show: made when one is opened, kept until it is opened anew.

Owns the cache of snapshots; any thread may use it.  Only `fresh` and `current` search.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from semfs.model import Hit, SearchResult
from semfs.mount.names import ranked

KEPT = 256  # query directories whose listing is remembered
ASKED = 32  # queries about which a file of `.query` was read without opening the directory
RECENT_S = 5.0  # how old a snapshot may be for who reads such a file
HITS = 200_000  # in all of them: some 100 MB; a query that only filters may list every file

Words = tuple[str, ...]


@dataclass(slots=True)
class Snapshot:
    """One answer to a query directory, with the names that its hits are shown under."""

    result: SearchResult
    hits: dict[str, Hit]
    time: float
    texts: dict[str, str] = field(default_factory=dict)  # files of `.query`, made when they are read
    made: float = field(default_factory=monotonic)

    def text(self, name: str, render: Callable[[SearchResult], str]) -> str:
        if name not in self.texts:
            self.texts[name] = render(self.result)
        return self.texts[name]


class Snapshots:
    """The newest snapshot of each query directory, the least recently used dropped first."""

    def __init__(self, search: Callable[[Words], SearchResult]) -> None:
        self._search = search
        self._lock = threading.Lock()
        self._kept: OrderedDict[Words, Snapshot] = OrderedDict()
        self._asked: OrderedDict[Words, Snapshot] = OrderedDict()
        self._running: dict[Words, threading.Lock] = {}

    def known(self, words: Words) -> Snapshot | None:
        """Return the snapshot if there is one; never searches."""
        with self._lock:
            found = self._kept.get(words)
            if found is not None:
                self._kept.move_to_end(words)
            return found

    def current(self, words: Words) -> Snapshot:
        """Return the snapshot, made now if there is none.  Callers who come together search once."""
        found = self.known(words)
        if found is not None:
            return found
        with self._lock:
            running = self._running.setdefault(words, threading.Lock())
        with running:
            try:
                return self.known(words) or self.fresh(words)
            finally:
                with self._lock:
                    self._running.pop(words, None)

    def recent(self, words: Words) -> Snapshot:
        """Return what is to be told about a query now: the listing if it is recent, else a new search.

        Who only reads `.query/hits.jsonl` again and again sees what is new; the listing, and what
        its names lead to, stays as it is until the directory is opened anew.
        """
        listed = self.current(words)
        with self._lock:
            asked = self._asked.get(words, listed)
        newest = max(listed, asked, key=lambda snapshot: snapshot.made)
        if monotonic() - newest.made < RECENT_S:
            return newest
        snapshot = self._take(words)
        with self._lock:
            self._asked[words] = snapshot
            while len(self._asked) > ASKED:
                self._asked.popitem(last=False)
        return snapshot

    def _take(self, words: Words) -> Snapshot:
        result = self._search(words)
        names = ranked([hit.file.path for hit in result.hits])
        return Snapshot(result, dict(zip(names, result.hits, strict=True)), time.time())

    def fresh(self, words: Words) -> Snapshot:
        """Search and put the result in the place of an earlier one."""
        snapshot = self._take(words)
        with self._lock:
            self._kept[words] = snapshot
            self._kept.move_to_end(words)
            self._forget()
        return snapshot

    def _forget(self) -> None:
        """Drop the oldest while there are too many, but never the newest; call with the lock held."""
        hits = sum(len(kept.hits) for kept in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > KEPT or hits > HITS):
            hits -= len(self._kept.popitem(last=False)[1].hits)
