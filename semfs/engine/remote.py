"""The engine interface over an OpenAI-compatible server: llama-server, vLLM, Ollama and others.

Owns no connection between requests; may be used from any thread.  The key of a server is read
when it is needed, goes only to the configured server, and is in no message.
"""

from __future__ import annotations

import copy
import http.client
import json
import os
import queue
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from semfs import config
from semfs.engine.chat import GrammarUnknown, decided, pieces, refusal, request_body
from semfs.engine.client import GREEDY, POLL_SECONDS, estimate_tokens, never, within
from semfs.errors import EngineLost, Interrupted, ModelError, ModelUnknown, PromptTooLong
from semfs.model import Priority, Prompt, Sampling, Weights

KEY_VARIABLE = "SEMFS_API_KEY"
CONNECT_SECONDS = 10.0
STATUS_SECONDS = 2.0  # whoever looks at `sys/status` waits for it
LONGEST_LIST = 1 << 20  # bytes of a list of models
LONGEST_LINE = 1 << 20  # bytes of one event of an answer, which carries some words
LONGEST_ANSWER = 64 << 20  # bytes of all of them; one has some 300
ANSWER_SECONDS = 600.0  # a busy server may keep a request waiting for long before the first word
PAUSES = (0.5, 2.0)  # seconds before a request that brought nothing is tried again: a server restarts


class RemoteEngine:
    """An Engine behind `engine.url`.

    A grammar is passed on as `grammar`, which llama.cpp's servers understand; others ignore it or
    refuse it, then it is left out, and what they write is checked by whoever asked.  The server
    decides about priorities, so ours are not sent.
    """

    def __init__(self, settings: config.Engine, *, pauses: Sequence[float] = PAUSES) -> None:
        self._server = _Server(settings)
        self._settings = settings
        self._pauses = pauses
        self._takes_grammar = True

    @property
    def context(self) -> int:
        return self._settings.context

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def status(self, topic: str = "engine") -> str:
        """Return lines for a person; asks the server which models it has, and knows no more of it."""
        url = self._server.url
        if topic != "engine":
            return f"the server decides\nserver\t{url}\n"
        try:
            key = self._server.key()
            with closing(self._server.connection(STATUS_SECONDS)) as connection:
                self._server.connect(connection, STATUS_SECONDS)
                connection.request("GET", self._server.path("/models"), headers=_headers(key))
                answer = connection.getresponse()
                body = answer.read(LONGEST_LIST)
                if answer.status != http.client.OK:
                    raise refusal(url, answer.status, body, key=key)
                names = [str(model["id"]) for model in json.loads(body)["data"]]
        except EngineLost as error:
            return f"not reached\nerror\t{error}\n"
        except ModelError as error:
            return f"not usable\nerror\t{error}\n"
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
            return f"not usable\nerror\t{url} does not list its models: {error}\n"
        return f"answering\nserver\t{url}\nmodel\t{self._settings.model}\nmodels\t{', '.join(names)}\n"

    def using(self, weights: Weights) -> RemoteEngine:
        if weights.adapter:
            raise ModelUnknown(
                f"{self._server.url} (engine.url) takes no adapters: they are for a model here"
            )
        view = copy.copy(self)
        view._settings = replace(self._settings, model=weights.model or self._settings.model)
        return view

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = never,
    ) -> Iterator[str]:
        """Yield pieces of text as the server sends them; one that is lost before any is asked for again."""
        if sampling.weighed:
            return  # servers tell what they wrote, not what they thought of a prompt
        cancelled = within(sampling.seconds or self._settings.answer_seconds, cancelled)
        for pause in (*self._pauses, None):
            began = False
            try:
                written = self._answer(prompt, sampling, cancelled)
                for piece in decided(written, sampling.way_out) if sampling.way_out else written:
                    began = True
                    yield piece
                return
            except EngineLost as error:
                if not began:
                    self._check_length(prompt, sampling, error)
                if began or pause is None:
                    raise
                _rest(pause, cancelled)

    def _check_length(self, prompt: Prompt, sampling: Sampling, error: EngineLost) -> None:
        """Raise PromptTooLong if that may be why nothing came: llama_cpp.server then only hangs up."""
        tokens = sum(map(self.count_tokens, (prompt.system, prompt.user, prompt.prefill)))
        if tokens + sampling.max_tokens > self.context:
            raise PromptTooLong(
                f"{self._server.url} gave no answer; the prompt has about {tokens} tokens and the answer may "
                f"have {sampling.max_tokens}, together more than engine.context ({self.context})"
            ) from error

    def _answer(self, prompt: Prompt, sampling: Sampling, cancelled: Callable[[], bool]) -> Iterator[str]:
        body = request_body(prompt, sampling, self._settings.model, grammar=self._takes_grammar)
        try:
            yield from self._pieces(body, cancelled)
        except GrammarUnknown:
            self._takes_grammar = False
            body.pop("grammar", None)
            yield from self._pieces(body, cancelled)

    def _pieces(self, body: dict[str, object], cancelled: Callable[[], bool]) -> Iterator[str]:
        inbox: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        exchange = _Exchange(self._server, json.dumps(body).encode(), inbox.put)
        exchange.thread.start()
        try:
            yield from pieces(_received(inbox, cancelled))
        except (OSError, http.client.HTTPException) as error:
            raise EngineLost(f"{self._server.url}: {error or type(error).__name__}") from error
        except ValueError as error:  # a name that no host can have
            raise ModelError(f"{self._server.url} (engine.url) cannot be asked: {error}") from error
        finally:
            exchange.end()


class _Server:
    """Where the requests go."""

    def __init__(self, settings: config.Engine) -> None:
        wrong = f"engine.url must be like http://127.0.0.1:8080/v1, not {settings.url!r}"
        try:
            parts = urlsplit(settings.url)
            self._port = parts.port
        except ValueError as error:
            raise ModelError(f"{wrong}: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ModelError(wrong)
        if parts.username or parts.password:
            raise ModelError("engine.url is shown to people: keep the key in engine.key_file instead")
        self.url = settings.url.rstrip("/")
        self._parts = parts
        self._key_file = settings.key_file

    def connection(self, reach: float) -> http.client.HTTPConnection:
        """Return a connection that gives up connecting after `reach` seconds."""
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._port, timeout=reach)

    def connect(self, connection: http.client.HTTPConnection, wait: float) -> None:
        """Connect; the answer may keep us waiting for `wait` seconds."""
        try:
            connection.connect()
        except OSError as error:
            raise EngineLost(f"no server answers at {self.url} (engine.url): {error}") from error
        connection.sock.settimeout(wait)

    def path(self, end: str) -> str:
        return self._parts.path.rstrip("/") + end

    def key(self) -> str:
        if not self._key_file:
            return os.environ.get(KEY_VARIABLE, "")
        return read_key(Path(self._key_file).expanduser())


class _Exchange:
    """The thread that speaks to the server for one request."""

    def __init__(self, server: _Server, body: bytes, put: Callable[[bytes | Exception], None]) -> None:
        self.thread = threading.Thread(target=self._run, name="remote", daemon=True)
        self._server = server
        self._body = body
        self._put = put
        self._over = threading.Event()
        self._connection = server.connection(CONNECT_SECONDS)

    def end(self) -> None:
        """Hang up, so that the server stops computing; who still connects finds out afterwards."""
        self._over.set()
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            self.thread.join()

    def _run(self) -> None:
        """Put the lines of the answer, an empty one at the end, or the error."""
        server = self._server
        try:
            with closing(self._connection) as connection:
                key = server.key()
                server.connect(connection, ANSWER_SECONDS)
                if self._over.is_set():
                    return
                connection.request("POST", server.path("/chat/completions"), self._body, _headers(key))
                answer = connection.getresponse()
                if answer.status != http.client.OK:
                    raise refusal(server.url, answer.status, answer.read(4096), key=key)
                left = LONGEST_ANSWER
                while line := answer.readline(LONGEST_LINE):
                    left -= len(line)
                    if len(line) == LONGEST_LINE or left < 0:
                        raise ModelError(f"{server.url} does not speak the OpenAI protocol: it never ends")
                    self._put(line)
                self._put(b"")
        except (OSError, http.client.HTTPException, ModelError, ValueError) as error:
            self._put(error)


def read_key(path: Path) -> str:
    """Return the key in a file that nobody else may read; raises ModelError."""
    try:
        found = path.stat()
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ModelError(f"others may read {path} (engine.key_file): chmod 600 {path}")
        return path.read_text("ascii").strip()
    except UnicodeDecodeError:
        raise ModelError(f"{path} (engine.key_file) holds no key: a key is one line of ASCII") from None
    except OSError as error:
        raise ModelError(f"{path} (engine.key_file) cannot be read: {error.strerror}") from error


def _headers(key: str) -> dict[str, str]:
    if not (key.isascii() and key.isprintable()):
        raise ModelError("the key for engine.url is not one line of ASCII")
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    return {**headers, "Authorization": f"Bearer {key}"} if key else headers


def _rest(seconds: float, cancelled: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if cancelled():
            raise Interrupted("cancelled")
        time.sleep(POLL_SECONDS)


def _received(inbox: queue.SimpleQueue[bytes | Exception], cancelled: Callable[[], bool]) -> Iterator[bytes]:
    """Yield the lines that the exchange puts; raises Interrupted, or what it met."""
    while True:
        if cancelled():
            raise Interrupted("cancelled")
        try:
            item = inbox.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue
        if isinstance(item, Exception):
            raise item
        if not item:
            return
        yield item
