"""The model with its slots, as the scheduler's instructions see it.

A `Device` owns the loaded model and the prefixes on disk, and fills the states of sequences
that were swapped out.  For the loop's thread only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from semfs import config
from semfs.engine import models
from semfs.engine.llama import EngineFault, Llama, Logits
from semfs.engine.prefixes import STORE_TOKENS, PrefixStore, model_identity
from semfs.engine.steps import Admit, Copy, Feed, Forget, Keep, Move, Preempt, Restore, SequenceId

logger = logging.getLogger(__name__)


class Device:
    """Carries out moves, batches and keeps."""

    def __init__(self, llama: Llama, store: PrefixStore, swapped: dict[SequenceId, bytes]) -> None:
        self.llama = llama
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
        batch: int,
        swapped: dict[SequenceId, bytes],
    ) -> Device:
        """Load the model; raises ModelUnknown, ModelMissing, ModelDamaged, MissingPart.

        `swapped` are the states of its sequences from when it was loaded before.
        """
        path = models.path_of(model)
        began = time.monotonic()
        llama = Llama(path, cells=settings.context, slots=slots, batch=batch, threads=settings.threads)
        logger.info("loaded %s in %.1f s", path, time.monotonic() - began)
        return cls(llama, PrefixStore(cache, model_identity(path, llama.build)), swapped)

    def carry_out(self, moves: Sequence[Move]) -> dict[bytes, bool]:
        """Make the moves and return for each beginning that was to be restored whether it was."""
        for move in moves:
            _MOVES[type(move)](self, move)
        unusable, self._unusable = self._unusable, []
        return {move.key: move.key not in unusable for move in moves if isinstance(move, Restore)}

    def compute(self, feeds: Sequence[Feed], tokens: Sequence[Sequence[int]]) -> list[Logits]:
        """Compute one batch and return the logits of those that sample, valid until the next."""
        return self.llama.decode(feeds, tokens)

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
