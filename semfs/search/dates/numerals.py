"""Numbers in words: twenty five, two thousand and twenty, nineteen eighty six."""

from __future__ import annotations

from semfs.search.dates.lexicon import NUMBER, ORDINAL
from semfs.search.dates.reading import Context
from semfs.search.dates.tokens import YEAR, Token, Year

_CENTURIES = range(13, 22)  # that are said before two more digits: nineteen eighty six


def joined(found: list[Token], c: Context) -> list[Token]:
    """Return the words with those of one number joined."""
    out: list[Token] = []
    at = 0
    while at < len(found):
        if found[at].cls not in (NUMBER, ORDINAL):
            out.append(found[at])
            at += 1
            continue
        value, end, ordinal = _thousands(found, at, c)
        if value in _CENTURIES and not ordinal and end < len(found) and found[end].cls == NUMBER:
            rest, stop, _ = _tens(found, end, c)
            if 10 <= rest < 100:
                value, end = 100 * value + rest, stop
        token = Token(ORDINAL if ordinal else NUMBER, value, found[at].start, found[end - 1].end)
        if 1000 <= value < 3000 and not ordinal:
            token = Token(YEAR, Year(value), token.start, token.end)
        out.append(token)
        at = end
    return out


def _word(found: list[Token], at: int) -> int | None:
    return found[at].value if at < len(found) and found[at].cls in (NUMBER, ORDINAL) else None


def _tens(found: list[Token], at: int, c: Context) -> tuple[int, int, bool]:
    value = _word(found, at) or 0
    ordinal = found[at].cls == ORDINAL
    at += 1
    if value in range(20, 100, 10) and not ordinal:
        after = at
        if after < len(found) and (
            found[after].cls == "~" or (found[after].cls == "&" and c.language.linked_tens)
        ):
            after += 1
        unit = _word(found, after)
        limit = 20 if value in (60, 80) and c.language.code == "fr" else 10
        if unit is not None and 0 < unit < limit:
            return value + unit, after + 1, found[after].cls == ORDINAL
    return value, at, ordinal


def _hundreds(found: list[Token], at: int, c: Context) -> tuple[int, int, bool]:
    value, at, ordinal = _tens(found, at, c)
    if value in range(100, 1000, 100) and not ordinal:
        pass
    elif not ordinal and value < 100 and _word(found, at) == 100:
        value, ordinal, at = 100 * value, found[at].cls == ORDINAL, at + 1
    else:
        return value, at, ordinal
    after = at + (at < len(found) and found[at].cls == "&" and not c.language.linked_tens)
    rest = _word(found, after)
    if not ordinal and rest is not None and rest < 100:
        more, end, ordinal = _tens(found, after, c)
        return value + more, end, ordinal
    return value, at, ordinal


def _thousands(found: list[Token], at: int, c: Context) -> tuple[int, int, bool]:
    value, at, ordinal = _hundreds(found, at, c)
    if ordinal:
        return value, at, True
    if value == 1000:
        pass
    elif value < 100 and _word(found, at) == 1000:
        value, at = 1000 * value, at + 1
    else:
        return value, at, False
    after = at + (at < len(found) and found[at].cls == "&")
    rest = _word(found, after)
    if rest is not None and rest < 1000:
        more, end, ordinal = _hundreds(found, after, c)
        return value + more, end, ordinal
    return value, at, False
