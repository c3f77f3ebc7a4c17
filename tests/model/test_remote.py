"""The engine interface over a real OpenAI-compatible server, llama_cpp.server on the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from semfs import config
from semfs.engine import models
from semfs.engine.remote import RemoteEngine
from semfs.errors import EngineLost, Interrupted, ModelError, PromptTooLong
from semfs.model import Prompt, Sampling

SMALL = "qwen2.5-coder-0.5b"
KEY = "open-sesame"
START_SECONDS = 120
CONTEXT = 1024

CAPITAL = Prompt(
    "What is the capital of France? Answer with one word.", system="You are a helpful assistant."
)
COUNT = Prompt("Count from 1 to 200 in digits, separated by commas.", system="You are a helpful assistant.")


class Server:
    """A server process with its log, and a file with its key."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        self.log = folder / "log"
        self.key_file = folder / "key"
        self.key_file.write_text(KEY)
        self.key_file.chmod(0o600)
        self.url = f"http://127.0.0.1:{port}/v1"
        options = ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", str(CONTEXT), "--verbose", "false"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", "--model", str(models.path_of(SMALL)), *options],
            env={**os.environ, "API_KEY": KEY, "OMP_WAIT_POLICY": "passive"},
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )

    def engine(self, key_file: Path | None = None) -> RemoteEngine:
        key = str(key_file or self.key_file)
        return RemoteEngine(config.Engine(url=self.url, key_file=key, context=CONTEXT))

    def wait(self) -> None:
        """Return when it answers."""
        until = time.monotonic() + START_SECONDS
        while not self.engine().status().startswith("answering"):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        server.wait()
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def text(engine: RemoteEngine, prompt: Prompt, sampling: Sampling) -> str:
    return "".join(engine.generate(prompt, sampling))


def test_words_stream(server: Server) -> None:
    pieces = list(server.engine().generate(COUNT, Sampling(max_tokens=12)))
    assert len(pieces) > 4
    assert "".join(pieces) == text(server.engine(), COUNT, Sampling(max_tokens=12))


def test_a_grammar_is_obeyed(server: Server) -> None:
    grammar = 'root ::= "{\\"city\\": \\"" [A-Z] [a-z]+ "\\"}"'
    assert text(server.engine(), CAPITAL, Sampling(max_tokens=24, grammar=grammar)) == '{"city": "Paris"}'


def test_a_stop_string_ends_the_answer(server: Server) -> None:
    assert text(server.engine(), CAPITAL, Sampling(max_tokens=12, stop=("ris",))) == "Pa"


def test_a_request_is_cancelled_between_two_words_and_the_server_is_free_again(server: Server) -> None:
    cancelled = threading.Event()
    words = server.engine().generate(COUNT, Sampling(max_tokens=900), cancelled=cancelled.is_set)
    next(words)
    cancelled.set()
    with pytest.raises(Interrupted):
        list(words)
    assert text(server.engine(), CAPITAL, Sampling(max_tokens=4)).startswith("Paris")


def test_an_answer_that_the_server_drops_for_another_is_not_taken_for_whole(server: Server) -> None:
    words = server.engine().generate(COUNT, Sampling(max_tokens=900))
    next(words)
    other = threading.Thread(target=text, args=(server.engine(), CAPITAL, Sampling(max_tokens=2)))
    other.start()
    with pytest.raises(EngineLost, match="--interrupt_requests false"):
        list(words)
    other.join()


def test_a_prompt_too_long_is_told(server: Server) -> None:
    with pytest.raises(PromptTooLong):
        text(server.engine(), Prompt("word " * 3000), Sampling(max_tokens=4))


def test_a_wrong_key_is_told_and_is_in_no_log(server: Server, tmp_path: Path) -> None:
    wrong = tmp_path / "key"
    wrong.write_text("swordfish")
    wrong.chmod(0o600)
    with pytest.raises(ModelError, match="does not take the key") as caught:
        text(server.engine(wrong), CAPITAL, Sampling(max_tokens=4))
    assert "swordfish" not in str(caught.value)
    assert server.engine(wrong).status().startswith("not usable")
    assert "swordfish" not in server.engine(wrong).status()


def test_the_status_names_the_model(server: Server) -> None:
    assert SMALL in server.engine().status()
