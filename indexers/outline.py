"""Text under headings, made into sections in the order of the document.

The heading of a section is the path of titles above it, and its text begins with the title
itself, so that the sections joined are the whole text.
"""

from __future__ import annotations

from itertools import pairwise

from semfs.model import Section

SEPARATOR = " > "


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
