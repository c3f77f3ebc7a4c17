"""The days that have names: when they are in a year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

_FIXED: Final = {
    "new year": (1, 1), "new year's eve": (12, 31), "epiphany": (1, 6), "valentine": (2, 14),
    "women": (3, 8), "patrick": (3, 17), "april fool": (4, 1), "earth": (4, 22), "labour": (5, 1),
    "cinco de mayo": (5, 5), "juneteenth": (6, 19), "john": (6, 24), "independence": (7, 4),
    "bastille": (7, 14), "assumption": (8, 15), "german unity": (10, 3), "hispanic": (10, 12),
    "reformation": (10, 31), "halloween": (10, 31), "all saints": (11, 1), "all souls": (11, 2),
    "guy fawkes": (11, 5), "armistice": (11, 11), "martin": (11, 11), "singles": (11, 11),
    "barbara": (12, 4), "nicholas": (12, 6), "constitution": (12, 6), "immaculate": (12, 8),
    "christmas eve": (12, 24), "christmas": (12, 25), "boxing": (12, 26), "national cn": (10, 1),
    "children cn": (6, 1), "teachers cn": (9, 10), "youth cn": (5, 4), "army cn": (8, 1), "trees cn": (3, 12),
    "party cn": (7, 1), "children jp": (5, 5), "culture jp": (11, 3), "emperor jp": (2, 23),
    "founding jp": (2, 11), "constitution jp": (5, 3), "greenery jp": (5, 4), "showa jp": (4, 29),
    "mountain jp": (8, 11), "labour jp": (11, 23), "white": (3, 14), "groundhog": (2, 2),
    "veterans": (11, 11), "spring start": (3, 20), "summer start": (6, 21), "autumn start": (9, 22),
    "winter start": (12, 21),
    "candlemas": (2, 2), "joseph": (3, 19), "peter and paul": (6, 29), "seven sleepers": (6, 27),
    "swiss day": (8, 1), "peace augsburg": (8, 8), "mary birth": (9, 8), "children de": (9, 20),
    "austrian day": (10, 26), "liberation": (5, 8), "berchtold": (1, 2), "walpurgis": (4, 30),
}  # fmt: skip
_FROM_EASTER: Final = {
    "fat thursday": -52, "carnival friday": -51, "carnival saturday": -50, "carnival sunday": -49,
    "rose monday": -48, "shrove tuesday": -47, "ash wednesday": -46, "palm sunday": -7,
    "maundy thursday": -3, "good friday": -2, "holy saturday": -1, "easter": 0, "easter monday": 1,
    "white sunday": 7, "ascension": 39, "pentecost": 49, "whit monday": 50, "trinity": 56,
    "corpus christi": 60,
}  # fmt: skip
_NTH: Final = {  # month, weekday from Monday, which of them (-1: the last)
    "martin luther king": (1, 0, 3), "presidents": (2, 0, 3), "mother": (5, 6, 2), "memorial": (5, 0, -1),
    "father": (6, 6, 3), "labor us": (9, 0, 1), "columbus": (10, 0, 2), "thanksgiving": (11, 3, 4),
    "harvest": (10, 6, 1), "summer time": (3, 6, -1), "winter time": (10, 6, -1),
    "respect jp": (9, 0, 3), "sports jp": (10, 0, 2), "sea jp": (7, 0, 3), "adults jp": (1, 0, 2),
}  # fmt: skip
_AFTER: Final = {  # days after another feast
    "black friday": ("thanksgiving", 1), "cyber monday": ("thanksgiving", 4),
}  # fmt: skip
_FROM_ADVENT: Final = {
    "advent 1": 0,
    "advent 2": 7,
    "advent 3": 14,
    "advent 4": 21,
    "mourning": -14,
    "repentance": -11,
    "dead sunday": -7,
}


def day(feast: str, year: int) -> date:
    """Return the day of a feast in the Gregorian calendar."""
    if feast in _FIXED:
        return date(year, *_FIXED[feast])
    if feast in _NTH:
        return _nth(year, *_NTH[feast])
    if feast in _AFTER:
        other, days = _AFTER[feast]
        return day(other, year) + timedelta(days=days)
    if feast in _FROM_ADVENT:
        eve = date(year, 12, 24)
        fourth = eve - timedelta(days=(eve.weekday() + 1) % 7)
        return fourth + timedelta(days=_FROM_ADVENT[feast] - 21)
    from dateutil.easter import easter  # only when somebody asks for it

    return easter(year) + timedelta(days=_FROM_EASTER[feast])


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)
