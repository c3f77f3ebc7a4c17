"""Text under headings, made into sections in the order of the document.

The heading of a section is the path of titles above it, and its text begins with the title
itself, so that the sections joined are the whole text.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from semfs.index.chunk import LIMIT, weight
from semfs.model import BETWEEN_HEADINGS, Section

SEPARATOR = BETWEEN_HEADINGS


class Headings:
    """Follow the titles that stand above the present place."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> str:
        """Begin a part of this level (1 is the highest) and return the path to it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        title = " ".join(title.split())
        if title:
            self._open.append((level, title))
        return self.path

    @property
    def path(self) -> str:
        return SEPARATOR.join(title for _, title in self._open)


class Outline:
    """Gather blocks of text; each heading and each page begins a new section."""

    def __init__(self) -> None:
        self._headings = Headings()
        self._blocks: list[str] = []
        self._sections: list[Section] = []
        self._page: int | None = None
        self.first_heading = ""

    def heading(self, level: int, title: str) -> None:
        title = " ".join(title.split())
        if not title:
            return
        self._flush()
        self.first_heading = self.first_heading or title
        self._headings.enter(level, title)
        self._blocks.append(title)

    def page(self, number: int) -> None:
        """Begin a page, slide or sheet; titles of the page before hold no longer."""
        self._flush()
        self._headings = Headings()
        self._page = number

    def add(self, block: str) -> None:
        if block := block.strip("\n"):
            self._blocks.append(block)

    def sections(self) -> tuple[Section, ...]:
        self._flush()
        return tuple(self._sections)

    def _flush(self) -> None:
        text = "\n".join(self._blocks)
        self._blocks.clear()
        if text.strip():
            self._sections.append(Section(text, self._headings.path, self._page))


def line_sections(lines: list[str], starts: list[tuple[int, str]]) -> tuple[Section, ...]:
    """Cut lines where parts start, given as (index of the first line, heading), in order.

    Lines before the first start have no heading; lines count from 1 in the sections.
    """
    borders = [(0, ""), *starts, (len(lines), "")]
    return tuple(
        Section("\n".join(lines[begin:end]), heading, line=begin + 1)
        for (begin, heading), (end, _) in pairwise(borders)
        if any(line.strip() for line in lines[begin:end])
    )


def titled_sections(lines: list[str], titles: Iterable[tuple[int, int, str]]) -> tuple[Section, ...]:
    """Cut lines at titles, given as (index of the line, level, text), in order."""
    headings = Headings()
    return line_sections(lines, [(index, headings.enter(level, title)) for index, level, title in titles])


def placed_sections(pieces: Iterable[tuple[int, str, str]]) -> tuple[Section, ...]:
    """Join pieces (line, heading, text of one line), a new section wherever headings or lines part."""
    sections: list[Section] = []
    texts: list[str] = []
    begin, following, last = 1, 0, ""
    for line, heading, text in pieces:
        if texts and (line != following or heading != last):
            sections.append(Section("\n".join(texts), last, line=begin))
            texts = []
        if not texts:
            begin, last = line, heading
        texts.append(text)
        following = line + 1
    if texts:
        sections.append(Section("\n".join(texts), last, line=begin))
    return tuple(sections)


def block_sections(lines: list[str], blocks: list[tuple[int, int, str]]) -> tuple[Section, ...]:
    """Cut lines at named blocks inside of each other, given as (index of the first line, level, name).

    Only a block that does not fit into a passage is a heading: smaller ones stand together,
    so that a file of many short blocks has passages that say something.
    """
    ends = _ends(blocks, len(lines))
    starts: dict[int, str] = {}
    around: list[tuple[int, str]] = []  # (end, name)
    for (first, _, name), end in zip(blocks, ends, strict=True):
        while around and around[-1][0] <= first:
            after = around.pop()[0]
            starts[after] = _path(around)
        if fits("\n".join(lines[first : min(end, first + LIMIT)])):
            continue
        around.append((end, name))
        starts[first] = _path(around)
    while around:
        after = around.pop()[0]
        starts[after] = _path(around)
    return line_sections(lines, sorted(starts.items()))


def fits(text: str) -> bool:
    """Whether a text is at most one passage."""
    return len(text) <= LIMIT and weight(text) <= LIMIT


def _ends(blocks: list[tuple[int, int, str]], length: int) -> list[int]:
    """Return where each block ends: at the next one that is not inside of it."""
    ends = [length] * len(blocks)
    still: list[int] = []
    for index, (first, level, _) in enumerate(blocks):
        while still and blocks[still[-1]][1] >= level:
            ends[still.pop()] = first
        still.append(index)
    return ends


def _path(around: list[tuple[int, str]]) -> str:
    return SEPARATOR.join(name for _, name in around)
