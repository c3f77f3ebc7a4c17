"""Turn text into the words that are indexed and looked up; pure, the same for both sides."""

from __future__ import annotations

VERSION = 1


def analyse(text: str) -> str:
    """Return the index terms of a text, separated by spaces."""
    return text.casefold()


def analyse_name(name: str) -> str:
    """Return the index terms of a file name: its parts, and the whole of it."""
    return analyse(name)
