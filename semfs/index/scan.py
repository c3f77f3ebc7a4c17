"""Find out what has changed: walk the folders, and compare with what the catalogue knows.

`walk` reads directories and nothing else: no file is opened, no symbolic link followed, and
what is no regular file (FIFOs, devices, sockets) is passed over.  `compare` is pure.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from semfs.index.ignore import Ignore
from semfs.model import FileId
from semfs.store.catalog import FileState

Known = Mapping[str, tuple[FileId, FileState]]

# File systems whose files are answers of a program, not a user's; a semfs mount among them.
ANSWERING = ("proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs")


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
    changed: tuple[tuple[FileId, FileState], ...] = ()  # to be read again
    moved: tuple[tuple[FileId, FileState], ...] = ()  # same content, other path or device
    removed: tuple[FileId, ...] = ()

    def __bool__(self) -> bool:
        return self != Changes()

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.moved) + len(self.removed)


def answering_mounts(mountinfo: str) -> frozenset[str]:
    """Return the mount points that are not walked, from the text of /proc/self/mountinfo (proc(5))."""
    found = set()
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        kind = after.split(" ", 1)[0]
        if kind in ANSWERING or kind.startswith("fuse.semfs"):
            found.add(before.split(" ")[4].encode().decode("unicode_escape").encode("latin-1"))
    return frozenset(os.fsdecode(path) for path in found)


def walk(start: str, ignore: Ignore, trouble: Trouble) -> Iterator[FileState]:
    """Yield the regular files at and below `start`, however deep, without recursion.

    A `start` that is gone yields nothing; a folder that cannot be listed is noted in `trouble`.
    """
    try:
        first = os.lstat(start)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        trouble.note(start, error)
        return
    if stat.S_ISREG(first.st_mode) and not ignore.excluded(start, False):
        yield FileState.of(start, first)
    folders = [start] if stat.S_ISDIR(first.st_mode) and not ignore.excluded(start, True) else []
    while folders:
        yield from _list(folders.pop(), ignore, trouble, folders)


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
        return FileState.of(entry.path, entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def compare(known: Known, seen: Iterable[FileState], trouble: Trouble) -> Changes:
    """Compare the catalogue with what a walk saw.

    A file at a new path is one that has moved if a known path is gone whose inode, size and
    modification time it has; its change time is new after every rename.  Of several hard
    links that are gone each stands for one.  What lies in a folder that could not be listed
    is neither removed nor moved.
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
            if _content(before) != _content(state):
                changed.append((id, state))
            elif before != state:
                moved.append((id, state))
        elif candidates := by_identity.get(_identity(state)):
            moved.append((gone.pop(candidates.pop())[0], state))
        else:
            added.append(state)
    return Changes(tuple(added), tuple(changed), tuple(moved), tuple(id for id, _ in gone.values()))


def _identity(state: FileState) -> tuple[int, int, int, int]:
    return state.device, state.inode, state.size, state.mtime_ns


def _content(state: FileState) -> tuple[int, int, int, int]:
    """What changes whenever the content does; the device does not, as its number is new after a boot."""
    return state.inode, state.size, state.mtime_ns, state.ctime_ns
