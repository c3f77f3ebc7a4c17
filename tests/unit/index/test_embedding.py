"""Vectors come from a child that may be missing, may die, and goes when idle."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from semfs.index import embedding as module
from semfs.index.embedding import Batch, Embedding, Finished

EMBEDDER = [sys.executable, str(Path(__file__).with_name("fake_embedder.py"))]


def finish(embedding: Embedding) -> Finished | None:
    """Return the only batch that is at the child, finished."""
    finished = answers(embedding)
    return finished[0] if finished else None


def answers(embedding: Embedding) -> list[Finished]:
    """Return all that is at the child, finished."""
    finished: list[Finished] = []
    until = time.perf_counter() + 30
    while embedding.busy and time.perf_counter() < until:
        select.select([child.fileno() for child in embedding.children], [], [], 1)
        finished += embedding.poll()
    return finished


def waiting(count: int) -> list[tuple[bytes, str, str]]:
    return [(str(number).encode(), "", "text") for number in range(count)]


def test_a_batch_comes_back_with_its_vectors() -> None:
    embedding = Embedding(EMBEDDER)
    batch = Batch.of([(b"1", "", "abc"), (b"2", "Head", "text")])
    assert batch.texts == ("abc", "Head\ntext")
    embedding.submit(batch)
    finished = finish(embedding)
    assert finished is not None
    assert finished[0] is batch
    assert [round(first / second) for first, second in finished[1].tolist()] == [3, 9]
    assert embedding.willing()
    embedding.close()


def test_while_one_batch_is_computed_the_next_one_waits_there() -> None:
    embedding = Embedding(EMBEDDER)
    embedding.limit = 3
    embedding.feed(lambda most: waiting(5)[:most])
    assert not embedding.willing()
    batches = [batch.hashes for batch, _ in answers(embedding)]
    assert batches == [(b"0", b"1", b"2"), (b"3", b"4")]
    assert embedding.willing()
    embedding.close()


def test_nothing_is_sent_twice() -> None:
    embedding = Embedding(EMBEDDER)
    embedding.feed(lambda most: waiting(2)[:most])
    assert embedding.willing()
    embedding.feed(lambda most: waiting(2)[:most])
    assert finish(embedding) is not None
    assert not embedding.busy
    embedding.close()


def test_a_slow_machine_is_given_less_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    embedding = Embedding(EMBEDDER)
    embedding.submit(Batch.of(waiting(64)))
    later = time.monotonic() + 2
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert finish(embedding) is not None
    assert embedding.limit == int(64 * module.BATCH_S / 2)
    embedding.close()


@pytest.mark.warns
def test_a_missing_model_is_said_once_and_tried_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    embedding = Embedding([*EMBEDDER, "the model is not there"])
    for _ in range(2):
        embedding.submit(Batch.of([(b"1", "", "abc")]))
        assert finish(embedding) is None
    assert embedding.trouble == "the model is not there"
    assert not embedding.willing()
    assert caplog.text.count("the model is not there") == 1
    later = time.monotonic() + 2 * module.RETRY_S
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert embedding.willing()


@pytest.mark.warns
def test_a_crash_before_any_vector_is_trouble_for_a_while() -> None:
    embedding = Embedding(EMBEDDER)
    for _ in range(2):
        assert embedding.trouble == ""
        embedding.submit(Batch.of([(b"1", "", "crash")]))
        assert finish(embedding) is None
    assert embedding.trouble == "the embedder crashed (exit status 5)"
    assert embedding.children == []


def test_an_idle_embedder_that_is_killed_is_no_trouble() -> None:
    embedding = Embedding(EMBEDDER)
    embedding.submit(Batch.of([(b"1", "", "abc")]))
    assert finish(embedding) is not None
    (child,) = embedding.children
    os.kill(child.pid, signal.SIGKILL)
    select.select([child.fileno()], [], [], 30)
    assert embedding.poll() == []
    assert (embedding.trouble, embedding.children, embedding.willing()) == ("", [], True)


@pytest.mark.warns
def test_a_passage_that_crashes_the_embedder_is_found_and_passed_over() -> None:
    embedding = Embedding(EMBEDDER)
    embedding.submit(Batch.of([(b"0", "", "good")]))
    assert finish(embedding) is not None
    embedding.submit(Batch.of([(b"1", "", "crash"), (b"2", "", "good")]))
    assert finish(embedding) is None
    assert (embedding.limit, embedding.trouble) == (1, "")
    embedding.submit(Batch.of([(b"1", "", "crash")]))
    assert finish(embedding) is None
    embedding.submit(Batch.of([(b"1", "", "crash")]))
    finished = finish(embedding)
    assert finished is not None
    assert finished[1].tolist() == [[0, 0]]
    embedding.submit(Batch.of([(b"2", "", "good")]))
    assert finish(embedding) is not None
    assert embedding.limit == 2
    embedding.close()
