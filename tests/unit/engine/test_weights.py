"""What a request names as its model and adapter is told to be wrong before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fakes.gguf_files import write_tiny
from semfs.config import Engine
from semfs.engine.client import EngineClient
from semfs.engine.remote import RemoteEngine
from semfs.errors import ModelDamaged, ModelError, ModelMissing, ModelUnknown
from semfs.model import Weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny(tmp_path / "model.gguf")
    write_tiny(tmp_path / "lora.gguf", general__type="adapter", adapter__type="lora")
    write_tiny(tmp_path / "other.gguf", architecture="llama", general__type="adapter", adapter__type="lora")
    double = {"general__type": "adapter", "adapter__type": "lora"}
    write_tiny(tmp_path / "double.gguf", dtype=np.float64, **double)
    (tmp_path / "text.gguf").write_text("words")
    return tmp_path


def engine(folder: Path) -> EngineClient:
    return EngineClient(folder / "socket", start=lambda: None, model=str(folder / "model.gguf"))


def test_an_adapter_that_fits_is_taken(folder: Path) -> None:
    assert engine(folder).using(Weights(adapter=str(folder / "lora.gguf"))).context == Engine().context
    assert engine(folder).using(Weights(str(folder / "model.gguf")))


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("none.gguf", ModelMissing, "there is no model"),
        ("text.gguf", ModelDamaged, "not a GGUF file"),
        ("model.gguf", ModelUnknown, "no LoRA adapter"),
        ("other.gguf", ModelUnknown, "an adapter for llama and not for qwen2"),
        ("double.gguf", ModelDamaged, "does not compute with"),
    ],
)
def test_an_adapter_that_does_not_fit_is_told(
    folder: Path, name: str, error: type[ModelError], words: str
) -> None:
    with pytest.raises(error, match=words):
        engine(folder).using(Weights(adapter=str(folder / name)))


def test_an_adapter_is_no_model(folder: Path) -> None:
    with pytest.raises(ModelUnknown, match="'adapter' and no model"):
        engine(folder).using(Weights(str(folder / "lora.gguf")))
    with pytest.raises(ModelUnknown, match="no model is called"):
        engine(folder).using(Weights("no-such-model"))


def test_a_server_has_other_models_and_no_adapters() -> None:
    server = RemoteEngine(Engine(url="http://127.0.0.1:9/v1"), pauses=())
    assert server.using(Weights("large")).context == server.context
    with pytest.raises(ModelUnknown, match="takes no adapters"):
        server.using(Weights(adapter="lora.gguf"))
