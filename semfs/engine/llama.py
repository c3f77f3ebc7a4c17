"""llama.cpp: the only file that imports llama_cpp.

A `Llama` owns one model and one context in native memory.  Only the thread that opened it
may use it.  The low-level calls report most mistakes by ending the process, so arguments
are checked by whoever calls.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Collection, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from semfs.engine.cores import physical_cores
from semfs.engine.grammar import Vocabulary
from semfs.engine.steps import Feed
from semfs.engine.template import CHATML, Part, learn
from semfs.engine.tuning import KV_TYPES, Tuned, build_folder
from semfs.engine.weighing import MOST
from semfs.errors import MissingPart, ModelDamaged, ModelError

if TYPE_CHECKING:
    from types import ModuleType

logger = logging.getLogger(__name__)

Logits = npt.NDArray[np.float32]

# OpenMP reads them when it is loaded.  Threads that wait for each other by spinning lose whole time slices
# on a busy machine; those that sleep at once are woken hundreds of times a token: one of the 1.5B took
# 37 ms on two quiet cores, and 26 with so many turns of spinning (microseconds) before the sleep.  Beside
# four busy processes the 0.5B wrote 1 token/s with 10,000 turns, about 9 with these, 11 with none.
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "500"}

KV_BYTES = {"f16": 2.0, "q8_0": 34 / 32}  # of one number
FLASH_BY_ITSELF = -1  # llama.cpp uses flash attention where it can


class EngineFault(Exception):
    """The native code is in a state from which only a new process recovers."""


def load_library(build: Path | None = None) -> ModuleType:
    """Import llama_cpp and route its messages to our log; raises MissingPart.

    `build` is a folder to import it from, in place of the installed one; the first call decides.
    """
    if not WAITING.keys() & os.environ.keys():
        os.environ.update(WAITING)
    if build is not None and "llama_cpp" not in sys.modules:
        sys.path.insert(0, str(build))
    try:
        from llama_cpp import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise MissingPart("llama-cpp-python", f"run `make setup` ({error})") from error
    global _log_callback
    if _log_callback is None:
        _log_callback = llama_cpp.llama_log_callback(_log)
        llama_cpp.llama_log_set(_log_callback, ctypes.c_void_p())
        llama_cpp.llama_backend_init()
    return llama_cpp


_log_callback: Any = None  # llama.cpp keeps a pointer to it


def _log(_level: int, text: bytes, _data: object) -> None:
    logger.debug("%s", text.decode("utf-8", "replace").rstrip())


def quantise(source: Path, target: Path, file_type: int, *, threads: int) -> None:
    """Write a model's weights in another type to `target`; raises ModelError.

    Blocks for minutes, and native code that meets a tensor it cannot convert may end the process.
    """
    lib = load_library()
    parameters = lib.llama_model_quantize_default_params()
    parameters.ftype = file_type
    parameters.nthread = threads or physical_cores()
    parameters.allow_requantize = True  # from a quantised file too: mostly there is no other
    status = lib.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(parameters))
    if status:
        raise ModelError(f"llama.cpp could not write {source} in another type (status {status})")


class Llama:
    """One loaded model with its context."""

    def __init__(
        self, path: Path, *, cells: int, slots: int, batch: int, threads: int, tuned: Tuned | None = None
    ) -> None:
        """Load a GGUF file; raises ModelDamaged, MissingPart.

        `slots` counts the sequences and the prefixes, `batch` the tokens of a step.  What is
        `tuned` holds where `threads` is 0.
        """
        self._tuned = tuned = tuned or Tuned()
        self._lib = lib = load_library(build_folder(tuned.build))
        self.threads = threads or tuned.threads or physical_cores()
        self._batch_threads = threads or tuned.batch_threads or self.threads
        parameters = lib.llama_model_default_params()
        parameters.use_extra_bufts = self._repacks() if tuned.repack is None else tuned.repack
        self._model = lib.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self._model:
            raise ModelDamaged(
                f"{path} cannot be loaded as a GGUF model; `semfs model pull` replaces a damaged file"
            )
        self._vocab = lib.llama_model_get_vocab(self._model)
        self._vocab_size = int(lib.llama_vocab_n_tokens(self._vocab))
        self._context = lib.llama_init_from_model(self._model, self._parameters(cells, slots, batch))
        if not self._context:
            lib.llama_model_free(self._model)
            raise ModelError(f"no memory for a context of {cells} tokens; lower engine.context")
        self._memory = lib.llama_get_memory(self._context)
        self._batch = lib.llama_batch_init(batch, 0, 1)
        self.template = learn(self._apply_template) or CHATML

    def _repacks(self) -> bool:
        """Say whether weights are best repacked, where nobody has measured it.

        With AVX-512 VNNI there are kernels for eight rows and more that take them as they are in the file:
        the 1.5B reads a prompt 1.6 times as fast with them, and writes alone .8 times as fast.
        """
        has = self._lib.llama_print_system_info().decode()
        return "AVX512_VNNI = 1" not in has or "AMX_INT8 = 1" in has

    def _parameters(self, cells: int, slots: int, batch: int) -> Any:
        parameters = self._lib.llama_context_default_params()
        parameters.n_ctx = cells
        parameters.n_batch = parameters.n_ubatch = batch
        parameters.n_seq_max = slots
        parameters.kv_unified = True  # one sequence may use all cells, and copies share theirs
        parameters.n_outputs_max = min(batch, slots + MOST)  # rows of logits: not one a token
        parameters.n_threads, parameters.n_threads_batch = self.threads, self._batch_threads
        parameters.type_k = parameters.type_v = KV_TYPES[self._tuned.kv]
        flash = self._tuned.flash_attention
        parameters.flash_attn_type = FLASH_BY_ITSELF if flash is None else int(flash)
        parameters.no_perf = True
        return parameters

    @property
    def build(self) -> str:
        """Return the version of the native code, for states that no other can read."""
        import llama_cpp

        tuned = self._tuned  # states with other types of keys and values, or another layout, do not fit
        return f"llama-cpp-python {llama_cpp.__version__} {tuned.kv} {tuned.flash_attention}"

    @property
    def weight_bytes(self) -> int:
        return int(self._lib.llama_model_size(self._model))

    @property
    def context_bytes(self) -> int:
        """Return about what the cells take: a key and a value a layer."""
        lib, model = self._lib, self._model
        heads = lib.llama_model_n_head_kv(model) / max(1, lib.llama_model_n_head(model))
        cell = lib.llama_model_n_layer(model) * lib.llama_model_n_embd(model) * heads * 2
        return int(cell * KV_BYTES[self._tuned.kv] * lib.llama_n_ctx(self._context))

    def close(self) -> None:
        self._lib.llama_batch_free(self._batch)
        self._lib.llama_free(self._context)
        self._lib.llama_model_free(self._model)

    # Words and tokens

    def tokenise(self, parts: Sequence[Part], *, beginning: bool) -> list[int]:
        """Return the tokens of a prompt or its rest; only template parts may become special tokens."""
        tokens: list[int] = []
        for at, part in enumerate(parts):
            data = part.text.encode("utf-8", "replace")
            tokens += self._tokens(data, special=part.special, beginning=beginning and at == 0)
        return tokens

    def _tokens(self, data: bytes, *, special: bool, beginning: bool) -> list[int]:
        if not data and not beginning:
            return []
        space = len(data) + 2
        out = (ctypes.c_int32 * space)()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), out, space, beginning, special)
        if count < 0:
            raise EngineFault(f"{-count} tokens from {len(data)} bytes")
        return out[:count]

    def beginnings(self, word: str) -> list[int]:
        """Return the tokens that a text which begins with the word can begin with, in either case."""
        forms = (word, word.lower(), word.capitalize()) if word else ()
        firsts = {self._tokens(form.encode(), special=False, beginning=False)[0] for form in forms}
        return sorted(firsts)

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token; special ones have none."""
        buffer = ctypes.create_string_buffer(256)
        count = self._lib.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, count)]

    def ends(self, token: int) -> bool:
        """Say whether the token ends the model's turn."""
        return bool(self._lib.llama_vocab_is_eog(self._vocab, token))

    def _apply_template(self, system: str, user: str) -> str | None:
        source = self._lib.llama_model_chat_template(self._model, None)
        if source is None:
            return None
        turns = [(role, text) for role, text in (("system", system), ("user", user)) if text]
        messages = (self._lib.llama_chat_message * len(turns))(
            *(self._lib.llama_chat_message(role.encode(), text.encode()) for role, text in turns)
        )
        buffer = ctypes.create_string_buffer(4096)
        size = self._lib.llama_chat_apply_template(source, messages, len(turns), True, buffer, len(buffer))
        return buffer.raw[:size].decode() if 0 < size <= len(buffer) else None

    # Computing

    def decode(
        self, feeds: Sequence[Feed], tokens: Sequence[Sequence[int]], weighed: Collection[int] = ()
    ) -> list[Logits]:
        """Compute one batch and return the logits of each feed that samples, in their order.

        Those of the `weighed` tokens, by their places in the batch and no more than
        `weighing.MOST`, are to be had from `logits`.  The arrays are views that the next decode overwrites.
        """
        batch, at, rows = self._batch, 0, []
        for feed, stretch in zip(feeds, tokens, strict=True):
            for offset, token in enumerate(stretch):
                batch.token[at], batch.pos[at] = token, feed.start + offset
                batch.n_seq_id[at], batch.seq_id[at][0] = 1, feed.slot
                batch.logits[at] = at in weighed
                at += 1
            if feed.sample:
                batch.logits[at - 1] = 1
                rows.append(at - 1)
        batch.n_tokens = at
        status = self._lib.llama_decode(self._context, batch)
        if status:
            raise EngineFault(f"llama_decode returned {status} for {at} tokens")
        return [self.logits(row) for row in rows]

    def logits(self, place: int) -> Logits:
        """Return the logits after a token of the last batch, one that sampled or was weighed."""
        pointer = self._lib.llama_get_logits_ith(self._context, place)
        return np.ctypeslib.as_array(pointer, shape=(self._vocab_size,))

    def adapter(self, path: Path) -> Any:
        """Load a LoRA adapter for this model, to be freed with it; raises ModelDamaged."""
        adapter = self._lib.llama_adapter_lora_init(self._model, os.fsencode(path))
        if not adapter:
            raise ModelDamaged(f"{path} cannot be used as an adapter of this model: its tensors do not fit")
        return adapter

    def adapt(self, adapter: Any | None) -> None:
        """Compute what follows with this adapter, or with none; harmless if it is so already."""
        given = [adapter] if adapter else []
        handles = (self._lib.llama_adapter_lora_p_ctypes * len(given))(*given)
        scales = (ctypes.c_float * len(given))(*[1.0] * len(given))
        if self._lib.llama_set_adapters_lora(self._context, handles, len(given), scales):
            raise EngineFault("an adapter could not be set")

    def free(self, adapter: Any) -> None:
        """Drop an adapter that is not set."""
        self._lib.llama_adapter_lora_free(adapter)

    def wait(self) -> None:
        """Let the computation finish; for measuring."""
        self._lib.llama_synchronize(self._context)

    # Slots

    def drop(self, slot: int) -> None:
        self._lib.llama_memory_seq_rm(self._memory, slot, -1, -1)

    def copy(self, source: int, target: int, tokens: int) -> None:
        """Let `target` begin with the first tokens of `source`; their cells are shared."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, 0, tokens)

    def save(self, slot: int) -> bytes:
        """Return the state of a slot."""
        size = self._lib.llama_state_seq_get_size(self._context, slot)
        buffer = (ctypes.c_uint8 * size)()
        written = self._lib.llama_state_seq_get_data(self._context, buffer, size, slot)
        return bytes(memoryview(buffer)[:written])

    def load(self, slot: int, state: bytes) -> bool:
        """Fill an empty slot with a saved state; on failure it stays empty."""
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if self._lib.llama_state_seq_set_data(self._context, buffer, len(state), slot):
            return True
        self.drop(slot)
        return False

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Return the tokens as grammars need them, made when the first one comes."""
        pieces = [self.piece(token) for token in range(self._vocab_size)]
        return Vocabulary(
            pieces,
            ends=[token for token in range(self._vocab_size) if self.ends(token)],
            tokenise=partial(self._tokens, special=False, beginning=False),
        )
