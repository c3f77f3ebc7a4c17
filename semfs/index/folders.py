"""The source folders: where to look, and what a look changes in the catalogue.

`Folders` belongs to the ingest process's thread.  Every look reads the ignore files anew.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from semfs.config import Index
from semfs.index.apart import Apart
from semfs.index.ignore import GITIGNORE, MARKERS, SEMFSIGNORE, Ignore
from semfs.index.mounts import MOUNTINFO, answering_mounts, mounts, shared_places, within
from semfs.index.patience import resolved
from semfs.index.scan import Changes, Known, Trouble, walk
from semfs.index.watch import topmost
from semfs.model import Kind
from semfs.store.catalog import CatalogWriter, FileState

BATCH = 500  # changes in one transaction
DECIDING = {GITIGNORE, SEMFSIGNORE, *MARKERS}  # files that decide about the folder they lie in

T = TypeVar("T")


class Folders:
    """The folders that a user named; links among them are resolved."""

    def __init__(self, sources: Sequence[str], config: Index, *, never: Sequence[Path] = ()) -> None:
        self.roots = tuple(topmost_first({resolved(source) for source in sources}))
        self._config = config
        self._never = frozenset(os.path.realpath(path) for path in never)
        self.apart = Apart()

    def look(
        self, catalog: CatalogWriter, paths: Sequence[str], trouble: Trouble, enter: Callable[[str], None]
    ) -> tuple[Known, Iterator[FileState]]:
        """Return what is known and what is seen at and below `paths`; of everything if there are none.

        `enter` is told of every folder before it is listed.
        """
        if not paths:
            known = catalog.states()
            return known, self._walk(self.roots, known, trouble, enter)
        known = {}
        places = [place for place in places_of(paths) if any(within(place, root) for root in self.roots)]
        for place in places:
            known.update(catalog.states(place))
        return known, self._walk(places, known, trouble, enter)

    def _walk(
        self, places: Sequence[str], known: Known, trouble: Trouble, enter: Callable[[str], None]
    ) -> Iterator[FileState]:
        mounted = MOUNTINFO.read_text("utf-8", "surrogateescape")
        never = self._never | answering_mounts(mounted)
        shared = shared_places(mounts(mounted), self.roots)
        for root in self.roots:
            if root not in shared and (reason := _absence(root, known)):
                trouble.folders[root] = reason
                continue
            ignore = Ignore(
                root, self._config.ignore, gitignore=self._config.gitignore, never=never.union(shared)
            )
            for place in places:
                if not within(place, root):
                    continue
                over = next((point for point in shared if within(place, point)), "")
                if not over:
                    yield from walk(place, ignore, trouble, enter)
                for point in [over] if over else [point for point in shared if within(point, place)]:
                    start, others = place if over else point, never.union(shared) - {point}
                    yield from self.apart.walk(point, start, root, self._config, others, trouble)


def topmost_first(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path.count("/"), path))


def places_of(paths: Iterable[str]) -> list[str]:
    """Return where to look after these paths changed: a whole folder where its ignore file did."""
    return topmost({os.path.dirname(path) if os.path.basename(path) in DECIDING else path for path in paths})


def _absence(root: str, known: Known) -> str:
    """Say why a source folder is not to be compared with what is known of it, "" if it is.

    A drive that is not mounted leaves an empty folder on another device, or none: what is
    known of its files is kept until it is back.
    """
    try:
        result = os.stat(root)
        if not stat.S_ISDIR(result.st_mode):
            return "is no folder"
        with os.scandir(root) as entries:
            if next(entries, None) is not None:
                return ""
    except OSError as error:
        return f"{error.strerror}; what is known of its files is kept"
    below = (state for path, (_, state) in known.items() if path.startswith(root.rstrip("/") + "/"))
    first = next(below, None)
    if first is not None and first.device != result.st_dev:
        return "is empty and on another device than before, so its drive may not be mounted"
    return ""


def note(catalog: CatalogWriter, changes: Changes, kind_of: Callable[[str], Kind]) -> Iterator[int]:
    """Bring the catalogue up to date, a batch a transaction; yield how many changes are noted so far."""
    steps: list[Callable[[], object]] = []
    steps += [lambda id=id: catalog.remove(id) for id in changes.removed]  # type: ignore[misc]
    for entries, changed in ((changes.moved, False), (changes.changed, True)):
        steps += [
            lambda id=id, state=state, changed=changed: catalog.touch(  # type: ignore[misc]
                id, state, kind_of(state.path), changed=changed
            )
            for id, state in entries
        ]
    steps += [lambda state=state: catalog.add(state, kind_of(state.path)) for state in changes.added]  # type: ignore[misc]
    for start in range(0, len(steps), BATCH):
        with catalog.transaction():
            for step in steps[start : start + BATCH]:
                step()
        yield min(start + BATCH, len(steps))
