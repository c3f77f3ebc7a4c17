"""The files of the model and the LoRA adapter that a request names.

What they are is read from their headers, so that whoever names them is told at once, without
llama.cpp.  May be called from any process and thread.
"""

from __future__ import annotations

from pathlib import Path

from semfs.engine import models
from semfs.engine.gguf import read_header
from semfs.errors import ModelDamaged, ModelUnknown
from semfs.model import Weights

# ggml's numbers of whole numbers and of F64: it crashes when it multiplies with them.
NOT_COMPUTED = frozenset({24, 25, 26, 27, 28})


def check(weights: Weights, default: str) -> None:
    """Raise ModelError if these weights cannot be used; `default` is the model where none is named."""
    if not weights.model and not weights.adapter:
        return
    model = model_file(weights.model or default)
    if weights.adapter:
        adapter_file(weights.adapter, read_header(model).architecture)


def model_file(name: str) -> Path:
    """Return the GGUF file of a language model; raises ModelError."""
    path = models.path_of(name)
    if path.is_dir():
        raise ModelUnknown(f"{name} is no language model")
    if (kind := read_header(path).type) != "model":
        raise ModelUnknown(f"{path} is of the type '{kind}' and no model")
    return path


def adapter_file(name: str, architecture: str) -> Path:
    """Return the GGUF file of a LoRA adapter for models of an architecture; raises ModelError."""
    path = models.path_of(name)
    if path.is_dir():
        raise ModelUnknown(f"{name} is no LoRA adapter")
    header = read_header(path)
    if (header.type, header.adapter) != ("adapter", "lora"):
        raise ModelUnknown(f"{path} is of the type '{header.type}' and no LoRA adapter")
    if header.architecture != architecture:
        raise ModelUnknown(f"{path} is an adapter for {header.architecture} and not for {architecture}")
    if header.types & NOT_COMPUTED:
        raise ModelDamaged(f"{path} has tensors of a type that llama.cpp does not compute with")
    return path
