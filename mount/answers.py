"""Answers that are being written and those that were: one per question, shared by its readers.

Owns the thread that writes each answer.  Whoever reads first starts it; readers that come
later share it; when the last one is gone it is given up after a grace, so that a reader who
comes back finds it further on.  A finished answer is kept until the index changes or it is
opened again after a minute.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextvars import copy_context

from semfs.errors import Interrupted, SemfsError
from semfs.model import Coverage
from semfs.mount.node import Handle
from semfs.mount.ports import Cancelled
from semfs.mount.waiting import POLL_S, Waiters

log = logging.getLogger(__name__)

KEPT = 64  # answers remembered
FRESH_S = 60.0  # an answer older than this is written anew for who opens it
GRACE_S = 2.0  # how long an answer goes on without a reader

Ask = Callable[[str, Cancelled], Iterator[str]]


class Answer:
    """The words of one answer as they come."""

    def __init__(self, question: str, ask: Ask) -> None:
        self.finished_at: float | None = None
        self.given_up = False
        self._question = question
        self._ask = ask
        self._text = bytearray()
        self._changed = threading.Condition()
        self._readers = 0
        self._left_at = 0.0
        self._thread: threading.Thread | None = None

    @property
    def length(self) -> int:
        return len(self._text)

    def enter(self) -> bool:
        """Count one more reader; False if the answer was given up already."""
        with self._changed:
            if not self.given_up:
                self._readers += 1
            return not self.given_up

    def leave(self) -> None:
        with self._changed:
            self._readers -= 1
            self._left_at = time.monotonic()

    def read(self, size: int, offset: int, cancelled: Cancelled, waiters: Waiters) -> bytes:
        """Return what there is at `offset`, waiting for it; empty at the end of the answer."""
        with self._changed:
            if self._waits(offset):
                with waiters.one():
                    self._start()  # not for who is sent away because too many wait
                    while self._waits(offset):
                        if cancelled() or waiters.closing:
                            raise Interrupted("nobody waits for the answer any more")
                        self._changed.wait(POLL_S)
            return bytes(self._text[offset : offset + size])

    def _waits(self, offset: int) -> bool:
        return offset >= len(self._text) and self.finished_at is None

    def _start(self) -> None:
        if self._thread is None:
            words = copy_context()  # of who reads first, for whom the answer is written
            self._thread = threading.Thread(target=words.run, args=(self._write,), name="ask", daemon=True)
            self._thread.start()

    def _write(self) -> None:
        try:
            for piece in self._ask(self._question, self._abandoned):
                self._append(piece)
        except Interrupted:
            log.debug("an answer was given up")
        except SemfsError as error:
            self._fail(f"No answer: {error}\n")
        except Exception:  # the other half of the read callback, on its own thread
            log.exception("an answer failed")
            self._fail("No answer: semfs made a mistake; sys/log says more.\n")
        finally:
            with self._changed:
                self.finished_at = time.monotonic()
                self._changed.notify_all()

    def _append(self, piece: str) -> None:
        with self._changed:
            self._text += piece.encode("utf-8", "replace")
            self._changed.notify_all()

    def _fail(self, why: str) -> None:
        """Tell those who read now; who opens it next tries again."""
        self._append(f"\n\n{why}" if self._text else why)
        self.given_up = True

    def _abandoned(self) -> bool:
        with self._changed:
            if not self._readers and time.monotonic() - self._left_at > GRACE_S:
                self.given_up = True
            return self.given_up


class AnswerHandle(Handle):
    """One reader of an answer."""

    def __init__(self, answer: Answer, waiters: Waiters) -> None:
        self._answer = answer
        self._waiters = waiters

    def read(self, size: int, offset: int, cancelled: Cancelled) -> bytes:
        return self._answer.read(size, offset, cancelled, self._waiters)

    def close(self) -> None:
        self._answer.leave()


class Answers:
    """The answers by question; any thread may use it."""

    def __init__(self, ask: Ask, coverage: Callable[[], Coverage], waiters: Waiters) -> None:
        self._ask = ask
        self._coverage = coverage
        self._waiters = waiters
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Answer, object]] = OrderedDict()

    def length(self, question: str) -> int:
        """Return how long the answer is so far, 0 if nobody asked."""
        with self._lock:
            found = self._kept.get(question)
            return found[0].length if found else 0

    def open(self, question: str) -> AnswerHandle:
        """Join the readers of an answer; reading starts it."""
        index = self._index()
        with self._lock:
            answer = self._usable(question, index)
            if answer is None or not answer.enter():
                answer = Answer(question, self._ask)
                answer.enter()
                self._kept[question] = (answer, index)
            self._kept.move_to_end(question)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return AnswerHandle(answer, self._waiters)

    def _usable(self, question: str, index: object) -> Answer | None:
        answer, made_of = self._kept.get(question, (None, None))
        if answer is None or answer.finished_at is None:
            return answer
        old = time.monotonic() - answer.finished_at > FRESH_S
        return None if old or made_of != index else answer

    def _index(self) -> object:
        """Return something that differs when the index does."""
        coverage = self._coverage()
        return coverage.files, coverage.indexed, coverage.passages, coverage.embedded
