"""Read what a GGUF file says of itself, without llama.cpp and without its tensors.

The format is told in ggml's `docs/gguf.md`.  A file may come from anywhere: every length is
checked against the file before it is used, and a header that takes too long to read is refused.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from semfs.errors import ModelDamaged, ModelMissing

MAGIC = b"GGUF"
VERSIONS = (2, 3)  # 1 is of August 2023 and has shorter lengths; llama.cpp reads it no longer
MOST_ENTRIES = 100_000  # keys or tensors; large models have a few thousand
MOST_ITEMS = 4_000_000  # of all arrays; the vocabularies of today have 300,000 words
MOST_DIMENSIONS = 4
LONGEST_TEXT = 1 << 20  # bytes; a chat template has some thousand

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file is; empty or None where it does not say."""

    architecture: str  # "qwen2"
    type: str  # "model" or "adapter"
    adapter: str  # "lora"
    name: str
    file_type: int | None  # llama.cpp's number of the quantisation
    parameters: int  # weights in all tensors
    types: frozenset[int] = frozenset()  # ggml's numbers of the tensors' types


def read_header(path: Path) -> Header:
    """Read a file's header; raises ModelMissing, or ModelDamaged for what is no GGUF file."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise ModelDamaged(f"{path} is not a GGUF file")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).header()
    except FileNotFoundError:
        raise ModelMissing(f"there is no model at {path}") from None
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error.strerror}") from error
    except (struct.error, _Broken, UnicodeDecodeError) as error:
        raise ModelDamaged(f"{path} is not a whole GGUF file: {error}") from error


class _Broken(Exception):
    """The header contradicts itself or the file's length."""


class _Reader:
    """A place in the header of one file."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = len(MAGIC)
        self._items = 0

    def header(self) -> Header:
        version = self._one("I")
        if version not in VERSIONS:
            raise _Broken(f"version {version} of the format")
        tensors, keys = self._one("Q"), self._one("Q")
        if max(tensors, keys) > MOST_ENTRIES:
            raise _Broken(f"{tensors} tensors and {keys} keys")
        said = {self._text(): self._value(self._one("I")) for _ in range(keys)}
        sizes = list(self._tensors(tensors))
        file_type = said.get("general.file_type")
        return Header(
            architecture=str(said.get("general.architecture", "")),
            type=str(said.get("general.type", "model")),
            adapter=str(said.get("adapter.type", "")),
            name=str(said.get("general.name", "")),
            file_type=file_type if isinstance(file_type, int) else None,
            parameters=sum(size for size, _ in sizes),
            types=frozenset(type for _, type in sizes),
        )

    def _tensors(self, tensors: int) -> Iterator[tuple[int, int]]:
        """Yield the weights and the type of each tensor."""
        for _ in range(tensors):
            self._text()
            count = self._one("I")
            if count > MOST_DIMENSIONS:
                raise _Broken(f"a tensor of {count} dimensions")
            size, type = prod(self._one("Q") for _ in range(count)), self._one("I")
            self._skip(8)  # where it lies
            yield size, type

    def _value(self, kind: int) -> Any:
        """Read a value; an array is only stepped over and gives None."""
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self._one(_scalar(kind))
        item, count = self._one("I"), self._one("Q")
        if item == _STRING:
            self._items += count
            if self._items > MOST_ITEMS:
                raise _Broken(f"arrays of more than {MOST_ITEMS} texts")
            for _ in range(count):
                self._skip(self._one("Q"))
        else:
            self._skip(count * struct.calcsize("<" + _scalar(item)))
        return None

    def _text(self) -> str:
        start, length = self._at + 8, self._one("Q")
        if length > LONGEST_TEXT:
            raise _Broken(f"a text of {length} bytes")
        self._skip(length)
        return self._data[start : self._at].decode("utf-8", "replace")

    def _one(self, code: str) -> Any:
        (value,) = struct.unpack_from("<" + code, self._data, self._at)
        self._at += struct.calcsize("<" + code)
        return value

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
            raise _Broken("it ends in the middle of its header")


def _scalar(kind: int) -> str:
    if kind not in _SCALARS:
        raise _Broken(f"a value of the unknown type {kind}")
    return _SCALARS[kind]
