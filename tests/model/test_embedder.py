"""The default embedder, as it was exported on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semfs.engine.embed import Embedder
from semfs.engine.models import DEFAULT_EMBEDDER


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder.open(DEFAULT_EMBEDDER, streams=1)


LIBRARY = Path(__file__).parents[1] / "data" / "library"
# What SentenceTransformer("all-MiniLM-L6-v2").encode gives for `passages()`, as half floats.
REFERENCE = Path(__file__).with_name("all-minilm-l6-v2.npy")


TEXTS = (
    "odd/offer-from-stranger.md",
    "personal/apfelkuchen.md",
    "personal/lentil-soup.md",
    "personal/reading-list.yaml",
    "work/governance.rst",
    "work/matrix.py",
    "work/meeting-2024-03-14.md",
    "work/meeting-2024-03-28.md",
    "work/style-guide.rst",
)


def passages() -> list[str]:
    return [(LIBRARY / name).read_text("utf-8")[:1000] for name in TEXTS]


def test_vectors_are_those_of_sentence_transformers(embedder: Embedder) -> None:
    cosines = (embedder.embed(passages()) * np.load(REFERENCE)).sum(axis=1)
    assert cosines.mean() > 0.99
    assert cosines.min() > 0.97


def test_vectors_have_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed(["Budget 2024", "The river froze over in January."])
    assert vectors.shape == (2, embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_query_is_nearest_to_the_passage_that_means_the_same(embedder: Embedder) -> None:
    passages = [
        "The invoice must be paid within thirty days.",
        "The glacier has lost a third of its ice since 1950.",
        "Knead the dough for ten minutes and let it rise.",
    ]
    vectors = embedder.embed(passages)
    queries = ["when is the bill due?", "melting of ice in the mountains", "how to bake bread"]
    assert [int((vectors @ embedder.embed_query(query)).argmax()) for query in queries] == [0, 1, 2]


def test_the_vector_of_a_text_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    alone = embedder.embed(["a text"])[0]
    side_by_side = Embedder.open(DEFAULT_EMBEDDER, streams=3)
    assert np.array_equal(alone, side_by_side.embed(["x" * 500, "a text", "another"])[1])


def test_a_text_beyond_the_models_length_is_cut(embedder: Embedder) -> None:
    long = "word " * 5000
    assert np.array_equal(embedder.embed([long])[0], embedder.embed([long + "more"])[0])


def test_an_empty_text_has_a_vector(embedder: Embedder) -> None:
    assert np.isfinite(embedder.embed([""])).all()


def test_torch_is_not_needed_to_embed() -> None:
    code = (
        "import sys; from semfs.engine.embed import Embedder; "
        f"Embedder.open({DEFAULT_EMBEDDER!r}).embed_query('x'); print('torch' in sys.modules)"
    )
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert seen.stdout.strip() == "False"
