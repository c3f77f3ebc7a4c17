"""The client of the engine, against servers that follow a script."""

from __future__ import annotations

import os
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from semfs.engine import client as client_module
from semfs.engine.client import EngineClient, estimate_tokens
from semfs.engine.heartbeat import Watch
from semfs.engine.protocol import End, Generate, Message, Piece, StatusRequest, decode, encode
from semfs.engine.report import EngineStatus, ModelReport
from semfs.errors import DeadlinePassed, EngineLost, Interrupted, ModelError, ModelMissing, SemfsError
from semfs.model import Priority, Prompt, Sampling

HELLO = Prompt("Hello")
END = End("stop")

MANY = 2048  # open files

Script = list[Message | SemfsError]


class ScriptedServer:
    """Answers one connection after another with the next script; a script without an end breaks off."""

    def __init__(self, path: Path, scripts: list[Script]) -> None:
        self.requests: list[Message] = []
        self._path = path
        self._scripts = scripts
        self._listener: socket.socket | None = None

    def start(self) -> None:
        if self._listener is None:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self._path))
            self._listener.listen()
            threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()

    def _serve(self, listener: socket.socket) -> None:
        for script in self._scripts:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                self.requests.append(decode(lines.readline()))
                connection.sendall(b"".join(encode(message) for message in script))
                if script and isinstance(script[-1], Piece) and script[-1].text == "...":
                    connection.recv(1)  # wait until the client goes away


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., tuple[ScriptedServer, EngineClient]]]:
    with ExitStack() as stack:

        def make(*scripts: Script) -> tuple[ScriptedServer, EngineClient]:
            server = ScriptedServer(tmp_path / "engine", list(scripts))
            stack.enter_context(closing(server))
            return server, EngineClient(tmp_path / "engine", start=server.start)

        yield make


Serve = Callable[..., tuple[ScriptedServer, EngineClient]]


def test_the_engine_is_started_and_its_pieces_come_as_they_are(serve: Serve) -> None:
    server, engine = serve([Piece("Hel", (1,)), Piece("lo", (2, 3)), END])
    assert list(engine.generate(HELLO, Sampling(max_tokens=9), priority=Priority.HIGH)) == ["Hel", "lo"]
    assert server.requests == [Generate(HELLO, Sampling(max_tokens=9), Priority.HIGH)]


def test_a_process_with_many_open_files_hears_the_engine_too(serve: Serve) -> None:
    _, engine = serve([Piece("Hello", (1,)), END])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < MANY:
        pytest.skip(f"only {hard} open files are allowed; raise the hard limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY), hard))
    try:
        with ExitStack() as opened:
            for _ in range(1024):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            assert list(engine.generate(HELLO)) == ["Hello"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_was_held_back_comes_with_the_end(serve: Serve) -> None:
    _, engine = serve([Piece("Hel", (1,)), End("length", text="lo")])
    assert list(engine.generate(HELLO)) == ["Hel", "lo"]


def test_a_request_goes_on_in_a_new_engine_after_what_was_delivered(serve: Serve) -> None:
    server, engine = serve([Piece("Hel", (1, 2))], [Piece("lo", (3,))], [END])
    assert list(engine.generate(HELLO)) == ["Hel", "lo"]
    assert [request.resume for request in server.requests if isinstance(request, Generate)] == [
        (),
        (1, 2),
        (1, 2, 3),
    ]


@pytest.mark.warns
def test_an_engine_that_stands_still_is_ended_and_the_request_goes_on(tmp_path: Path) -> None:
    server = ScriptedServer(tmp_path / "engine", [[Piece("Hel", (1, 2)), Piece("...", (3,))], [END]])
    ended: list[str] = []
    engine = EngineClient(
        tmp_path / "engine", start=server.start, end=lambda: ended.append("now"), patience=0.2
    )
    with closing(server):
        assert list(engine.generate(HELLO)) == ["Hel", "..."]
    assert ended == ["now"]
    assert server.requests[1] == Generate(HELLO, resume=(1, 2, 3))


def test_an_engine_that_beats_is_waited_for(tmp_path: Path) -> None:
    heart, now = tmp_path / "heart", [0.0]
    watch = Watch(heart, patience=10, clock=lambda: now[0])
    heart.touch()
    for second in range(0, 60, 6):
        os.utime(heart, (second, second))
        now[0] = second
        assert not watch.stands_still()
    now[0] += 11
    assert watch.stands_still()


def test_a_request_that_always_kills_its_engine_is_given_up(serve: Serve) -> None:
    server, engine = serve([], [], [], [])
    with pytest.raises(EngineLost, match="lost 4 times"):
        list(engine.generate(HELLO))
    assert len(server.requests) == 4


def test_an_error_of_the_engine_is_raised_as_what_it_is(serve: Serve) -> None:
    _, engine = serve([ModelMissing("run `semfs model pull NAME`")])
    with pytest.raises(ModelMissing, match="model pull"):
        list(engine.generate(HELLO))


def test_a_request_that_waits_for_words_can_be_cancelled(serve: Serve) -> None:
    _, engine = serve([Piece("...", (1,))])
    cancelled = threading.Event()
    words = engine.generate(HELLO, cancelled=cancelled.is_set)
    assert next(words) == "..."
    cancelled.set()
    with pytest.raises(Interrupted):
        next(words)


def test_a_request_that_waits_for_the_engine_to_start_can_be_cancelled(tmp_path: Path) -> None:
    started = threading.Event()
    engine = EngineClient(tmp_path / "nothing", start=started.set)
    with pytest.raises(Interrupted):
        list(engine.generate(HELLO, cancelled=started.is_set))


def test_an_engine_that_never_listens_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "READY_SECONDS", 0.0)
    engine = EngineClient(tmp_path / "nothing", start=lambda: None)
    with pytest.raises(ModelError, match="semfs doctor"):
        list(engine.generate(HELLO))


def test_an_engine_that_only_dies_is_not_waited_for(tmp_path: Path) -> None:
    deaths: list[str] = []
    engine = EngineClient(
        tmp_path / "nothing",
        start=lambda: deaths.append("libgomp.so.1: cannot open"),
        deaths=lambda: (len(deaths), deaths[-1] if deaths else ""),
    )
    with pytest.raises(ModelError, match=r"ended 3 times at once \(libgomp.so.1: cannot open\)"):
        list(engine.generate(HELLO))


def test_a_socket_whose_path_no_system_takes_is_refused_at_once(tmp_path: Path) -> None:
    engine = EngineClient(tmp_path / ("n" * 107), start=lambda: pytest.fail("started"))
    with pytest.raises(ModelError, match="set XDG_RUNTIME_DIR"):
        list(engine.generate(HELLO))


def test_an_answer_has_the_time_of_the_configuration_unless_it_has_its_own(tmp_path: Path) -> None:
    server = ScriptedServer(tmp_path / "engine", [[END], [END]])
    engine = EngineClient(tmp_path / "engine", start=server.start, seconds=60)
    with closing(server):
        list(engine.generate(HELLO))
        list(engine.generate(HELLO, Sampling(seconds=5)))
    times = [one.sampling.seconds for one in server.requests if isinstance(one, Generate)]
    assert times == [60, 5]


def test_an_answer_whose_time_is_over_is_given_up(serve: Serve) -> None:
    _, engine = serve([Piece("...", (1,))])
    words = engine.generate(HELLO, Sampling(seconds=0.2))
    assert next(words) == "..."
    with pytest.raises(DeadlinePassed, match=r"within the 0\.2 s"):
        next(words)


def test_asking_for_the_status_starts_nothing(tmp_path: Path) -> None:
    engine = EngineClient(tmp_path / "nothing", start=lambda: pytest.fail("started"))
    assert engine.report() is None
    assert engine.status().startswith("not running")


def test_the_status_is_what_the_engine_says(serve: Serve) -> None:
    report = EngineStatus(
        pid=7, model="small", models=(ModelReport("small", loaded=True, running=2, waiting=1),)
    )
    server, engine = serve([report], [report])
    server.start()
    assert engine.report() == report
    assert engine.status().splitlines()[:2] == ["2 running, 1 waiting", "process\t7, 0 MB resident"]
    assert server.requests == [StatusRequest(), StatusRequest()]


@pytest.mark.parametrize(
    ("text", "tokens"),  # counted with the tokenizer of Qwen 2.5
    [
        ("The committee shall meet at least twice a year to review the budget.", 14),
        ("2023-11-04,1294.50,EUR", 20),
        ("项目预算由委员会每年审查两次。", 8),
        ("def total(rows):\n    return sum(row.amount for row in rows)\n", 14),
    ],
)
def test_the_estimate_is_rather_too_many_than_too_few(text: str, tokens: int) -> None:
    assert tokens <= estimate_tokens(text) <= 2 * tokens


def test_an_engine_that_hangs_does_not_hold_up_who_looks_at_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "STATUS_SECONDS", 0.1)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "engine"))
        listener.listen()
        engine = EngineClient(tmp_path / "engine", start=lambda: None)
        assert engine.status().startswith("does not answer")
        with pytest.raises(EngineLost):
            engine.report()
