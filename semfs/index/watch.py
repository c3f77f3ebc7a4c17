"""Notice that files change, through watchdog (inotify), and say which when they have settled.

`Watcher` belongs to the ingest process's thread; watchdog's own threads only put paths into
it.  `Settling` decides, without a clock of its own, when a burst of changes is over.
A watch is a hint where to look: what it misses is found by the next whole scan.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

logger = logging.getLogger(__name__)

QUIET_S = 0.3  # without a change, after which a burst is over
LONGEST_S = 2.0  # that a burst may last before it is looked at all the same
MOST_PATHS = 5000  # in a burst; above it scanning everything is cheaper than scanning each
EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
IN_CREATE = 0x100


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


class Watcher(FileSystemEventHandler):
    """Watch folders; `wake` is called, in a foreign thread, when something has changed."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._settling = Settling()
        self._observer: BaseObserver | None = None
        self._alarm = _Alarm()
        self.lost = False  # changes may have been missed: scan everything
        self.trouble = ""  # why changes are not noticed at once, in words for a user

    def start(self, folders: Sequence[str]) -> None:
        """Watch these folders; `trouble` says whether that works."""
        self.stop()
        self._alarm.raised = False
        self.trouble = ""
        observer = Observer()
        try:
            for folder in folders:
                observer.schedule(self, folder, recursive=True, event_filter=EVENTS)
            logging.getLogger("watchdog").addHandler(self._alarm)
            observer.start()
        except OSError as error:
            self.trouble = _words(error)
            observer.unschedule_all()
            return
        self._observer = observer
        self._probe(folders)

    def _probe(self, folders: Sequence[str]) -> None:
        """Try one more watch, as watchdog says nothing of subfolders for which there was none left."""
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = libc.inotify_init1(os.O_CLOEXEC)
        if descriptor < 0:
            self.trouble = _words(OSError(ctypes.get_errno(), "inotify_init1"))
            return
        try:
            for folder in folders:
                if libc.inotify_add_watch(descriptor, os.fsencode(folder), IN_CREATE) < 0:
                    code = ctypes.get_errno()
                    self.trouble = _words(OSError(code, os.strerror(code)))
        finally:
            os.close(descriptor)

    def stop(self) -> None:
        """Stop watching; what has been noticed stays."""
        logging.getLogger("watchdog").removeHandler(self._alarm)
        if self._observer:
            self._observer.stop()
            self._observer.join(timeout=1)
            self._observer = None

    def healthy(self) -> bool:
        """Return whether every change is noticed; one whose folder went away or overflowed is not."""
        if self._alarm.raised:
            self._alarm.raised, self.lost = False, True
        observer = self._observer
        return (
            not self.trouble
            and observer is not None
            and observer.is_alive()
            and all(emitter.is_alive() for emitter in observer.emitters)
        )

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog's threads."""
        now = time.monotonic()
        with self._lock:
            for path in (event.src_path, event.dest_path):
                if path:
                    self._settling.add(os.fsdecode(path), now)
        self._wake()

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


class _Alarm(logging.Handler):
    """Hear watchdog warn that the kernel has dropped events; it has no other way to say so."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.raised = False

    def emit(self, record: logging.LogRecord) -> None:
        self.raised = True


def _words(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EMFILE):
        return (
            "the kernel watches no more folders: raise fs.inotify.max_user_watches and max_user_instances"
            " (sysctl); until then changes are looked for once a minute"
        )
    return f"changes are looked for once a minute: {error.strerror or error}"
