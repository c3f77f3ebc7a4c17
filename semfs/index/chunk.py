"""Cut a document into passages; pure.

A passage is as much text as the embedder takes in at once (about 240 tokens), cut where the
text pauses: between paragraphs, else lines, else sentences, else words, else anywhere.
Passages do not overlap; joined by newlines they are the text again, but for blank space at
the cuts.  Neighbouring sections of the same heading and page share passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from semfs.model import Chunk, Section

LIMIT = 1000  # weight of a passage: characters of plain Latin text, 240 tokens or so
WIDE_WEIGHT = 4  # a Chinese, Japanese or Korean character is a token
OTHER_WEIGHT = 2  # other scripts: two or three characters a token
DENSE_WEIGHT = 2  # digits and signs: one or two characters a token
LONGEST_HEADING = 300

WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U0001f000-\U0003ffff]"
)
OTHER = re.compile("[\u0370-\u10ff\u1200-\u1fff\ua000-\ua95f\ua980-\uabff\ufb1d-\ufeff\U00010000-\U0001efff]")
DENSE = re.compile(r"[^\w\s]|\d")
_LIGHT = bytes(code for code in range(128) if not DENSE.match(chr(code)))  # counts are quicker in plain bytes

# From the best place to cut to the worst: what matches may be lost in a cut.
BORDERS = (
    re.compile(r"\n(?:[ \t\r]*\n)+"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…;:])\s|(?<=[。！？；])"),
    re.compile(r"\s"),
)

Span = tuple[int, int]


def weight(text: str) -> int:
    """Return how much of a passage's room a text takes."""
    if text.isascii():
        return len(text) + (DENSE_WEIGHT - 1) * len(text.encode("ascii").translate(None, _LIGHT))
    dense, wide, other = (len(pattern.findall(text)) for pattern in (DENSE, WIDE, OTHER))
    return len(text) + (DENSE_WEIGHT - 1) * dense + (WIDE_WEIGHT - 1) * wide + (OTHER_WEIGHT - 1) * other


def chunk(sections: Iterable[Section], *, limit: int = LIMIT) -> list[Chunk]:
    """Return the passages of a document, each of at most `limit` weight."""
    done: list[Chunk] = []
    filling = _Filling()
    for section in sections:
        line, counted = section.line, 0
        for start, end in _spans(section.text, limit):
            if line is not None:
                line, counted = line + section.text.count("\n", counted, start), start
            if not filling.takes(section, start, end, limit):
                done += filling.close()
                filling = _Filling(line=line)
            elif not filling.runs:
                filling.line = line
            filling.add(section, start, end)
    return done + filling.close()


@dataclass(slots=True)
class _Filling:
    """The passage that is being filled: runs of text, each from one section."""

    runs: list[tuple[Section, int, int]] = field(default_factory=list)
    weight: int = 0
    line: int | None = None  # of its first run

    def takes(self, section: Section, start: int, end: int, limit: int) -> bool:
        if not self.runs:
            return True
        last, _, before = self.runs[-1]
        if (last.heading, last.page) != (section.heading, section.page):
            return False
        return self.weight + self._cost(section, start, end, last, before) <= limit

    def add(self, section: Section, start: int, end: int) -> None:
        if self.runs and self.runs[-1][0] is section:
            last, first, before = self.runs.pop()
            self.weight += self._cost(section, start, end, last, before)
            self.runs.append((section, first, end))
        else:
            self.weight += weight(section.text[start:end]) + bool(self.runs)
            self.runs.append((section, start, end))

    @staticmethod
    def _cost(section: Section, start: int, end: int, last: Section, before: int) -> int:
        """Return the weight of the piece with what lies between it and the last one."""
        if last is section:
            return weight(section.text[before:end])
        return 1 + weight(section.text[start:end])

    def close(self) -> list[Chunk]:
        if not self.runs:
            return []
        section = self.runs[0][0]
        text = "\n".join(run.text[first:end] for run, first, end in self.runs)
        return [Chunk(text, section.heading[:LONGEST_HEADING], section.page, self.line)]


def _spans(text: str, limit: int) -> Iterator[Span]:
    """Yield the pieces of a text that no cut goes through, without the blank space around them."""
    return _cut(text, 0, len(text), limit, BORDERS)


def _cut(text: str, start: int, end: int, limit: int, borders: Sequence[re.Pattern[str]]) -> Iterator[Span]:
    for first, last in _between(text, start, end, borders[0]):
        if weight(text[first:last]) <= limit:
            yield first, last
        elif len(borders) > 1:
            yield from _cut(text, first, last, limit, borders[1:])
        else:
            yield from _anywhere(text, first, last, limit)


def _between(text: str, start: int, end: int, border: re.Pattern[str]) -> Iterator[Span]:
    """Yield what stands between borders and is not blank."""
    first = start
    for match in border.finditer(text, start, end):
        if not _blank(text, first, match.start()):
            yield first, match.start()
        first = match.end()
    if not _blank(text, first, end):
        yield first, end


def _blank(text: str, start: int, end: int) -> bool:
    return not text[start:end].strip()


def _anywhere(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Cut a text without a pause, such as base64, into pieces of at most `limit`."""
    first, room = start, limit
    for position in range(start, end):
        cost = weight(text[position])
        if cost > room:
            yield first, position
            first, room = position, limit
        room -= cost
    yield first, end
