"""The engine as the rest of semfs sees it, and the client that reaches it over its socket.

An `EngineClient` owns no connection between requests; every request has its own.  It
may be used from any number of threads.  Nothing here loads a model or imports llama_cpp.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from semfs import config
from semfs.engine.heartbeat import WEDGED_SECONDS, Watch, heart_of
from semfs.engine.protocol import (
    LONGEST_LINE,
    End,
    Generate,
    Message,
    Piece,
    StatusRequest,
    decode,
    encode,
)
from semfs.engine.report import ABSENT, TEXTS, EngineStatus
from semfs.engine.weights import check
from semfs.errors import DeadlinePassed, EngineLost, Interrupted, ModelError
from semfs.model import Priority, Prompt, Sampling, Weights

logger = logging.getLogger(__name__)

MOST_DEATHS = 3  # before it listens, while one request waits for it: then it cannot be started
LONGEST_PATH = 107  # bytes of a socket's path, unix(7)
RETRIES = 3  # times that a request is taken up again after its engine was lost
READY_SECONDS = 60.0  # for a new engine process to listen; backoff after crashes included
STATUS_SECONDS = 2.0  # for an engine to say how it is
POLL_SECONDS = 0.05  # how often a waiting request looks whether it was cancelled

SILENT = "does not answer (it is ended and started again when somebody waits for it)\n"

GREEDY = Sampling()


def never() -> bool:
    """Be the `cancelled` of a request that nobody can cancel."""
    return False


def within(seconds: float, cancelled: Callable[[], bool], said: str = "") -> Callable[[], bool]:
    """Return a `cancelled` that raises DeadlinePassed once so much time has passed; 0 is never."""
    if seconds <= 0:
        return cancelled
    end = time.monotonic() + seconds

    def look() -> bool:
        if time.monotonic() > end:
            raise DeadlinePassed(said or f"not answered within the {seconds:g} s that it was given")
        return cancelled()

    return look


class Engine(Protocol):
    """A model that writes words, wherever it runs."""

    @property
    def context(self) -> int:
        """Return how many tokens one request may use, prompt and answer together."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return about how many tokens the text has, rather too many than too few."""
        ...

    def status(self, topic: str = "engine") -> str:
        """Return lines for a person on `engine`, `memory` or `scheduler`.  Starts nothing.

        The first line says it all in brief.
        """
        ...

    def using(self, weights: Weights) -> Engine:
        """Return this engine for requests with these weights; raises ModelError if it cannot use them."""
        ...

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = never,
    ) -> Iterator[str]:
        """Yield pieces of text as they are written.

        Raises Interrupted soon after `cancelled()` turns true, DeadlinePassed, PromptTooLong, EngineLost,
        ModelMissing, ModelDamaged, ModelUnknown, or MissingPart without llama-cpp-python.
        Closing the iterator cancels the request.
        """
        ...


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has, without its model, rather too many than too few.

    Weighted for Qwen 2.5's vocabulary, in which each digit is a token: on English prose,
    Markdown, code and CSV it gives 0.9 to 1.4 times the true count, on other scripts up to 3.
    """
    plain = text.encode("ascii", "ignore")
    marks = plain.translate(None, _WORDS)
    signs = len(marks.translate(None, _DIGITS))
    digits = len(marks) - signs
    words = len(plain) - len(marks)
    return int(words / 3.9 + digits * 1.05 + signs * 0.8 + (len(text) - len(plain)) * 0.85) + 1


_WORDS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \n"
_DIGITS = b"0123456789"


class EngineClient:
    """An Engine in a process of its own, reached over a Unix socket.

    `start` is called when nothing listens there, again and again until something does; it
    must start the process, or do nothing if it is being started, and return at once.
    `end` kills the process; it is called when the engine has not moved for `patience` seconds.
    `deaths` counts how often it has ended by itself and gives its last words: one that only dies is not
    waited for.  `model` is the one that it is started for, `seconds` what an answer may take that has
    no limit of its own, 0 for ever.
    """

    def __init__(
        self,
        path: Path,
        *,
        start: Callable[[], None],
        end: Callable[[], None] = lambda: None,
        deaths: Callable[[], tuple[int, str]] = lambda: (0, ""),
        seconds: float = 0.0,
        context: int = config.Engine().context,
        patience: float = WEDGED_SECONDS,
        model: str = config.Engine().model,
    ) -> None:
        self._weights = Weights()
        self._model = model
        self._path = path
        self._start = start
        self._end = end
        self._deaths = deaths
        self._seconds = seconds
        self._patience = patience
        self._context = context

    @property
    def context(self) -> int:
        return self._context

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def using(self, weights: Weights) -> EngineClient:
        check(weights, self._model)
        view = copy.copy(self)
        view._weights = weights
        return view

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = never,
    ) -> Iterator[str]:
        """Yield pieces of text; when the engine dies, go on after them in a new one."""
        if not sampling.seconds:
            sampling = replace(sampling, seconds=self._seconds)
        cancelled = within(sampling.seconds, cancelled)
        had: list[int] = []
        lost = 0
        while True:
            request = Generate(
                prompt, sampling, priority, tuple(had), self._weights.model, self._weights.adapter
            )
            try:
                yield from self._pieces(request, had, cancelled)
                return
            except EngineLost as error:
                lost += 1
                if lost > RETRIES:
                    raise EngineLost(
                        f"the engine was lost {lost} times while it served one request ({error}); "
                        "`semfs doctor` tries a first decode"
                    ) from error
                logger.info("engine lost after %d tokens, taking the request up again", len(had))

    def status(self, topic: str = "engine") -> str:
        """Return the text of `sys/engine`, `sys/memory` or `sys/scheduler`."""
        try:
            report = self.report()
        except EngineLost:
            return SILENT
        return TEXTS[topic](report) if report else ABSENT

    def report(self) -> EngineStatus | None:
        """Return how the engine is, None if none runs; never starts one.

        Raises EngineLost if one runs and does not answer.
        """
        give_up = time.monotonic() + STATUS_SECONDS
        try:
            with contextlib.closing(self._connect(STATUS_SECONDS)) as connection:
                connection.sendall(encode(StatusRequest()))
                answer = next(_messages(connection, lambda: time.monotonic() > give_up), None)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except (OSError, Interrupted) as error:
            raise EngineLost(f"the engine does not answer: {error}") from error
        return answer if isinstance(answer, EngineStatus) else None

    def _pieces(self, request: Generate, had: list[int], cancelled: Callable[[], bool]) -> Iterator[str]:
        with contextlib.closing(self._reach(cancelled)) as connection:
            try:
                connection.sendall(encode(request))
            except OSError as error:
                raise EngineLost(f"the engine's socket: {error}") from error
            for message in _messages(connection, self._watched(cancelled)):
                if isinstance(message, Piece):
                    had.extend(message.tokens)
                    yield message.text
                elif isinstance(message, End):
                    if message.text:
                        yield message.text
                    return
                else:
                    raise ModelError(f"the engine answered with {type(message).__name__}")
        raise EngineLost("the engine closed the connection in the middle of an answer")

    def _watched(self, cancelled: Callable[[], bool]) -> Callable[[], bool]:
        """Return a `cancelled` that ends an engine which stands still, and raises EngineLost then."""
        watch = Watch(heart_of(self._path), patience=self._patience)

        def look() -> bool:
            if watch.stands_still():
                logger.error("the engine has not moved for %g s and is ended", self._patience)
                self._end()
                raise EngineLost(f"the engine stood still for {self._patience:g} s")
            return cancelled()

        return look

    def _reach(self, cancelled: Callable[[], bool]) -> socket.socket:
        """Connect, starting the engine if need be; raises ModelError if it cannot be started."""
        if (length := len(os.fsencode(self._path))) > LONGEST_PATH:
            raise ModelError(
                f"the engine's socket {self._path} has a path of {length} bytes, and the system allows "
                f"{LONGEST_PATH}: set XDG_RUNTIME_DIR to a folder with a shorter path"
            )
        before, _ = self._deaths()
        give_up = time.monotonic() + READY_SECONDS
        while True:
            try:
                return self._connect()
            except OSError as error:
                died, words = self._deaths()
                if died - before >= MOST_DEATHS:
                    raise ModelError(
                        f"the engine cannot be started: it ended {died - before} times at once"
                        f"{f' ({words})' if words else ''}; `semfs doctor` looks for the cause"
                    ) from error
                if time.monotonic() > give_up:
                    raise ModelError(
                        f"the engine did not start within {READY_SECONDS:g} s ({error}); "
                        "its log says why, `semfs doctor` looks for the cause"
                    ) from error
            if cancelled():
                raise Interrupted("cancelled while the engine was being started")
            self._start()
            time.sleep(POLL_SECONDS)

    def _connect(self, timeout: float | None = None) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        try:
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            raise
        return connection


def _messages(connection: socket.socket, cancelled: Callable[[], bool]) -> Iterator[Message]:
    """Yield the messages that arrive until the other side closes."""
    rest = b""
    arriving = select.poll()  # unlike select() it knows descriptors above 1,023
    arriving.register(connection, select.POLLIN)
    while True:
        head, newline, tail = rest.partition(b"\n")
        if newline:
            rest = tail
            yield decode(head)
            continue
        if cancelled():
            raise Interrupted("cancelled")
        if not arriving.poll(1000 * POLL_SECONDS):
            continue
        try:
            received = connection.recv(1 << 16)
        except OSError as error:
            raise EngineLost(f"the engine's socket: {error}") from error
        if not received or len(rest) > LONGEST_LINE:
            return
        rest += received
