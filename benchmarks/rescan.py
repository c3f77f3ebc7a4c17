"""A look at many files of which none has changed, as the ingest process takes it when it starts."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from beir import say

from semfs.config import Index
from semfs.index.folders import Folders
from semfs.index.ignore import Ignore
from semfs.index.looking import Looking
from semfs.index.scan import Changes, Trouble, walk
from semfs.model import Kind
from semfs.store.catalog import CatalogWriter

IN_A_FOLDER = 100
LOOKS = 5
AT_ONCE = 5000  # files in a transaction


def measure_rescan(base: Path, count: int) -> dict[str, Any]:
    """Return rescan_s, the median of some looks, each from its beginning until nothing has changed."""
    make(base / "files", count)
    catalog = CatalogWriter(base / "catalog.db")
    learn(catalog, base / "files")
    seconds = [look(catalog, base / "files") for _ in range(LOOKS)]
    say(f"rescan of {count} files: {', '.join(f'{each:.2f}' for each in seconds)} s")
    catalog.close()
    return {
        "rescan_s": round(statistics.median(seconds), 2),
        "rescan_max_s": round(max(seconds), 2),
        "rescan_files": count,
    }


def make(folder: Path, count: int) -> None:
    """Write small files in folders of a hundred, three deep, with an ignore file here and there."""
    settled = time.time() - 3600
    for number in range(count):
        group = number // IN_A_FOLDER
        place = folder / f"area {group % 10}" / f"year {group % 37}" / f"folder {group}"
        if number % IN_A_FOLDER == 0:
            place.mkdir(parents=True, exist_ok=True)
            if group % 50 == 0:
                (place / ".gitignore").write_text("*.bak\nbuild/\n")
        file = place / f"note {number}.txt"
        file.write_text("words\n")
        os.utime(file, (settled, settled))


def learn(catalog: CatalogWriter, folder: Path) -> None:
    """Let the catalogue know the files as if they had been read."""
    time.sleep(0.1)  # no change time is so young that it may hide another change
    states = list(walk(str(folder), Ignore(str(folder)), Trouble()))
    for start in range(0, len(states), AT_ONCE):
        with catalog.transaction():
            for state in states[start : start + AT_ONCE]:
                catalog.keep(catalog.add(state, Kind.TEXT))
        say(f"{start + AT_ONCE} of {len(states)} files are known")


def look(catalog: CatalogWriter, folder: Path) -> float:
    """Return how long one look takes; ends the program if it finds a change."""
    changed: list[Changes] = []
    looking = Looking(
        catalog,
        Folders([str(folder)], Index()),
        lambda path: Kind.TEXT,
        rescan_s=60.0,
        wake=lambda: None,
        breathe=lambda current: None,
        changed=changed.append,
        saved=_nobody,
    )
    began = time.perf_counter()
    looking.look(set())
    seconds = time.perf_counter() - began
    looking.close()
    if changed:
        raise SystemExit(f"the look found {changed[0]!r:.500}")
    return seconds


def _nobody(paths: Sequence[str]) -> None:
    pass
