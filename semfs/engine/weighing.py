"""How likely the end of a prompt is: which tokens that is, and what the model thought of each; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from semfs.engine.sampler import Logits

MOST = 64  # tokens weighed in one step: each takes a row of logits, .6 MB


@dataclass(slots=True)
class Weighing:
    """The likelihood of some tokens of a sequence, as it becomes known step by step."""

    tokens: range  # their places in the sequence
    heard: dict[int, float] = field(default_factory=dict)  # natural logarithm, by place

    def told_by(self, start: int, count: int) -> range:
        """Return the places among these computed ones whose logits say how likely a weighed token is."""
        return range(max(start, self.tokens.start - 1), min(start + count, self.tokens.stop - 1))

    def hear(self, place: int, logits: Logits, following: int) -> None:
        """Take the logits of a place, after which the token `following` stands."""
        top = logits.max()
        every = float(top) + float(np.log(np.exp(logits - top).sum(dtype=np.float64)))
        self.heard[place + 1] = float(logits[following]) - every

    @property
    def total(self) -> float:
        """Return the natural logarithm for all of them; those that were not heard count as the others do."""
        return len(self.tokens) * sum(self.heard.values()) / len(self.heard) if self.heard else 0.0


def ending(pieces: Sequence[bytes], text: str) -> int:
    """Return how many tokens, the last ones of these, hold the text that all of them end with."""
    left = len(text.encode("utf-8", "replace"))
    for count, piece in enumerate(reversed(pieces)):
        if left <= 0:
            return count
        left -= len(piece)
    return len(pieces)
