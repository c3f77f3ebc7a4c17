"""Tell which language a text is in, by CLD2; for the reading processes only.

CLD2 is native code made for web pages: quick (0.1 ms a thousand characters), small (14 MB on disk,
7 MB in memory), the same answer each time, and it says when it is not sure.  What it was compared
with is in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from semfs.model import Kind

# Programs and tables have words of a language in them and are in none.
_WITHOUT: Final = frozenset({Kind.CODE})
_SAMPLE: Final = 16  # passages, from all over the text: a first page may be a licence in another language
_PASSAGE: Final = 1000  # characters
_SHARE: Final = 60  # percent of the text that must be in the language
_CONTROLS: Final = dict.fromkeys([*range(32), 127], " ")
_LEAST: Final = 40  # bytes of letters; of the shorter ones one in five would be wrong
_RENAMED: Final = {"iw": "he", "jw": "jv", "in": "id", "nb": "no", "nn": "no"}


def language_of(kind: Kind, passages: Sequence[str], *, declared: str = "") -> str:
    """Return the language (ISO 639-1) of most of a text, '' if it is in none or that is unsure.

    What a file's metadata declares counts only if the text does not speak against it: word
    processors write down the language of the program, not of the text.
    """
    found, shares = _detected(_sample(passages))
    if found and (kind not in _WITHOUT or declared == found):
        return found
    return _iso(declared) if _iso(declared) in shares else ""


def _sample(passages: Sequence[str]) -> str:
    step = max(1, len(passages) // _SAMPLE)
    text = "\n".join(passage[:_PASSAGE] for passage in passages[::step][:_SAMPLE])
    # CLD2 refuses other controls, and the code points that no character has.
    text = text.translate(_CONTROLS)
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else " "


def _iso(code: str) -> str:
    """Return the ISO 639-1 code for one of CLD2's, '' if there is none."""
    code = _RENAMED.get(code, code.partition("-")[0])
    return code if len(code) == 2 and code != "un" else ""


def _detected(text: str) -> tuple[str, set[str]]:
    """Return the language that is certain, '' if none is, and all that were seen."""
    import pycld2  # type: ignore[import-untyped]

    try:
        sure, size, details = pycld2.detect(text)
    except pycld2.error:
        return "", set()
    seen = [(_iso(code), share) for _, code, share, _ in details if _iso(code)]
    certain = sure and size >= _LEAST and seen and seen[0][1] >= _SHARE
    return seen[0][0] if certain else "", {code for code, _ in seen}
