"""One model that requests name: its sequences, its scheduler, and its device while it is loaded.

For the loop's thread only.  A `Resident` outlives its device: what is in the middle of being
served when the model is dropped is swapped out, and goes on when it is loaded again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from semfs import config
from semfs.engine.beginnings import SHARED_TOKENS
from semfs.engine.device import Adapter, Device
from semfs.engine.levels import queue_of
from semfs.engine.llama import Llama, Logits
from semfs.engine.protocol import Generate
from semfs.engine.report import ModelReport, SequenceReport
from semfs.engine.residency import Want
from semfs.engine.sampler import NothingFollows
from semfs.engine.scheduler import Scheduler
from semfs.engine.sequence import SequenceState
from semfs.engine.steps import Arrival, Copy, Feed, Mark, SequenceId, Step
from semfs.engine.stream import Sink, Stream
from semfs.engine.weighing import MOST, Weighing, ending
from semfs.errors import DeadlinePassed, PromptTooLong, SemfsError

KEPT_SLOTS = 6  # beginnings kept in memory: the instructions of a job's operators, and documents
LONGEST_TOKEN = 64  # characters; a text beyond so many a cell is refused without tokenising it
RATE_STEPS = 64  # steps that the reported speeds look back on


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in."""

    id: SequenceId
    message: Generate
    sink: Sink
    arrived: float

    @property
    def deadline(self) -> float:
        seconds = self.message.sampling.seconds
        return self.arrived + seconds if seconds > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class _Timing:
    """What one step computed."""

    read: int
    written: int
    seconds: float


class Resident:
    """Serves the requests for one model."""

    def __init__(self, model: str, settings: config.Engine, *, cache: Path) -> None:
        self.model = model
        self.served = 0
        self.read = self.written = 0  # tokens
        self._settings = settings
        self._cache = cache
        self._slots = max(1, settings.sequences)
        self._scheduler = Scheduler.of(settings.context, self._slots, KEPT_SLOTS)
        self._unopened: dict[SequenceId, Request] = {}
        self._streams: dict[SequenceId, Stream] = {}
        self._adapters: dict[SequenceId, Adapter] = {}
        self._swapped: dict[SequenceId, bytes] = {}
        self._device: Device | None = None
        self._timings: deque[_Timing] = deque(maxlen=RATE_STEPS)

    # What arrives

    def take(self, request: Request) -> None:
        """Take a request in; it is opened as soon as the model is loaded."""
        self._unopened[request.id] = request
        if self._device is not None:
            self._open_all(self._device)

    def cancel(self, id: SequenceId) -> bool:
        """Drop a request; say whether it was here."""
        if id in self._streams:
            self._close(id, keep=False)
            return True
        return self._unopened.pop(id, None) is not None

    def end_expired(self, now: float) -> None:
        """Give up the requests whose time is over."""
        for request in [request for request in self._unopened.values() if request.deadline <= now]:
            del self._unopened[request.id]
            request.sink(_late(request.message))
        for id in self._scheduler.expired(now):
            self._streams[id].sink(_late(self._streams[id].request))
            self._close(id)

    @property
    def busy(self) -> bool:
        return bool(self._streams or self._unopened)

    def want(self, size: int, now: float) -> Want:
        """Say how urgently the model is needed."""
        waiting = self._unopened.values()
        queues = [sequence.queue(now) for sequence in self._scheduler.room.sequences.values()]
        queues += [queue_of(item.message.priority, served=0, waited=now - item.arrived) for item in waiting]
        since = [sequence.since for sequence in self._scheduler.room.sequences.values()]
        return Want(size, min(queues), min([*since, *(item.arrived for item in waiting)]))

    # The model

    def load(self) -> int:
        """Load the model, open what waits for it and return the bytes that it takes.

        Where it cannot be loaded everybody is told, and the error is raised.
        """
        try:
            self._device = Device.open(
                self.model,
                self._settings,
                cache=self._cache,
                slots=self._slots + KEPT_SLOTS,
                writers=self._slots,
                swapped=self._swapped,
            )
        except SemfsError as error:
            self._fail(error)
            raise
        self._scheduler.step_tokens = self._device.step_tokens
        for stream in self._streams.values():
            stream.attach(self._device.llama)
        self._open_all(self._device)
        return self._device.llama.weight_bytes + self._device.llama.context_bytes

    def drop(self) -> None:
        """Swap everybody out and give the memory back."""
        if self._device is not None:
            self._device.carry_out(self._scheduler.suspend())
            for stream in self._streams.values():
                stream.detach()
            self._device.llama.close()
            self._device = None

    def _fail(self, error: SemfsError) -> None:
        for id in list(self._streams):
            self._streams[id].sink(error)
            self._close(id)
        for request in self._unopened.values():
            request.sink(error)
        self._unopened.clear()

    def _open_all(self, device: Device) -> None:
        waiting, self._unopened = self._unopened, {}
        for request in waiting.values():
            try:
                self._open(request, device)
            except SemfsError as error:
                request.sink(error)

    def _open(self, request: Request, device: Device) -> None:
        """Tokenise a request and hand it to the scheduler; raises what the client is to see."""
        message = request.message
        self._refuse_endless(message)
        llama, template = device.llama, device.llama.template
        shared = llama.tokenise(template.shared(message.prompt), beginning=True)
        own = llama.tokenise(template.own(message.prompt), beginning=False)
        prompt = shared + own
        if not self._scheduler.fits(len(prompt), message.sampling.max_tokens):
            raise self._too_long(len(prompt), message)
        adapter = device.find_adapter(message.adapter) if message.adapter else None
        identity = adapter.identity if adapter else ""
        stream = Stream.open(message, prompt, llama, request.sink)
        marks = device.store.marks(prompt, identity)
        if message.sampling.weighed:
            stream.weighing = self._weighing(message, own, llama, len(shared))
            marks = tuple(mark for mark in marks if mark.tokens < stream.weighing.tokens.start)
        self._streams[request.id] = stream
        if adapter is not None:
            self._adapters[request.id] = adapter
        instructions: Mark | None = None
        if SHARED_TOKENS <= len(shared) < len(prompt):
            instructions = device.store.mark(shared, identity)
        arrival = Arrival(
            request.id,
            message.priority,
            tokens=len(stream.tokens),
            max_tokens=stream.left,
            marks=marks,
            instructions=instructions,
            stored=instructions is not None and device.store.has(instructions.key),
            deadline=request.deadline,
            adapter=identity,
        )
        self._scheduler.arrive(arrival, request.arrived)
        if reason := stream.ended:
            self._finish(request.id, reason)

    def _weighing(self, message: Generate, own: list[int], llama: Llama, before: int) -> Weighing:
        """Find the tokens that are to be weighed; the first one of all says nothing of what stands before."""
        rest = llama.tokenise(llama.template.own(replace(message.prompt, user="")), beginning=False)
        user = own[: len(own) - len(rest)]
        count = ending([llama.piece(token) for token in user], message.sampling.weighed)
        end = before + len(user)
        return Weighing(range(max(before + 1, end - count), end))

    def _refuse_endless(self, request: Generate) -> None:
        characters = len(request.prompt.system) + len(request.prompt.user)
        if characters > LONGEST_TOKEN * self._settings.context:
            raise self._too_long(characters // 4, request)

    def _too_long(self, tokens: int, request: Generate) -> PromptTooLong:
        return PromptTooLong(
            f"the prompt has about {tokens} tokens and the answer may have {request.sampling.max_tokens}, "
            f"together more than the model's context of {self._settings.context} (engine.context)"
        )

    # One step

    def step(self, now: float) -> bool:
        """Compute one step; say whether there was anything to do."""
        assert self._device is not None
        step = self._scheduler.step(now)
        for key, ok in self._device.carry_out(step.moves).items():
            self._scheduler.restored(key, ok=ok)
        for move in step.moves:
            if isinstance(move, Copy):
                self._streams[move.id].cached = move.tokens
        if step.feeds:
            self._compute(self._device, step)
        return bool(step.moves or step.feeds)

    def _compute(self, device: Device, step: Step) -> None:
        began = time.monotonic()
        tokens = [self._streams[feed.id].tokens[feed.start : feed.start + feed.count] for feed in step.feeds]
        weighed = self._weighed(step.feeds)
        logits = device.compute(step.feeds, tokens, self._adapters.get(step.feeds[0].id), weighed)
        for at, (weighing, place, following) in weighed.items():
            weighing.hear(place, device.llama.logits(at), following)
        samples = [feed for feed in step.feeds if feed.sample]
        for feed, row in zip(samples, logits, strict=True):
            self._write(device, feed, row)
        read = sum(feed.count for feed in step.feeds if not feed.sample or feed.count > 1)
        self._timings.append(_Timing(read, len(samples), time.monotonic() - began))
        self.read += read
        self.written += len(samples)

    def _weighed(self, feeds: Sequence[Feed]) -> dict[int, tuple[Weighing, int, int]]:
        """Return by place in the batch what is weighed there: for whom, after which token, and which."""
        found: dict[int, tuple[Weighing, int, int]] = {}
        first = 0
        for feed in feeds:
            stream = self._streams[feed.id]
            if stream.weighing is not None:
                for place in stream.weighing.told_by(feed.start, feed.count):
                    found[first + place - feed.start] = (stream.weighing, place, stream.tokens[place + 1])
            first += feed.count
        return dict(islice(found.items(), MOST))

    def _write(self, device: Device, feed: Feed, logits: Logits) -> None:
        """Choose a sequence's next token and send what can be shown."""
        stream = self._streams[feed.id]
        if stream.weighing is not None:
            return self._finish(feed.id, "stop")
        try:
            token = stream.sampler.pick(logits)
        except NothingFollows:
            return self._finish(feed.id, "stop")
        if device.llama.ends(token):
            return self._finish(feed.id, "stop")
        added = stream.write(token, device.llama)
        if reason := stream.ended:
            return self._finish(feed.id, reason)
        return self._scheduler.sampled(feed.id, added)

    def _finish(self, id: SequenceId, reason: str) -> None:
        self._streams[id].finish(reason)
        self.served += 1
        self._close(id)

    def _close(self, id: SequenceId, *, keep: bool = True) -> None:
        del self._streams[id]
        self._adapters.pop(id, None)
        kept, slot = self._scheduler.leave(id, time.monotonic())
        self._swapped.pop(id, None)
        if self._device is not None and slot is not None:
            if kept:
                self._device.keep(kept)
            self._device.llama.drop(slot)

    # What is told

    def report(self) -> ModelReport:
        room, llama = self._scheduler.room, self._device.llama if self._device else None
        cells, running = room.cells, len(room.running)
        return ModelReport(
            self.model,
            loaded=llama is not None,
            running=running,
            waiting=len(self._streams) + len(self._unopened) - running,
            context=self._settings.context,
            blocks=cells.blocks,
            given=cells.given,
            cached=cells.cached,
            kept=len(cells.kept),
            swapped_tokens=room.swapped_tokens,
            swapped_bytes=sum(map(len, self._swapped.values())),
            swaps=room.swaps,
            weight_bytes=llama.weight_bytes if llama else 0,
            context_bytes=llama.context_bytes if llama else 0,
            threads=llama.threads if llama else 0,
            read_per_second=_speed([(step.read, step.seconds) for step in self._timings]),
            written_per_second=_speed([(step.written, step.seconds) for step in self._timings]),
        )

    def sequences(self, now: float) -> list[SequenceReport]:
        """Return who is served and who waits."""
        scheduled = [self._sequence(item, now) for item in self._scheduler.room.sequences.values()]
        return scheduled + [self._unread(item, now) for item in self._unopened.values()]

    def _sequence(self, item: SequenceState, now: float) -> SequenceReport:
        state = "writing" if item.writes else "reading"
        if item.slot is None:
            state = "swapped out" if item.swapped else "waiting"
        prompt = self._streams[item.arrival.id].prompt
        return SequenceReport(
            item.arrival.id,
            self.model,
            item.arrival.priority.value,
            item.queue(now),
            state,
            prompt=prompt,
            computed=item.position,
            written=item.length - prompt,
            waited=max(0.0, now - item.since),
        )

    def _unread(self, item: Request, now: float) -> SequenceReport:
        waited = max(0.0, now - item.arrived)
        priority = item.message.priority
        queue = queue_of(priority, served=0, waited=waited)
        return SequenceReport(item.id, self.model, priority.value, queue, "waiting", 0, 0, 0, waited)


def _late(request: Generate) -> DeadlinePassed:
    return DeadlinePassed(f"not answered within the {request.sampling.seconds:g} s that it was given")


def _speed(steps: Sequence[tuple[int, float]]) -> float:
    """Return tokens per second over the steps that had any."""
    seconds = sum(took for tokens, took in steps if tokens)
    return round(sum(tokens for tokens, _ in steps) / seconds, 1) if seconds else 0.0
