"""Sizes in plain words, in six languages: "over 1 MB", "größer als 2 GB", "1MB以上"."""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters
from semfs.search.reading import CUT, SIZE, Reading

# Words before an amount; a line a language.
_OVER: Final = (
    r"over|above|at least|>=?|(?:larger|bigger|greater|more) than|larger:|size:>"
    r"|über|ab|mindestens|(?:größer|grösser|mehr) als"
    r"|plus (?:gros|grosses?|grande?s?|lourde?s?) que|plus de|au moins|au-dessus de|supérieure?s? à"
    r"|más (?:grandes?|pesad[oa]s?) (?:que|de)|más de|al menos|mayor(?:es)? (?:que|de|a)|superior(?:es)? a"
    r"|大于|大於|超过|超過|多于|高于|不小于|不少于|至少"
)
_UNDER: Final = (
    r"under|below|at most|up to|<=?|(?:smaller|less) than|smaller:|size:<"
    r"|unter|höchstens|maximal|bis zu|(?:kleiner|weniger) als"
    r"|plus petit(?:e)?s? que|moins de|au plus|inférieur(?:e)?s? à"
    r"|más pequeñ[oa]s? (?:que|de)|menos de|como máximo|menor(?:es)? (?:que|de|a)|inferior(?:es)? a"
    r"|小于|小於|少于|低于|不到|不超过|不大于|最多|至多"
)
# Words after an amount.
_OR_MORE: Final = (
    r"or (?:more|larger|bigger|above)|oder (?:mehr|größer)|ou plus|o más"
    r"|及?以上|或更大|より大きい|を?超える|を?超え|超"
)
_OR_LESS: Final = (
    r"or (?:less|smaller|below)|oder (?:weniger|kleiner)|ou moins|o menos"
    r"|及?以下|以内|以內|或更小|未満|より小さい"
)

# A letter alone is a unit only in capitals or for thousands, close to its number: "over 5 m" may be metres.
_UNIT: Final = (
    r"(?:[kmgt]i?b|bytes?|octets?|(?:kilo|mega|giga|tera)bytes?|(?-i:[KMGT]o)|[kmg]éga-?octets?|megas|gigas"
    r"|キロバイト|メガバイト|ギガバイト|千字节|兆字节|吉字节|兆)(?![a-z])|(?-i:[kKMGT])(?!\w)"
)
_NUMBER: Final = r"\d{1,15}(?:[.,]\d{1,6})?"
_AMOUNT: Final = rf"(?P<n>{_NUMBER}) ?(?P<u>{_UNIT})"
_LEADING = re.compile(rf"(?<![a-z])(?:(?P<over>{_OVER})|(?:{_UNDER})) ?{_AMOUNT}", re.IGNORECASE)
_TRAILING = re.compile(
    rf"(?<![\w.,]){_AMOUNT} ?(?:(?P<over>{_OR_MORE})|(?:{_OR_LESS}))(?![a-z])", re.IGNORECASE
)
_BETWEEN = re.compile(
    rf"(?<![\w.,])(?:(?:between|zwischen|entre|介于|在) ?)?(?P<first>{_NUMBER}) ?(?P<v>{_UNIT})?"
    rf"(?: (?:and|und|et|y|to|bis|à|a) | ?[-–~～] ?|到|至|和|から){_AMOUNT}(?:之间|の間|まで)?",
    re.IGNORECASE,
)
_SCALES: Final = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_WRITTEN: Final = {"キ": "k", "メ": "m", "ギ": "g", "千": "k", "兆": "m", "吉": "g"}


def understood(words: str) -> Filters | None:
    """Return the bounds that a text means, None if it is no size at all."""
    for pattern in (_BETWEEN, _LEADING, _TRAILING):
        match = pattern.fullmatch(" ".join(words.split()))
        if match is not None:
            return _bounds(match)
    return None


def take(reading: Reading) -> None:
    for pattern in (_BETWEEN, _LEADING, _TRAILING):
        for match in pattern.finditer(reading.left):
            if CUT not in match[0]:
                asked = _bounds(match)
                reading.take(match.span(), _shown(asked), asked, doubt=SIZE)


def _bounds(match: re.Match[str]) -> Filters:
    size = _bytes(match["n"], match["u"])
    if match.re is _BETWEEN:
        return Filters(min_size=_bytes(match["first"], match["v"] or match["u"]), max_size=size)
    return Filters(min_size=size) if match["over"] else Filters(max_size=size)


def _bytes(number: str, unit: str) -> int:
    short = unit.casefold().removesuffix("b")
    scale = _WRITTEN.get(short[0], short[0])
    if short.startswith(("byte", "octet")):
        scale = ""
    elif short in _SCALES:
        scale = short
    return int(float(number.replace(",", ".")) * _SCALES.get(scale, 1.0))


def _shown(asked: Filters) -> str:
    bounds = (("at least", asked.min_size), ("at most", asked.max_size))
    return " and ".join(f"{word} {size} bytes" for word, size in bounds if size is not None)
