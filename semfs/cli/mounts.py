"""Which mounts are running: one small record each in the runtime directory.

Owns `mounts/*.json` there.  A record is written by the mount process once it answers and
removed when it ends; one whose process is gone is not listed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from semfs.config import make_private, runtime_dir, runtime_dirs
from semfs.errors import UsageError


@dataclass(frozen=True, slots=True)
class Running:
    """A mount that runs now."""

    name: str
    mountpoint: str
    sources: tuple[str, ...]
    pid: int

    def path(self, *parts: str) -> Path:
        return Path(self.mountpoint, *parts)


def name_for(sources: Sequence[str]) -> str:
    """Return a name that is the same whenever the same folders are mounted: "documents-1f3a9c2e".

    The folders are absolute, without links; none is asked for, as it may not answer.
    """
    real = sorted(set(sources))
    slug = re.sub(r"[^a-z0-9]+", "-", os.path.basename(real[0]).lower()).strip("-") or "files"
    digest = hashlib.sha256(b"\0".join(os.fsencode(path) for path in real)).hexdigest()
    return f"{slug[:40]}-{digest[:8]}"


def record(running: Running) -> Path:
    """Write the record of this mount and return where it is."""
    folder = make_private(make_private(runtime_dir()) / "mounts")
    file = folder / f"{running.name}.json"
    new = file.with_suffix(".new")
    new.write_text(json.dumps(asdict(running)), "utf-8")
    new.replace(file)
    return file


def running() -> list[Running]:
    """Return the mounts whose process is alive, by name."""
    found = []
    files = [file for place in runtime_dirs() for file in (place / "mounts").glob("*.json")]
    for file in sorted(files, key=lambda file: file.name):
        try:
            given = json.loads(file.read_text("utf-8"))
            one = Running(given["name"], given["mountpoint"], tuple(given["sources"]), given["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # being written or not ours: not a mount that can be used
        if alive(one.pid):
            found.append(one)
    return found


def choose(mountpoint: str | None) -> Running:
    """Return the mount that is meant; UsageError says what to do if that is not clear."""
    all = running()
    if mountpoint is not None:
        wanted = os.path.realpath(mountpoint)
        for one in all:
            if one.mountpoint == wanted:
                return one
        raise UsageError(
            f"{mountpoint} is not a running semfs mount; start one with `semfs mount SRC {mountpoint}`"
        )
    if not all:
        raise UsageError("no semfs mount is running; start one with `semfs mount SRC MNT --daemon`")
    if len(all) > 1:
        raise UsageError(
            f"several mounts are running, add --mount MNT: {', '.join(m.mountpoint for m in all)}"
        )
    return all[0]


def alive(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
