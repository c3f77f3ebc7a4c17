"""Which models are in memory, and whose turn it is; pure.

Models lie side by side as long as they fit into one budget.  Where one is wanted that does not fit,
others are dropped for it: first those that nobody uses, then a less important one, then one
that has had its turn.  The requests of a model that is dropped are swapped out and go on when it
is loaded again.  Loading and dropping are one instruction each, carried out before the next is decided
and with no step of any model in between, so never two swaps at a time and never more than the budget.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from semfs.engine.levels import priority_of
from semfs.engine.turns import Turns

TURN = 15.0  # seconds that a model has before an equal takes its place; loading takes one to three
PATIENCE = 60.0  # seconds after which a model has a turn however unimportant it is
LEAST = 5.0  # seconds that it has even before a more important one does: less would be spent on loading


@dataclass(frozen=True, slots=True)
class Want:
    """A model that requests use or wait for."""

    bytes: int
    queue: int  # of the most important of them
    since: float  # when the one that waits for longest last had a token, or arrived


@dataclass(frozen=True, slots=True)
class Load:
    model: str


@dataclass(frozen=True, slots=True)
class Drop:
    model: str


@dataclass(slots=True)
class Loaded:
    """A model in memory."""

    bytes: int
    since: float
    used: float


@dataclass(slots=True)
class Residency:
    """What is loaded; `budget` in bytes holds for all but a model that is alone."""

    budget: int
    idle_seconds: float
    loaded: dict[str, Loaded] = field(default_factory=dict)
    swaps: int = 0  # models that were dropped for others
    _turns: Turns = field(default_factory=Turns)
    _coming: str = ""  # the model that a swap has begun for: until it is loaded no other swap begins

    @property
    def used(self) -> int:
        return sum(item.bytes for item in self.loaded.values())

    def load(self, model: str, size: int, now: float) -> None:
        """Note that a model was loaded."""
        self._coming = ""
        self.loaded[model] = Loaded(size, now, now)

    def drop(self, model: str) -> None:
        """Note that a model was dropped."""
        del self.loaded[model]

    def decide(self, wants: Mapping[str, Want], now: float) -> Load | Drop | None:
        """Say what to load or drop next, if anything; to be asked again when that is done."""
        for model in wants:
            if model in self.loaded:
                self.loaded[model].used = now
        missing = [name for name in wants if name not in self.loaded]
        if missing:
            first = min(missing, key=lambda name: _place(wants[name], now))
            return self._make_way(self._coming if self._coming in missing else first, wants, now)
        for name, item in self.loaded.items():
            if name not in wants and now - item.used >= self.idle_seconds:
                return Drop(name)
        return None

    def turn(self, wants: Mapping[str, Want], now: float) -> str | None:
        """Return whose step is next among the loaded models that somebody wants."""
        ready = {name: priority_of(want.queue) for name, want in wants.items() if name in self.loaded}
        return self._turns.take(ready) if ready else None

    def _make_way(self, model: str, wants: Mapping[str, Want], now: float) -> Load | Drop | None:
        want = wants[model]
        need = want.bytes - (self.budget - self.used)
        if need <= 0 or not self.loaded:
            return Load(model)
        victims = sorted(
            (name for name in self.loaded if self._may_go(name, wants, want, now)),
            key=lambda name: (-wants[name].queue if name in wants else -math.inf, self.loaded[name].used),
        )
        if sum(self.loaded[name].bytes for name in victims) < min(need, self.used):
            return None
        self._coming = model
        self.swaps += victims[0] in wants
        return Drop(victims[0])

    def _may_go(self, name: str, wants: Mapping[str, Want], want: Want, now: float) -> bool:
        if name not in wants:
            return True
        other, had = wants[name], now - self.loaded[name].since
        if priority_of(other.queue) > priority_of(want.queue):
            return had >= LEAST
        return had >= TURN and (other.queue >= want.queue or now - want.since >= PATIENCE)


def _place(want: Want, now: float) -> tuple[float, float]:
    """Return where a model stands in the line: who has waited too long goes first."""
    return (-1 if now - want.since >= PATIENCE else want.queue), want.since
