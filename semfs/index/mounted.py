"""What is mounted in the source folders, and which of it is away or does not answer.

`Mounted` belongs to the ingest process's thread.  A drive in a source folder that is unmounted leaves an
empty folder, or none: nobody has deleted its files.  What is known of them is kept until the drive is back,
or something else lies there, or it has been away for long.  The catalogue remembers where drives were, as
one is mostly taken out while nobody looks.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence

from semfs.index.mounts import MOUNTINFO, Mount, Remounts, around, mounts, shared_places, within
from semfs.index.scan import Trouble
from semfs.store.catalog import CatalogWriter

META = "mounts"  # in the catalogue: JSON object, mount point: when it was found to be away, 0 if it is there
AWAY = "is not mounted; what is known of its files is kept"
LONGEST_S = 30 * 86400.0  # that a drive may be away


class Mounted:
    """What has been seen of mounts, and where to look for that."""

    def __init__(self, catalog: CatalogWriter, roots: Sequence[str]) -> None:
        self._catalog = catalog
        self._roots = roots
        self._remounts = Remounts()
        self._mounts: frozenset[Mount] = frozenset()
        self._away: dict[str, float] = json.loads(catalog.meta(META) or "{}")
        self._answered: set[str] = set()
        self.shared: dict[str, str] = {}  # where others may write unnoticed, with the kind of file system

    def close(self) -> None:
        self._remounts.close()

    def changed(self) -> set[str]:
        """Return where something was mounted or unmounted since the last time: of that no folder tells."""
        if not self._remounts.seen():
            return set()
        found = _mounts()
        before, self._mounts = self._mounts, around(found, self._roots)
        self.shared = shared_places(found, self._roots)
        changed = {mount.point for mount in before ^ self._mounts}
        self._answered -= changed
        self._remember(_drives(self._mounts, self._roots))
        return changed

    def _remember(self, there: set[str], *gone: str) -> None:
        now = time.time()
        known = {point: since or now for point, since in self._away.items() if point not in gone}
        known |= dict.fromkeys(there, 0.0)
        if known != self._away:
            self._away = known
            self._catalog.set_meta(META, json.dumps(known))

    def miss(self, trouble: Trouble) -> set[str]:
        """After a look, note in `trouble` which drives are away; return where one is no longer waited for."""
        if not self._away:
            return set()
        there = _drives(around(_mounts(), self._roots), self._roots)  # one may have gone during the look
        missing = self._away.keys() - there
        given_up = {point for point in missing if not self._awaited(point)}
        for point in missing - given_up:
            trouble.folders[point] = AWAY
        self._remember(there, *given_up)
        return given_up

    def _awaited(self, point: str) -> bool:
        since = self._away[point]
        brief = not since or abs(time.time() - since) < LONGEST_S
        return brief and _is_bare(point) and self._catalog.has_files(point)

    # -- those that may never answer

    def heard(self, trouble: Trouble, places: Iterable[str]) -> set[str]:
        """Take note of a look at `places`, all if there are none; return what answers again."""
        looked = set(places)
        asked = {
            point
            for point in self.shared
            if not looked or any(within(point, place) or within(place, point) for place in looked)
        }
        answered = {point for point in asked if point not in trouble.folders}
        anew = answered - self._answered
        self._answered = self._answered - asked | answered
        return anew

    def silent(self) -> frozenset[str]:
        """Return where nothing can be read now, as far as is known."""
        return frozenset(self.shared.keys() - self._answered)


def _mounts() -> list[Mount]:
    return list(mounts(MOUNTINFO.read_text("utf-8", "surrogateescape")))


def _drives(found: Iterable[Mount], roots: Sequence[str]) -> set[str]:
    """Return where files of other file systems are seen below the source folders."""
    points = {mount.point for mount in found if not mount.answers}
    return {point for point in points if any(point != root and within(point, root) for root in roots)}


def _is_bare(folder: str) -> bool:
    """Return whether nothing is there but perhaps an empty folder."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except FileNotFoundError:
        return True
    except OSError:
        return False
