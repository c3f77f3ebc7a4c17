"""Notice that files change, through inotify, and say which when they have settled.

`Watcher` belongs to the ingest process's thread; a thread of its own only puts paths into it.
`Settling` decides, without a clock of its own, when a burst of changes is over.
Every folder that a walk enters is watched from before it is listed, so nothing falls between the
two, and what is ignored costs neither a watch nor a wake-up.  A watch is a hint where to look: what it
misses is found by the next whole scan.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path

from inotify_simple import Event, INotify, flags

QUIET_S = 0.15  # without a change, after which a burst is over: who saves waits for it
LONGEST_S = 0.5  # that a burst may last before it is looked at all the same
MOST_PATHS = 5000  # in a burst; above it scanning everything is cheaper than scanning each
CHANGES = (
    flags.CREATE | flags.MODIFY | flags.CLOSE_WRITE | flags.ATTRIB
    | flags.MOVED_FROM | flags.MOVED_TO | flags.DELETE
)  # fmt: skip
MASK = CHANGES | flags.ONLYDIR | flags.DONT_FOLLOW | flags.EXCL_UNLINK
MOUNTINFO = Path("/proc/self/mountinfo")  # poll(2) says when it has changed
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
        self._folders: dict[int, str] = {}  # by watch descriptor
        self._watches: dict[str, int] = {}  # the other way round
        self._unvisited: set[str] = set()
        self._inotify: INotify | None = None
        self._thread: threading.Thread | None = None
        self.lost = False  # changes have been missed: scan everything
        self.remounted = True  # something was mounted or unmounted
        self.trouble = ""  # why changes are not noticed at once, in words for a user

    def start(self) -> None:
        """Begin anew, with no folder; `trouble` says whether that works."""
        self.stop()
        self.trouble, self.lost = "", False
        try:
            self._inotify = INotify(nonblocking=True)
        except OSError as error:
            self.trouble = _words(error)
            return
        self._stop_out, self._stop_in = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._run, args=(self._inotify,), name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; what has been noticed stays."""
        if self._thread is not None and self._inotify is not None:
            os.write(self._stop_in, b"\0")
            self._thread.join()
            self._inotify.close()
            os.close(self._stop_in)
            os.close(self._stop_out)
        self._thread = self._inotify = None
        with self._lock:
            self._folders, self._watches, self._unvisited = {}, {}, set()

    def healthy(self) -> bool:
        """Return whether every change of a folder that was entered is noticed."""
        return not self.trouble and not self.lost and self._thread is not None and self._thread.is_alive()

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
                watch = self._inotify.add_watch(folder, MASK)
            except OSError as error:
                if error.errno in NO_WATCH:
                    self.trouble = _words(error)
                return  # it went away or may not be listed, as the walk will see
            # A folder that was moved still has its watch, under its former path.
            self._watches.pop(self._folders.get(watch, ""), None)
            self._folders[watch], self._watches[folder] = folder, watch

    def leave(self, folder: str) -> None:
        """Forget a folder that could not be listed, so that it is entered once it can be."""
        with self._lock:
            self._drop(self._watches.get(folder))

    def end_whole(self) -> None:
        with self._lock:
            for folder in self._unvisited:
                self._drop(self._watches.get(folder))
            self._unvisited = set()

    def _drop(self, watch: int | None) -> None:
        if watch is not None and self._inotify is not None:
            with contextlib.suppress(OSError):  # the kernel has dropped it already
                self._inotify.rm_watch(watch)
            self._forget(watch)

    def _forget(self, watch: int) -> None:
        folder = self._folders.pop(watch, None)
        if folder is not None and self._watches.get(folder) == watch:
            del self._watches[folder]

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
        if len(paths) > MOST_PATHS:
            self.lost = True
            return []
        return topmost(paths)

    # -- in the thread that listens

    def _run(self, inotify: INotify) -> None:
        with MOUNTINFO.open("rb") as mounts:
            poll = select.poll()
            poll.register(inotify, select.POLLIN)
            poll.register(self._stop_out, select.POLLIN)
            poll.register(mounts, select.POLLERR | select.POLLPRI)
            while True:
                ready = {descriptor for descriptor, _ in poll.poll()}
                if self._stop_out in ready:
                    return
                if mounts.fileno() in ready:
                    self.remounted = True
                self._hear(list(inotify.read(timeout=0)))
                self._wake()

    def _hear(self, events: list[Event]) -> None:
        now = time.monotonic()
        moved: set[str] = set()
        with self._lock:
            for event in events:
                self._note(event, now, moved)
            if moved:
                self._drop_below(moved)

    def _note(self, event: Event, now: float, moved: set[str]) -> None:
        if event.mask & flags.Q_OVERFLOW:
            self.lost = True
        folder = self._folders.get(event.wd)
        if folder is None:
            return
        path = f"{folder.rstrip('/')}/{event.name}" if event.name else folder
        if event.mask & flags.IGNORED:  # the folder is gone
            self._forget(event.wd)
        if event.mask & flags.ISDIR and event.mask & flags.MOVED_FROM:
            moved.add(path)
        self._settling.add(path, now)

    def _drop_below(self, moved: set[str]) -> None:
        """Drop the watches of folders that are elsewhere now; a look at where they are watches them again."""
        for folder, watch in list(self._watches.items()):
            path = folder
            while path not in moved and len(path) > 1:
                path = os.path.dirname(path)
            if path in moved:
                self._drop(watch)


def _words(error: OSError) -> str:
    if error.errno in NO_WATCH:
        return (
            "the kernel watches no more folders: raise fs.inotify.max_user_watches and max_user_instances"
            " (sysctl); until then changes are looked for once a minute"
        )
    return f"changes are looked for once a minute: {error.strerror or error}"
