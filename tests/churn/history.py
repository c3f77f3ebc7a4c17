"""What may happen to a folder and to the process that indexes it; pure.

A `Step` says what is done with which names.  Names come from a small set, so that steps meet:
every step makes sense in any order, as one whose files are not there does nothing.  Hence a
history is shrunk by leaving steps out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FOLDERS = (
    "",
    "a",
    "b",
    "a/b",
    "a/b/c",
    "b/d",
    "skip",
    "node_modules",
    ".hidden",
    "../outside",
    "../elsewhere",
)
NAMES = (
    "1.txt",
    "2.txt",
    "3.txt",
    "4.log",
    "5.txt",
    "6.md",
    "a",
    "b",
    "c",
    "d",
    "\udcff\udcfe.txt",
    "u\u0308 x.txt",
    "~$7.txt",
)
RULES = (
    "*.log\n",
    "skip/\n",
    "1.txt\n",
    "!~$7.txt\n",
    "!node_modules/\n",
    "b/\n!b/\n",
    "\n",
    "a/\n",
    "!.hidden/\n",
    "*\n",
)
DECIDING = (".semfsignore", ".semfsignore", ".gitignore", "CACHEDIR.TAG")
WORDS = (
    *("owl", "fox", "bear", "lark", "heron", "river", "stone", "cloud", "lantern", "harbour", "ledger"),
    *("receipt", "tomato", "kayak", "winter", "summer", "bridge", "tower", "garden", "violin", "copper"),
    *("silver", "thunder", "meadow", "forest", "island", "anchor", "compass", "2023", "417", "q3"),
)
TIMES = (
    -86_400,
    0,
    1,
    10**9,
    1_700_000_000,
    4_102_444_800,
    20_000_000_000,
)  # seconds; before 1970 to after 2600


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: what, and to what."""

    what: str
    arguments: tuple[object, ...] = ()

    def __str__(self) -> str:
        return f"{self.what}({', '.join(map(repr, self.arguments))})"


class _Draw:
    """Draw what steps are made of."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._drawn: list[str] = []

    def folder(self) -> str:
        return self.chance.choice(FOLDERS if self.chance.random() < 0.25 else FOLDERS[:6])

    def path(self) -> str:
        """Return a file's path: mostly one that was drawn before, so that it is likely to be there."""
        if self._drawn and self.chance.random() < 0.6:
            return self.chance.choice(self._drawn)
        self._drawn.append(f"{self.folder()}/{self.chance.choice(NAMES)}".lstrip("/"))
        return self._drawn[-1]

    def any(self) -> str:
        """Return a file's path or, as often, a folder's."""
        return self.path() if self.chance.random() < 0.5 else self.chance.choice(FOLDERS[1:])

    def text(self) -> str:
        """Return a text: mostly short, sometimes empty, of several passages, or of one of few contents."""
        kind = self.chance.random()
        if kind < 0.05:
            return ""
        if kind < 0.2:
            return self.chance.choice(WORDS) * 3
        lines = 60 if kind > 0.95 else self.chance.randrange(1, 4)
        return "\n".join(
            " ".join(self.chance.choices(WORDS, k=self.chance.randrange(1, 12))) for _ in range(lines)
        )


def _deciding(draw: _Draw) -> tuple[object, ...]:
    return draw.folder(), draw.chance.choice(DECIDING), draw.chance.choice(RULES)


# What may happen, how often, and with what.
STEPS: dict[str, tuple[int, Callable[[_Draw], tuple[object, ...]]]] = {
    "write": (20, lambda draw: (draw.path(), draw.text())),
    "append": (5, lambda draw: (draw.path(), draw.text())),
    "in_place": (5, lambda draw: (draw.path(), draw.chance.choice(WORDS))),
    "truncate": (3, lambda draw: (draw.path(), draw.chance.randrange(40))),
    "replace": (8, lambda draw: (draw.path(), draw.text())),
    # Again while the first text is being read, which takes long.
    "save_twice": (
        12,
        lambda draw: (draw.path(), f"slowly {draw.text()}", draw.chance.choice((0, 50, 300)), draw.text()),
    ),
    "sneak": (5, lambda draw: (draw.path(),)),
    "utime": (3, lambda draw: (draw.path(), draw.chance.choice(TIMES))),
    "rename": (14, lambda draw: (draw.any(), draw.any())),
    "swap": (4, lambda draw: (draw.any(), draw.any())),
    "copy": (4, lambda draw: (draw.any(), draw.any())),
    "delete": (7, lambda draw: (draw.any(),)),
    "reborn": (3, lambda draw: (draw.path(), draw.path())),
    "hard_link": (5, lambda draw: (draw.path(), draw.path())),
    "symbolic_link": (4, lambda draw: (draw.any(), draw.any())),
    "chmod": (5, lambda draw: (draw.any(), draw.chance.choice((0o000, 0o000, 0o600, 0o444)))),
    "many": (2, lambda draw: (draw.folder(), draw.chance.randrange(3, 30), draw.text())),
    "decide": (3, _deciding),
    "undecide": (2, lambda draw: _deciding(draw)[:2]),
    "unseen": (1, lambda draw: (draw.path(), draw.chance.choice(WORDS))),
    # The longer ones let files be indexed to the end, so that what comes after meets their rows.
    "nap": (12, lambda draw: (draw.chance.choice((0, 5, 60, 400, 800, 1500)),)),
    "search": (2, lambda draw: ()),
    "kill": (7, lambda draw: ()),
    "kill_child": (1, lambda draw: ()),
    "stop": (1, lambda draw: ()),
}
LENGTH = (5, 40)


def history(seed: int) -> list[Step]:
    """Return the history of a seed, the same every time."""
    chance = random.Random(seed)
    draw = _Draw(chance)
    names = list(STEPS)
    weights = [weight for weight, _ in STEPS.values()]
    count = chance.randrange(*LENGTH)
    # What is there when the process first starts is made beforehand.
    steps = [Step("write", STEPS["write"][1](draw)) for _ in range(chance.randrange(6))]
    return steps + [Step(what, STEPS[what][1](draw)) for what in chance.choices(names, weights, k=count)]


def shrink(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """Leave out what is not needed for a history to fail: halves first, then single steps."""
    kept = list(steps)
    size = max(len(kept) // 2, 1)
    while size:
        start = 0
        while start < len(kept):
            fewer = kept[:start] + kept[start + size :]
            if fails(fewer):
                kept = fewer
            else:
                start += size
        size //= 2
    return kept
