"""What the engine process and its clients say to each other: JSON, one message a line.

One connection is one request; closing it cancels the request.  The client sends a
`Generate`, or a `StatusRequest`.  The server answers with `Piece`s and an `End`, with an
`EngineStatus`, or with an error, which arrives as the exception that it was.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from semfs.engine.report import EngineStatus, build
from semfs.errors import (
    BadRequest,
    DeadlinePassed,
    EngineLost,
    MissingPart,
    ModelDamaged,
    ModelError,
    ModelMissing,
    ModelUnknown,
    PromptTooLong,
    QueueFull,
    SemfsError,
)
from semfs.model import Priority, Prompt, Sampling

LONGEST_LINE = 32 << 20  # a whole context of text is far below; more is not a request

_ERRORS: dict[str, type[SemfsError]] = {
    kind.__name__: kind
    for kind in (
        BadRequest,
        DeadlinePassed,
        EngineLost,
        MissingPart,
        ModelDamaged,
        ModelError,
        ModelMissing,
        ModelUnknown,
        PromptTooLong,
        QueueFull,
    )
}


@dataclass(frozen=True, slots=True)
class Generate:
    """A request for words.

    `resume` are the tokens that an engine which died had already delivered: the new one
    goes on after them and does not send their text again.  Without a `model` it is the
    one that the engine was started for, and without an `adapter` there is none.
    """

    prompt: Prompt
    sampling: Sampling = field(default_factory=Sampling)
    priority: Priority = Priority.NORMAL
    resume: tuple[int, ...] = ()
    model: str = ""
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Ask how the engine is; answered at once, without loading a model."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, never a broken character, and the tokens that have led to it since the last piece."""

    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The last message of an answer, with what of its text was held back, so that none is sent twice."""

    reason: str  # "stop", or "length" if `max_tokens` ended it
    prompt_tokens: int = 0
    cached_tokens: int = 0  # of these, not computed again
    tokens: int = 0
    text: str = ""


Message = Generate | StatusRequest | Piece | End | EngineStatus

_KINDS: dict[str, type[Message]] = {
    "generate": Generate,
    "status": StatusRequest,
    "piece": Piece,
    "end": End,
    "report": EngineStatus,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(message: Message | SemfsError) -> bytes:
    """Return the message as a line."""
    if isinstance(message, SemfsError):
        fields = [message.part, message.remedy] if isinstance(message, MissingPart) else [str(message)]
        body: dict[str, Any] = {"is": "error", "error": type(message).__name__, "fields": fields}
    else:
        body = {"is": _NAMES[type(message)], **asdict(message)}
    return json.dumps(body).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """Return the message in a line; an error message is raised as the error that it names.

    Raises BadRequest if the line is no message.
    """
    try:
        body = json.loads(line)
        kind = body.pop("is")
        if kind != "error":
            return _BUILD.get(kind, _plain)(kind, body)
        name, fields = body["error"], body["fields"]
        error = _ERRORS.get(name, ModelError)(*fields)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadRequest(f"not a message of the engine's protocol: {problem}") from problem
    raise error


def _plain(kind: str, body: dict[str, Any]) -> Message:
    return _KINDS[kind](**body)


def _generate(_kind: str, body: dict[str, Any]) -> Message:
    sampling = dict(body["sampling"])
    sampling["stop"] = tuple(sampling.get("stop", ()))
    return Generate(
        Prompt(**body["prompt"]),
        Sampling(**sampling),
        Priority(body["priority"]),
        tuple(int(token) for token in body["resume"]),
        str(body.get("model", "")),
        str(body.get("adapter", "")),
    )


def _piece(_kind: str, body: dict[str, Any]) -> Message:
    return Piece(str(body["text"]), tuple(body["tokens"]))


def _report(_kind: str, body: dict[str, Any]) -> Message:
    return build(body)


_BUILD = {"generate": _generate, "piece": _piece, "report": _report}
