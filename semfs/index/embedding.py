"""Turn passages into vectors in a child process, which goes when nothing is left to do.

`Embedding` is the ingest process's end, for its one thread; `serve` the child's main function.
The model and its library stay out of the ingest process: 150 MB or more that nobody needs
while files do not change.  One batch waits at the child while it computes another, so that it
never waits for the catalogue.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from semfs.errors import SemfsError
from semfs.index.child import Child, Frame, Frames, FramesBroken, Pit, settle
from semfs.store.catalog import Vectors

logger = logging.getLogger(__name__)

BATCH = 64  # passages at a time: more make vectors no sooner
SMALL_BATCH = 8  # on the slowest machine; fewer only where one that crashes the child is looked for
BATCH_S = 0.4  # that a batch should take: what was just saved waits for those before it
AHEAD = 2  # batches at the child: one that it computes, one that waits there
IDLE_S = 20.0
ANSWER_S = 300.0  # a batch that takes longer hangs
RETRY_S = 60.0  # after a missing model, or when every batch crashes
CRASH_PAUSE_S = 1.0  # before a batch that crashed is tried in halves

Passages = Sequence[tuple[bytes, str, str]]  # hash, heading, text


@dataclass(frozen=True, slots=True)
class Batch:
    """Passages that are embedded together."""

    hashes: tuple[bytes, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, passages: Passages) -> Batch:
        texts = (f"{heading}\n{text}" if heading else text for _, heading, text in passages)
        return cls(tuple(hash for hash, _, _ in passages), tuple(texts))


Finished = tuple[Batch, Vectors]  # one row a passage


class _Trouble(SemfsError):
    """No vectors for now, and why."""


class _Crash(SemfsError):
    """The embedding process died of a batch, or hung."""


class Embedding:
    """The embedding process, started when there is something to embed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._child: Child | None = None
        self._pit = Pit()
        self._sent: deque[Batch] = deque()  # the child answers in this order
        self._since = 0.0  # when the child began with the first of them, or had nothing left to do
        self._retry_at = 0.0
        self._suspect: Batch | None = None  # the child died of it last
        self._dimension = 0  # of the last vectors
        self.limit = BATCH  # passages that a batch should have
        self.trouble = ""  # why there are no vectors, in words for a user

    @property
    def children(self) -> list[Child]:
        return [self._child] if self._child else []

    @property
    def busy(self) -> bool:
        return bool(self._sent)

    def willing(self) -> bool:
        """Return whether a batch can be taken now."""
        return len(self._sent) < AHEAD and time.monotonic() >= self._retry_at

    def feed(self, waiting: Callable[[int], Passages]) -> None:
        """Take as much as it can of what waits; `waiting` gives the first so many passages."""
        while self.willing():
            sent = {hash for batch in self._sent for hash in batch.hashes}
            passages = [passage for passage in waiting(self.limit + len(sent)) if passage[0] not in sent]
            if not passages:
                return
            self.submit(Batch.of(passages[: self.limit]))

    def submit(self, batch: Batch) -> None:
        """Take a batch; must be willing."""
        if self._child is None:
            self._child = Child(self._command, {})
        if not self._sent:
            self._since = time.monotonic()
        self._sent.append(batch)
        self._child.send(Frame({"texts": batch.texts}))

    def timeout(self) -> float:
        """Return in how many seconds `poll` has something to do even if the child says nothing."""
        now = time.monotonic()
        if self._child is None:
            return max(self._retry_at - now, 0.0) if self._retry_at > now else 3600.0
        return self._since + (ANSWER_S if self._sent else IDLE_S) - now

    def poll(self) -> list[Finished]:
        """Return the batches that are finished since the last time."""
        self._pit.reap()
        if self._child is None:
            return []
        try:
            return self._heard(self._child)
        except (FramesBroken, _Crash) as crash:
            return self._crashed(str(crash))
        except _Trouble as trouble:
            self._stop(str(trouble))
            return []

    def _crashed(self, how: str) -> list[Finished]:
        """Find the passage that does it by halving; alone it gets a vector that is near to nothing.

        Alone it must do it twice, as the kernel kills whoever is there when memory runs out.
        """
        if not self._sent:  # it was idle: somebody killed it, and the next batch starts another
            logger.info("%s at no passage", how)
            self.close()
            return []
        batch = self._sent[0]
        guilty = len(batch.texts) == 1 and batch == self._suspect
        if guilty and not self._dimension:
            self._stop(how)
            return []
        self.close()
        self._retry_at = time.monotonic() + CRASH_PAUSE_S
        self.limit = max(len(batch.texts) // 2, 1)
        self._suspect = batch
        if not guilty:
            logger.info("%s at %d passages; trying fewer", how, len(batch.texts))
            return []
        logger.warning("a passage has no vector: %s", how)
        return [(batch, np.zeros((1, self._dimension), np.float32))]

    def _heard(self, child: Child) -> list[Finished]:
        frames = child.receive()
        if frames is None:
            raise _Crash(f"the embedder crashed ({child.death()})")
        if not frames and self.timeout() <= 0:
            if self._sent:
                raise _Crash(f"the embedder took longer than {ANSWER_S:.0f} s")
            self.close()
        return [self._answered(frame) for frame in frames]

    def _answered(self, frame: Frame) -> Finished:
        if "error" in frame.fields:
            raise _Trouble(str(frame.fields["error"]))
        batch = self._sent.popleft() if self._sent else None
        values = np.frombuffer(frame.blob, dtype="<f4")
        if batch is None or not len(values) or len(values) % len(batch.texts):
            raise _Trouble("the embedder answered with a wrong number of values")
        if self.trouble:
            logger.info("vectors are made again")
        self.trouble = ""
        now = time.monotonic()
        fit = int(len(batch.texts) * BATCH_S / max(now - self._since, 1e-3))
        self.limit = min(2 * self.limit, max(fit, SMALL_BATCH), BATCH)
        self._since = now
        self._dimension = len(values) // len(batch.texts)
        return batch, values.reshape(len(batch.texts), self._dimension)

    def _stop(self, trouble: str) -> None:
        """Do without vectors for a while; the same trouble is said once."""
        if trouble != self.trouble:
            logger.warning("files are found by their words only for now: %s", trouble)
        self.trouble = trouble
        self._retry_at = time.monotonic() + RETRY_S
        self.close()

    def close(self) -> None:
        """End the child; what it was doing is done again another time."""
        self._sent.clear()
        if self._child:
            self._pit.take(self._child)
            self._child = None


def serve(name: str) -> None:
    """Answer batches of texts with vectors until standard input is closed."""
    frames = Frames()
    settle(frames.settings)
    from semfs.engine.embed import Embedder  # heavy, and only here

    frames.send(Frame({"ready": True}))
    try:
        embedder = Embedder.open(name)
    except SemfsError as error:
        frames.send(Frame({"error": str(error)}))
        return
    for request in _read_ahead(frames):
        values = embedder.embed(request.fields["texts"])
        frames.send(Frame({}, values.astype("<f4").tobytes()))


def _read_ahead(frames: Frames) -> Iterator[Frame]:
    """Yield requests; a thread takes them off the pipe meanwhile, so that the parent never waits at it."""
    requests: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()

    def read() -> None:
        try:
            while (request := frames.receive()) is not None:
                requests.put(request)
        finally:
            requests.put(None)

    threading.Thread(target=read, daemon=True).start()
    while (request := requests.get()) is not None:
        yield request


if __name__ == "__main__":
    serve(sys.argv[1])
