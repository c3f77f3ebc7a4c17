"""Models that were made on this machine and go by a name, such as one that was quantised here.

Beside `NAME.gguf` lies `NAME.json`, which says what it is; it is written last, so that a file
without one is no model yet.  May be called from any process and thread.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from semfs.config import models_dir
from semfs.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class LocalModel:
    """One model with what there is to tell about it."""

    name: str
    what: str
    licence: str
    made_from: str  # name or path of the model that it was made from
    type: str  # its quantisation, "Q8_0"
    bytes: int

    def path(self) -> Path:
        return path_for(self.name)


def path_for(name: str) -> Path:
    """Return where a model of this name lies; raises UsageError for what cannot be a name."""
    if not _NAME.fullmatch(name) or name.endswith(".gguf"):
        raise UsageError(f"'{name}' cannot be a model's name: use letters, digits, '.', '-' and '_'")
    return models_dir() / f"{name}.gguf"


def find(name: str) -> LocalModel | None:
    """Return the model of this name, None if none was made here."""
    if not _NAME.fullmatch(name):
        return None
    try:
        said = json.loads((models_dir() / f"{name}.json").read_text("utf-8"))
        return LocalModel(**(said | {"name": name, "bytes": int(said["bytes"])}))
    except (OSError, ValueError, TypeError, LookupError):
        return None


def every() -> Iterator[LocalModel]:
    """Yield all of them in the order of their names."""
    for file in sorted(models_dir().glob("*.json")):
        if model := find(file.stem):
            yield model


def register(model: LocalModel) -> None:
    """Give a model that lies at its path its name."""
    said = model.path().with_suffix(".json")
    fresh = said.with_name(f"{said.name}.{os.getpid()}.part")
    fresh.write_text(json.dumps(asdict(model), indent=1) + "\n", "utf-8")
    fresh.replace(said)


def forget(model: LocalModel) -> None:
    """Take a model's name away, before its file is replaced."""
    model.path().with_suffix(".json").unlink(missing_ok=True)
