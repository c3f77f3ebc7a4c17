"""`sys/dashboard.html`: what semfs does, on one page that any browser opens from the mount.

The page has the same length whatever it shows, so that looking at it (`ls -l`) makes nothing; a
browser reads as many bytes as it was told that there are.  What it shows stands behind what is always
the same, so that nothing is made either for who reads a little to see what sort of file it is.
"""

from __future__ import annotations

import hashlib
import json
import os.path
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.resources import files

from semfs.engine.report import EngineStatus
from semfs.model import JobId, JobStatus, shown
from semfs.search.atlas import Map
from semfs.status import Status

BYTES = 1 << 20  # with every name at its longest, in letters that JSON writes as six bytes, 0.7 of it
FILES = 800  # on the map; a browser settles them within two seconds, and they take 0.7 KB each at the most
JOBS = 150
STEPS = 600  # of these jobs, the newest
REQUEST = 160  # characters of a request that are shown
PATH = 90  # characters of a path below the folder that all files are in, its end
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


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of a step of a job, at the time when it ended."""

    at: float
    read: int
    written: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page shows; `engine` is `sys/engine`, `report` the same in numbers where there are any."""

    at: float
    status: Status
    engine: str
    report: EngineStatus | None
    jobs: Sequence[JobMark]
    spent: Sequence[Spent]
    map: Map


def beginning() -> str:
    """Return what the page begins with, whatever it shows: more than file managers read of it."""
    return _template().partition(_FACTS)[0]


def _template() -> str:
    """Return the page without its facts, in which a browser runs its own script and no other."""
    text = files("semfs").joinpath("dashboard.html").read_text("utf-8")
    script = re.search(r'<script type="module">(.*?)</script>', text, re.S)
    assert script is not None
    digest = b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    return text.replace("__HASH__", f"sha256-{digest}")


def page(facts: Facts) -> str:
    """Return the page, `BYTES` long in UTF-8."""
    carried = {
        "at": facts.at,
        "now": facts.status.now(),
        "status": json.loads(facts.status.json()),
        "engine": [_line(line) for line in facts.engine.splitlines() if line.strip()],
        "report": facts.report and asdict(replace(facts.report, sequences=())),
        "jobs": [_job(job) for job in facts.jobs[-JOBS:]],
        "spent": [[round(step.at), step.read, step.written] for step in facts.spent[-STEPS:]],
        "map": _map(facts.map),
    }
    # json.dumps writes ASCII, so a character is a byte; no "<" in a name ends the script.
    words = json.dumps(carried, separators=(",", ":")).replace("<", "\\u003c")
    return _template().replace(_FACTS, words).ljust(BYTES)


def _line(line: str) -> tuple[str, str]:
    word, tab, rest = line.partition("\t")
    return (word, rest) if tab else ("now", word)


def _job(job: JobMark) -> dict[str, object]:
    return {
        "id": job.id,
        "status": job.status,
        "request": shown(job.request).strip()[:REQUEST],
        "created": job.created,
        "ended": job.ended,
    }


def _map(map: Map) -> dict[str, object]:
    base = os.path.commonpath([os.path.dirname(path) for path in map.paths]) if map.paths else ""
    below = [os.path.relpath(path, base or "/") for path in map.paths]
    folders = ["/".join(os.path.dirname(path).split("/")[:2]) or "." for path in below]
    groups = [name for name, _ in Counter(folders).most_common(GROUPS)]
    named = groups if len(set(folders)) <= GROUPS else [*groups[:-1], _OTHERS]
    number = {name: index for index, name in enumerate(named)}
    return {
        "base": "" if base == "/" else shown(base),
        "groups": [shown(name)[-PATH:] for name in named],
        "files": [
            {
                "path": shown(path)[-PATH:],
                "whole": len(shown(path)) <= PATH,
                "at": place,
                "group": number.get(folder, len(named) - 1),
            }
            for path, place, folder in zip(below, map.layout.places, folders, strict=True)
        ],
        "near": map.layout.near,
        "sampled": map.total if map.total > len(map.paths) else 0,
    }
