"""The loop with the small real model, in this process: swaps, deadlines, what is shared."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.config import Engine
from semfs.engine import models
from semfs.engine.batch import Batcher
from semfs.engine.protocol import End, Generate, Piece
from semfs.errors import DeadlinePassed, SemfsError
from semfs.model import Priority, Prompt, Sampling

SMALL = "qwen2.5-coder-0.5b"
COUNT = Prompt("Count from 1 to 50 in digits, separated by commas.", system="You are a helpful assistant.")
DOCUMENT = " ".join(
    f"The lamp in room {number} is {colour}." for number in range(9) for colour in ("red", "low")
)


class Answer:
    """What a request is answered with, in the order in which it arrives."""

    def __init__(self) -> None:
        self.pieces: queue.SimpleQueue[Piece | End | SemfsError] = queue.SimpleQueue()
        self.text = ""
        self.end: End | None = None

    def first(self) -> str:
        """Wait for some text."""
        piece = self.pieces.get(timeout=120)
        assert isinstance(piece, Piece)
        self.text += piece.text
        return piece.text

    def whole(self) -> str:
        while not isinstance(piece := self.pieces.get(timeout=120), End):
            if isinstance(piece, SemfsError):
                raise piece
            self.text += piece.text
        self.end = piece
        self.text += piece.text
        return self.text


class Loop:
    """A batcher with its thread."""

    def __init__(self, cache: Path, settings: Engine) -> None:
        self.batcher = Batcher(SMALL, settings, cache=cache)
        self.thread = threading.Thread(target=self.batcher.run)
        self.thread.start()

    def ask(
        self,
        prompt: Prompt,
        tokens: int,
        *,
        model: str = "",
        priority: Priority = Priority.LOW,
        seconds: float = 0.0,
    ) -> Answer:
        answer = Answer()
        sampling = Sampling(max_tokens=tokens, seconds=seconds)
        self.batcher.submit(Generate(prompt, sampling, priority, model=model), answer.pieces.put)
        return answer


def loop(tmp_path: Path, **settings: int) -> Iterator[Loop]:
    running = Loop(tmp_path / "prefixes", Engine(**{"context": 2048, "idle_seconds": 0, **settings}))
    yield running
    running.thread.join()


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Loop]:
    yield from loop(tmp_path, sequences=8)


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Loop]:
    """Room for one sequence and one model."""
    yield from loop(tmp_path, sequences=1, memory_mb=800)


def test_a_sequence_that_was_swapped_out_goes_on_with_the_same_words(narrow: Loop) -> None:
    alone = narrow.ask(COUNT, 40).whole()
    batch = narrow.ask(COUNT, 40)
    batch.first()
    narrow.ask(Prompt("Say hello."), 4, priority=Priority.HIGH).whole()
    assert batch.whole() == alone
    assert narrow.batcher.status().models[0].swaps == 1


def test_two_models_that_do_not_fit_together_take_turns(narrow: Loop, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.symlink_to(models.path_of(SMALL))
    alone = narrow.ask(COUNT, 60).whole()
    batch = narrow.ask(COUNT, 60)
    batch.first()
    first = narrow.ask(COUNT, 6, model=str(other), priority=Priority.HIGH)
    assert alone.startswith(first.whole())
    assert [model.name for model in narrow.batcher.status().loaded] == [str(other)]
    assert batch.whole() == alone, "the one that made way goes on where it was"


def test_a_request_ends_when_its_time_is_over(wide: Loop) -> None:
    answer = wide.ask(COUNT, 1500, seconds=2.0)
    with pytest.raises(DeadlinePassed, match="2 s"):
        answer.whole()
    assert wide.ask(COUNT, 6).whole() == "1,2,3,"


def test_a_document_under_several_questions_is_read_once(wide: Loop) -> None:
    questions = [Prompt(f"{DOCUMENT}\n\nHow high is the lamp in room {number}?") for number in range(5)]
    answers = [wide.ask(question, 3) for question in questions]
    for answer in answers:
        answer.whole()
    assert sum(answer.end.cached_tokens > 100 for answer in answers if answer.end) == len(questions) - 1
