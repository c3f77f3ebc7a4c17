"""How fast passages become vectors: beside sentence-transformers, and within the whole pipeline.

Both are ratios of one run, in which what is compared takes turns: a machine that is shared is not
equally fast all the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from beir import NAME, coverage, say

from semfs.config import data_dir
from semfs.engine import models
from semfs.engine.embed import Embedder
from semfs.index.embedding import BATCH, Batch
from semfs.model import FileStatus
from semfs.store.catalog import Catalog

EMBEDDER = models.DEFAULT_EMBEDDER
TURNS = 3  # of each, after one that does not count
LOOK_S = 0.2  # between two looks at the catalogue
PATIENCE_S = 3600.0


def texts_of(catalog: Catalog) -> list[str]:
    """Return what is embedded of all indexed files, each text once."""
    found: dict[str, None] = {}
    for file in catalog.with_status(FileStatus.INDEXED):
        passages = ((b"", passage.heading, passage.text) for passage in catalog.passages_of(file.id))
        found.update(dict.fromkeys(Batch.of(list(passages)).texts))
    return list(found)


def documents_of(catalog: Catalog, passages: int) -> list[str]:
    """Return the text of so many indexed files that they have about `passages` passages, from all over."""
    files = catalog.with_status(FileStatus.INDEXED)
    texts = [[passage.text for passage in catalog.passages_of(file.id)] for file in files]
    step = max(sum(map(len, texts)) // passages, 1)
    return ["\n".join(text) for text in texts[::step] if text]


# -- beside sentence-transformers


def beside(texts: Sequence[str]) -> dict[str, float]:
    """Embed the same texts with both, by turns.

    Keys: embed_ratio (of passages a second), embed_cosine (mean), embed_cosine_p1 (of the worst
    hundredth), embed_cosine_min, embed_passages_s, sentence_transformers_passages_s.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(models.spec(EMBEDDER).path()), device="cpu")
    embedder = Embedder.open(EMBEDDER)
    parts = np.array_split(np.arange(len(texts)), TURNS)
    took: dict[str, float] = {"semfs": 0.0, "theirs": 0.0}
    cosines: list[Any] = []
    model.encode(list(texts[:64])), embedder.embed(texts[:64])
    for number, part in enumerate(parts, 1):
        mine = [texts[row] for row in part]
        vectors, seconds = timed(embedder.embed, mine)
        took["semfs"] += seconds
        theirs, seconds = timed(model.encode, mine)
        took["theirs"] += seconds
        cosines.append((vectors * theirs).sum(axis=1) / np.linalg.norm(theirs, axis=1))
        say(f"embedding: turn {number} of {len(parts)}")
    cosine = np.concatenate(cosines)
    return {
        "embed_ratio": round(took["theirs"] / took["semfs"], 2),
        "embed_cosine": round(float(cosine.mean()), 4),
        "embed_cosine_p1": round(float(np.quantile(cosine, 0.01)), 4),
        "embed_cosine_min": round(float(cosine.min()), 4),
        "embed_passages_s": round(len(texts) / took["semfs"], 1),
        "sentence_transformers_passages_s": round(len(texts) / took["theirs"], 1),
    }


def timed(work: Callable[[Any], Any], argument: object) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work(argument)
    return result, time.perf_counter() - started


# -- within the pipeline


@dataclass(frozen=True, slots=True)
class Import:
    """What was seen of one import: seconds since the ingest process was started, and vectors then."""

    looks: tuple[tuple[float, int, int], ...]  # seconds, files that wait, vectors

    @property
    def whole_s(self) -> float:
        return self.looks[-1][0]

    def share(self, alone_s: float) -> float:
        """Return how much of the whole time the embedder alone would need."""
        return alone_s / self.whole_s

    def share_of_meaning(self, alone_s: float) -> float:
        """Return the same for the part of the import after the last file was read."""
        began, before = next(((at, vectors) for at, pending, vectors in self.looks if not pending), (0.0, 0))
        vectors = self.looks[-1][2]
        return alone_s * (vectors - before) / vectors / max(self.whole_s - began, LOOK_S)


def share(folder: Path) -> dict[str, float]:
    """Import a folder of ready text; before and after it, embed the same passages without anything else.

    The data directory must be empty.  Keys: pipeline_share (time of the embedder alone against that
    from the start of the ingest process to the last vector), vectors_share (the same from the last
    file read on), pipeline_s, pipeline_passages, alone_passages_s.
    """
    seen = imported(folder)
    texts = texts_of(Catalog(data_dir(NAME) / "catalog.db"))
    embedder = Embedder.open(EMBEDDER)
    alone_s = sum(timed(embedder.embed, texts[at : at + BATCH])[1] for at in range(0, len(texts), BATCH))
    return {
        "pipeline_share": round(seen.share(alone_s), 3),
        "vectors_share": round(seen.share_of_meaning(alone_s), 3),
        "pipeline_s": round(seen.whole_s, 1),
        "pipeline_passages": len(texts),
        "alone_passages_s": round(len(texts) / alone_s, 1),
    }


def imported(folder: Path) -> Import:
    """Run the ingest process over a folder until all of it can be found by meaning."""
    command = [sys.executable, "-P", "-m", "semfs.cli.main", "_ingest", "--name", NAME, str(folder)]
    started = time.perf_counter()
    with subprocess.Popen(command) as ingest:
        try:
            return Import(tuple(_looks(ingest, started)))
        finally:
            ingest.terminate()


def _looks(ingest: subprocess.Popen[bytes], started: float) -> Iterator[tuple[float, int, int]]:
    catalog = Catalog(data_dir(NAME) / "catalog.db")
    while (now := time.perf_counter() - started) < PATIENCE_S:
        if ingest.poll() is not None:
            raise SystemExit("the ingest process ended before the index was complete")
        seen = coverage(catalog)
        yield now, seen.pending + (not seen.files), seen.embedded
        # Sooner than `complete`, which waits until ingest says that it has nothing left to do.
        settled = bool(seen.passages) and not seen.pending and seen.activity not in ("", "scanning")
        if settled and seen.embedded >= seen.passages:
            return
        time.sleep(LOOK_S)
    raise SystemExit(f"the import took more than {PATIENCE_S:.0f} s")
