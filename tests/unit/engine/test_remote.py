"""An OpenAI-compatible server as the engine, played by a small HTTP server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from semfs import config
from semfs.engine import remote as remote_module
from semfs.engine.remote import LONGEST_LINE, RemoteEngine
from semfs.errors import EngineLost, Interrupted, ModelError, ModelUnknown, PromptTooLong
from semfs.model import Prompt, Sampling

HELLO = Prompt("Hello", system="Be brief.", prefill="{")


def engine_at(url: str, **settings: Any) -> RemoteEngine:
    return RemoteEngine(config.Engine(url=url, model="large", **settings), pauses=())


def events(*words: str, done: bool = True) -> bytes:
    lines = [f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n" for word in words]
    end = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    return "".join([": a comment\n\n", *lines, f"data: {end}\n\ndata: [DONE]\n\n" if done else ""]).encode()


class ScriptedServer(ThreadingHTTPServer):
    """Gives the answers of its script, the last one again and again."""

    def __init__(self, *script: tuple[int, bytes], hang: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.hang = list(script), hang
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str | None] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/"


class Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.requests.append((self.path, json.loads(self.rfile.read(length))))
        self.server.keys.append(self.headers["Authorization"])
        script = self.server.script
        status, body = script.pop(0) if len(script) > 1 else script[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)
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

    def start(
        body: bytes, *, status: int = 200, hang: bool = False, first: tuple[int, bytes] | None = None
    ) -> ScriptedServer:
        script = [first, (status, body)] if first else [(status, body)]
        servers.append(ScriptedServer(*script, hang=hang))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


def test_words_come_as_the_server_sends_them(play: Play) -> None:
    server = play(events("Hel", "lo"))
    engine = engine_at(server.url)
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
        (200, events("Hel", done=False) + b"data: [DONE]\n\n", EngineLost),
        (429, b"later", EngineLost),
        (500, b'{"error": {"message": "Requested tokens (9) exceed context window of 8"}}', PromptTooLong),
    ],
)
def test_what_the_server_refuses_is_told(
    play: Play, status: int, body: bytes, error: type[ModelError]
) -> None:
    engine = engine_at(play(body, status=status).url)
    with pytest.raises(error):
        list(engine.generate(HELLO))


def test_a_server_that_hangs_can_be_left(play: Play) -> None:
    engine = engine_at(play(events("Hel", done=False), hang=True).url)
    cancelled = threading.Event()
    words = engine.generate(HELLO, cancelled=cancelled.is_set)
    assert next(words) == "Hel"
    cancelled.set()
    with pytest.raises(Interrupted):
        next(words)


def test_a_server_that_is_not_there_is_told() -> None:
    engine = engine_at("http://127.0.0.1:9/v1")
    with pytest.raises(EngineLost, match=r"engine\.url"):
        list(engine.generate(HELLO))
    assert engine.status().startswith("not reached\n")


def test_the_status_names_the_servers_models(play: Play) -> None:
    assert engine_at(play(b"").url).status().endswith("models\tlarge\n")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080", "ftp://host/", "http:///v1", "http://host:99999/", "http://[::1/v1"]
)
def test_a_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ModelError, match=r"engine\.url"):
        engine_at(url)


def test_a_server_that_hangs_does_not_hold_up_who_looks_at_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote_module, "STATUS_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = engine_at(f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
        assert engine.status().startswith("not usable\n")


def test_a_request_that_brought_nothing_is_made_again_once_the_server_is_back(play: Play) -> None:
    server = play(events("Hello"), first=(503, b"loading"))
    engine = RemoteEngine(config.Engine(url=server.url), pauses=(0.01,))
    assert list(engine.generate(HELLO)) == ["Hello"]


def test_an_answer_that_breaks_off_is_not_begun_again(play: Play) -> None:
    server = play(events("Hel", done=False))
    words = RemoteEngine(config.Engine(url=server.url), pauses=(0.01,)).generate(HELLO)
    assert next(words) == "Hel"
    with pytest.raises(EngineLost):
        next(words)
    assert len(server.requests) == 1


def test_a_server_that_refuses_a_grammar_is_asked_without_one(play: Play) -> None:
    refused = (400, b'{"error": {"message": "Unrecognized request argument supplied: grammar"}}')
    server = play(events("Hello"), first=refused)
    engine = engine_at(server.url)
    for _ in range(2):
        assert list(engine.generate(HELLO, Sampling(grammar='root ::= "Hello"'))) == ["Hello"]
    assert ["grammar" in body for _, body in server.requests] == [True, False, False]


def test_a_key_comes_from_a_file_that_nobody_else_may_read(play: Play, tmp_path: Path) -> None:
    server = play(events("Hello"))
    file = tmp_path / "key"
    file.write_text("sesame\n")
    file.chmod(0o640)
    engine = engine_at(server.url, key_file=str(file))
    with pytest.raises(ModelError, match="chmod 600"):
        list(engine.generate(HELLO))
    assert engine.status().startswith("not usable\nerror\tothers may read")
    file.chmod(0o600)
    assert list(engine.generate(HELLO)) == ["Hello"]
    assert server.keys == ["Bearer sesame"]
    file.write_text("two\nlines")
    with pytest.raises(ModelError, match="one line"):
        list(engine.generate(HELLO))
    file.unlink()
    with pytest.raises(ModelError, match=r"engine\.key_file"):
        list(engine.generate(HELLO))


def test_a_key_that_the_server_repeats_is_in_no_message(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMFS_API_KEY", "sesame")
    server = play(b'{"error": {"message": "Incorrect API key provided: sesame"}}', status=401)
    with pytest.raises(ModelError, match="does not take the key") as caught:
        list(engine_at(server.url).generate(HELLO))
    assert "sesame" not in str(caught.value)


def test_a_key_in_the_url_is_refused_as_the_url_is_shown() -> None:
    with pytest.raises(ModelError, match=r"engine\.key_file") as caught:
        engine_at("https://user:sesame@host/v1")
    assert "sesame" not in str(caught.value)


def test_a_name_of_a_server_that_no_name_can_be_is_told_at_once() -> None:
    with pytest.raises(ModelError, match=r"engine\.url"):
        list(engine_at("http://a..b/v1").generate(HELLO, Sampling(seconds=5)))


def test_a_key_in_other_letters_is_told_at_once(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMFS_API_KEY", "sésame")
    with pytest.raises(ModelError, match="is not one line of ASCII"):
        list(engine_at(play(b"").url).generate(HELLO, Sampling(seconds=5)))


def test_a_line_without_an_end_is_not_read_to_its_end(play: Play) -> None:
    server = play(b"data: " + b"x" * (LONGEST_LINE + 1), hang=True)
    with pytest.raises(ModelError, match="does not speak the OpenAI protocol"):
        list(engine_at(server.url).generate(HELLO, Sampling(seconds=5)))


def test_an_answer_without_an_end_is_not_read_for_ever(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_module, "LONGEST_ANSWER", 10_000)
    server = play(events(*["word"] * 1000, done=False), hang=True)
    with pytest.raises(ModelError, match="never ends"):
        list(engine_at(server.url).generate(HELLO, Sampling(seconds=5)))


def test_a_request_can_be_left_before_the_server_has_answered(play: Play) -> None:
    server = play(b"", hang=True)
    with pytest.raises(Interrupted):
        list(engine_at(server.url).generate(HELLO, cancelled=lambda: bool(server.requests)))


@pytest.mark.parametrize(("words", "written"), [("Unanswerable.", "0.0\n"), ("four", "-5.0\nfour")])
def test_a_way_out_was_taken_or_it_was_not(play: Play, words: str, written: str) -> None:
    engine = engine_at(play(events(words)).url)
    assert "".join(engine.generate(HELLO, Sampling(way_out="unanswerable"))) == written
