"""The words of one request on their way out, with a model whose logits are made up."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.engine.grammar import Vocabulary
from semfs.engine.llama import Llama
from semfs.engine.protocol import End, Generate, Piece
from semfs.engine.stream import Stream
from semfs.errors import SemfsError
from semfs.model import Prompt, Sampling

PIECES = [*(bytes([byte]) for byte in range(256)), b"vendor", b'": ', b"null", b"120", b"\n\n", b""]
END = len(PIECES) - 1
PROMPT = [7, 8, 9]
ROW = r"""root ::= "{\"vendor\": " ("null" | "12" | "120" | text) "}"
text ::= "\"" [a-zé\n]{0,9} "\""
"""
Messages = list[Piece | End | SemfsError]


class Words:
    """What a stream needs of a model."""

    vocabulary = Vocabulary(PIECES, ends=[END], tokenise=lambda text: list(text))

    def piece(self, token: int) -> bytes:
        return PIECES[token]

    def beginnings(self, word: str) -> list[int]:
        return [word.encode()[0]] if word else []


LLAMA = cast(Llama, Words())


def said(sampling: Sampling, seed: int, resume: tuple[int, ...] = ()) -> Messages:
    """Return what a request is sent, from where it was lost to its end."""
    sent: Messages = []
    stream = Stream.open(Generate(Prompt("x"), sampling, resume=resume), PROMPT, LLAMA, sent.append)
    while not (reason := stream.ended):
        logits = np.random.default_rng([seed, len(stream.tokens)]).random(len(PIECES), np.float32)
        if (token := stream.sampler.pick(logits)) == END:
            reason = "stop"
            break
        stream.write(token, LLAMA)
    stream.finish(reason)
    return sent


def text_of(messages: Messages) -> str:
    return "".join(message.text for message in messages if isinstance(message, Piece | End))


@pytest.mark.parametrize("grammar", ["", ROW])
@given(seed=st.integers(0, 10_000), room=st.integers(1, 30), out=st.sampled_from(["", "v"]))
def test_a_request_that_is_lost_anywhere_goes_on_to_the_same_text(
    grammar: str, seed: int, room: int, out: str
) -> None:
    sampling = Sampling(max_tokens=room, stop=("\n\n", "\nn"), grammar=grammar, way_out=out)
    whole = said(sampling, seed)
    assert [isinstance(message, End) for message in whole].index(True) == len(whole) - 1
    for count in range(len(whole)):
        had = whole[:count]
        tokens = tuple(token for message in had if isinstance(message, Piece) for token in message.tokens)
        assert text_of(had) + text_of(said(sampling, seed, tokens)) == text_of(whole)
