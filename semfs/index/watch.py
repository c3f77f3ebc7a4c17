"""Notice that files change, through watchdog's inotify, and say which when they have settled.

`Watcher` belongs to the ingest process's thread; watchdog's own thread only puts paths into it.
`Settling` decides, without a clock of its own, when a burst of changes is over.
Every folder that a walk enters is watched from before it is listed, so nothing falls between the
two, and what is ignored costs neither a watch nor a wake-up: hence watchdog's class for single folders
(`InotifyFD`) and not its observer, which watches a tree whole, after the fact, and keeps each rename
back for half a second.  A watch is a hint where to look: what it misses is found by the next whole scan.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

QUIET_S = 0.15  # without a change, after which a burst is over: who saves waits for it
LONGEST_S = 0.5  # that a burst may last before it is looked at all the same
MOST_PATHS = 5000  # in a burst; above it scanning everything is cheaper than scanning each
FLAGS = InotifyConstants
CHANGES = Mask(
    FLAGS.IN_CREATE
    | FLAGS.IN_MODIFY
    | FLAGS.IN_CLOSE_WRITE
    | FLAGS.IN_ATTRIB
    | FLAGS.IN_DELETE
    | FLAGS.IN_MOVE
)
MASK = Mask(CHANGES | FLAGS.IN_ONLYDIR | FLAGS.IN_DONT_FOLLOW | FLAGS.IN_EXCL_UNLINK)
NO_WATCH = (errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


class Settling:
    """Paths that changed and may still be changing; pure, times are given."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._first = self._last = 0.0

    def add(self, path: str, now: float) -> None:
        if not self._paths:
            self._first = now
        self._paths.add(path)
        self._last = now

    def due(self) -> float | None:
        """Return when the burst is over, None if nothing has changed."""
        return min(self._last + QUIET_S, self._first + LONGEST_S) if self._paths else None

    def take(self, now: float) -> set[str]:
        """Return the paths of a burst that is over, else nothing."""
        due = self.due()
        if due is None or now < due:
            return set()
        paths, self._paths = self._paths, set()
        return paths


def topmost(paths: set[str]) -> list[str]:
    """Return the paths that do not lie below another one."""
    result: list[str] = []
    for path in sorted(paths, key=lambda path: path.rstrip("/") + "/"):
        if not result or not path.startswith(result[-1].rstrip("/") + "/"):
            result.append(path)
    return result


class Watcher:
    """Watch folders; `wake` is called, in a foreign thread, when something has changed."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()  # of what follows
        self._settling = Settling()
        self._folders: dict[WatchDescriptor, str] = {}
        self._watches: dict[str, WatchDescriptor] = {}  # the other way round
        self._moved: set[str] = set()  # folders that are elsewhere since the last burst was taken
        self._unvisited: set[str] = set()
        self._inotify: InotifyFD | None = None
        self.lost = False  # changes have been missed: scan everything
        self.trouble = ""  # why changes are not noticed at once, in words for a user

    def start(self) -> None:
        """Begin anew, with no folder; `trouble` says whether that works."""
        self.stop()
        self.trouble, self.lost = "", False
        try:
            self._inotify = InotifyFD()
        except OSError as error:
            self.trouble = _words(error)
            return
        self._inotify.start()

    def stop(self) -> None:
        """Stop watching; what has been noticed stays."""
        with self._lock:  # first, as each watch that ends says so
            self._folders, self._watches, self._moved, self._unvisited = {}, {}, set(), set()
        if self._inotify is not None:
            self._inotify.stop()
            self._inotify.join()
            self._inotify = None

    def healthy(self) -> bool:
        """Return whether every change of a folder that was entered is noticed."""
        return not self.trouble and not self.lost and self._inotify is not None and self._inotify.is_alive()

    # -- which folders; called by whoever walks, in the ingest process's thread

    def begin_whole(self) -> None:
        """A walk of everything begins: what it does not enter is not watched from its end on."""
        with self._lock:
            self._unvisited = set(self._watches)

    def enter(self, folder: str) -> None:
        """Watch a folder; to be called before it is listed."""
        self._unvisited.discard(folder)
        if self._inotify is None or folder in self._watches or self.trouble:
            return
        with self._lock:
            try:
                watch = self._inotify.add_callback(os.fsencode(folder), MASK, self, _id(folder))
            except OSError as error:
                if error.errno in NO_WATCH:
                    self.trouble = _words(error)
                return  # it went away, as the walk will see
            before = self._folders.get(watch)  # a folder that was moved still has its watch
            self._folders[watch], self._watches[folder] = folder, watch
            if before is not None:
                self._watches.pop(before, None)
                self._inotify.remove_callbacks([(watch, _id(before))])
            if watch < 0:  # it may not be listed
                self._drop(folder)

    def leave(self, folder: str) -> None:
        """Forget a folder that could not be listed, so that it is entered once it can be."""
        with self._lock:
            self._drop(folder)

    def end_whole(self) -> None:
        with self._lock:
            for folder in self._unvisited:
                self._drop(folder)
            self._unvisited = set()

    def _drop(self, folder: str) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None and self._inotify is not None:
            self._folders.pop(watch, None)
            self._inotify.remove_callbacks([(watch, _id(folder))])

    @property
    def count(self) -> int:
        """How many folders are watched."""
        return len(self._watches)

    # -- what has changed

    def timeout(self) -> float:
        """Return in how many seconds a burst may be over."""
        with self._lock:
            due = self._settling.due()
        return 3600.0 if due is None else due - time.monotonic()

    def take(self) -> list[str]:
        """Return where to look: paths none of which lies below another."""
        with self._lock:
            paths = self._settling.take(time.monotonic())
            if paths and self._moved:
                self._drop_moved()
        if len(paths) > MOST_PATHS:
            self.lost = True
            return []
        return topmost(paths)

    def _drop_moved(self) -> None:
        """Drop the watches of folders that are elsewhere now; a look at where they are watches them again."""
        for folder in list(self._watches):
            path = folder
            while path not in self._moved and len(path) > 1:
                path = os.path.dirname(path)
            if path in self._moved:
                self._drop(folder)
        self._moved = set()

    # -- in watchdog's thread

    def on_event(self, event: InotifyEvent) -> None:
        with self._lock:
            folder = self._folders.get(event.wd)
            if folder is None:
                return
            name = os.fsdecode(event.name)
            path = f"{folder.rstrip('/')}/{name}" if name else folder
            if event.mask & FLAGS.IN_ISDIR and event.is_moved_from:
                self._moved.add(path)
            self._note(path)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """The folder is gone."""
        with self._lock:
            folder = self._folders.pop(wd, None)
            if folder is not None:
                self._watches.pop(folder, None)
                self._note(folder)

    def on_queue_overflow(self) -> None:
        self.lost = True
        self._wake()

    def _note(self, path: str) -> None:
        first = self._settling.due() is None
        self._settling.add(path, time.monotonic())
        if first:
            self._wake()


def _id(folder: str) -> CallbackId:
    """Return what tells this watcher's callback from others of the same watch: there is one a path."""
    return CallbackId(hash(folder))


def _words(error: OSError) -> str:
    if error.errno in NO_WATCH:
        return (
            "the kernel watches no more folders: raise fs.inotify.max_user_watches and max_user_instances"
            " (sysctl); until then changes are looked for from time to time (index.rescan_seconds)"
        )
    return f"changes are looked for from time to time (index.rescan_seconds): {error.strerror or error}"
