"""What goes over the engine's socket comes out as it went in."""

from __future__ import annotations

import pytest

from semfs.engine.protocol import End, Generate, Message, Piece, StatusRequest, decode, encode
from semfs.engine.report import EngineStatus, ModelReport, SequenceReport
from semfs.errors import BadRequest, MissingPart, ModelMissing, PromptTooLong, SemfsError
from semfs.model import Priority, Prompt, Sampling

MESSAGES: tuple[Message, ...] = (
    Generate(
        Prompt("user\n\udc80", system="system", prefill="{"),
        Sampling(max_tokens=3, grammar='root ::= "a"', stop=("\n",), seed=4),
        Priority.HIGH,
        (1, 2),
    ),
    StatusRequest(),
    Piece("é\n", (5, 6)),
    End("stop", 10, 4, 3, "é"),
    EngineStatus(
        pid=1,
        model="m",
        models=(ModelReport("m", loaded=True, read_per_second=1.5),),
        sequences=(SequenceReport(1, "m", "high", 0, "writing", 10, 12, 2, 0.5),),
    ),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_one_line_and_comes_back(message: Message) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode(line) == message


@pytest.mark.parametrize(
    "error", [ModelMissing("not pulled"), PromptTooLong("too long"), MissingPart("llama", "install it")]
)
def test_an_error_is_raised_again_on_the_other_side(error: SemfsError) -> None:
    with pytest.raises(type(error), match=str(error)):
        decode(encode(error))


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"is": "no"}', b"\xff", b'{"is": "generate"}', b'{"is": "piece"}', b"7"]
)
def test_what_is_no_message_is_a_bad_request(line: bytes) -> None:
    with pytest.raises(BadRequest, match="protocol"):
        decode(line)
