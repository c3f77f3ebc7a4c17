"""Find out which settings of llama.cpp are best for one model on this machine.

One setting is varied after another, the best is kept for those that follow: builds, threads, the
order of the weights, flash attention, type of keys and values, tokens a step; then other
quantisations of the same model are compared.  Every measurement is made by a child process
(`semfs.engine.trial`), which may crash.

Where others use the processors a clock says little: then processor time is compared, and the
threads stay as they are.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from semfs.engine import local, models, tuning
from semfs.engine.cores import physical_cores
from semfs.engine.laboratory import Child, Laboratory, Length, pace
from semfs.engine.pull import Progress
from semfs.engine.trial import Figures
from semfs.engine.tuning import Entry, Tuned
from semfs.errors import ModelError, ModelUnknown

READ, ALONE, TOGETHER = 256, 32, 32  # tokens of a typical request: a question with a few passages
GAIN = 0.95  # what is not faster by so much is not worth being different
BUSY_GAIN = 0.85  # the same where others use the processors: equal runs differed by a tenth there
STEPS = (64, 128, 256)  # longer ones delay whoever arrives by more than they save
BUSY = 0.5  # runnable processes a core, above which the clock is not trusted

Measure = Callable[[Sequence[Tuned]], Mapping[Tuned, Figures]]


THOROUGH = Length(192, 8, 2)
QUICK = Length(96, 4, 1)


def bench(name: str, *, child: Child, quick: bool, progress: Progress) -> Entry:
    """Measure, keep what was found and return it; raises ModelError."""
    path = models.path_of(name)
    if path.is_dir():
        raise ModelUnknown(f"{name} is an embedder: only language models are measured")
    busy = os.getloadavg()[0] > BUSY * (os.cpu_count() or 1)
    length = QUICK if quick else THOROUGH
    base = defaults(physical_cores())

    def laboratory(model: Path, base: Tuned) -> Laboratory:
        return Laboratory(model, base, child, length, busy=busy, progress=progress)

    mine = laboratory(path, base)
    best = search(mine.measure, base, tuning.builds(), busy=busy)
    told = [f"best: {', '.join(tuning.words(best))}", *mine.told]
    for other in relatives(name):
        figures = laboratory(models.path_of(other), best).measure([best])
        told += [f"{other}: {pace(each, busy=busy)}" for each in figures.values()]
    if busy:
        told.append("others used the processors: rates are those of one, and threads were not compared")
    entry = Entry(best, tuple(told), time.strftime("%Y-%m-%d %H:%M"))
    tuning.keep(path, entry)
    return entry


def defaults(cores: int) -> Tuned:
    """Return what the engine does by itself."""
    return Tuned(threads=cores, batch_threads=cores, step_tokens=128)


def search(measure: Measure, base: Tuned, builds: Sequence[str], *, busy: bool) -> Tuned:
    """Vary one setting after another and return the best; raises ModelError if nothing can be measured."""
    measured = measure([replace(base, build=build) for build in ("", *builds)])
    if not measured:
        raise ModelError("no build of llama.cpp runs this model: run `make setup` again")
    best = choose(base, measured, busy=busy)
    if not busy and base.threads > 1:
        counts = _counts(base.threads)
        best = _threads(best, measure([replace(best, threads=n, batch_threads=n) for n in counts]))
    best = choose(best, measure([replace(best, repack=repack) for repack in (None, False, True)]), busy=busy)
    best = choose(best, measure([best, replace(best, flash_attention=False)]), busy=busy)
    if best.flash_attention is None:  # keys and values in 8 bits need it
        best = choose(best, measure([best, replace(best, kv="q8_0")]), busy=busy)
    return _step(best, measure([replace(best, step_tokens=step) for step in STEPS]), busy=busy)


def choose(preferred: Tuned, measured: Mapping[Tuned, Figures], *, busy: bool) -> Tuned:
    """Return the fastest, or what is preferred if that is not clearly slower."""
    fastest = min(measured, key=lambda tuned: cost(measured[tuned], busy=busy), default=preferred)
    if preferred not in measured:
        return fastest
    limit = cost(measured[preferred], busy=busy) * (BUSY_GAIN if busy else GAIN)
    return fastest if cost(measured[fastest], busy=busy) < limit else preferred


def cost(figures: Figures, *, busy: bool) -> float:
    """Return the seconds of a typical request, half of its words written beside others."""
    read, alone, beside = (
        each.cpu if busy else each.clock for each in (figures.read, figures.alone, figures.beside)
    )
    return READ * read + ALONE * alone + TOGETHER * beside


def relatives(name: str) -> list[str]:
    """Return the other quantisations of a model that are here."""
    made = local.find(name)
    source = made.made_from if made else name
    every = [model.name for model in local.every() if model.made_from == source]
    return [other for other in (source, *every) if other != name and _is_here(other)]


def _is_here(name: str) -> bool:
    try:
        return models.path_of(name).is_file()
    except ModelError:
        return False


def _counts(cores: int) -> list[int]:
    """Return the numbers of threads to try: all cores, about three quarters, half, one."""
    return sorted({cores, max(1, cores * 3 // 4), max(1, cores // 2), 1}, reverse=True)


def _threads(best: Tuned, measured: Mapping[Tuned, Figures]) -> Tuned:
    """Choose the threads for reading and those for writing apart; more of them only if that helps."""
    fewest = sorted(measured, key=lambda tuned: tuned.threads)
    writing = min(fewest, key=lambda tuned: measured[tuned].alone.clock, default=best)
    reading = min(fewest, key=lambda tuned: measured[tuned].read.clock, default=best)
    return replace(best, threads=writing.threads, batch_threads=reading.batch_threads)


def _step(best: Tuned, measured: Mapping[Tuned, Figures], *, busy: bool) -> Tuned:
    """Choose the shortest step that reads about as fast as the longest."""
    paces = {tuned: it.read.cpu if busy else it.read.clock for tuned, it in measured.items()}
    good = [tuned for tuned, seconds in paces.items() if seconds * GAIN <= min(paces.values())]
    return min(good, key=lambda tuned: tuned.step_tokens, default=best)
