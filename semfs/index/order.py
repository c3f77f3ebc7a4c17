"""The order of work in ingest: whose turn it is; pure.

The readers, the embedding process and the one that recognises text in pictures work side by side, each
a lane.  What somebody has just saved is done at once and holds nothing up, as it is little.  All else is
bulk: it is done in the order of `Work`, one sort after the other over all lanes, so that everything is
found by its words before anything costs the time of a vector.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, auto


class Lane(Enum):
    """Who works."""

    READERS = auto()
    EMBEDDER = auto()
    RECOGNISER = auto()


class Work(Enum):
    """What may wait, in the order in which it is done: its lane, and whether it is bulk."""

    SAVED_WORDS = auto(), Lane.READERS, False  # of files that somebody has just saved
    SAVED_VECTORS = auto(), Lane.EMBEDDER, False
    WORDS = auto(), Lane.READERS, True  # of all files, the newest first
    LOOKED_VECTORS = auto(), Lane.EMBEDDER, True  # of files that somebody has looked at
    VECTORS = auto(), Lane.EMBEDDER, True  # of all passages, the newest files first
    SCANS = auto(), Lane.RECOGNISER, True  # the text in pictures, which takes seconds a page

    def __init__(self, number: int, lane: Lane, bulk: bool) -> None:
        self.number = number
        self.lane = lane
        self.bulk = bulk


def turn(lane: Lane, waiting: Collection[Work], *, bulk: bool) -> Work | None:
    """Return what a lane does next, None if it is to rest.

    `bulk` says whether bulk work may be done now: not while the machine is needed for other things.
    """
    for work in Work:
        if work not in waiting:
            continue
        if work.bulk:
            return work if bulk and work.lane is lane else None
        if work.lane is lane:
            return work
    return None
