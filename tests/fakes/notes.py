"""Files with notes, a plan to sum them up, and a model that does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from semfs.jobs.jobs import Jobs
from semfs.model import JobId

Finish = Callable[[Jobs, JobId], str]

PLAN = b'#!semfs plan\nnotes = find("note")\ntext = summarize(notes)\nsave(text, "s.md")\n'


def start(house: Any, count: int = 2) -> None:
    for number in range(count):
        house.add(f"note{number}.txt", f"Note {number} is about cats.")
    house.engine.script += [("Write one summary", "All about cats."), ("Summarize it", "A note about cats.")]


def out(jobs: Jobs, id: JobId, name: str) -> str:
    return (jobs.output_dir(id) / name).read_text("utf-8")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
