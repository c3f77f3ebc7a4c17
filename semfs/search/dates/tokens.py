"""Cut a text into the words of time that the languages know, once for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from semfs.search.dates import lexicon as x
from semfs.search.dates.de import GERMAN
from semfs.search.dates.en import ENGLISH
from semfs.search.dates.es import SPANISH
from semfs.search.dates.fr import FRENCH
from semfs.search.dates.ja import JAPANESE
from semfs.search.dates.lexicon import Entry, Language
from semfs.search.dates.zh import CHINESE

LANGUAGES: Final = (ENGLISH, GERMAN, FRENCH, SPANISH, CHINESE, JAPANESE)

DIGITS: Final = "d"  # a number in figures: (value, length)
YEAR: Final = "Y"
FIGURES: Final = "6"  # a date in figures
PAIR: Final = "5"  # 4-23: two small numbers, a date or the days of a month
GLUED: Final = "~"  # a dash or slash between two things without spaces

ARTICLES: Final = ("the", "nth")  # values of dropped words: the; le, der
BEFORE_DAY: Final = ("nth", "at")  # le 18, am 5.


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text with its class; what is of no class breaks a phrase."""

    cls: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Year:
    number: int
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """A date in figures, its parts in the order in which they were written."""

    parts: tuple[int, ...]
    lengths: tuple[int, ...]
    sign: str = "-"  # between them


_PIECE: Final = re.compile(
    r"(?P<ymd>(?<![\d.,])\d{4}([-/.])\d{1,2}\2\d{1,2}(?!\d))"
    r"|(?P<spaced>(?<![\d.,])(?:\d{4} \d{2} \d{2}|\d{1,2} \d{1,2} (?:\d{4}|\d\d))(?![\d.,]\d|\d))"
    r"|(?P<dmy>(?<![\d.,])\d{1,2}([-/.])\d{1,2}\5(?:\d{4}|\d\d)(?!\d))"
    r"|(?P<ym>(?<![\w.,/-])\d{4}[-/](?:0?[1-9]|1[0-2])(?![-/]?\w))"
    r"|(?P<my>(?<![\w.,/-])(?:0?[1-9]|1[0-2])[-/]\d{4}(?![-/]?\w))"
    r"|(?P<md>(?<![\d.,])\d{1,2}([-/.])\d{1,2}(?!\d)(?:\.(?=\s|$))?)"
    r"|(?P<nth>[13]ers?(?![a-z])|1eres?(?![a-z])|\d{1,2}(?:st|nd|rd|th|emes?|e|o|a|\.o|\.a|ro|do|to|ta|vo|va|mo|ma)(?![a-z]))"
    r"|(?P<short>(?<!\w)'\d\d(?!\d))"
    r"|(?P<digits>\d+)(?:\.0(?!\d))?"
    r"|(?P<word>[a-z]+'(?=[a-z]{2})|'s(?![a-z])|[a-zß]+)"
    r"|(?P<cjk>[぀-ヿ㐀-鿿々〇])"
    r"|(?P<glued>(?<=[^\s])[-/](?=[^\s]))"
    r"|(?P<sign>[^\s])"
)  # fmt: skip

_KANJI: Final = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "元": 1}
_TENS: Final = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}


def _kanji(text: str, start: int) -> tuple[int, int, int] | None:
    """Return (value, digits, end) of a number in Chinese characters: 二〇一六 has four digits, 十二 none."""
    end = start
    while (
        end < len(text)
        and end - start < 9
        and (text[end] in _KANJI or text[end] in _TENS)
        and text[end] != "元"
    ):
        end += 1
    if end == start:
        return None
    chars = text[start:end]
    if any(c in _TENS for c in chars):
        total = unit = 0
        for c in chars:
            if c in "廿卅":
                total += _TENS[c]
            elif c in _TENS:
                total += (unit or 1) * _TENS[c]
                unit = 0
            else:
                unit = _KANJI[c]
        return total + unit, 0, end
    value = 0
    for c in chars:
        value = 10 * value + _KANJI[c]
    return value, len(chars), end


def _pieces(form: str) -> tuple[str, ...]:
    if not form.endswith("'"):
        return tuple(m[0] for m in _PIECE.finditer(form))
    *pieces, last = (m[0] for m in _PIECE.finditer(form + "aa"))  # an elision is cut only before a word
    return (*pieces, last.removesuffix("aa")) if last != "aa" else tuple(pieces)


Piece = tuple[str | None, str, int, int]  # kind, text, start, end
Known = dict[str, list[tuple[tuple[str, ...], Entry]]]


@lru_cache(maxsize=1)
def _tables() -> dict[str, Known]:
    """Return by language its words by their first piece, the longest first."""
    tables: dict[str, Known] = {}
    for language in LANGUAGES:
        first: Known = {}
        for form, entry in language.forms().items():
            pieces = _pieces(form)
            if pieces:
                first.setdefault(pieces[0], []).append((pieces, entry))
        for options in first.values():
            options.sort(key=lambda option: -len(option[0]))
        tables[language.code] = first
    return tables


def cut(text: str) -> list[Piece]:
    """Return the pieces of a plain text: words, numbers, signs, single characters of Chinese and Japanese."""
    return [(m.lastgroup, m[0], m.start(), m.end()) for m in _PIECE.finditer(text)]


_EMPTY: Final = frozenset(
    (x.DROPPED, x.TO, x.AND, x.FROM, x.WITHIN, x.FOR, x.ONE, x.NUMBER, x.ORDINAL, x.SHIFT, x.LAST)
)
"""Classes of words that are everywhere; a time has another one, or figures."""


def spoken(pieces: list[Piece], *, any_word: bool = False) -> list[Language]:
    """Return the languages that know a word of time in these pieces, or any word at all."""
    words = {piece[1] for piece in pieces}
    figures = any_word or any(word[0].isdigit() for word in words)
    known = {
        code
        for word in words
        for code, form, tells in _forms().get(word, ())
        if (tells or figures) and words.issuperset(form)
    }
    return [language for language in LANGUAGES if language.code in known or (figures and language is ENGLISH)]


@lru_cache(maxsize=1)
def _forms() -> dict[str, list[tuple[str, tuple[str, ...], bool]]]:
    """Return by first piece the forms of all languages, and whether they alone speak of a time."""
    found: dict[str, list[tuple[str, tuple[str, ...], bool]]] = {}
    for code, known in _tables().items():
        for first, forms in known.items():
            found.setdefault(first, []).extend(
                (code, form, cls not in _EMPTY or (cls == x.NUMBER and value >= 100))
                for form, (cls, value) in forms
            )
    return found


def tokens(text: str, pieces: list[Piece], language: Language) -> Iterator[Token]:
    """Yield the pieces in order as what the language knows them for; others have the class ""."""
    first = _tables()[language.code]
    at = 0
    while at < len(pieces):
        kind, word, start, end = pieces[at]
        for words, (cls, value) in first.get(word, ()):
            count = len(words)
            if count == 1 and kind == "glued":
                continue
            if count == 1 or tuple(piece[1] for piece in pieces[at : at + count]) == words:
                at += count
                yield Token(cls, value, start, pieces[at - 1][3])
                break
        else:
            at += 1
            number = _kanji(text, start) if kind == "cjk" and not language.spaced else None
            if number:
                while at < len(pieces) and pieces[at][2] < number[2]:
                    at += 1
                yield _number(number[0], number[1], start, number[2])
            else:
                yield _token(kind, word, start, end)


def _number(value: int, length: int, start: int, end: int) -> Token:
    if length == 4 and 1000 <= value < 3000:
        return Token(YEAR, Year(value), start, end)
    return Token(DIGITS if length <= 3 else "", (value, length), start, end)


def _token(kind: str | None, word: str, start: int, end: int) -> Token:
    if kind == "digits":
        whole = word.partition(".")[0]
        if len(whole) == 8 and whole[:2] in ("19", "20"):
            return Token(
                FIGURES, Figures((int(whole[:4]), int(whole[4:6]), int(whole[6:])), (4, 2, 2)), start, end
            )
        return _number(int(whole), len(whole), start, end) if len(whole) <= 4 else Token("", None, start, end)
    if kind == "short":
        return Token(
            YEAR, Year(2000 + int(word[1:]) if int(word[1:]) < 40 else 1900 + int(word[1:])), start, end
        )
    if kind == "nth":
        return Token(x.ORDINAL, int(re.sub(r"\D", "", word)), start, end)
    if kind in ("ymd", "dmy", "ym", "my", "md", "spaced"):
        numbers = re.findall(r"\d+", word)
        figures = Figures(tuple(map(int, numbers)), tuple(map(len, numbers)), word[len(numbers[0])])
        return Token(PAIR if kind == "md" else FIGURES, figures, start, end)
    if word == ".":
        return Token(x.DROPPED, ".", start, end)
    if kind == "glued":
        return Token(GLUED, None, start, end)
    return Token("", None, start, end)


def order_of(found: Sequence[Token]) -> str | None:
    """Return the order of day and month if one of the dates in figures shows it."""
    for token in found:
        if token.cls in (PAIR, FIGURES) and len(token.value.parts) > 1 and token.value.lengths[0] < 3:
            first, second = token.value.parts[:2]
            if token.value.sign == "." and len(token.value.parts) == 3:
                return "dmy"
            if first > 12 >= second:
                return "dmy"
            if second > 12 >= first and token.value.lengths[1] < 3:
                return "mdy"
    return None
