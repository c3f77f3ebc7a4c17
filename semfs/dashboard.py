"""`sys/dashboard.html`: what semfs does, on one page that any browser opens from the mount.

The page has the same length whatever it shows, so that looking at it (`ls -l`) makes nothing; a
browser reads as many bytes as it was told that there are.  What it shows stands behind what is always
the same, so that nothing is made either for who reads a little to see what sort of file it is.
"""

from __future__ import annotations

import json
import os.path
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from semfs.model import JobId, JobStatus, shown
from semfs.search.atlas import Map
from semfs.status import Status

BYTES = 1 << 20  # with every name at its longest, in letters that JSON writes as six bytes, 0.7 of it
FILES = 800  # on the map; a browser settles them within two seconds, and they take 0.7 KB each at the most
JOBS = 150
REQUEST = 160  # characters of a request that are shown
PATH = 90  # characters of a path, its end
GROUPS = 11  # folders with a colour of their own

_OTHERS = "others"
_FACTS = "__FACTS__"  # in the template


@dataclass(frozen=True, slots=True)
class JobMark:
    """One job on the time line; times in seconds since the epoch."""

    id: JobId
    status: JobStatus
    request: str
    created: float
    ended: float | None


def beginning() -> str:
    """Return what the page begins with, whatever it shows: more than file managers read of it."""
    return _template().partition(_FACTS)[0]


def _template() -> str:
    return files("semfs").joinpath("dashboard.html").read_text("utf-8")


def page(*, at: float, status: Status, engine: str, jobs: Sequence[JobMark], map: Map) -> str:
    """Return the page, `BYTES` long in UTF-8; `engine` is `sys/engine`."""
    facts = {
        "at": at,
        "status": json.loads(status.json()),
        "engine": [_fact(line) for line in engine.splitlines() if line.strip()],
        "jobs": [_job(job) for job in jobs[-JOBS:]],
        "map": _map(map),
    }
    # json.dumps writes ASCII, so a character is a byte; no "<" in a name ends the script.
    words = json.dumps(facts, separators=(",", ":")).replace("<", "\\u003c")
    return _template().replace(_FACTS, words).ljust(BYTES)


def _fact(line: str) -> tuple[str, str]:
    word, _, rest = line.strip().partition(" ")
    return (word, rest.strip()) if line[:1].strip() else ("", line.strip())


def _job(job: JobMark) -> dict[str, object]:
    return {
        "id": job.id,
        "status": job.status,
        "request": shown(job.request).strip()[:REQUEST],
        "created": job.created,
        "ended": job.ended,
    }


def _map(map: Map) -> dict[str, object]:
    folders = _folders(map.paths)
    groups = [name for name, _ in Counter(folders).most_common(GROUPS)]
    named = groups if len(set(folders)) <= GROUPS else [*groups[:-1], _OTHERS]
    number = {name: index for index, name in enumerate(named)}
    return {
        "groups": named,
        "files": [
            {"path": shown(path)[-PATH:], "at": place, "group": number.get(folder, len(named) - 1)}
            for path, place, folder in zip(map.paths, map.layout.places, folders, strict=True)
        ],
        "near": map.layout.near,
        "sampled": map.total if map.total > len(map.paths) else 0,
    }


def _folders(paths: Sequence[str]) -> list[str]:
    """Return for each file the first folder in which it is apart from others, at most two deep."""
    folders = [os.path.dirname(path) for path in paths]
    if not folders:
        return []
    top = os.path.commonpath(folders)
    below = [os.path.relpath(folder, top).split("/") for folder in folders]
    return ["/".join(parts[:2]) for parts in below]
