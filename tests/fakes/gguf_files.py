"""Small GGUF files: a header with a few tensors, and LoRA adapters for a real model."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import gguf
import numpy as np


def write_tiny(
    path: Path, *, architecture: str = "qwen2", file_type: int = 15, dtype: Any = np.float32, **said: str
) -> Path:
    """Write a file of two tensors, 12 weights in all, and a vocabulary that has to be stepped over."""
    writer = gguf.GGUFWriter(path, architecture)
    for key, text in said.items():
        writer.add_string(key.replace("__", "."), text)
    writer.add_file_type(file_type)
    writer.add_token_list(["one", "two", "three"])
    writer.add_token_scores([0.5, 1.5, 2.5])
    writer.add_tensor("first", np.ones((2, 4), dtype))
    writer.add_tensor("second", np.ones(4, dtype))
    return _finish(writer, path)


def write_lora(path: Path, base: Path, *, strength: float, wider: int = 0) -> Path:
    """Write a LoRA adapter of rank 4 for every third layer of a real model.

    One of `strength` 0 changes nothing; one that is `wider` does not fit.
    """
    shapes = _shapes(base)
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 4.0)
    random = np.random.default_rng(1)
    for name, (inputs, outputs) in ((name, shape) for name, shape in shapes.items() if len(shape) == 2):
        layer, _, part = name.removeprefix("blk.").partition(".")
        if part in ("attn_q.weight", "attn_v.weight", "ffn_down.weight") and int(layer) % 3 == 0:
            down = random.normal(size=(4, int(inputs) + wider)) / np.sqrt(float(inputs))
            up = random.normal(size=(int(outputs), 4)) * strength
            writer.add_tensor(f"{name}.lora_a", down.astype(np.float32))
            writer.add_tensor(f"{name}.lora_b", up.astype(np.float32))
    return _finish(writer, path)


@functools.cache
def _shapes(base: Path) -> dict[str, Any]:
    """Return the tensors' shapes; reading them takes seconds."""
    return {tensor.name: tensor.shape for tensor in gguf.GGUFReader(base).tensors}


def _finish(writer: Any, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
