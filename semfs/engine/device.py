"""The model with its slots, as the scheduler's instructions see it.

A `Device` owns the loaded model and the prefixes on disk, and fills the states of sequences
that were swapped out.  For the loop's thread only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semfs import config
from semfs.engine import models
from semfs.engine.gguf import read_header
from semfs.engine.llama import EngineFault, Llama, Logits
from semfs.engine.prefixes import STORE_TOKENS, PrefixStore, model_identity
from semfs.engine.scheduler import STEP_TOKENS
from semfs.engine.steps import Admit, Copy, Feed, Forget, Keep, Move, Preempt, Restore, SequenceId
from semfs.engine.tuning import Tuned, tuned_for
from semfs.engine.weights import adapter_file

logger = logging.getLogger(__name__)

MOST_ADAPTERS = 4  # in memory; one has some ten megabytes and is read in some milliseconds


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter; beginnings that were computed with it are known by its identity."""

    path: Path
    identity: str


class Device:
    """Carries out moves, batches and keeps."""

    def __init__(
        self, path: Path, llama: Llama, store: PrefixStore, swapped: dict[SequenceId, bytes], step_tokens: int
    ) -> None:
        self.llama = llama
        self.step_tokens = step_tokens
        self._path = path
        self._architecture = ""
        self._adapters: dict[str, Any] = {}  # by identity, the one used last at the end
        self.store = store
        self.swapped = swapped
        self._unusable: list[bytes] = []

    @classmethod
    def open(
        cls,
        model: str,
        settings: config.Engine,
        *,
        cache: Path,
        slots: int,
        writers: int,
        swapped: dict[SequenceId, bytes],
    ) -> Device:
        """Load the model; raises ModelUnknown, ModelMissing, ModelDamaged, MissingPart.

        A step has a token of each of `writers` sequences and as many of prompts as was found best.
        `swapped` are the states of its sequences from when it was loaded before.
        """
        path = models.path_of(model)
        tuned = tuned_for(path) if settings.tuned else Tuned()
        step_tokens = tuned.step_tokens or STEP_TOKENS
        began = time.monotonic()
        llama = Llama(
            path,
            cells=settings.context,
            slots=slots,
            batch=step_tokens + writers,
            threads=settings.threads,
            tuned=tuned,
        )
        logger.info("loaded %s in %.1f s", path, time.monotonic() - began)
        store = PrefixStore(cache, model_identity(path, llama.build))
        return cls(path, llama, store, swapped, step_tokens)

    def carry_out(self, moves: Sequence[Move]) -> dict[bytes, bool]:
        """Make the moves and return for each beginning that was to be restored whether it was."""
        for move in moves:
            _MOVES[type(move)](self, move)
        unusable, self._unusable = self._unusable, []
        return {move.key: move.key not in unusable for move in moves if isinstance(move, Restore)}

    def find_adapter(self, name: str) -> Adapter:
        """Return a LoRA adapter that fits this model, loaded; raises ModelError."""
        if not self._architecture:
            self._architecture = read_header(self._path).architecture
        path = adapter_file(name, self._architecture)
        adapter = Adapter(path, model_identity(path, ""))
        self._load_adapter(adapter)
        return adapter

    def _load_adapter(self, adapter: Adapter) -> Any:
        if adapter.identity not in self._adapters:
            loaded = self.llama.adapter(adapter.path)
            while len(self._adapters) >= MOST_ADAPTERS:
                self.llama.adapt(None)
                self.llama.free(self._adapters.pop(next(iter(self._adapters))))
            self._adapters[adapter.identity] = loaded
        self._adapters[adapter.identity] = self._adapters.pop(adapter.identity)
        return self._adapters[adapter.identity]

    def compute(
        self,
        feeds: Sequence[Feed],
        tokens: Sequence[Sequence[int]],
        adapter: Adapter | None = None,
        weighed: Collection[int] = (),
    ) -> list[Logits]:
        """Compute one batch and return the logits of those that sample, valid until the next."""
        self.llama.adapt(self._load_adapter(adapter) if adapter else None)
        return self.llama.decode(feeds, tokens, weighed)

    def keep(self, keep: Keep) -> None:
        """Keep a beginning in its slot, and on disk if it is worth it."""
        self.llama.drop(keep.kept_slot)
        self.llama.copy(keep.slot, keep.kept_slot, keep.tokens)
        if keep.store and keep.tokens >= STORE_TOKENS and not self.store.has(keep.key):
            self.store.write(keep.key, self.llama.save(keep.kept_slot))

    def _preempt(self, move: Preempt) -> None:
        if not move.discarded:
            self.swapped[move.id] = self.llama.save(move.slot)
        self.llama.drop(move.slot)

    def _forget(self, move: Forget) -> None:
        self.llama.drop(move.slot)

    def _admit(self, move: Admit) -> None:
        if move.swapped and not self.llama.load(move.slot, self.swapped.pop(move.id)):
            raise EngineFault("a sequence that was swapped out could not be swapped in")

    def _copy(self, move: Copy) -> None:
        self.llama.copy(move.kept_slot, move.slot, move.tokens)

    def _restore(self, move: Restore) -> None:
        state = self.store.read(move.key)
        if state is None or not self.llama.load(move.kept_slot, state):
            self.store.delete(move.key)
            self._unusable.append(move.key)


_MOVES: dict[type, Callable[[Device, Any], None]] = {
    Preempt: Device._preempt,
    Forget: Device._forget,
    Admit: Device._admit,
    Copy: Device._copy,
    Restore: Device._restore,
    Keep: Device.keep,
}
