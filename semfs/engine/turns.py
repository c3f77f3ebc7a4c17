"""Whose step is next among groups that cannot share one; pure.

Stride scheduling (Waldspurger and Weihl 1995): a step costs a group the more the less important
it is, and the one that has spent least is next.  So the important have most steps, and
nobody has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

COSTS = (1, 4, 16)  # of a step by priority: beside one of the highest, one of the lowest has each 17th


@dataclass(slots=True)
class Turns:
    """What each group has spent, as long as it is there."""

    spent: dict[str, float] = field(default_factory=dict)

    def take(self, groups: Mapping[str, int]) -> str:
        """Return whose step it is; `groups` are those there are with their priorities, 0 the highest."""
        least = min((self.spent[name] for name in groups if name in self.spent), default=0.0)
        self.spent = {name: self.spent.get(name, least) for name in groups}
        chosen = min(groups, key=lambda name: (self.spent[name], groups[name]))
        self.spent[chosen] += COSTS[min(groups[chosen], len(COSTS) - 1)]
        return chosen
