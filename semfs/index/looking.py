"""When to look at the folders and where, so that the catalogue becomes what they are.

`Looking` belongs to the ingest process's thread.  It looks where the watcher heard of changes; at
everything when it starts, when changes have been lost, and every half an hour to be safe; and now and
then at what is not watched: folders without a watch, that are gone, or that other machines write to.
In the middle of a look at everything it looks at what is heard of meanwhile, as that was just saved.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from semfs.index.folders import BATCH, Folders, note, places_of
from semfs.index.mounted import Mounted
from semfs.index.mounts import within
from semfs.index.scan import Changes, Trouble, compare
from semfs.index.watch import Watcher
from semfs.model import Kind
from semfs.store.catalog import CatalogWriter, FileState

logger = logging.getLogger(__name__)

SAFETY_RESCAN_S = 1800.0  # where they are
SCAN_SHARE = 200  # scans take at most this part of the time
ROOTS_S = 1.0  # between two looks whether the source folders are still the ones that are watched
SEEN_AT_ONCE = 500  # files of a scan between two looks at the clock
MOST_LINKED = 5000  # files seen in one look whose other names are asked for
LONGEST_PATH = 200  # characters of a path in a notice; folders in each other can have thousands
SAID_S = 600.0  # that lost changes are spoken of after they were found


class Looking:
    """What is known of where changes may be."""

    def __init__(
        self,
        catalog: CatalogWriter,
        folders: Folders,
        kind_of: Callable[[str], Kind],
        *,
        rescan_s: float,
        wake: Callable[[], None],
        breathe: Callable[[str], None],
        changed: Callable[[Changes], None],
        saved: Callable[[Sequence[str]], None],
    ) -> None:
        """`rescan_s` lies between looks where changes are not noticed.  `breathe` is called often with what
        is looked at; `changed` before changes are noted.

        `saved` is told of files that were written just now, the last one at the end.
        """
        self._catalog = catalog
        self._folders = folders
        self._kind_of = kind_of
        self._rescan_s = rescan_s
        self._breathe = breathe
        self._changed = changed
        self._saved = saved
        self._watcher = Watcher(wake)
        self._mounted = Mounted(catalog, folders.roots)
        self._places: set[str] = set()  # where to look next
        self._trouble = Trouble()
        self._scan_at = self._shared_at = self._roots_at = 0.0
        self._roots: object = None  # what the source folders were when they were last watched
        self._lost = ""  # what became of the last changes that were lost
        self._lost_until = 0.0
        self._scanning: Trouble | None = None  # of the look at everything that is under way
        self._looked: set[str] = set()  # where was looked meanwhile

    def close(self) -> None:
        self._watcher.stop()
        self._mounted.close()

    def look(self, doubtful: set[str]) -> None:
        """Look wherever it is time to; empties `doubtful`, paths that are not as the catalogue says."""
        now = time.monotonic()
        self._looked.clear()
        self._places.update(self._watcher.take())
        self._places |= doubtful
        doubtful.clear()
        self._places |= self._mounted.changed()
        if not self._watcher.healthy():
            self._scan_at = min(self._scan_at, now + self._rescan_s)
        if now >= self._scan_at or self._watcher.lost or self._other_roots(now):
            self._scan()
            return
        if self._mounted.shared and now >= self._shared_at:
            self._places.update(self._mounted.shared)
            before = self._folders.apart.walked_s
            self._compare_places()
            self._shared_at = time.monotonic() + self._shared_pause(before)
        elif self._places:
            self._compare_places()

    def silent(self) -> frozenset[str]:
        """Return where nothing can be read for now."""
        return self._mounted.silent()

    def timeout(self) -> float:
        now = time.monotonic()
        times = [self._scan_at - now, self._roots_at - now, self._watcher.timeout()]
        if self._mounted.shared:
            times.append(self._shared_at - now)
        return 0.0 if self._places else min(times)

    def notices(self) -> Iterator[str]:
        """Say in words for a user what is not noticed at once, and where nothing can be looked at."""
        if self._watcher.trouble:
            yield self._watcher.trouble
        if self._lost and time.monotonic() < self._lost_until:
            yield self._lost
        for place, kind in sorted(self._mounted.shared.items()):
            often = f"every {self._rescan_s:.0f} s"
            yield f"{place} is shared with others ({kind}): what they change is looked for {often}"
        for path, reason in sorted(self._trouble.folders.items())[:10]:
            yield f"{_brief(path)}: {reason}"
        if len(self._trouble.folders) > 10:
            yield f"and {len(self._trouble.folders) - 10} more folders that cannot be read"

    # -- what decides where

    def _other_roots(self, now: float) -> bool:
        """Return whether a source folder has gone, come back or been put in the place of another."""
        if now < self._roots_at:
            return False
        self._roots_at = now + ROOTS_S
        return self._identities() != self._roots

    def _identities(self) -> list[tuple[int, int] | None]:
        """Return what the source folders are; but those of other machines may not answer."""
        return [_identity(root) for root in self._folders.roots if root not in self._mounted.shared]

    # -- looking

    def _scan(self) -> None:
        """Compare everything; every folder is watched before it is listed."""
        began, before = time.monotonic(), self._folders.apart.walked_s
        lost = self._watcher.lost
        self._breathe("")
        self._roots = self._identities()
        if not self._watcher.healthy():
            self._watcher.start()
        self._watcher.begin_whole()
        trouble = Trouble()
        self._places.clear()
        self._scanning = trouble
        try:
            self._compare([], trouble)
        finally:
            self._scanning = None
        self._watcher.end_whole()
        if self._watcher.trouble:
            logger.warning("%s", self._watcher.trouble)
        for path, reason in trouble.folders.items():
            if path not in self._trouble.folders:
                logger.warning("%s is not indexed: %s", path, reason)
        self._trouble = trouble
        if lost:
            self._say_lost()
        complete = self._watcher.healthy() and None not in self._identities()
        self._scan_at = time.monotonic() + _pause(SAFETY_RESCAN_S if complete else self._rescan_s, began)
        self._shared_at = time.monotonic() + self._shared_pause(before)

    def _shared_pause(self, before: float) -> float:
        """Return how long to leave shared places alone; `before` the last look so much had been walked."""
        return max(self._rescan_s, SCAN_SHARE * (self._folders.apart.walked_s - before))

    def _say_lost(self) -> None:
        logger.info("changes were lost, so everything was looked at")
        self._lost = (
            "more changed at once than the kernel could tell (fs.inotify.max_queued_events):"
            f" at {time.strftime('%H:%M')} everything was looked at for that"
        )
        self._lost_until = time.monotonic() + SAID_S

    def _compare_places(self) -> None:
        places = sorted(self._places)
        self._places.clear()
        self._compare(places, self._trouble)

    def _compare(self, places: Sequence[str], trouble: Trouble) -> None:
        for folder in list(trouble.folders):
            if any(within(folder, place) for place in places):
                del trouble.folders[folder]
        before = set(trouble.folders)
        known, walked = self._folders.look(self._catalog, places, trouble, self._watcher.enter)
        seen = self._seen(walked)
        self._looked.update(places_of(places))
        if places and len(seen) < MOST_LINKED:
            # Of a file with several names the kernel tells only the one by which it was written.
            states = [*seen, *(state for _, state in known.values())]
            others = self._catalog.linked(states) - {state.path for state in states}
            if others:
                self._looked |= others
                linked, walked = self._folders.look(
                    self._catalog, sorted(others), trouble, self._watcher.enter
                )
                known, seen = {**known, **linked}, [*seen, *self._seen(walked)]
        for folder in trouble.folders.keys() - before:
            self._watcher.leave(folder)
        if not places and self._looked:  # there, the catalogue knows better than this walk
            before_it = self._below_looked()
            known = {path: entry for path, entry in known.items() if not before_it(path)}
            seen = [state for state in seen if not before_it(state.path)]
        self._places |= self._mounted.miss(trouble)
        if answering := self._mounted.heard(trouble, places):
            with self._catalog.transaction():
                for place in answering:
                    self._catalog.read_again_below(place)
        changes = compare(known, seen, trouble)
        self._note(changes)
        if places:
            self._saved(changes.latest())

    def _below_looked(self) -> Callable[[str], bool]:
        """Return what says of a path whether it was looked at since the look at everything began."""
        whole = frozenset(self._looked)
        below = tuple(f"{place.rstrip('/')}/" for place in whole)
        return lambda path: path in whole or path.startswith(below)

    def _meanwhile(self, current: str) -> None:
        """Show that we are alive; in the middle of a look at everything, look at what was just saved."""
        self._breathe(current)
        scanning = self._scanning
        if scanning is None:
            return
        if places := self._watcher.take():
            self._scanning = None
            try:
                self._compare(places, scanning)
            finally:
                self._scanning = scanning

    def _seen(self, walked: Iterator[FileState]) -> list[FileState]:
        seen: list[FileState] = []
        for number, state in enumerate(walked):
            seen.append(state)
            if number % SEEN_AT_ONCE == 0:
                self._meanwhile(state.path)
        return seen

    def _note(self, changes: Changes) -> None:
        if not changes:
            return
        self._changed(changes)
        for _ in note(self._catalog, replace(changes, added=()), self._kind_of):
            self._breathe("")
        self._add(sorted(changes.added, key=lambda state: -state.mtime_ns))
        logger.info(
            "%d files new, %d changed, %d moved, %d gone",
            *map(len, (changes.added, changes.changed, changes.moved, changes.removed)),
        )

    def _add(self, added: Sequence[FileState]) -> None:
        """Note new files, the newest first; what is looked at meanwhile is known already."""
        while added:
            for _ in note(self._catalog, Changes(added=tuple(added[:BATCH])), self._kind_of):
                self._meanwhile("")
            added = added[BATCH:]
            if self._looked and self._scanning:
                before_it = self._below_looked()
                added = [state for state in added if not before_it(state.path)]


def _brief(path: str) -> str:
    """Return a path whose middle is left out where it would fill the screen."""
    return path if len(path) <= LONGEST_PATH else f"{path[: LONGEST_PATH // 2]}…{path[-LONGEST_PATH // 2 :]}"


def _pause(least: float, began: float) -> float:
    return max(least, SCAN_SHARE * (time.monotonic() - began))


def _identity(root: str) -> tuple[int, int] | None:
    try:
        found = os.stat(root)
    except OSError:
        return None
    return found.st_dev, found.st_ino
