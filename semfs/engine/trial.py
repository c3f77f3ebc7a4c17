"""Measure one model under given settings; the child of `semfs.engine.bench`.

Reads a `Trial` a line and writes its `Figures`, as JSON.  A setting that the native code
does not survive ends the process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from semfs.engine.llama import Llama, load_library
from semfs.engine.steps import Feed, SequenceId
from semfs.engine.tuning import Tuned, build_folder
from semfs.errors import ModelError

BESIDE = 8  # sequences that write at once in the last measurement
FIRST_TOKEN = 1000  # beyond the special ones of every vocabulary
WARM_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Trial:
    """What to measure, and how long."""

    tuned: Tuned
    prompt: int  # tokens to read
    words: int  # tokens that each sequence writes


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a token: on the clock, and of all processors together."""

    clock: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one trial gave."""

    read: Pace
    alone: Pace  # one sequence writes
    beside: Pace  # BESIDE of them do, for each token


def run(model: Path, build: str) -> None:
    """Serve trials until standard input ends."""
    load_library(build_folder(build))
    for line in sys.stdin:
        body = json.loads(line)
        trial = Trial(**(body | {"tuned": Tuned(**body["tuned"])}))
        try:
            answer = asdict(measure(model, trial))
        except ModelError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


def figures(answer: dict[str, dict[str, float]]) -> Figures:
    """Return the figures that became JSON."""
    return Figures(**{name: Pace(**pace) for name, pace in answer.items()})


def measure(model: Path, trial: Trial) -> Figures:
    """Load the model with these settings and time it; raises ModelError."""
    step = trial.tuned.step_tokens or 128
    cells = trial.prompt + WARM_TOKENS + (trial.words + 1) * (BESIDE + 1) + 256
    llama = Llama(model, cells=cells, slots=BESIDE, batch=max(step, BESIDE), threads=0, tuned=trial.tuned)
    try:
        _feed(llama, [(0, 0, WARM_TOKENS)], sample=True)
        llama.drop(0)
        with _timed(trial.prompt) as read:
            for start in range(0, trial.prompt, step):
                _feed(llama, [(0, start, min(step, trial.prompt - start))], sample=False)
        for slot in range(1, BESIDE):
            llama.copy(0, slot, trial.prompt)
        with _timed(trial.words) as alone:
            for at in range(trial.words):
                _feed(llama, [(0, trial.prompt + at, 1)], sample=True)
        end = trial.prompt + trial.words
        with _timed(trial.words * BESIDE) as beside:
            for at in range(trial.words):
                rows = [(slot, (end if slot == 0 else trial.prompt) + at, 1) for slot in range(BESIDE)]
                _feed(llama, rows, sample=True)
    finally:
        llama.close()
    return Figures(read[0], alone[0], beside[0])


def _feed(llama: Llama, rows: Sequence[tuple[int, int, int]], *, sample: bool) -> None:
    """Compute (slot, start, count) of made-up tokens and wait for the end."""
    feeds = [Feed(SequenceId(slot + 1), slot, start, count, sample) for slot, start, count in rows]
    llama.decode(
        feeds, [[FIRST_TOKEN + (start + at) * 7 % 5000 for at in range(count)] for _, start, count in rows]
    )
    llama.wait()


@contextmanager
def _timed(tokens: int) -> Iterator[list[Pace]]:
    result: list[Pace] = []
    clock, cpu = time.perf_counter(), time.process_time()
    yield result
    result.append(Pace((time.perf_counter() - clock) / tokens, (time.process_time() - cpu) / tokens))
