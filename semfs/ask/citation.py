"""Whether the words that a source is quoted with stand in it.  Pure."""

from __future__ import annotations

import unicodedata


def holds(quote: str, text: str) -> bool:
    """Whether a text has these words one after the other, however lines are broken.

    A mark of what was left out at either end is no word.
    """
    wanted = _plain(quote.strip().strip("…"))
    return bool(wanted) and wanted in _plain(text)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
