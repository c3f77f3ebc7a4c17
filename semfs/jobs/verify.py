"""Compare what a job read, quoted and extracted with what is there now.  No model runs.

May be called from any thread; the files are read through for their hashes, so it may take a while.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from semfs.ask.citation import holds
from semfs.errors import Interrupted
from semfs.jobs.cells import Placed, stands
from semfs.jobs.spans import Place
from semfs.jobs.values import Text, Value
from semfs.jobs.windows import Window, windows
from semfs.model import FileStatus, Source, shown, shown_line
from semfs.store.catalog import Catalog

BLOCK = 1 << 20  # bytes between two looks whether somebody still waits
LONGEST = 80  # characters of a quote that are shown
STANDS, GONE, UNREAD, UNREADABLE = "stands", "no longer there", "not in the index yet", "cannot be read"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a job says stands in a file: words of an answer, or a cell of its rows."""

    path: str
    words: str
    cell: Placed | None = None

    def became(self, windows: Sequence[Window], *, changed: bool) -> str:
        """Return STANDS, GONE, or where a cell stands now."""
        if self.cell is None:
            return STANDS if holds(self.words, "\n".join(window.text for window in windows)) else GONE
        place = stands(self.cell, windows, changed=changed)
        if place is None:
            return GONE
        return STANDS if place == self.cell.place else _moved(place)

    def __str__(self) -> str:
        name = f"{shown_line(self.cell.name)} " if self.cell else ""
        return f"{name}“{_short(self.words)}”"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a file, and of what was said to stand in it."""

    path: str
    state: str  # same, changed, missing or unreadable
    claims: tuple[tuple[Claim, str], ...] = ()  # with STANDS, or what became of it

    @property
    def lost(self) -> bool:
        return any(became != STANDS for _, became in self.claims)

    def lines(self) -> Iterator[str]:
        yield f"{self.state:<10} {shown_line(self.path)}"
        for claim, became in self.claims:
            if became != STANDS:
                yield f"{'':10} {became}: {claim}"


def claims(values: Iterable[Value], cells: Sequence[Placed], sources: Sequence[Source]) -> list[Claim]:
    """Return what a job's values and cells say stands in its sources, each once."""
    quoted = (source for value in values if isinstance(value, Text) for source in value.sources)
    paths = {shown(source.path): source.path for source in sources}
    found = [Claim(source.path, source.quote) for source in quoted if source.quote]
    found += [Claim(paths[cell.file], cell.words, cell) for cell in cells if cell.file in paths]
    return list(dict.fromkeys(found))


def findings(
    sources: Sequence[Source], made: Sequence[Claim], catalog: Catalog, cancelled: Callable[[], bool]
) -> Iterator[Finding]:
    """Look at each file that was read; raises Interrupted."""
    of: dict[str, list[Claim]] = {}
    for claim in made:
        of.setdefault(claim.path, []).append(claim)
    for source in sources:
        mine = of.get(source.path, [])
        now = content_of(source.path, cancelled)
        if isinstance(now, str):
            became = GONE if now == "missing" else UNREADABLE
            yield Finding(source.path, now, tuple((claim, became) for claim in mine))
            continue
        changed = now != source.hash
        found = _windows(source.path, now, catalog) if mine else None
        yield Finding(
            source.path,
            "changed" if changed else "same",
            tuple((c, UNREAD if found is None else c.became(found, changed=changed)) for c in mine),
        )


def report(found: Sequence[Finding], *, unplaced: int = 0) -> str:
    """Return what there is to say: the sum in the first line, then a line a file, the changed first.

    `unplaced` cells were never found word for word in their file.
    """
    if not found:
        return "it read no files\n"
    same = sum(item.state == "same" for item in found)
    parts = [f"{same} of {len(found)} files are as they were read"]
    every = [(claim.cell is None, became) for item in found for claim, became in item.claims]
    for is_quote, words in ((True, "quotes stand there"), (False, "cells stand where they stood")):
        ends = [became == STANDS for kind, became in every if kind is is_quote]
        parts += [f"{sum(ends)} of {len(ends)} {words}"] if ends else []
    parts += [f"{unplaced} more cells have no words in their file"] if unplaced else []
    ordered = sorted(found, key=lambda item: item.state == "same" and not item.lost)
    return "\n".join([", ".join(parts), *(line for item in ordered for line in item.lines())]) + "\n"


def content_of(path: str, cancelled: Callable[[], bool]) -> bytes | str:
    """Return the hash of a file as the catalogue has it, or why there is none; raises Interrupted."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return "missing"
            while data := file.read(BLOCK):
                if cancelled():
                    raise Interrupted("nobody waits for it now")
                digest.update(data)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:
        return "unreadable"
    return digest.digest()


def _windows(path: str, content: bytes, catalog: Catalog) -> list[Window] | None:
    """Return the text of a file, None if the index does not have that of this content."""
    row = catalog.file_at(path)
    if row is None or row.status is not FileStatus.INDEXED or row.hash != content:
        return None
    return windows(catalog.passages_of(row.id))


def _moved(place: Place) -> str:
    page = f"page {place.page}, " if place.page is not None else ""
    line = f"line {place.line}, " if place.line is not None else ""
    return f"now at {page}{line}character {place.at}"


def _short(quote: str) -> str:
    line = shown_line(" ".join(quote.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
