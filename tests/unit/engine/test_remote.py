"""An OpenAI-compatible server as the engine, played by a small HTTP server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from semfs.engine import remote as remote_module
from semfs.engine.remote import RemoteEngine
from semfs.errors import EngineLost, Interrupted, ModelError, ModelUnknown, PromptTooLong
from semfs.model import Prompt, Sampling

HELLO = Prompt("Hello", system="Be brief.", prefill="{")


def events(*words: str, done: bool = True) -> bytes:
    lines = [f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n" for word in words]
    return "".join([": a comment\n\n", *lines, "data: [DONE]\n\n" if done else ""]).encode()


class ScriptedServer(ThreadingHTTPServer):
    """Gives the same answer to every request."""

    def __init__(self, status: int, body: bytes, *, hang: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.body, self.hang = status, body, hang
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/"


class Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.requests.append((self.path, json.loads(self.rfile.read(length))))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)
        self.wfile.flush()
        if self.server.hang:
            self.server.over.wait(10)

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"data": [{"id": "large"}]}')

    def log_message(self, format: str, *_arguments: object) -> None:
        """Say nothing."""


Play = Callable[..., ScriptedServer]


@pytest.fixture
def play() -> Iterator[Play]:
    servers: list[ScriptedServer] = []

    def start(body: bytes, *, status: int = 200, hang: bool = False) -> ScriptedServer:
        servers.append(ScriptedServer(status, body, hang=hang))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


def test_words_come_as_the_server_sends_them(play: Play) -> None:
    server = play(events("Hel", "lo"))
    engine = RemoteEngine(server.url, model="large")
    sampling = Sampling(max_tokens=5, grammar='root ::= "Hello"', stop=("\n",))
    assert list(engine.generate(HELLO, sampling)) == ["Hel", "lo"]
    ((path, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert [turn["role"] for turn in body["messages"]] == ["system", "user", "assistant"]
    assert body["model"] == "large"
    assert (body["max_tokens"], body["temperature"], body["stop"]) == (5, 0.0, ["\n"])
    assert body["grammar"] == 'root ::= "Hello"'


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b'{"error": {"message": "no such model"}}', ModelUnknown),
        (401, b"", ModelError),
        (400, b'{"error": {"message": "exceeds the available context size"}}', PromptTooLong),
        (400, b"bad", ModelError),
        (503, b"loading", EngineLost),
        (200, b"data: nonsense\n\n", ModelError),
        (200, b'data: {"error": {"message": "out of memory"}}\n\n', ModelError),
        (200, events("Hel", done=False), EngineLost),
    ],
)
def test_what_the_server_refuses_is_told(
    play: Play, status: int, body: bytes, error: type[ModelError]
) -> None:
    engine = RemoteEngine(play(body, status=status).url, model="large")
    with pytest.raises(error):
        list(engine.generate(HELLO))


def test_a_server_that_hangs_can_be_left(play: Play) -> None:
    engine = RemoteEngine(play(events("Hel", done=False), hang=True).url, model="large")
    cancelled = threading.Event()
    words = engine.generate(HELLO, cancelled=cancelled.is_set)
    assert next(words) == "Hel"
    cancelled.set()
    with pytest.raises(Interrupted):
        next(words)


def test_a_server_that_is_not_there_is_told() -> None:
    engine = RemoteEngine("http://127.0.0.1:9/v1", model="large")
    with pytest.raises(EngineLost, match=r"engine\.url"):
        list(engine.generate(HELLO))
    assert engine.status().startswith("not reached\n")


def test_the_status_names_the_servers_models(play: Play) -> None:
    assert RemoteEngine(play(b"").url, model="large").status().endswith("models\tlarge\n")


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host/", "http:///v1"])
def test_a_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ModelError, match=r"engine\.url"):
        RemoteEngine(url, model="large")


def test_a_server_that_hangs_does_not_hold_up_who_looks_at_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote_module, "STATUS_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = RemoteEngine(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", model="m")
        assert engine.status().startswith("not usable\n")
