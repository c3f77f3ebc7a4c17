"""What the main thread of a mount sleeps on, without polling and without losing a signal.

An Event that a signal handler sets can deadlock with the wait that it interrupts; a pipe into
which the interpreter writes signal numbers cannot.
"""

from __future__ import annotations

import os
import signal


class Wakeup:
    """Sleeps until a signal that ends a program comes, or the session ends by itself.

    SIGUSR1 is caught without effect, since it wakes the session's thread.
    """

    _ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def __enter__(self) -> Wakeup:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._handlers = {
            number: signal.signal(number, lambda number, frame: None)
            for number in (*self._ENDING, signal.SIGUSR1)
        }
        self._descriptor = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def session_ended(self) -> None:
        os.write(self._write, b"\0")

    def wait(self) -> None:
        """Sleep; the interpreter writes the number of each signal into the pipe."""
        wanted = {0, *map(int, self._ENDING)}
        while wanted.isdisjoint(os.read(self._read, 64)):
            pass

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._descriptor)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)
