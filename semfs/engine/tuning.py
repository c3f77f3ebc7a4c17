"""What `semfs model bench` found best on this machine, as the engine uses it.

One file for all models, in the cache: it may be deleted at any time, and what is wrong in it is
passed over.  An entry holds for one machine and one file of a model.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from semfs.config import models_dir

KV_TYPES = {"f16": 1, "q8_0": 8}  # ggml's numbers
MOST = 4096  # threads, or tokens of a step

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tuned:
    """Settings of the native code; each default leaves the choice to the engine."""

    build: str = ""  # name of a build of llama.cpp, "" for the one that is installed
    threads: int = 0  # that write
    batch_threads: int = 0  # that read prompts, or write for many
    step_tokens: int = 0  # of prompts, computed in one step
    flash_attention: bool | None = None
    kv: str = "f16"  # type of the keys and values
    repack: bool | None = None  # whether the weights are copied into the order that writing alone likes best


@dataclass(frozen=True, slots=True)
class Entry:
    """What was measured for one model."""

    tuned: Tuned
    told: Sequence[str] = field(default=())  # lines for a person
    when: str = ""


def machine() -> str:
    """Name what the figures hold for: the processor and how many of its cores we may use."""
    try:
        found = re.search(r"^(?:model name|Hardware)\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        found = None
    return f"{found[1] if found else os.uname().machine}, {len(os.sched_getaffinity(0))} cores"


def entry_for(model: Path) -> Entry | None:
    """Return what was found for this file on this machine, None if nothing was."""
    found = _read().get(_key(model))
    try:
        return Entry(_tuned(found["tuned"]), tuple(found["told"]), str(found["when"])) if found else None
    except (TypeError, ValueError, LookupError) as error:
        logger.info("%s is passed over: %s", _file(), error)
        return None


def tuned_for(model: Path) -> Tuned:
    """Return the best settings that are known for this file; a build that is gone is left out."""
    entry = entry_for(model)
    if entry is None:
        return Tuned()
    tuned = entry.tuned
    if tuned.build and build_folder(tuned.build) is None:
        return Tuned(**{**asdict(tuned), "build": ""})
    return tuned


def keep(model: Path, entry: Entry) -> None:
    """Write down what was found, in the place of what was there."""
    every = _read()
    every[_key(model)] = asdict(entry)
    fresh = _file().with_name(f"{_file().name}.{os.getpid()}.part")
    fresh.write_text(json.dumps(every, indent=1) + "\n", "utf-8")
    fresh.replace(_file())


def builds() -> list[str]:
    """Return the names of the builds that were kept beside the installed one, each tried when it was made."""
    return sorted(folder.name for folder in _wheels().glob("*") if build_folder(folder.name))


def build_folder(name: str) -> Path | None:
    """Return the folder from which a build is imported, None if there is none of this name."""
    folder = _wheels() / name / "tried"
    return folder if re.fullmatch(r"[0-9a-f]+", name) and (folder / "llama_cpp").is_dir() else None


def described(build: str) -> str:
    """Return what a build is in words: its compiler and instruction sets."""
    if not build:
        return "installed"
    try:
        return (_wheels() / build / "what").read_text("utf-8").strip()
    except OSError:
        return build


def words(tuned: Tuned, *, since: Tuned | None = None) -> list[str]:
    """Return in words what is set, or only where it is not as in `since`."""
    flash = "where it can" if tuned.flash_attention is None else "on" if tuned.flash_attention else "off"
    order = {None: "as suits the processor", False: "as in the file", True: "repacked"}[tuned.repack]
    said = {
        "build": f"{described(tuned.build)} build",
        "threads": f"{tuned.threads} threads that write",
        "batch_threads": f"{tuned.batch_threads} that read",
        "step_tokens": f"steps of {tuned.step_tokens} tokens",
        "flash_attention": f"flash attention {flash}",
        "kv": f"keys and values in {tuned.kv}",
        "repack": f"weights {order}",
    }
    return [
        text for name, text in said.items() if since is None or getattr(since, name) != getattr(tuned, name)
    ]


def _tuned(said: Mapping[str, Any]) -> Tuned:
    """Build the settings; raises TypeError or ValueError for what no bench has written."""
    tuned = Tuned(**said)
    numbers = (tuned.threads, tuned.batch_threads, tuned.step_tokens)
    if not all(type(number) is int and 0 <= number <= MOST for number in numbers):
        raise ValueError(f"{numbers} cannot be threads and tokens")
    choices = (tuned.flash_attention, tuned.repack)
    if tuned.kv not in KV_TYPES or any(choice not in (None, False, True) for choice in choices):
        raise ValueError(f"{tuned} holds an unknown word")
    return tuned


def _key(model: Path) -> str:
    return f"{machine()} | {model.resolve()} {model.stat().st_size}"


def _wheels() -> Path:
    return models_dir().parent / "wheels"


def _file() -> Path:
    return models_dir().parent / "tuning.json"


def _read() -> dict[str, Mapping[str, Any]]:
    try:
        every = json.loads(_file().read_text("utf-8"))
        return {key: item for key, item in every.items() if isinstance(item, dict)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        logger.info("%s is passed over: %s", _file(), error)
        return {}
