"""The words of a large catalogue once more, beside it, for who searches.

A cache beside the catalogue's own full text, which becomes slow from some ten thousand
passages on: FTS5 reads every posting of every word of a query, tantivy only those that may
change the best few.  `WordIndex` reads in any thread of any process, `WordWriter`, in `following`, keeps it
equal to the catalogue.  What is damaged, or of another catalogue, is not used, and written anew;
meanwhile the catalogue's full text answers.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from semfs.model import FileId
from semfs.store.expression import read
from semfs.store.inverted import Inverted, Row, Snapshot, is_trouble, made_by
from semfs.store.segments import Leases, broken, leases

log = logging.getLogger(__name__)

VERSION: Final = 1
FEWEST: Final = 5_000  # passages; below, FTS5 answers in 1 ms and a second index is not worth its memory
ABOUT: Final = "about.json"  # whose words they are; the file is there as long as they may be used
_TOLERATED: Final = (1000, 0.02)  # passages, and share, that may be missing: they come within a second
_FAILURES: Final = 3  # one after another, and an index is given up

Whole = tuple[str, int]  # a catalogue's identity and the number of its passages
T = TypeVar("T")


def about(identity: str) -> dict[str, object]:
    """Return what stands in `ABOUT` of the words of a catalogue."""
    return {"version": VERSION, "catalog": identity, "tantivy": made_by()}


def read_about(folder: Path) -> object:
    try:
        return json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return None


class WordIndex:
    """Find passages by their words."""

    def __init__(self, folder: Path, *, fewest: int = FEWEST) -> None:
        self._folder = folder
        self._fewest = fewest
        self._failures = 0
        self._lock = threading.Lock()  # of what follows
        self._opened: tuple[object, str] = ((), "")
        self._committed: object = ()
        self._index: Inverted | None = None
        self._leases: Leases = {}

    def match(
        self, expression: str, *, limit: int, within: frozenset[FileId] | None, of: Callable[[], Whole]
    ) -> list[Row] | None:
        """Return the best passages, or None if the catalogue must be asked itself.

        `limit` -1 is all.  `of` tells whose index it must be, and how large.
        """
        asked = read(expression)
        if asked is None:
            return None
        return self._ask(of, lambda index: index.match(asked, limit=limit, within=within))

    def frequency(self, term: str, *, of: Callable[[], Whole]) -> int | None:
        """Return in how many passages a term stands, or None if the catalogue must be asked itself."""
        if term.endswith("*"):
            return None
        return self._ask(of, lambda index: index.frequency(term))

    def _ask(self, of: Callable[[], Whole], question: Callable[[Snapshot], T]) -> T | None:
        if not _stamp(self._folder / ABOUT):
            return None
        identity, passages = of()
        if passages < self._fewest // 2:
            return None  # and do not load what is not needed
        try:
            index, held = self._current(identity)
            if index is None:
                return None
            snapshot = index.snapshot()
            if snapshot.passages < passages - max(_TOLERATED[0], _TOLERATED[1] * passages):
                return None
            answer = question(snapshot)
            del held  # and not before
        except BaseException as error:
            if not is_trouble(error):
                raise
            self._failed(error)
            return None
        self._failures = 0
        return answer

    def _current(self, identity: str) -> tuple[Inverted | None, Leases]:
        """Return the index as last committed, None if it is not of this catalogue, and its leases."""
        with self._lock:
            made = (_stamp(self._folder / ABOUT), identity)
            if made != self._opened:
                self._opened, self._index, self._committed, self._leases = made, None, (), {}
                if made[0] and read_about(self._folder) == about(identity):
                    self._index = Inverted(self._folder)
            if self._index is not None:
                committed = _stamp(self._folder / "meta.json")
                if committed != self._committed:
                    self._index.reload()
                    self._committed, self._leases = committed, leases(self._folder, self._leases)
                if other := broken(self._leases):
                    self._failures = _FAILURES
                    raise OSError(f"somebody else writes to {other}")
            return self._index, self._leases

    def _failed(self, error: BaseException) -> None:
        """Have the writer make a new one, unless it may have been the question."""
        self._failures += 1
        if self._index is not None and self._failures < _FAILURES:
            log.info("%s did not answer: %s", self._folder, error)
            return
        log.warning("%s cannot be used and is written again: %s", self._folder, error)
        with self._lock, suppress(OSError):
            self._index, self._failures, self._leases = None, 0, {}
            (self._folder / ABOUT).unlink(missing_ok=True)


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size
