"""Callbacks for when nothing has come for a while, all after the same time, on one thread.

A thread for each pause would take longer to start than the request that it waits for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import Context, copy_context


class Pauses:
    """What is waited for; any thread may use it, and the callbacks come one after the other."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._changed = threading.Condition()
        self._pending: dict[object, tuple[float, Context, Callable[[], None]]] = {}  # the earliest first
        self._thread: threading.Thread | None = None
        self._closed = False

    def begin(self, call: Callable[[], None]) -> object:
        """Have something called, in the caller's context, unless `end` is given what this returns before."""
        token = object()
        with self._changed:
            idle = not self._pending
            self._pending[token] = time.monotonic() + self._seconds, copy_context(), call
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pauses", daemon=True)
                self._thread.start()
            elif idle:
                self._changed.notify()
        return token

    def end(self, token: object) -> None:
        with self._changed:
            self._pending.pop(token, None)

    def close(self) -> None:
        """End the thread; what is waited for does not happen any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        while over := self._next():
            context, call = over
            context.run(call)

    def _next(self) -> tuple[Context, Callable[[], None]] | None:
        """Sleep until a pause is over and return what is to be called, None once it is closed."""
        with self._changed:
            while not self._closed:
                if not self._pending:
                    self._changed.wait()
                    continue
                token, (at, context, call) = next(iter(self._pending.items()))
                rest = at - time.monotonic()
                if rest <= 0:
                    del self._pending[token]
                    return context, call
                self._changed.wait(rest)
            return None
