"""What the benchmarks of answers and requests share: semfs over a folder without a mount.

The whole product runs, its ingest and engine processes too; only FUSE is left out.  Each
benchmark keeps what it has measured in a file of lines (`--keep`), so that a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import string
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from beir import NAME, private_home, say

from semfs import log
from semfs.cli.children import command
from semfs.config import Config, Engine, Index
from semfs.engine.client import Engine as Model
from semfs.model import Priority, Prompt, Sampling
from semfs.service import Commands, Service

DEFAULT_MODEL = Engine().model
JOB_S = 900  # a request that takes longer on a machine with other work has failed


def arguments(doc: str, *, items: str) -> argparse.ArgumentParser:
    """Return the parser with the options that all of them have."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, metavar="N", help=f"only the first N {items}")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"instead of {DEFAULT_MODEL}")
    parser.add_argument("--data", type=Path, help="keep files and indexes here, and use them again")
    parser.add_argument("--side", type=int, default=1, metavar="N", help="so many at a time")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep results here, and go on after them")
    return parser


@contextlib.contextmanager
def served(base: Path, model: str, *folders: Path) -> Iterator[Service]:
    """Run semfs over folders, with its index complete, keeping everything below `base`."""
    private_home(base)
    configured = Config(index=Index(pause_on_battery=False, pause_on_load=False), engine=Engine(model=model))
    sources = [str(folder.resolve()) for folder in folders]
    service = Service(
        name=NAME,
        sources=sources,
        config=configured,
        commands=Commands(
            ingest=command("_ingest", "--name", NAME, "--", *sources),
            engine=lambda socket: command("_engine", "--socket", str(socket), "--model", model),
        ),
    )
    log.start(file=service.log_path)
    service.start()
    try:
        while not (found := service.coverage()).complete:
            say(f"{found.activity}: {found.indexed} of {found.files} files, {found.embedded} vectors")
            time.sleep(3)
        yield service
    finally:
        service.close()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended."""

    status: str
    plan: str
    made: dict[str, str]  # file name -> text
    error: str

    @property
    def text(self) -> str:
        return "\n".join(self.made.values())


def carried_out(service: Service, request: str) -> Ended:
    """Put a request to `run` and wait for its end."""
    job = service.submit(request.encode())
    deadline = time.monotonic() + JOB_S
    try:
        status = str(service.jobs.wait(job, lambda: time.monotonic() > deadline))
    except InterruptedError:
        status = "late"
    view = service.jobs.get(job)
    folder = service.jobs.output_dir(job)
    made = {file.name: file.read_text("utf-8", "replace") for file in sorted(folder.iterdir())}
    return Ended(status, view.plan, made, view.error)


def directly(model: Model, question: str) -> str:
    """Return what the bare model says, asked as in a chat."""
    sampling = Sampling(max_tokens=400)
    return "".join(model.generate(Prompt(question), sampling, priority=Priority.NORMAL)).strip()


Row = TypeVar("Row")
Result = dict[str, Any]


class Kept:
    """Results by key, in a file of lines where one is given."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.rows: dict[str, dict[str, Any]] = {}
        if file is not None and file.exists():
            with file.open(encoding="utf-8") as old:
                self.rows = {row["key"]: row for row in map(json.loads, old)}

    def get(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the result of a key, measuring it if it is not there yet."""
        if key not in self.rows:
            row = {"key": key, **make()}
            with self._lock:
                self.rows[key] = row
                if self._file is not None:
                    with self._file.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return self.rows[key]


def each(rows: Sequence[Row], work: Callable[[Row], Result], *, side: int) -> Iterator[Result]:
    """Yield what `work` gives for the rows in their order, so many of them at a time."""
    with ThreadPoolExecutor(max(1, side)) as pool:
        yield from pool.map(work, rows)


def share(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    found = list(values)
    return round(sum(found) / len(found), 4) if found else 0.0


# -- the measures of SQuAD

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKS = str.maketrans("", "", string.punctuation)


def normal(text: str) -> str:
    """Return a text as SQuAD compares it: without case, punctuation, articles and extra space."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_MARKS)).split())


def overlap(given: str, wanted: str) -> float:
    """Return the F1 of two texts' words."""
    have, want = normal(given).split(), normal(wanted).split()
    same = sum((Counter(have) & Counter(want)).values())
    return 2 * same / (len(have) + len(want)) if same else 0.0


def best(measure: Callable[[str, str], float], given: str, accepted: Sequence[str]) -> float:
    return max((measure(given, wanted) for wanted in accepted), default=0.0)


# -- numbers and names as answers

_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?")


def numbers(text: str) -> list[float]:
    """Return the numbers of a text."""
    return [float(found[0].replace(",", "").replace("−", "-")) for found in _NUMBER.finditer(text)]


def same_value(given: str, wanted: str) -> bool:
    """Whether two cells are the same number, or the same words."""
    one, other = numbers(given), numbers(wanted)
    if len(one) == 1 and len(other) == 1:
        return abs(one[0] - other[0]) <= 1e-6 * max(1.0, abs(other[0]))
    return normal(given) == normal(wanted)
