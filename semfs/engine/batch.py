"""The loop that computes: it carries out what residency and schedulers decide.

A `Batcher` owns the models.  `run` is the loop and belongs to one thread, the only one that touches
a model; `submit`, `cancel` and `status` may be called from any thread.  A fault of the native code
ends `run` with an exception, and with it the process: clients take their requests to a new one.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from semfs import config
from semfs.engine import models
from semfs.engine.prefixes import PrefixStore
from semfs.engine.protocol import Generate
from semfs.engine.report import EngineStatus
from semfs.engine.residency import Load, Residency, Want
from semfs.engine.resident import Request, Resident
from semfs.engine.steps import SequenceId
from semfs.engine.stream import Sink
from semfs.errors import SemfsError

logger = logging.getLogger(__name__)

SHORTEST_IDLE = 2  # seconds; the request for which the process was started has to arrive
SHARE = 2  # loaded models may take one part in so many of the machine's memory
GROWTH = 1.25  # memory of a model before it was ever loaded, by the size of its file
LOOK_SECONDS = 0.2  # between two reports


class Batcher:
    """Serves many requests with the models that they name."""

    def __init__(
        self, model: str, settings: config.Engine, *, cache: Path, beat: Callable[[], None] = lambda: None
    ) -> None:
        """`beat` is called again and again while the loop goes on, not while it is idle."""
        self._model = model
        self._beat = beat
        self._settings = settings
        self._cache = cache
        self._inbox: queue.SimpleQueue[Request | SequenceId] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._residents: dict[str, Resident] = {}
        self._sizes: dict[str, int] = {}
        budget = settings.memory_mb * 1_000_000 or _memory() // SHARE
        self._residency = Residency(budget, max(settings.idle_seconds, SHORTEST_IDLE))
        self._served = self._read = self._written = 0  # by models that are gone
        self._looked = 0.0
        self._report = self._look(time.monotonic())

    def submit(self, request: Generate, sink: Sink) -> SequenceId:
        """Queue a request; `sink` is called from the loop's thread and must not block."""
        id = SequenceId(next(self._numbers))
        self._inbox.put(Request(id, request, sink, time.monotonic()))
        return id

    def cancel(self, id: SequenceId) -> None:
        """Drop a request before the next step; harmless if it has ended."""
        self._inbox.put(id)

    def status(self) -> EngineStatus:
        """Return how the engine was a moment ago."""
        return replace(self._report, memory_mb=_resident_mb())

    def run(self) -> None:
        """Serve until nobody has asked for anything for `idle_seconds`."""
        while self._receive():
            now = time.monotonic()
            for resident in self._residents.values():
                resident.end_expired(now)
            self._swap(now)
            model = self._residency.turn(self._wants(now), now)
            if model is not None:
                self._residents[model].step(now)
            if now - self._looked >= LOOK_SECONDS or not self._busy:
                self._report = self._look(now)
                self._beat()
        logger.info("idle for %d s, ending", self._settings.idle_seconds)

    @property
    def _busy(self) -> bool:
        return any(resident.busy for resident in self._residents.values())

    # What arrives

    def _receive(self) -> bool:
        """Take in what has arrived, waiting if there is nothing to do; say whether to go on."""
        if not self._busy:
            try:
                self._take(self._inbox.get(timeout=max(self._settings.idle_seconds, SHORTEST_IDLE)))
            except queue.Empty:
                return False
        while not self._inbox.empty():
            self._take(self._inbox.get())
        return True

    def _take(self, event: Request | SequenceId) -> None:
        if not isinstance(event, Request):
            any(resident.cancel(event) for resident in self._residents.values())
            return
        model = event.message.model or self._model
        if model not in self._residents:
            self._residents[model] = Resident(model, self._settings, cache=self._cache)
        self._residents[model].take(event)

    # Which models are there

    def _wants(self, now: float) -> dict[str, Want]:
        busy = {model: resident for model, resident in self._residents.items() if resident.busy}
        return {model: resident.want(self._size(model), now) for model, resident in busy.items()}

    def _size(self, model: str) -> int:
        """Return about how many bytes the model takes; exactly once it was loaded."""
        if model not in self._sizes:
            try:
                self._sizes[model] = int(models.path_of(model).stat().st_size * GROWTH)
            except (SemfsError, OSError):
                self._sizes[model] = 0  # loading it will tell what is wrong
        return self._sizes[model]

    def _swap(self, now: float) -> None:
        while move := self._residency.decide(self._wants(now), now):
            resident = self._residents[move.model]
            if isinstance(move, Load):
                try:
                    self._sizes[move.model] = resident.load()
                except SemfsError:
                    del self._residents[move.model], self._sizes[move.model]
                    continue
                self._residency.load(move.model, self._sizes[move.model], time.monotonic())
            else:
                resident.drop()
                self._residency.drop(move.model)
                if not resident.busy:
                    gone = self._residents.pop(move.model)
                    self._served += gone.served
                    self._read += gone.read
                    self._written += gone.written

    def _look(self, now: float) -> EngineStatus:
        self._looked = now
        residents = self._residents.values()
        sequences = [sequence for resident in residents for sequence in resident.sequences(now)]
        stored, stored_bytes = PrefixStore(self._cache, "").usage()
        return EngineStatus(
            pid=os.getpid(),
            model=self._model,
            models=tuple(resident.report() for resident in residents),
            sequences=tuple(sorted(sequences, key=lambda sequence: (sequence.queue, sequence.id))),
            budget=self._residency.budget,
            served=self._served + sum(resident.served for resident in residents),
            read=self._read + sum(resident.read for resident in residents),
            written=self._written + sum(resident.written for resident in residents),
            swaps=self._residency.swaps,
            stored=stored,
            stored_bytes=stored_bytes,
        )


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
