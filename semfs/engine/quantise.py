"""Write a language model in another quantisation and give it a name.

The work is done by a child process, as native code that fails takes its process with it.  The
file grows as `NAME.gguf.part` and gets its name when it is whole.  One at a time beside pulls.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from semfs.config import models_dir
from semfs.engine import local, models, stamps
from semfs.engine.gguf import Header, read_header
from semfs.engine.local import LocalModel
from semfs.engine.pull import SPARE_BYTES, Progress, alone
from semfs.errors import ModelError, ModelMissing, ModelUnknown, UsageError
from semfs.supervise import ending

LOOK_SECONDS = 0.5  # how often the growing file is looked at

Child = Callable[[Path, Path, int], Sequence[str]]  # source, target, file type: an argument vector


@dataclass(frozen=True, slots=True)
class Type:
    """A quantisation: llama.cpp's number (llama_ftype) and bits a weight."""

    number: int
    bits: float


# Those that llama.cpp makes without an importance matrix; small models come out larger than the
# bits say, as rows that do not divide by 256 are kept in a simpler type.
TYPES = {
    "F16": Type(1, 16),
    "BF16": Type(32, 16),
    "Q8_0": Type(7, 8.5),
    "Q6_K": Type(18, 6.6),
    "Q5_K_M": Type(17, 5.7),
    "Q5_K_S": Type(16, 5.5),
    "Q5_0": Type(8, 5.5),
    "Q4_K_M": Type(15, 4.9),
    "Q4_K_S": Type(14, 4.6),
    "Q4_0": Type(2, 4.5),
    "IQ4_NL": Type(25, 4.5),
    "Q3_K_M": Type(12, 3.9),
    "Q2_K": Type(10, 3.4),
}
_NAMES = {kind.number: name for name, kind in TYPES.items()}
LARGER = 1.4  # a 0.5B model takes so much more than the bits say


def quantise(source: str, type: str, *, name: str = "", child: Child, progress: Progress) -> LocalModel:
    """Write `source` as `type` and register it; raises ModelError, UsageError."""
    kind = type_named(type)
    path = models.path_of(source)
    if path.is_dir():
        raise ModelUnknown(f"{source} is an embedder: only language models are quantised")
    header = read_header(path)
    if header.type != "model":
        raise ModelUnknown(f"{path} is of the type '{header.type}' and not a model")
    made = _planned(source, type.upper(), name or f"{_plain(source)}-{type.lower()}", header)
    models_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(progress):
        _check_space(made, header, kind)
        part = models.partial(made.path())
        try:
            _run(child(path, part, kind.number), made, part, progress)
            return _accept(part, made, header)
        finally:
            part.unlink(missing_ok=True)


def type_named(type: str) -> Type:
    """Return a quantisation; raises UsageError with the names there are."""
    try:
        return TYPES[type.upper()]
    except KeyError:
        raise UsageError(f"no quantisation is called '{type}'; known are {', '.join(TYPES)}") from None


def type_of(header: Header) -> str:
    """Return the name of a model's quantisation, "" if it has none that is known."""
    return _NAMES.get(header.file_type, "") if header.file_type is not None else ""


def _planned(source: str, type: str, name: str, header: Header) -> LocalModel:
    if any(model.name == name for model in models.CATALOGUE):
        raise UsageError(f"{name} is a model of the catalogue: choose another --name")
    local.path_for(name)
    known = next((model for model in models.CATALOGUE if model.name == source), None)
    before = type_of(header)
    lossy = bool(before) and TYPES[before].bits < 16
    what = f"{known.what.partition(',')[0] if known else header.name or source}, {type}"
    return LocalModel(
        name=name,
        what=f"{what}, made here from {before}" if lossy else f"{what}, made here",
        licence=known.licence if known else "as its source",
        made_from=source if known or local.find(source) else str(Path(source).expanduser().resolve()),
        type=type,
        bytes=0,
    )


def _plain(source: str) -> str:
    """Return the source's name without its folder and its own quantisation."""
    stem = source.rsplit("/", 1)[-1].removesuffix(".gguf")
    for type in sorted(TYPES, key=len, reverse=True):
        if stem.lower().endswith((f"-{type.lower()}", f".{type.lower()}")):
            return stem[: -len(type) - 1]
    return stem


def _check_space(made: LocalModel, header: Header, kind: Type) -> None:
    needed = int(header.parameters * kind.bits / 8 * (LARGER if kind.bits < 8 else 1)) + SPARE_BYTES
    free = shutil.disk_usage(models_dir()).free
    if free < needed:
        raise ModelMissing(
            f"{made.name} needs about {needed / 1e6:,.0f} MB in {models_dir()}, where {free / 1e6:,.0f} MB "
            "are free: make room, or set XDG_CACHE_HOME to a larger disk"
        )


def _run(command: Sequence[str], made: LocalModel, part: Path, progress: Progress) -> None:
    """Have the child do it; raises ModelError with what it says, or how it died."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        while True:
            have = part.stat().st_size if part.exists() else 0
            progress(f"{made.name}: {have / 1e6:,.0f} MB written")
            try:
                _, said = process.communicate(timeout=LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        lines = [line for line in said.splitlines() if line.strip()]
        why = lines[-1].removeprefix("semfs: ") if lines else "it said nothing"
        raise ModelError(f"{made.name}: the process that writes it {ending(process.returncode)}: {why}")


def _accept(part: Path, made: LocalModel, source: Header) -> LocalModel:
    """Give the file its name if it is what was wanted."""
    written = read_header(part)
    if (written.architecture, written.parameters) != (source.architecture, source.parameters):
        raise ModelError(f"{made.name}: what was written is not the model that was read")
    with part.open("rb") as file:
        os.fsync(file.fileno())
    whole = LocalModel(made.name, made.what, made.licence, made.made_from, made.type, part.stat().st_size)
    sha256 = stamps.sha256_of(part)
    local.forget(whole)
    part.replace(whole.path())
    stamps.write(whole.path(), sha256)
    local.register(whole)
    return whole
