"""Cut a file's passages into windows that the model can read in one go.  Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from semfs.jobs.values import estimate_tokens
from semfs.model import Passage

WINDOW_TOKENS = 800  # four of these with instructions and answers fit a context of 8192
BORDERS = ("\n\n", "\n", ". ", "。", " ")  # where a text is best cut, the best first
DENSEST = 4  # characters; no text has as many a token


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive text of one file, and where it begins."""

    text: str
    page: int | None = None
    line: int | None = None
    pieces: tuple[tuple[int, int | None, int | None], ...] = ()  # (offset, page, line) of each passage

    def place(self, offset: int) -> tuple[int | None, int | None]:
        """Return the page and the line in the file of a character of the text."""
        begin, page, line = next(
            (piece for piece in reversed(self.pieces) if piece[0] <= offset), (0, self.page, self.line)
        )
        return page, None if line is None else line + self.text.count("\n", begin, offset)


def windows(passages: Sequence[Passage], *, tokens: int = WINDOW_TOKENS) -> list[Window]:
    """Return the passages as windows; joined by newlines they are the file's text.

    A passage that is longer than a window by itself is cut.
    """
    pieces = (piece for passage in passages for piece in _cut(passage, tokens))
    return list(_joined(pieces, tokens))


def _cut(passage: Passage, tokens: int) -> Iterator[Window]:
    """Yield a passage in pieces, each with the line on which it begins."""
    end = 0
    for text in cut(passage.text, tokens=tokens):
        begin = passage.text.find(text, end)
        end = begin + len(text)
        line = None if passage.line is None else passage.line + passage.text.count("\n", 0, begin)
        yield Window(text, passage.page, line)


def _joined(pieces: Iterable[Window], tokens: int) -> Iterator[Window]:
    group: list[Window] = []
    size = 0
    for piece in pieces:
        more = estimate_tokens(piece.text)
        if group and size + more > tokens:
            yield _one(group)
            group, size = [], 0
        group.append(piece)
        size += more
    if group:
        yield _one(group)


def _one(group: Sequence[Window]) -> Window:
    offsets = accumulate((len(piece.text) + 1 for piece in group), initial=0)
    places = tuple((offset, piece.page, piece.line) for offset, piece in zip(offsets, group, strict=False))
    return Window("\n".join(piece.text for piece in group), group[0].page, group[0].line, places)


def cut(text: str, *, tokens: int = WINDOW_TOKENS) -> list[str]:
    """Return the text in pieces of at most `tokens`, cut at line ends, else sentences, else spaces."""
    pieces = []
    while (length := _fitting(text, tokens)) < len(text):
        half = length // 2
        mark = next((mark for mark in BORDERS if mark in text[half:length]), "")
        place = text.rfind(mark, half, length) + len(mark) if mark else length
        pieces.append(text[:place].rstrip())
        text = text[place:].lstrip("\n ")
    return [*pieces, text] if text.strip() or not pieces else pieces


def _fitting(text: str, tokens: int) -> int:
    """Return how many characters at the beginning of the text have at most so many tokens, one at least."""
    lengths = range(min(len(text), tokens * DENSEST) + 1)
    return max(1, bisect_right(lengths, tokens, key=lambda length: estimate_tokens(text[:length])) - 1)


def groups(texts: Sequence[str], *, tokens: int = WINDOW_TOKENS) -> list[list[str]]:
    """Return the texts in order in groups that fit one reading, two a group at least if there are two."""
    found: list[list[str]] = []
    size = 0
    for text in texts:
        more = estimate_tokens(text)
        if not found or (size + more > tokens and len(found[-1]) > 1):
            found.append([])
            size = 0
        found[-1].append(text)
        size += more
    return found
