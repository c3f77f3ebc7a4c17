"""The engine process: requests from a Unix socket to the loop, and the words back.

The main thread runs the loop; one thread accepts connections, and each connection has one
that sends and one that notices when the client is gone.  So a client that reads slowly
holds up nobody.  The process ends when it has been idle for `engine.idle_seconds`, which
gives all of its memory back; clients start it again.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import queue
import socket as sockets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from semfs.config import Engine, models_dir
from semfs.engine.batch import Batcher
from semfs.engine.heartbeat import beat, heart_of
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
from semfs.engine.stream import Sink
from semfs.errors import BadRequest, ModelError, QueueFull, SemfsError
from semfs.model import Priority
from semfs.supervise import die_with_parent

logger = logging.getLogger(__name__)

CONNECTIONS = 256  # each costs two threads
LOCK_SECONDS = 10.0  # for an engine that is just ending
ACCEPT_PAUSE = 0.2  # seconds, after a connection that could not be taken
REQUEST_SECONDS = 10.0  # for a client to say what it wants
# How often words are sent for which nobody waits: a message wakes a thread here and one there, which
# takes a processor from those that compute; 16 sequences wrote 87 tokens/s with one a token.
GATHERED_SECONDS = 0.25


def serve(*, socket: Path, model: str, config: Engine) -> None:
    """Run the engine until it has been idle for long.

    Raises ModelError if the socket cannot be used.
    """
    die_with_parent()
    batcher = Batcher(model, config, cache=cache_dir(), beat=partial(beat, heart_of(socket)))
    with _locked(socket), _listen(socket) as listener:
        threading.Thread(target=_accept, args=(listener, batcher), name="accept", daemon=True).start()
        try:
            batcher.run()
        finally:
            socket.unlink(missing_ok=True)


def cache_dir() -> Path:
    """Return where the states of shared beginnings are kept; it may be deleted at any time."""
    return models_dir().parent / "prefixes"


@contextmanager
def _locked(socket: Path) -> Iterator[None]:
    """Hold the socket's lock, so that an engine which ends never takes its successor's socket away."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    give_up = time.monotonic() + LOCK_SECONDS
    with open(heart_of(socket), "ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise ModelError(f"another engine serves {socket}") from None
                time.sleep(0.05)
        yield


def _listen(path: Path) -> sockets.socket:
    listener = sockets.socket(sockets.AF_UNIX)
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise ModelError(f"{path} cannot be the engine's socket: {error}") from error
    finally:
        os.umask(before)
    listener.listen(CONNECTIONS)
    return listener


def _accept(listener: sockets.socket, batcher: Batcher) -> None:
    places = threading.BoundedSemaphore(CONNECTIONS)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError as error:
            if listener.fileno() < 0:
                return  # closed: the process is ending
            logger.warning("a connection cannot be taken: %s", error)  # no descriptors are left for now
            time.sleep(ACCEPT_PAUSE)
            continue
        if places.acquire(blocking=False):
            threading.Thread(target=_serve_one, args=(connection, batcher, places), daemon=True).start()
            continue
        with connection, suppress(OSError):
            connection.sendall(encode(QueueFull(f"{CONNECTIONS} requests wait for the engine already")))


def _serve_one(connection: sockets.socket, batcher: Batcher, places: threading.BoundedSemaphore) -> None:
    """Serve one connection; a client that goes away is no error."""
    with connection:
        try:
            _answer(connection, batcher)
        except OSError as error:
            logger.debug("a client went away: %s", error)
        finally:
            places.release()


def _answer(connection: sockets.socket, batcher: Batcher) -> None:
    try:
        request = _request(connection)
    except BadRequest as error:
        connection.sendall(encode(error))
        return
    if isinstance(request, Generate):
        _converse(connection, batcher, request)
    elif isinstance(request, StatusRequest):
        connection.sendall(encode(batcher.status()))
    else:
        connection.sendall(encode(BadRequest(f"{type(request).__name__} is no request")))


def _request(connection: sockets.socket) -> Message:
    """Read the one line of a request; raises BadRequest."""
    connection.settimeout(REQUEST_SECONDS)
    received = bytearray()
    while not received.endswith(b"\n"):
        data = connection.recv(1 << 16)
        received += data
        if not data or len(received) > LONGEST_LINE:
            raise BadRequest("a request is one line that ends in a newline")
    connection.settimeout(None)
    return decode(bytes(received))


def _converse(connection: sockets.socket, batcher: Batcher, request: Generate) -> None:
    """Send what the loop writes until the end, or until the client closes."""
    outbox: queue.SimpleQueue[Piece | End | SemfsError | None] = queue.SimpleQueue()
    awaited = request.priority is Priority.HIGH
    id = batcher.submit(request, outbox.put if awaited else gathering(outbox.put, GATHERED_SECONDS))
    watcher = threading.Thread(target=_watch, args=(connection, outbox), daemon=True)
    watcher.start()
    try:
        while (message := outbox.get()) is not None:
            connection.sendall(encode(message))
            if not isinstance(message, Piece):
                return
    finally:
        batcher.cancel(id)
        with suppress(OSError):
            connection.shutdown(sockets.SHUT_RDWR)  # wakes the watcher
        watcher.join()


def gathering(sink: Sink, seconds: float) -> Sink:
    """Return a sink that passes words on at most so often, and at once the first ones and what ends them."""
    held: list[Piece] = []
    sent = -math.inf

    def take(message: Piece | End | SemfsError) -> None:
        nonlocal sent
        if isinstance(message, Piece):
            held.append(message)
            if time.monotonic() - sent < seconds:
                return
        if held:
            text = "".join(piece.text for piece in held)
            sink(Piece(text, tuple(token for piece in held for token in piece.tokens)))
            held.clear()
            sent = time.monotonic()
        if not isinstance(message, Piece):
            sink(message)

    return take


def _watch(connection: sockets.socket, outbox: queue.SimpleQueue[Piece | End | SemfsError | None]) -> None:
    """Wait until the client closes its side."""
    with suppress(OSError):
        while connection.recv(4096):
            pass
    outbox.put(None)
