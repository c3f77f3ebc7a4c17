"""Decide between several results of one computation.  Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar

_NUMBER: Final = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")

Result = TypeVar("Result")


def value(text: str) -> str:
    """Return what a result says: its last number, rounded, or all of it where there is none."""
    found = _NUMBER.findall(text)
    if not found:
        return " ".join(text.split()).casefold()
    return f"{float(found[-1].replace(',', '').replace('−', '-')):.6g}"


def most_common(results: Sequence[Result], says: Callable[[Result], Hashable]) -> Result:
    """Return the first of the results that say what most of them say; raises ValueError for none."""
    counted = Counter(map(says, results))
    return max(results, key=lambda result: counted[says(result)])


def agreed(texts: Sequence[str]) -> bool:
    """Say whether there are several, and all say the same."""
    return len(texts) > 1 and len(set(map(value, texts))) == 1
