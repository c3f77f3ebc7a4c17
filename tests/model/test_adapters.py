"""LoRA adapters with the small real model: made here, of random numbers or of zeros."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fakes.gguf_files import write_lora
from semfs.engine import models
from semfs.engine.client import EngineClient
from semfs.engine.llama import Llama
from semfs.engine.steps import Feed, SequenceId
from semfs.errors import ModelDamaged, ModelMissing
from semfs.model import Prompt, Sampling, Weights
from semfs.supervise import Supervised

SMALL = "qwen2.5-coder-0.5b"
SERVE = """
import sys
from pathlib import Path
from semfs.config import Engine
from semfs.engine import server
server.cache_dir = lambda: Path(sys.argv[3])
config = Engine(context=1024, sequences=4, idle_seconds=60)
server.serve(socket=Path(sys.argv[1]), model=sys.argv[2], config=config)
"""
INSTRUCTIONS = "You count and answer questions. " + " ".join(
    f"After {number} comes {number + 1}." for number in range(1, 28)
)
CAPITAL = Prompt("What is the capital of France? Answer with one word.", system=INSTRUCTIONS)
WORD = Sampling(max_tokens=1)  # later words of a model with random weights hang on how a batch is rounded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, base = tmp_path_factory.mktemp("adapters"), models.path_of(SMALL)
    write_lora(folder / "zero.gguf", base, strength=0.0)
    write_lora(folder / "random.gguf", base, strength=2.0)
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[EngineClient]:
    command = [sys.executable, "-c", SERVE, str(folder / "socket"), SMALL, str(folder / "prefixes")]
    process = Supervised(command, name="engine", log=folder / "log")
    yield EngineClient(folder / "socket", start=process.start, context=1024, model=SMALL)
    process.stop()


def text(engine: EngineClient, adapter: Path | None = None) -> str:
    with_it = engine.using(Weights(adapter=str(adapter) if adapter else ""))
    return "".join(with_it.generate(CAPITAL, WORD))


def test_zeros_change_nothing_and_random_numbers_do(folder: Path) -> None:
    llama = Llama(models.path_of(SMALL), cells=256, slots=3, batch=64, threads=0)
    zero, random = (llama.adapter(folder / name) for name in ("zero.gguf", "random.gguf"))
    tokens = list(range(1000, 1020))
    logits = []
    for slot, adapter in enumerate((None, zero, random)):
        llama.adapt(adapter)
        (row,) = llama.decode([Feed(SequenceId(1), slot, 0, len(tokens), True)], [tokens])
        logits.append(row.copy())
    llama.close()
    plain, zeros, others = logits
    assert np.array_equal(plain, zeros)
    assert np.abs(plain - others).max() > 1.0


def test_a_beginning_that_was_kept_is_not_used_with_another_adapter(
    engine: EngineClient, folder: Path
) -> None:
    random, zero = folder / "random.gguf", folder / "zero.gguf"
    answers = [text(engine, adapter) for adapter in (None, random, zero, random, None)]
    assert [answer == "Paris" for answer in answers] == [True, False, True, False, True]
    assert len(list((folder / "prefixes").iterdir())) == 3


def test_requests_with_and_without_adapters_are_served_side_by_side(
    engine: EngineClient, folder: Path
) -> None:
    adapters = [None, folder / "random.gguf", folder / "zero.gguf", None]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda adapter: text(engine, adapter), adapters))
    assert [answer == "Paris" for answer in answers] == [True, False, True, True]


def test_an_adapter_whose_tensors_do_not_fit_is_told_by_the_engine_which_goes_on(
    engine: EngineClient, folder: Path
) -> None:
    write_lora(folder / "large.gguf", models.path_of(SMALL), strength=1.0, wider=1)
    with pytest.raises(ModelDamaged, match="do not fit"):
        text(engine, folder / "large.gguf")
    assert text(engine) == "Paris"


def test_an_adapter_that_goes_away_after_it_was_asked_for_is_told(engine: EngineClient, folder: Path) -> None:
    write_lora(folder / "gone.gguf", models.path_of(SMALL), strength=1.0)
    words = engine.using(Weights(adapter=str(folder / "gone.gguf"))).generate(CAPITAL, WORD)
    (folder / "gone.gguf").unlink()
    with pytest.raises(ModelMissing, match="there is no model"):
        next(words)
