"""The words of time of one language, and the classes they belong to.

A class is one character, so that a sentence becomes a string over which the rules are
regular expressions.  The rules know classes only: a new language is a table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# -- what a word can be
DROPPED: Final = "_"  # of, the, on: carries nothing
NUMBER: Final = "n"  # three, as a word
ORDINAL: Final = "o"
ONE: Final = "1"  # "a" before a unit
MONTH: Final = "m"
WEEKDAY: Final = "w"
UNIT: Final = "u"
SHIFT: Final = "s"  # previous, past, this, next, coming
LAST: Final = "l"  # "last week", and "the last week of July"
NEAR: Final = "t"  # today, tomorrow
FEAST: Final = "g"
SEASON: Final = "e"
QUARTER: Final = "k"  # the q of q3
HALF: Final = "h"  # 下半年, h1: value (which, unit)
PART: Final = "p"  # early, mid, late: value (part, as a point)
RELATED: Final = "r"  # 今年, 先月: value (unit, shift)
BETWEEN: Final = "b"
AND: Final = "&"
TO: Final = "-"
UNTIL: Final = "T"
FROM: Final = "f"
SINCE: Final = "S"
BEFORE: Final = "B"
AFTER: Final = "A"
WITHIN: Final = "i"  # in two weeks
BACK: Final = "v"  # hace, il y a, vor: before an amount
FOR: Final = "4"
MORE: Final = ">"
LESS: Final = "<"
ONWARDS: Final = "P"  # these stand behind: 2015 or later
OR_BEFORE: Final = "Q"
AGO: Final = "x"  # 3 days ago, 2018年前
LATER: Final = "z"  # 3 days later, 2018年以后
FROM_BEHIND: Final = "F"  # から
TO_BEHIND: Final = "G"  # まで
CENTURY: Final = "c"
DECADE: Final = "D"
DECADE_WORD: Final = "9"  # the nineties
ROMAN: Final = "R"
ERA: Final = "E"
YEAR_MARK: Final = "N"  # 年
MONTH_MARK: Final = "j"  # 月
DAY_MARK: Final = "J"  # 日
NTH_MARK: Final = "a"  # 第

Entry = tuple[str, Any]
Table = Mapping[str, Mapping[Any, str]]


def numbered(names: str, first: int = 1) -> dict[int, str]:
    """Return number -> spellings for groups separated by spaces, spellings by `/`."""
    return {first + n: group.replace("/", " ") for n, group in enumerate(names.split())}


_SAME: Final = {
    **dict(zip("週後個禮間從號來內開時兩與於當閒頭這", "周后个礼间从号来内开时两与于当闲头这", strict=True)),
    **dict(zip("–—−~〜～’‘ºª", "------''oa", strict=True)),
}


def _plain(char: str) -> str:
    """Return a character as it is compared: small, without accent, half-width; always one."""
    known = _SAME.get(char)
    if known is not None:
        return known
    lower = char.lower()
    bare = (
        unicodedata.normalize("NFKD", lower)[:1] if len(lower) == 1 and not "ぁ" <= lower <= "ヿ" else lower
    )
    bare = _SAME.get(bare, bare)
    return bare if len(bare) == 1 else char


class _Plain(dict[int, str]):
    def __missing__(self, code: int) -> str:
        found = self[code] = _plain(chr(code))
        return found


_FOLDED: Final = _Plain({code: _plain(chr(code)) for code in range(0x250)})


def plain(text: str) -> str:
    """Return the text as it is compared, each character in its place."""
    return text.translate(_FOLDED)


@dataclass(frozen=True, slots=True)
class Language:
    """A language's words, and the few ways in which its order differs."""

    code: str
    table: Table
    order: str = "dmy"  # of a date in figures
    behind: bool = False  # "semaine dernière": what shifts stands behind what is shifted
    spaced: bool = True
    linked_tens: bool = False  # treinta y dos
    more: Mapping[str, Entry] = field(default_factory=dict)  # forms that are derived

    def forms(self) -> dict[str, Entry]:
        """Return form -> (class, value); words of a form are separated by spaces."""
        found: dict[str, Entry] = dict(self.more)
        for cls, values in self.table.items():
            for value, forms in values.items():
                for form in forms.split():
                    found[plain(form).replace("_", " ")] = (cls, value)
        return found
