"""Vectors come from a child that may be missing, may die, and goes when idle."""

from __future__ import annotations

import select
import sys
import time
from pathlib import Path

import pytest

from semfs.index import embedding as module
from semfs.index.embedding import Batch, Embedding
from semfs.store.catalog import Vectors

EMBEDDER = [sys.executable, str(Path(__file__).with_name("fake_embedder.py"))]


def finish(embedding: Embedding) -> tuple[Batch, Vectors] | None:
    until = time.monotonic() + 30
    while embedding.busy and time.monotonic() < until:
        select.select([child.fileno() for child in embedding.children], [], [], 1)
        finished = embedding.poll()
        if finished:
            return finished
    return None


def test_a_batch_comes_back_with_its_vectors() -> None:
    embedding = Embedding(EMBEDDER)
    batch = Batch.of([(b"1", "", "abc"), (b"2", "Head", "text")])
    assert batch.texts == ("abc", "Head\ntext")
    embedding.submit(batch)
    finished = finish(embedding)
    assert finished is not None
    assert finished[0] is batch
    assert finished[1].tolist() == [[3, 1], [9, 1]]
    assert embedding.willing()
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
    embedding.submit(Batch.of([(b"1", "", "crash")]))
    assert finish(embedding) is None
    assert embedding.trouble == "the embedder crashed (exit status 5)"
    assert embedding.children == []


@pytest.mark.warns
def test_a_passage_that_crashes_the_embedder_is_found_and_passed_over() -> None:
    embedding = Embedding(EMBEDDER)
    embedding.submit(Batch.of([(b"0", "", "good")]))
    assert finish(embedding) is not None
    embedding.submit(Batch.of([(b"1", "", "crash"), (b"2", "", "good")]))
    assert finish(embedding) is None
    assert (embedding.limit, embedding.trouble) == (1, "")
    embedding.submit(Batch.of([(b"1", "", "crash")]))
    finished = finish(embedding)
    assert finished is not None
    assert finished[1].tolist() == [[0, 0]]
    embedding.submit(Batch.of([(b"2", "", "good")]))
    assert finish(embedding) is not None
    assert embedding.limit == 2
    embedding.close()
