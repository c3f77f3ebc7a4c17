"""The engine interface over an OpenAI-compatible server: llama-server, vLLM, Ollama and others.

Owns no connection between requests; may be used from any thread.  An API key is taken
from the environment, SEMFS_API_KEY, and goes only to the configured server.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

from semfs import config
from semfs.engine.client import GREEDY, POLL_SECONDS, estimate_tokens, never
from semfs.errors import EngineLost, Interrupted, ModelError, ModelUnknown, PromptTooLong
from semfs.model import Priority, Prompt, Sampling

CONNECT_SECONDS = 10.0
STATUS_SECONDS = 2.0  # whoever looks at `sys/status` waits for it
LONGEST_LIST = 1 << 20  # bytes of a list of models
ANSWER_SECONDS = 600.0  # a busy server may keep a request waiting for long before the first word


class RemoteEngine:
    """An Engine behind `engine.url`.

    A grammar is passed on as `grammar`, which llama.cpp's server understands; others ignore
    or refuse it, and what they write is checked by whoever asked.  The server decides about
    priorities, so ours are not sent.
    """

    def __init__(self, url: str, *, model: str, context: int = config.Engine().context) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ModelError(f"engine.url must be like http://127.0.0.1:8080/v1, not {url!r}")
        self._url = url.rstrip("/")
        self._parts = parts
        self._model = model
        self._context = context

    @property
    def context(self) -> int:
        return self._context

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def status(self) -> str:
        """Return lines for a person; asks the server which models it has."""
        try:
            with closing(self._connect(STATUS_SECONDS, STATUS_SECONDS)) as connection:
                connection.request("GET", self._path("/models"), headers=self._headers())
                answer = connection.getresponse()
                names = [str(model["id"]) for model in json.loads(answer.read(LONGEST_LIST))["data"]]
        except EngineLost as error:
            return f"not reached\nerror\t{error}\n"
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
            return f"not usable\nerror\t{self._url} does not list its models: {error}\n"
        return f"answering\nserver\t{self._url}\nmodel\t{self._model}\nmodels\t{', '.join(names)}\n"

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = never,
    ) -> Iterator[str]:
        """Yield pieces of text as the server sends them."""
        body = json.dumps(request_body(prompt, sampling, self._model)).encode()
        with closing(self._connect()) as connection:
            sock: socket.socket = connection.sock
            inbox: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
            exchange = threading.Thread(
                target=self._exchange, args=(connection, body, inbox.put), name="remote", daemon=True
            )
            exchange.start()
            try:
                yield from pieces(_received(inbox, cancelled))
            except (OSError, http.client.HTTPException) as error:
                raise EngineLost(f"{self._url}: {error or type(error).__name__}") from error
            finally:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)  # ends the exchange if it still waits
                exchange.join()

    def _exchange(
        self, connection: http.client.HTTPConnection, body: bytes, put: Callable[[bytes | Exception], None]
    ) -> None:
        """Send the request and put the lines of the answer, an empty one at the end, or the error."""
        try:
            connection.request("POST", self._path("/chat/completions"), body, self._headers())
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise refusal(self._url, answer.status, answer.read(4096))
            while line := answer.readline():
                put(line)
            put(b"")
        except (OSError, http.client.HTTPException, ModelError) as error:
            put(error)

    def _connect(
        self, reach: float = CONNECT_SECONDS, wait: float = ANSWER_SECONDS
    ) -> http.client.HTTPConnection:
        """Connect within `reach` seconds; the answer may keep us waiting for `wait`."""
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        host = self._parts.hostname or ""
        connection = kind(host, self._parts.port, timeout=reach)
        try:
            connection.connect()
        except OSError as error:
            raise EngineLost(f"no server answers at {self._url} (engine.url): {error}") from error
        connection.sock.settimeout(wait)
        return connection

    def _path(self, end: str) -> str:
        return self._parts.path.rstrip("/") + end

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        key = os.environ.get("SEMFS_API_KEY", "")
        return {**headers, "Authorization": f"Bearer {key}"} if key else headers


def request_body(prompt: Prompt, sampling: Sampling, model: str) -> dict[str, Any]:
    """Return the JSON of a chat completion; a prefill is the beginning of the assistant's turn."""
    turns = (("system", prompt.system), ("user", prompt.user), ("assistant", prompt.prefill))
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": role, "content": text} for role, text in turns if text],
        "stream": True,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "seed": sampling.seed,
    }
    if sampling.temperature > 0:
        body["top_p"] = 0.95
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.grammar:
        body["grammar"] = sampling.grammar
    return body


def refusal(url: str, status: int, body: bytes) -> ModelError:
    """Return what a status other than 200 means for us."""
    words = _reason(body)
    if status == http.client.NOT_FOUND:
        return ModelUnknown(f"{url}: not found; engine.url or engine.model is wrong ({words})")
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return ModelError(f"{url} wants a key in the environment variable SEMFS_API_KEY ({words})")
    if status == http.client.BAD_REQUEST and "context" in words.lower():
        return PromptTooLong(f"{url}: {words}")
    if status >= http.client.INTERNAL_SERVER_ERROR:
        return EngineLost(f"{url} failed with status {status}: {words}")
    return ModelError(f"{url} refused the request with status {status}: {words}")


def _reason(body: bytes) -> str:
    text = body.decode("utf-8", "replace").strip()
    try:
        error = json.loads(text)["error"]
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, LookupError, TypeError):
        return text[:200]


def pieces(lines: Iterator[bytes]) -> Iterator[str]:
    """Yield the text in server-sent events; raises EngineLost if they break off."""
    for line in lines:
        field, _, value = line.strip().partition(b":")
        if field != b"data":
            continue
        if value.strip() == b"[DONE]":
            return
        try:
            event = json.loads(value)
            if "error" in event:
                raise ModelError(f"the server gave up: {_reason(value)}")
            choices = event["choices"]
            text = choices[0]["delta"].get("content") if choices else None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelError(f"the server does not speak the OpenAI protocol: {error}") from error
        if text:
            yield str(text)
    raise EngineLost("the server closed the connection in the middle of an answer")


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
