"""The loop that computes: it carries out what the scheduler decides.

A `Batcher` owns the model, loaded with the first request.  `run` is the loop and belongs
to one thread, the only one that touches the model; `submit`, `cancel` and `status` may be
called from any thread.  A fault of the native code ends `run` with an exception, and with
it the process: clients take their requests to a new one.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from semfs import config
from semfs.engine.device import Device
from semfs.engine.llama import Logits
from semfs.engine.protocol import EngineStatus, Generate
from semfs.engine.sampler import NothingFollows
from semfs.engine.scheduler import PREFIX_TOKENS, STEP_TOKENS, Scheduler
from semfs.engine.steps import Arrival, Copy, SequenceId, Step
from semfs.engine.stream import Sink, Stream
from semfs.errors import PromptTooLong, SemfsError

logger = logging.getLogger(__name__)

PREFIX_SLOTS = 3
LONGEST_TOKEN = 64  # characters; a text beyond so many a cell is refused without tokenising it
RATE_STEPS = 64  # steps that the reported speeds look back on
SHORTEST_IDLE = 2  # seconds; the request for which the process was started has to arrive


@dataclass(frozen=True, slots=True)
class _Timing:
    """What one step computed."""

    read: int
    written: int
    seconds: float


class Batcher:
    """Serves many requests with one model."""

    def __init__(self, model: str, settings: config.Engine, *, cache: Path) -> None:
        self._model = model
        self._settings = settings
        self._cache = cache
        self._inbox: queue.SimpleQueue[tuple[SequenceId, Generate, Sink] | SequenceId] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._slots = max(1, settings.sequences)
        self._scheduler = Scheduler(settings.context, self._slots, PREFIX_SLOTS)
        self._streams: dict[SequenceId, Stream] = {}
        self._device: Device | None = None
        self._timings: deque[_Timing] = deque(maxlen=RATE_STEPS)
        self._served = 0
        self._report = self._look()

    def submit(self, request: Generate, sink: Sink) -> SequenceId:
        """Queue a request; `sink` is called from the loop's thread and must not block."""
        id = SequenceId(next(self._numbers))
        self._inbox.put((id, request, sink))
        return id

    def cancel(self, id: SequenceId) -> None:
        """Drop a request before the next step; harmless if it has ended."""
        self._inbox.put(id)

    def status(self) -> EngineStatus:
        """Return how the engine was after the last step."""
        return replace(self._report, memory_mb=_resident_mb())

    def run(self) -> None:
        """Serve until nobody has asked for anything for `idle_seconds`."""
        while self._receive():
            step = self._scheduler.step(time.monotonic())
            if step.moves or step.feeds:
                self._carry_out(step)
            self._report = self._look()
        logger.info("idle for %d s, ending", self._settings.idle_seconds)

    # What arrives

    def _receive(self) -> bool:
        """Take in what has arrived, waiting if there is nothing to do; say whether to go on."""
        if not self._streams:
            try:
                self._take(self._inbox.get(timeout=max(self._settings.idle_seconds, SHORTEST_IDLE)))
            except queue.Empty:
                return False
        while not self._inbox.empty():
            self._take(self._inbox.get())
        return True

    def _take(self, event: tuple[SequenceId, Generate, Sink] | SequenceId) -> None:
        if not isinstance(event, tuple):
            if event in self._streams:
                self._close(event)
            return
        id, request, sink = event
        try:
            self._open(id, request, sink)
        except SemfsError as error:
            sink(error)

    def _open(self, id: SequenceId, request: Generate, sink: Sink) -> None:
        """Tokenise a request and hand it to the scheduler; raises what the client is to see."""
        self._refuse_endless(request)
        device = self._load()
        llama, template = device.llama, device.llama.template
        shared = llama.tokenise(template.shared(request.prompt), beginning=True)
        prompt = shared + llama.tokenise(template.own(request.prompt), beginning=False)
        if not self._scheduler.fits(len(prompt), request.sampling.max_tokens):
            raise self._too_long(len(prompt), request)
        stream = Stream.open(request, prompt, llama, sink)
        self._streams[id] = stream
        key = device.store.key(shared) if len(shared) >= PREFIX_TOKENS else b""
        arrival = Arrival(
            id,
            request.priority,
            tokens=len(stream.tokens),
            max_tokens=stream.left,
            prefix=key,
            prefix_tokens=len(shared) if key else 0,
            stored=bool(key) and device.store.has(key),
        )
        self._scheduler.arrive(arrival, time.monotonic())
        if stream.left <= 0:
            self._finish(id, "length")

    def _refuse_endless(self, request: Generate) -> None:
        characters = len(request.prompt.system) + len(request.prompt.user)
        if characters > LONGEST_TOKEN * self._settings.context:
            raise self._too_long(characters // 4, request)

    def _too_long(self, tokens: int, request: Generate) -> PromptTooLong:
        return PromptTooLong(
            f"the prompt has about {tokens} tokens and the answer may have {request.sampling.max_tokens}, "
            f"together more than the model's context of {self._settings.context} (engine.context)"
        )

    def _load(self) -> Device:
        if self._device is None:
            self._device = Device.open(
                self._model,
                self._settings,
                cache=self._cache,
                slots=self._slots + PREFIX_SLOTS,
                batch=STEP_TOKENS + self._slots,
            )
        return self._device

    # One step

    def _carry_out(self, step: Step) -> None:
        device = self._load()
        for prefix, ok in device.carry_out(step.moves).items():
            self._scheduler.restored(prefix, ok=ok)
        for move in step.moves:
            if isinstance(move, Copy):
                self._streams[move.id].cached = move.tokens
        if step.feeds:
            self._compute(device, step)

    def _compute(self, device: Device, step: Step) -> None:
        began = time.monotonic()
        tokens = [self._streams[feed.id].tokens[feed.start : feed.start + feed.count] for feed in step.feeds]
        logits = device.compute(step.feeds, tokens)
        for keep in step.keeps:
            device.keep(keep)
        samples = [feed.id for feed in step.feeds if feed.sample]
        for id, row in zip(samples, logits, strict=True):
            self._write(device, id, row)
        read = sum(feed.count for feed in step.feeds if not feed.sample or feed.count > 1)
        self._timings.append(_Timing(read, len(samples), time.monotonic() - began))

    def _write(self, device: Device, id: SequenceId, logits: Logits) -> None:
        """Choose a sequence's next token and send what can be shown."""
        stream = self._streams[id]
        try:
            token = stream.sampler.pick(logits)
        except NothingFollows:
            return self._finish(id, "stop")
        if device.llama.ends(token):
            return self._finish(id, "stop")
        stream.write(token, device.llama.piece(token))
        if stream.text.stopped:
            return self._finish(id, "stop")
        if stream.left == 0:
            return self._finish(id, "length")
        return self._scheduler.sampled(id)

    def _finish(self, id: SequenceId, reason: str) -> None:
        self._streams[id].finish(reason)
        self._served += 1
        self._close(id)

    def _close(self, id: SequenceId) -> None:
        self._streams.pop(id).close()
        slot = self._scheduler.leave(id)
        if self._device is not None:
            self._device.leave(id, slot)

    def _look(self) -> EngineStatus:
        running = len(self._scheduler.running)
        return EngineStatus(
            pid=os.getpid(),
            model=self._model,
            loaded=self._device is not None,
            running=running,
            waiting=len(self._streams) - running,
            context=self._settings.context,
            used=self._scheduler.used,
            prefixes=len(self._scheduler.prefixes),
            read_per_second=_speed([(step.read, step.seconds) for step in self._timings]),
            written_per_second=_speed([(step.written, step.seconds) for step in self._timings]),
            served=self._served,
            threads=self._device.llama.threads if self._device else self._settings.threads,
        )


def _speed(steps: Sequence[tuple[int, float]]) -> float:
    """Return tokens per second over the steps that had any."""
    seconds = sum(took for tokens, took in steps if tokens)
    return round(sum(tokens for tokens, _ in steps) / seconds, 1) if seconds else 0.0


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
