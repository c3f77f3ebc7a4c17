"""The states of shared beginnings on disk, so that a new engine process need not compute them.

A file is a digest and the state as llama.cpp gave it.  Its name stands for the model's
file, the build and the tokens; one that does not match its digest is deleted.  The ones
unused for longest are deleted when there are too many, and what a killed process was
writing.  For one thread of one process; several processes may share the folder.
"""

from __future__ import annotations

import logging
import os
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from semfs.engine.cells import BLOCK
from semfs.engine.steps import Mark

logger = logging.getLogger(__name__)

KEEP = 8  # files; the state of 1,000 tokens has 12 MB (0.5B) or 28 MB (1.5B)
STORE_TOKENS = 192  # a shorter beginning is computed again sooner than it is worth a file
ABANDONED_SECONDS = 600.0  # since a part was written, which takes a second: its process was killed
_DIGEST = 16
_SUFFIX = ".prefix"


class PrefixStore:
    """A folder of states for one model and build."""

    def __init__(self, folder: Path, identity: str) -> None:
        self._folder = folder
        self._identity = identity.encode()

    def mark(self, tokens: Sequence[int], adapter: str = "") -> Mark:
        """Return by what a beginning is known with this model and adapter."""
        return Mark(len(tokens), self._digest(tokens, adapter).digest())

    def marks(self, tokens: Sequence[int], adapter: str = "") -> tuple[Mark, ...]:
        """Return the beginnings of whole blocks that are shorter than all of the tokens."""
        digest, marks = self._digest((), adapter), []
        for end in range(BLOCK, len(tokens), BLOCK):
            digest.update(array("i", tokens[end - BLOCK : end]))
            marks.append(Mark(end, digest.copy().digest()))
        return tuple(marks)

    def _digest(self, tokens: Sequence[int], adapter: str) -> blake2b:
        digest = blake2b(self._identity + b"\0" + os.fsencode(adapter) + b"\0", digest_size=_DIGEST)
        digest.update(array("i", tokens))
        return digest

    def usage(self) -> tuple[int, int]:
        """Return how many states are kept and their bytes, of all models."""
        try:
            sizes = [path.stat().st_size for path in self._folder.glob(f"*{_SUFFIX}")]
        except OSError:
            return 0, 0
        return len(sizes), sum(sizes)

    def has(self, key: bytes) -> bool:
        return self._path(key).exists()

    def read(self, key: bytes) -> bytes | None:
        """Return a state, or None if there is none that can be used."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError as error:
            logger.info("%s cannot be read: %s", path, error)
            return None
        digest, state = data[:_DIGEST], data[_DIGEST:]
        if blake2b(state, digest_size=_DIGEST).digest() != digest:
            logger.info("%s is damaged and is deleted", path)
            self.delete(key)
            return None
        return state

    def write(self, key: bytes, state: bytes) -> None:
        """Keep a state; a full or read-only disk only costs the next process time."""
        path = self._path(key)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(part, "wb") as file:
                file.write(blake2b(state, digest_size=_DIGEST).digest())
                file.write(state)
            part.replace(path)
            self._prune()
        except OSError as error:
            logger.info("the state of a prompt's beginning was not kept: %s", error)
            with suppress(OSError):
                part.unlink()

    def delete(self, key: bytes) -> None:
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: bytes) -> Path:
        return self._folder / f"{key.hex()}{_SUFFIX}"

    def _prune(self) -> None:
        files = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        abandoned = time.time() - ABANDONED_SECONDS
        parts = (path for path in self._folder.glob("*.part") if path.stat().st_mtime < abandoned)
        for path in (*files[:-KEEP], *parts):
            path.unlink(missing_ok=True)


def model_identity(path: Path, build: str) -> str:
    """Name a model file without reading all of it: where it is, its size and its time."""
    status = path.stat()
    return f"{path.resolve()} {status.st_size} {status.st_mtime_ns} {build}"
