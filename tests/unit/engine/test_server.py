"""The engine's socket, in front of a loop that only plays a script."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.config import Engine
from semfs.engine import server as server_module
from semfs.engine.client import EngineClient
from semfs.engine.protocol import End, Generate, Piece, decode
from semfs.engine.report import EngineStatus
from semfs.engine.steps import SequenceId
from semfs.engine.stream import Sink
from semfs.errors import BadRequest, ModelDamaged, ModelError, SemfsError
from semfs.model import Prompt


class ScriptedBatcher:
    """Answers as the user's words say: a number of pieces, or an error; ends when it is closed."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        self.cancelled: list[SequenceId] = []
        self.closed = threading.Event()
        self._numbers = itertools.count(1)

    def submit(self, request: Generate, sink: Sink) -> SequenceId:
        if request.prompt.user == "damaged":
            sink(ModelDamaged("damaged"))
        else:
            for number in range(int(request.prompt.user)):
                sink(Piece("word " * 1000, (number,)))
            if not request.prompt.system:
                sink(End("stop"))
        return SequenceId(next(self._numbers))

    def cancel(self, id: SequenceId) -> None:
        self.cancelled.append(id)

    def status(self) -> EngineStatus:
        return EngineStatus(pid=1, model="scripted")

    def run(self) -> None:
        self.closed.wait()


def test_words_that_nobody_waits_for_are_sent_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now, sent = [0.0], list[Piece | End | SemfsError]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    take = server_module.gathering(sent.append, 0.25)
    for at in range(8):
        now[0] = at / 10
        take(Piece(f"{at} ", (at,)))
    assert sent == [Piece("0 ", (0,)), Piece("1 2 3 ", (1, 2, 3)), Piece("4 5 6 ", (4, 5, 6))]
    take(End("stop"))
    assert sent[3:] == [Piece("7 ", (7,)), End("stop")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "engine"


@pytest.fixture
def batcher(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedBatcher]:
    scripted = ScriptedBatcher()
    monkeypatch.setattr(server_module, "Batcher", lambda *_arguments, **_options: scripted)
    monkeypatch.setattr(server_module, "die_with_parent", lambda: None)
    thread = threading.Thread(
        target=server_module.serve, kwargs={"socket": path, "model": "m", "config": Engine()}
    )
    thread.start()
    yield scripted
    scripted.closed.set()
    thread.join()
    assert not path.exists(), "the socket goes with the engine"


def connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    while True:
        try:
            connection.connect(str(path))
            return connection
        except OSError:
            time.sleep(0.01)


def test_words_and_errors_reach_the_client(path: Path, batcher: ScriptedBatcher) -> None:
    engine = EngineClient(path, start=lambda: None)
    assert len("".join(engine.generate(Prompt("3"))).split()) == 3000
    with pytest.raises(ModelDamaged):
        list(engine.generate(Prompt("damaged")))
    assert engine.report() == batcher.status()


def test_only_the_owner_may_connect(path: Path, batcher: ScriptedBatcher) -> None:
    connect(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_client_that_reads_nothing_holds_up_nobody(path: Path, batcher: ScriptedBatcher) -> None:
    from semfs.engine.protocol import encode

    with connect(path) as slow:
        slow.sendall(encode(Generate(Prompt("2000"))))
        engine = EngineClient(path, start=lambda: None)
        assert len("".join(engine.generate(Prompt("1"))).split()) == 1000


def test_a_request_is_cancelled_when_its_client_goes_away(path: Path, batcher: ScriptedBatcher) -> None:
    words = EngineClient(path, start=lambda: None).generate(Prompt("1", system="no end"))
    next(words)
    assert batcher.cancelled == []
    words.close()  # type: ignore[attr-defined]
    while not batcher.cancelled:
        time.sleep(0.01)


@pytest.mark.parametrize("line", [b"\x00\xff\n", b'{"is": "end", "reason": "stop"}\n'])
def test_what_is_no_request_is_refused(path: Path, batcher: ScriptedBatcher, line: bytes) -> None:
    with connect(path) as connection, connection.makefile("rb") as lines:
        connection.sendall(line)
        with pytest.raises(BadRequest):
            decode(lines.readline())


def test_a_second_engine_leaves_the_first_ones_socket_alone(
    path: Path, batcher: ScriptedBatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(path).close()
    monkeypatch.setattr(server_module, "LOCK_SECONDS", 0.0)
    with pytest.raises(ModelError, match="another engine"):
        server_module.serve(socket=path, model="m", config=Engine())
    connect(path).close()


def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "die_with_parent", lambda: None)
    with pytest.raises(ModelError, match="cannot be the engine's socket"):
        server_module.serve(socket=tmp_path / ("x" * 120), model="m", config=Engine())


@pytest.mark.warns
def test_connections_are_taken_again_after_one_that_could_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "ACCEPT_PAUSE", 0.0)
    ours, theirs = socket.socketpair()
    events: list[OSError | socket.socket] = [OSError(24, "Too many open files"), theirs]

    class Listener:
        """Has no descriptor left once, then a client, and is closed after it."""

        def accept(self) -> tuple[socket.socket, str]:
            event = events.pop(0) if events else OSError(9, "Bad file descriptor")
            if isinstance(event, OSError):
                raise event
            return event, ""

        def fileno(self) -> int:
            return 3 if events else -1

    server_module._accept(Listener(), ScriptedBatcher())  # type: ignore[arg-type]
    with ours:
        ours.sendall(b"nonsense\n")
        with pytest.raises(BadRequest):
            decode(ours.makefile("rb").readline())
