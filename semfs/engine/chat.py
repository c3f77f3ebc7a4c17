"""The words of the OpenAI protocol for chat completions, as we speak and understand them; pure."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

from semfs.errors import EngineLost, ModelError, ModelUnknown, PromptTooLong
from semfs.model import Prompt, Sampling

NOT_TAKEN = -5.0  # natural logarithm of the likelihood of a way out that a server did not take


class GrammarUnknown(ModelError):
    """The server does not take a grammar."""


def request_body(prompt: Prompt, sampling: Sampling, model: str, *, grammar: bool = True) -> dict[str, Any]:
    """Return the JSON of a chat completion; a prefill is the beginning of the assistant's turn.

    Some servers go on after a prefill and some write it again: whoever gave it looks for it.
    """
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
    if sampling.grammar and grammar:
        body["grammar"] = sampling.grammar
    return body


def refusal(url: str, status: int, body: bytes, *, key: str = "") -> ModelError:
    """Return what a status other than 200 means for us; a key that the server repeats is left out."""
    words = _reason(body)
    if key:
        words = words.replace(key, "…")
    if status == http.client.NOT_FOUND:
        return ModelUnknown(f"{url}: not found; engine.url or engine.model is wrong ({words})")
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        asked = "does not take the key that it was given" if key else "wants a key"
        return ModelError(f"{url} {asked}: set engine.key_file or SEMFS_API_KEY ({words})")
    if status in (http.client.BAD_REQUEST, http.client.UNPROCESSABLE_ENTITY) and "grammar" in words.lower():
        return GrammarUnknown(f"{url} does not take our grammar: {words}")
    if "context" in words.lower() and (status == http.client.BAD_REQUEST or "exceed" in words.lower()):
        return PromptTooLong(f"{url}: {words}")
    if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.TOO_MANY_REQUESTS:
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
    """Yield the text in server-sent events; raises EngineLost if they break off.

    An end without a reason is no end: llama_cpp.server by default drops an answer so as soon as
    somebody else asks.
    """
    ended = False
    for line in lines:
        field, _, value = line.strip().partition(b":")
        if field != b"data":
            continue
        if value.strip() == b"[DONE]":
            if not ended:
                raise EngineLost(
                    "the server ended an answer before it was whole; llama_cpp.server does not if it is "
                    "started with --interrupt_requests false"
                )
            return
        text, reason = _choice(value)
        ended = ended or bool(reason)
        if text:
            yield text
    if not ended:
        raise EngineLost("the server closed the connection in the middle of an answer")


def decided(written: Iterator[str], way_out: str) -> Iterator[str]:
    """Put the line before an answer that says how likely the way out was.

    Most servers tell what they wrote and not what else they thought of: so it was taken or it was not.
    """
    text = "".join(written)
    if text.strip().casefold().startswith(way_out.casefold()):
        yield "0.0\n"
    else:
        yield f"{NOT_TAKEN}\n{text}"


def _choice(value: bytes) -> tuple[str, str]:
    """Return the text of one event and why the answer ends with it, "" if it goes on."""
    try:
        event = json.loads(value)
        if "error" in event:
            raise ModelError(f"the server gave up: {_reason(value)}")
        if not event["choices"]:
            return "", ""  # figures on what was used
        choice = event["choices"][0]
        return str(choice["delta"].get("content") or ""), str(choice.get("finish_reason") or "")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelError(f"the server does not speak the OpenAI protocol: {error}") from error
