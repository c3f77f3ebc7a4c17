"""Choose the next token from the logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from semfs.model import Sampling

TOP_P = 0.95
CANDIDATES = 128  # looked at before the whole vocabulary is; a grammar seldom excludes all of them

Tokens = npt.NDArray[np.int32]
Logits = npt.NDArray[np.float32]


class Constraint(Protocol):
    """What a grammar does to a choice."""

    def allow(self, tokens: Tokens, logits: Logits) -> Logits: ...

    def accept(self, token: int) -> None: ...


class NothingFollows(Exception):
    """The grammar lets no token follow, not even the end."""


class Sampler:
    """The choices of one sequence: greedy at temperature 0, else from the top 95 %."""

    def __init__(
        self,
        sampling: Sampling,
        constraint: Constraint | None = None,
        *,
        way_out: Sequence[int] = (),
        other_than: Sequence[int] = (),
    ) -> None:
        """`way_out` and `other_than` are tokens with which the answer must not begin."""
        self._temperature = sampling.temperature
        self._random = np.random.default_rng(sampling.seed)
        self.constraint = constraint
        self._way_out = list(way_out)  # empty once the first token is chosen
        self._barred = [*way_out, *other_than]  # likewise
        self.out: float | None = None  # natural logarithm of how likely the way out was

    def pick(self, logits: Logits) -> int:
        """Return the next token; raises NothingFollows.  `accept` must be told before the next one."""
        if self._barred:
            logits = self._without_barred(logits)
        tokens, scores = self._candidates(logits)
        if self._temperature <= 0:
            return int(tokens[int(np.argmax(scores))])
        return self._draw(tokens, scores)

    def accept(self, token: int) -> None:
        """Note that the sequence goes on with this token."""
        self._way_out, self._barred = [], []
        if self.constraint is not None:
            self.constraint.accept(token)

    def _without_barred(self, logits: Logits) -> Logits:
        if self._way_out:
            every = logits.astype(np.float64)
            self.out = float(np.logaddexp.reduce(every[self._way_out]) - np.logaddexp.reduce(every))
        barred = logits.copy()
        barred[self._barred] = -np.inf
        return barred

    def _candidates(self, logits: Logits) -> tuple[Tokens, Logits]:
        """Return tokens that are allowed with their logits; the best ones are surely among them."""
        # Mostly the likeliest token is allowed: then the others need not be sorted out.
        for count in (1, CANDIDATES, len(logits)) if self._temperature <= 0 else (CANDIDATES, len(logits)):
            tokens = _best(logits, count)
            scores = logits[tokens]
            if self.constraint is not None:
                scores = self.constraint.allow(tokens, scores)
            if np.isfinite(scores).any():
                return tokens, scores
        raise NothingFollows

    def _draw(self, tokens: Tokens, scores: Logits) -> int:
        order = np.argsort(-scores, kind="stable")
        weights = np.exp((scores[order] - scores[order[0]]).astype(np.float64) / self._temperature)
        shares = weights / weights.sum()
        kept = int(np.searchsorted(np.cumsum(shares), TOP_P)) + 1
        chosen = self._random.choice(len(shares[:kept]), p=shares[:kept] / shares[:kept].sum())
        return int(tokens[order[chosen]])


def _best(logits: Logits, count: int) -> Tokens:
    if count == 1:
        return np.asarray([np.argmax(logits)], np.int32)
    if count >= len(logits):
        return np.arange(len(logits), dtype=np.int32)
    return np.argpartition(logits, -count)[-count:].astype(np.int32)
