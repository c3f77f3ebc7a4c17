"""Turn text into the words that are indexed and looked up; pure, the same for both sides.

Terms survive FTS5's unicode61 tokenizer with `_` as a word character: letters, digits and
underscores only, no combining marks.  Any thread may call; one term is looked up in a
cache, because the words of a language repeat.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found]

VERSION = 2

# Combining marks are word separators for FTS5, so they are dropped: Thai and Indic words
# become skeletons of their consonants, the same on both sides.
_MARKS = {
    code: None for code in range(0x0300, 0x1E00) if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me")
}
# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han (with its
# extensions), Hangul. Korean has spaces, but its endings stick to the word.
_UNSPACED = (
    "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd"
)
_WORD = re.compile(r"\w+")
_ELISION = re.compile(r"(?<=\w)['’](?:s|t|d|m|re|ve|ll)\b", re.IGNORECASE)
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# HTTPServer -> HTTP Server, fooBar2 -> foo Bar 2, iso8601 -> iso 8601; "2nd" and "b2b" stay whole.
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_IDENTIFIER = re.compile(r"_|[^\W\d_A-Z][A-Z]|[A-Z]{2,}[a-z]{2,}|[^\W\d_]{2,}\d{2,}")
_LONGEST = 64  # letters of a term; longer ones are data (base64, hashes) and are cut
_CACHED = 1 << 16  # words of the cache, some 10 MB

_stemmer = Stemmer.Stemmer("english", 0)  # never shared by native threads: it holds the GIL throughout


def analyse(text: str) -> str:
    """Return the index terms of a text, separated by spaces."""
    return " ".join(map(_terms_of, _words(text)))


def analyse_name(name: str) -> str:
    """Return the index terms of a file name: its parts, and the whole of it as one term."""
    whole = whole_name(name)
    terms = analyse(name.replace("_", " "))
    return f"{terms} {whole}" if whole else terms


def whole_name(name: str) -> str:
    """Return the one term that stands for a whole file name; differing separators are equal."""
    parts = [word.casefold() for word in _words(name.replace("_", " "))]
    return "_".join(["", *parts, ""])[: 4 * _LONGEST] if parts else ""


def query_terms(text: str) -> list[str]:
    """Return the index terms of a query in their order, each once."""
    return list(dict.fromkeys(analyse(text).split()))


def is_unspaced(text: str) -> bool:
    """Say whether the text has letters of a script without spaces between words."""
    return not text.isascii() and _IS_UNSPACED.search(text) is not None


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_MARKS)
    if "'" in text or "’" in text:
        text = _ELISION.sub("", text)
    return _WORD.findall(text)


@lru_cache(maxsize=_CACHED)
def _terms_of(word: str) -> str:
    """Return the terms of one word, separated by spaces."""
    if not is_unspaced(word):
        return " ".join(_spaced(word))
    terms: list[str] = []
    for run in _RUN.findall(word):
        terms += _bigrams(run) if _IS_UNSPACED.match(run) else _spaced(run)
    return " ".join(terms)


def _bigrams(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def _spaced(word: str) -> list[str]:
    """Return an identifier whole and in parts, a number also without leading zeros, else the stem."""
    bare = word.strip("_")
    if not bare:
        return []
    whole = bare.casefold()[:_LONGEST]
    if len(bare) > 2 and _IDENTIFIER.search(bare):
        parts = [_simple(part.casefold()[:_LONGEST]) for part in _PART.findall(bare)[:16]]
        if len(parts) > 1:
            return [whole, *parts]
    if whole[0] == "0" and whole.isascii() and whole.isdecimal():
        return list(dict.fromkeys([whole.lstrip("0") or "0", whole]))
    return [_simple(whole)]


def _simple(word: str) -> str:
    stem: str = _stemmer.stemWord(word)
    return stem
