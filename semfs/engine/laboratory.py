"""Have child processes measure a model under several settings, and outlive those that crash."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from semfs.engine import tuning
from semfs.engine.gguf import read_header
from semfs.engine.pull import Progress
from semfs.engine.quantise import type_of
from semfs.engine.trial import BESIDE, Figures, Trial, figures
from semfs.engine.tuning import Tuned
from semfs.errors import ModelError
from semfs.supervise import ending

TRIAL_SECONDS = 240.0  # for one measurement, loading the model included

Child = Callable[[Path, str], Sequence[str]]  # model and build: an argument vector


@dataclass(frozen=True, slots=True)
class Length:
    """How much is measured."""

    prompt: int
    words: int
    rounds: int  # the best of which counts


class Laboratory:
    """Measures one model with children, and keeps a line on each measurement."""

    def __init__(
        self, model: Path, base: Tuned, child: Child, length: Length, *, busy: bool, progress: Progress
    ) -> None:
        self.told: list[str] = []
        self._base = base
        self.length = length
        self._model = model
        self._child = child
        self._busy = busy
        self._progress = progress
        self._type = type_of(read_header(model)) or "its own type"

    def measure(self, variants: Sequence[Tuned]) -> dict[Tuned, Figures]:
        """Measure the variants by turns; those that fail are left out."""
        found: dict[Tuned, Figures] = {}
        failed: dict[Tuned, str] = {}
        for _ in range(self.length.rounds):
            for build, group in _by_build(variants):
                with closing(_Process(self._child(self._model, build))) as process:
                    for tuned in group:
                        if tuned in failed:
                            continue
                        self._progress(self._words(tuned))
                        try:
                            figures = process.ask(Trial(tuned, self.length.prompt, self.length.words))
                            found[tuned] = _best(found.get(tuned), figures)
                        except ModelError as error:
                            failed[tuned] = str(error)
                            found.pop(tuned, None)
        for tuned in variants:
            what = pace(found[tuned], busy=self._busy) if tuned in found else failed.get(tuned, "")
            self.told.append(f"{self._words(tuned)}: {what}")
        return found

    def _words(self, tuned: Tuned) -> str:
        return ", ".join((self._type, *tuning.words(tuned, since=self._base)))


def _by_build(variants: Iterable[Tuned]) -> Iterator[tuple[str, list[Tuned]]]:
    every = list(variants)
    for build in dict.fromkeys(tuned.build for tuned in every):
        yield build, [tuned for tuned in every if tuned.build == build]


def _best(one: Figures | None, other: Figures) -> Figures:
    if one is None:
        return other
    return Figures(
        *(
            min(getattr(one, name), getattr(other, name), key=lambda pace: pace.clock)
            for name in ("read", "alone", "beside")
        )
    )


class _Process:
    """A child that measures; a new one is started after it died."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, trial: Trial) -> Figures:
        """Return what the child measured; raises ModelError with what went wrong, or how it died."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(asdict(trial)).encode() + b"\n")
            process.stdin.flush()
            ready = select.select([process.stdout], [], [], TRIAL_SECONDS)[0]
            line = process.stdout.readline() if ready else b""
        except BrokenPipeError:
            line = b""
        if not line:
            raise ModelError(self._died())
        answer = json.loads(line)
        if "error" in answer:
            raise ModelError(str(answer["error"]))
        return figures(answer)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self._process

    def _died(self) -> str:
        assert self._process is not None
        try:
            how = ending(self._process.wait(1.0))
        except subprocess.TimeoutExpired:
            how = f"gave no answer within {TRIAL_SECONDS:g} s"
        self.close()
        return f"the process that measures {how}"


def pace(figures: Figures, *, busy: bool) -> str:
    """Return the rates in words."""
    read, alone, beside = (
        1 / max(each.cpu if busy else each.clock, 1e-6)
        for each in (figures.read, figures.alone, figures.beside)
    )
    return f"{read:.0f} tokens/s read, {alone:.1f} written alone, {beside:.1f} by {BESIDE} together"
