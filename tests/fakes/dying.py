"""Carry a job out in a process that is killed at its n-th write, and go on in another.

Started as `dying.py FOLDER SEED`, or as `dying.py FOLDER all` for every point once.  A point is a
statement of SQL that writes, a file that is opened for writing, renamed or removed, a child that is
started, and each answer of the model.  For every point that is tried one line of JSON tells what the job
came to, and what was done again although it had been done.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from semfs.jobs.every import Every
from semfs.model import Prompt
from semfs.store.state import State
from tests.unit.jobs.conftest import House, ScriptedEngine

PLAN = b"""#!semfs plan
notes = find("note")
cats = keep(notes, "is about a cat")
kinds = classify(notes, "cat, dog")
counted = table("select label, count(*) n from kinds group by label order by label", kinds)
told = summarize(cats)
sum = python("add one and two")
save(counted, "counted.csv")
save(told, "told.md")
save(sum, "sum.txt")
"""
NOTES = {f"note{n}.txt": f"Note {n} is about a {('cat', 'dog')[n % 2]}." for n in range(5)}
EVERY = b'#!semfs every="hourly" plan\nsave(find("note"), "notes.txt")\n'
OPERATORS = {  # by words of their prompts
    "Does this hold": "keep",
    "Which one fits": "classify",
    "Summarize it": "summarize",
    "Write one summary": "summarize",
    "Task: add one and two": "python",
}
ANSWERS: dict[str, Callable[[str], str]] = {
    "keep": lambda note: "yes" if "cat" in NOTES[note] else "no",
    "classify": lambda note: "cat" if "cat" in NOTES[note] else "dog",
    "summarize": lambda note: f"Told of {note}." if note else "Told of all.",
    "python": lambda note: "print(1 + 2)",
}
WRITES = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE")
CHANGES = frozenset(["os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "subprocess.Popen"])
POINTS, TWICE = 12, 4  # how many points are tried, and how many pairs of them


class Death:
    """Count points, and end the process at one of them."""

    def __init__(self, at: int) -> None:
        self.count = 0
        self._at = at
        sys.addaudithook(self._hook)

    def point(self) -> None:
        self.count += 1
        if self.count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, sql: str) -> None:
        """Be told of each statement of a database."""
        if sql.startswith(WRITES):
            self.point()

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        flags = arguments[2] if event == "open" else 0
        if event in CHANGES or (isinstance(flags, int) and flags & os.O_ACCMODE):
            self.point()


class Told(ScriptedEngine):
    """Answer by rule, and note each answer in a file before it is given."""

    def __init__(self, folder: Path, death: Death) -> None:
        super().__init__([("", self._answer)])
        self._book = folder / "asked"
        self._death = death

    def _answer(self, prompt: Prompt) -> str:
        self._death.point()
        together = "Write one summary" in prompt.user
        note = "" if together else next((name for name in NOTES if name in prompt.user), "")
        operator = next(name for words, name in OPERATORS.items() if words in prompt.user)
        with self._book.open("a") as book:
            book.write(json.dumps([operator, note]) + "\n")
        self._death.point()
        return ANSWERS[operator](note)


def forked(work: Callable[[], None]) -> int:
    """Do something in a child; return its exit status, minus the signal that ended it."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
        os._exit(0)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def set_up(folder: Path) -> None:
    house = House(folder, ScriptedEngine())
    for name, text in NOTES.items():
        house.add(name, text)
    house.writer.close()


def work(folder: Path, at: int) -> None:
    """Take the request or go on with it, to the end; write how many points there were."""
    death = Death(at)
    house = House(folder, Told(folder, death))
    jobs = house.open()
    state = house.state()
    state._writer.set_trace_callback(death.statement)
    now = time.time()
    every = Every(state, jobs.submit, longest=1000, clock=lambda: now)
    jobs.recover()
    if not jobs.ids():
        jobs.submit(PLAN)
    if "often" not in every.names():
        every.put("often", EVERY)
    now += 3600
    if not every.runs("often"):
        every.tick()
    for id in jobs.ids():
        jobs.wait(id, lambda: time.time() > now + 60)
    house.close()
    (folder / "points").write_text(str(death.count))


def found(folder: Path) -> dict[str, object]:
    """Return what there is in the end."""
    state = State(folder / "state.db")
    jobs = {
        int(id): [
            state.job(id).status,  # type: ignore[union-attr]
            {path.name: path.read_text() for path in sorted((folder / "jobs" / str(id) / "out").iterdir())},
        ]
        for id in state.job_ids()
    }
    state.close()
    return {"jobs": json.loads(json.dumps(jobs).replace(str(folder), ""))}


def done(folder: Path) -> set[tuple[str, str]]:
    """Return which operators have done which files, and ("", "") for those that have ended."""
    if not (folder / "state.db").exists():
        return set()
    found = set()
    for journal in folder.glob("jobs/*/steps/*.tasks"):
        for line in journal.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                path, result = json.loads(line)
                found.add((_operator(result["value"]), Path(path).name))
    state = State(folder / "state.db")
    found |= {(row.operator, "") for id in state.job_ids() for row in state.steps(id).values()}
    state.close()
    return found


def _operator(value: object) -> str:
    """Say which operator kept this in its journal."""
    if isinstance(value, bool):
        return "keep"
    return "classify" if value in ("cat", "dog") else "summarize"


def asked(folder: Path) -> list[tuple[str, str]]:
    book = folder / "asked"
    return [tuple(json.loads(line)) for line in book.read_text().splitlines()] if book.exists() else []


def attempt(base: Path, folder: Path, deaths: list[int]) -> dict[str, object]:
    """Let processes die one after the other, then one go on to the end."""
    shutil.copytree(base, folder)
    again: list[object] = []
    for at in [*deaths, 0]:
        kept, before = done(folder), len(asked(folder))
        status = forked(lambda at=at: work(folder, at))  # type: ignore[misc]
        again += [one for one in asked(folder)[before:] if one in kept]
    points = (folder / "points").read_text()
    result = {"deaths": deaths, "ended": status, "again": again, "points": int(points), **found(folder)}
    shutil.rmtree(folder)
    return result


def main() -> None:
    base = Path(sys.argv[1]) / "base"
    base.mkdir()
    forked(lambda: set_up(base))
    whole = attempt(base, base.with_name("0"), [])
    print(json.dumps(whole), flush=True)
    points = int(str(whole["points"]))
    if sys.argv[2] == "all":
        deaths = [[at] for at in range(1, points + 1)]
    else:
        chance = random.Random(int(sys.argv[2]))
        deaths = [[at] for at in chance.sample(range(1, points + 1), min(POINTS, points))]
        deaths += [[chance.randint(1, points), chance.randint(1, points)] for _ in range(TWICE)]
    for number, one in enumerate(deaths, 1):
        print(json.dumps(attempt(base, base.with_name(str(number)), one)), flush=True)


if __name__ == "__main__":
    main()
