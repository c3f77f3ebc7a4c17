"""Vectors for texts, by an exported model on onnxruntime.

An `Embedder` owns one onnxruntime session and one tokenizer; it may be called from several
threads at once.  Imports neither torch nor transformers, and imports onnxruntime only when a
model is opened, so that the module itself costs nothing.

Each text is computed alone, by one thread, and as many side by side as there are cores.  That is
quicker than batches (with all-MiniLM-L6-v2 in 8 bits by a quarter against batches of 4 of one length):
there is no padding, what one layer gives the next stays in the core's own cache, and threads never
wait for each other within a layer.  And the vector is of the text alone: the activations of a
batch are quantised with one scale, so that companions would show.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from semfs.engine import models
from semfs.engine.cores import physical_cores
from semfs.errors import MissingPart, ModelDamaged

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

# onnxruntime would join a residual with the normalisation after it, and a bias with its activation,
# in kernels that are not vectorised: with them MiniLM gives a quarter fewer vectors a CPU second.
_SLOW_FUSIONS = ["SkipLayerNormFusion", "BiasGeluFusion"]
_UNKNOWN = ("[UNK]", "<unk>")  # of BERT's and of SentencePiece's vocabularies
Vectors = npt.NDArray[np.float32]


class Embedder:
    """A model that gives normalised vectors."""

    def __init__(
        self,
        session: InferenceSession,
        tokenizer: Tokenizer,
        *,
        name: str,
        streams: int = 1,
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self.name = name
        self._streams = streams
        self.dimension = int(session.get_outputs()[0].shape[1])
        self._session = session
        self._tokenizer = tokenizer
        self._unknown = next(filter(None, map(tokenizer.token_to_id, _UNKNOWN)), None)
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix

    @classmethod
    def open(cls, name_or_path: str, *, streams: int = 0) -> Self:
        """Load a model of the catalogue or a folder.

        `streams` says how many passages are computed side by side; 0 is one a physical core.

        Raises ModelUnknown, ModelMissing, ModelDamaged, or MissingPart without onnxruntime.
        """
        folder = models.path_of(name_or_path)
        return cls.load(folder, name=name_or_path, streams=streams)

    @classmethod
    def load(cls, folder: Path, *, name: str, streams: int = 0) -> Self:
        """Load `model.onnx`, `model.json` and `tokenizer.json` from a folder as they are."""
        try:
            from tokenizers import Tokenizer

            manifest = json.loads((folder / models.MANIFEST).read_text("utf-8"))
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.enable_truncation(int(manifest["max_tokens"]))
            tokenizer.no_padding()
            return cls(
                _session(folder / models.ONNX),
                tokenizer,
                name=name,
                streams=streams or physical_cores(),
                query_prefix=manifest["query_prefix"],
                passage_prefix=manifest["passage_prefix"],
            )
        except ModuleNotFoundError as error:
            raise MissingPart(str(error.name), f"pip install {error.name}") from error
        except Exception as error:  # onnxruntime and tokenizers raise types of their own, unnamed
            raise ModelDamaged(f"the embedder in {folder} cannot be loaded: {error}") from error

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a passage, (n, dimension), each of length 1."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        encodings = self._tokenizer.encode_batch([self._passage_prefix + text for text in texts])
        # The longest first, so that no stream has much left to do when the others have ended.
        order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids), reverse=True)
        with ThreadPoolExecutor(self._streams) as pool:
            for row, vector in zip(
                order, pool.map(lambda row: self._run(encodings[row]), order), strict=True
            ):
                vectors[row] = vector
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a query, (dimension,)."""
        return self._run(self._tokenizer.encode(self._query_prefix + text))

    def letters_a_piece(self, text: str) -> float:
        """Return how many letters and digits the known pieces of a text have on average.

        It tells how well the model knows the language: some 4.5 for a person's own, below 3 where
        words are spelt out, 1 where only letters are known.  A letter of an unknown piece counts as
        a piece of none, so that it is near 0 where the model reads nothing.
        """
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        known, pieces = 0, 0
        for id, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            if not any(map(str.isalnum, text[start:end])):
                continue
            pieces += end - start if id == self._unknown else 1
            known += 0 if id == self._unknown else end - start
        return known / pieces if pieces else 0.0

    def _run(self, encoding: Encoding) -> Vectors:
        ids = np.array([encoding.ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: Vectors = self._session.run(None, inputs)[0][0]
        return vector


def _session(path: Path) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # no pool: whoever calls computes
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # What a long text needed must go back.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW_FUSIONS
    )
