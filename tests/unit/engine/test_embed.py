"""An embedder gives each text to its model alone, with the words that the model was trained with."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from semfs.engine.embed import Embedder
from semfs.errors import ModelDamaged


@dataclass
class Encoding:
    ids: list[int]
    offsets: list[tuple[int, int]]


class LetterTokenizer:
    """One token a character."""

    def encode(self, text: str, add_special_tokens: bool = True) -> Encoding:
        return Encoding([ord(letter) for letter in text], [(at, at + 1) for at in range(len(text))])

    def token_to_id(self, token: str) -> int | None:
        return ord("?") if token == "[UNK]" else None

    def encode_batch(self, texts: list[str]) -> list[Encoding]:
        return [self.encode(text) for text in texts]


class CountingSession:
    """Gives (tokens, first token) as the vector and keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(shape=["batch", 2])]

    def run(self, names: None, inputs: dict[str, Any]) -> list[Any]:
        ids = inputs["input_ids"]
        assert inputs["attention_mask"].all()
        self.given.append("".join(chr(token) for token in ids[0]))
        return [np.array([[ids.shape[1], ids[0][0]]], np.float32)]


def embedder(session: CountingSession, *, streams: int = 1, **prefixes: str) -> Embedder:
    fake: Any = session
    tokenizer: Any = LetterTokenizer()
    return Embedder(fake, tokenizer, name="letters", streams=streams, **prefixes)


@pytest.mark.parametrize("streams", [1, 3])
def test_vectors_come_in_the_order_of_the_texts(streams: int) -> None:
    vectors = embedder(CountingSession(), streams=streams).embed(["long text", "a", "bc"])
    assert vectors[:, 0].tolist() == [9, 1, 2]
    assert vectors.dtype == np.float32


def test_no_texts_give_no_vectors() -> None:
    assert embedder(CountingSession()).embed([]).shape == (0, 2)


def test_a_query_is_one_vector() -> None:
    assert embedder(CountingSession()).embed_query("abc").tolist() == [3, ord("a")]


def test_it_is_told_how_well_the_model_reads_a_text() -> None:
    class Pieces(LetterTokenizer):
        """Whole words, those with a capital unknown."""

        def encode(self, text: str, add_special_tokens: bool = True) -> Encoding:
            spans = [match.span() for match in re.finditer(r"\w+|\S", text)]
            return Encoding([ord("?" if text[start].isupper() else text[start]) for start, _ in spans], spans)

    tokenizer: Any = Pieces()
    session: Any = CountingSession()
    letters = Embedder(session, tokenizer, name="words").letters_a_piece
    assert letters("four word s!") == 3.0
    assert letters("four WORD") == 0.8
    assert letters("?!") == letters("") == 0.0


def test_prefixes_tell_queries_from_passages() -> None:
    session = CountingSession()
    model = embedder(session, query_prefix="query: ", passage_prefix="passage: ")
    model.embed(["rivers"])
    model.embed_query("rivers")
    assert session.given == ["passage: rivers", "query: rivers"]


def test_a_folder_that_is_no_export_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"max_tokens": 8, "query_prefix": "", "passage_prefix": ""}')
    (tmp_path / "tokenizer.json").write_text("not json")
    with pytest.raises(ModelDamaged, match="cannot be loaded"):
        Embedder.load(tmp_path, name="broken")


def test_importing_it_loads_no_model_library() -> None:
    code = (
        "import sys, semfs.engine.embed; print({'torch', 'onnxruntime', 'transformers'} & set(sys.modules))"
    )
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert seen.stdout.strip() == "set()"
