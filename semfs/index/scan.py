"""Find out what has changed: walk the folders, and compare with what the catalogue knows.

`walk` reads directories and nothing else: no file is opened, no symbolic link followed, and
what is no regular file (FIFOs, devices, sockets) is passed over.  `compare` is pure.
"""

from __future__ import annotations

import math
import os
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from semfs.index.ignore import Ignore
from semfs.model import FileId
from semfs.store.catalog import FileState

Known = Mapping[str, tuple[FileId, FileState]]

# A file that is written twice within a tick of the kernel's clock looks the same after both; where times have
# no fraction, as on FAT and some network folders, within two seconds.
TICK_NS = 20_000_000
COARSE_TICK_NS = 2_000_000_000
UNSETTLED = 0  # in the place of a change time that may have to stand for another change

MOST_SAVED = 32  # files that a person saves between two looks; more at once are a copy or a checkout


@dataclass(slots=True)
class Trouble:
    """Folders that a walk could not list; what the catalogue has below them is kept."""

    folders: dict[str, str] = field(default_factory=dict)  # path: reason

    def note(self, path: str, error: OSError) -> None:
        self.folders[path] = error.strerror or str(error)

    def covers(self, path: str) -> bool:
        """Return whether `path` lies in a folder that could not be listed."""
        while path not in self.folders:
            parent = os.path.dirname(path)
            if parent == path:
                return False
            path = parent
        return True


@dataclass(frozen=True, slots=True)
class Changes:
    """How the folders differ from the catalogue."""

    added: tuple[FileState, ...] = ()
    changed: tuple[tuple[FileId, FileState], ...] = ()  # to be read again, perhaps at another path
    moved: tuple[tuple[FileId, FileState], ...] = ()  # same content for sure, other path or device
    removed: tuple[FileId, ...] = ()

    def __bool__(self) -> bool:
        return self != Changes()

    def latest(self) -> list[str]:
        """Return the files to read that were written last, the very last at the end; more are an import."""
        states = [*self.added, *(state for _, state in self.changed)]
        newest = sorted(states, key=lambda state: state.ctime_ns or math.inf)[-MOST_SAVED:]
        return [state.path for state in newest]

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.moved) + len(self.removed)


def walk(
    start: str, ignore: Ignore, trouble: Trouble, enter: Callable[[str], None] = lambda _: None
) -> Iterator[FileState]:
    """Yield the regular files at and below `start`, however deep, without recursion.

    A `start` that is gone yields nothing; a folder that cannot be listed is noted in `trouble`.
    `enter` is told of every folder before it is listed.
    """
    try:
        first = os.lstat(start)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        trouble.note(start, error)
        return
    if stat.S_ISREG(first.st_mode) and not ignore.excluded(start, False):
        yield _settled(FileState.of(start, first))
    folders = [start] if stat.S_ISDIR(first.st_mode) and not ignore.excluded(start, True) else []
    while folders:
        folder = folders.pop()
        enter(folder)
        yield from _list(folder, ignore, trouble, folders)


def _list(folder: str, ignore: Ignore, trouble: Trouble, folders: list[str]) -> Iterator[FileState]:
    """Yield the files of one folder and put its subfolders on the stack."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not ignore.excluded(entry.path, True):
                        folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and not ignore.excluded(entry.path, False):
                    state = _state(entry)
                    if state is not None:
                        yield state
    except (FileNotFoundError, NotADirectoryError):
        return  # it went away while we walked
    except OSError as error:
        trouble.note(folder, error)


def _state(entry: os.DirEntry[str]) -> FileState | None:
    try:
        return _settled(FileState.of(entry.path, entry.stat(follow_symlinks=False)))
    except FileNotFoundError:
        return None


def _settled(state: FileState) -> FileState:
    """Mark a state that the file may keep through another change, as git does for its index."""
    tick = TICK_NS if state.ctime_ns % 1_000_000_000 else COARSE_TICK_NS
    if abs(time.time_ns() - state.ctime_ns) < tick:
        return replace(state, ctime_ns=UNSETTLED)
    return state


def compare(known: Known, seen: Iterable[FileState], trouble: Trouble) -> Changes:
    """Compare the catalogue with what a walk saw.

    A file at a new path is one that has moved if a known path is gone whose inode, size and
    modification time it has.  Of several hard links that are gone each stands for one.  It is read again
    unless its change time is also the same, as in a folder that was moved: another file may have got
    the inode of one that was deleted, and its time with `cp -p`.  What lies in a folder that could not be
    listed is neither removed nor moved.
    """
    present = {state.path: state for state in seen}
    gone = {path: entry for path, entry in known.items() if path not in present and not trouble.covers(path)}
    by_identity: dict[tuple[int, int, int, int], list[str]] = defaultdict(list)
    for path, (_, state) in gone.items():
        by_identity[_identity(state)].append(path)
    added, changed, moved = [], [], []
    for path, state in present.items():
        if path in known:
            id, before = known[path]
            if not _same(before, state):
                changed.append((id, state))
            elif before != state:
                moved.append((id, state))
        elif candidates := by_identity.get(_identity(state)):
            id, before = gone.pop(candidates.pop())
            (moved if _same(before, state) else changed).append((id, state))
        else:
            added.append(state)
    return Changes(tuple(added), tuple(changed), tuple(moved), tuple(id for id, _ in gone.values()))


def _identity(state: FileState) -> tuple[int, int, int, int]:
    return state.device, state.inode, state.size, state.mtime_ns


def _same(before: FileState, state: FileState) -> bool:
    """Say whether the content is the same; the device does not count, as its number is new after a boot."""
    return state.ctime_ns != UNSETTLED and _content(before) == _content(state)


def _content(state: FileState) -> tuple[int, int, int, int]:
    return state.inode, state.size, state.mtime_ns, state.ctime_ns
