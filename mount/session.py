"""A mount while it is served: begun, ended, and what a signal does.

The session runs on a thread beside the main one, so that Python's signal handlers work while it
serves.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

from semfs.errors import MountError
from semfs.mount import fuse
from semfs.mount.tree import Tree
from semfs.mount.wakeup import Wakeup

SWITCH_S = 0.0005  # Python's own 5 ms are what a `stat` waits for each thread that computes


class Session:
    """A mount that is served on a thread of its own until it is unmounted or stopped."""

    def __init__(self, tree: Tree, mountpoint: str, on_end: Callable[[], None]) -> None:
        self._on_end = on_end
        self.ended = threading.Event()
        self.answers = threading.Event()
        self.failure: BaseException | None = None
        self._tree = tree
        self._mountpoint = mountpoint
        self._fuse: int | None = None
        self._thread = threading.Thread(target=self._run, name="fuse", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            fuse.run(self._tree, self._mountpoint, self._started)
        except Exception as error:  # raised again by `serve`, on the main thread
            self.failure = error
        finally:
            self.ended.set()
            self.answers.set()
            self._on_end()

    def _started(self, fuse: int) -> None:
        self._fuse = fuse
        self.answers.set()

    def stop(self) -> None:
        """Unmount and wait for the session to end; blocked readers are sent away first."""
        self._tree.close()
        if self._fuse is not None and not self.ended.is_set():
            fuse.leave(self._fuse)
        while not self.ended.wait(0.05):
            # The loop sleeps on a semaphore and looks at the flag only when a signal wakes it.
            if self._thread.ident is not None and self._thread.is_alive():
                signal.pthread_kill(self._thread.ident, signal.SIGUSR1)
        self._thread.join()


def serve(
    tree: Tree, mountpoint: str, *, on_ready: Callable[[], None], on_stop: Callable[[], None] = lambda: None
) -> None:
    """Mount the tree and serve it until it is unmounted or SIGTERM, SIGINT or SIGHUP comes.

    To be called from the main thread.  `on_ready` is called there once the mount answers,
    `on_stop` when it is about to answer no more.
    Raises MountError if it cannot be mounted.
    """
    sys.setswitchinterval(SWITCH_S)
    with Wakeup() as wakeup:
        session = Session(tree, mountpoint, wakeup.session_ended)
        try:
            session.answers.wait()
            if not session.ended.is_set():
                os.stat(mountpoint)
                on_ready()
                with tree.herald():
                    wakeup.wait()
        finally:
            on_stop()
            session.stop()
    if session.failure is not None:
        raise MountError(mountpoint, _why(session.failure)) from session.failure


def _why(failure: BaseException) -> str:
    if isinstance(failure, RuntimeError):
        return "FUSE refused to mount it; `semfs doctor` says what is missing"
    return f"the mount ended: {failure}"
