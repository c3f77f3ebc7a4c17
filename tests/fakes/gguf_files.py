"""Small GGUF files: a header with a few tensors, and LoRA adapters for a real model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np


def write_tiny(path: Path, *, architecture: str = "qwen2", file_type: int = 15, **said: str) -> Path:
    """Write a file of two tensors, 12 weights in all, and a vocabulary that has to be stepped over."""
    writer = gguf.GGUFWriter(path, architecture)
    for key, text in said.items():
        writer.add_string(key.replace("__", "."), text)
    writer.add_file_type(file_type)
    writer.add_token_list(["one", "two", "three"])
    writer.add_token_scores([0.5, 1.5, 2.5])
    writer.add_tensor("first", np.ones((2, 4), np.float32))
    writer.add_tensor("second", np.ones(4, np.float32))
    return _finish(writer, path)


def _finish(writer: Any, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
