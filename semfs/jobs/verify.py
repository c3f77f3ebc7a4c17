"""Compare what a job read and quoted with what is there now.  No model runs.

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
from semfs.jobs.values import Text, Value
from semfs.model import FileStatus, Source, shown_line
from semfs.store.catalog import Catalog

BLOCK = 1 << 20  # bytes between two looks whether somebody still waits
LONGEST = 80  # characters of a quote that are shown


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a file, and of what was quoted from it."""

    path: str
    state: str  # same, changed, missing or unreadable
    lost: tuple[str, ...] = ()  # quotes that are not there any more
    unread: tuple[str, ...] = ()  # quotes of a text that the index does not have yet
    held: int = 0

    def lines(self) -> Iterator[str]:
        yield f"{self.state:<10} {shown_line(self.path)}"
        for words, quotes in (("no longer there", self.lost), ("not in the index yet", self.unread)):
            for quote in quotes:
                yield f"{'':10} {words}: “{_short(quote)}”"


def quotes(values: Iterable[Value]) -> list[Source]:
    """Return the sources of a job's values that quote something, each once."""
    found = (source for value in values if isinstance(value, Text) for source in value.sources)
    return list(dict.fromkeys(source for source in found if source.quote))


def findings(
    sources: Sequence[Source], quoted: Sequence[Source], catalog: Catalog, cancelled: Callable[[], bool]
) -> Iterator[Finding]:
    """Look at each file that was read; raises Interrupted."""
    for source in sources:
        now = content_of(source.path, cancelled)
        if isinstance(now, str):
            lost = tuple(one.quote for one in quoted if one.path == source.path)
            yield Finding(source.path, now, lost=lost if now == "missing" else (), unread=())
            continue
        text = _text(source.path, now, catalog)
        mine = [one.quote for one in quoted if one.path == source.path]
        there = [quote for quote in mine if text is not None and holds(quote, text)]
        gone = tuple(quote for quote in mine if quote not in there)
        yield Finding(
            source.path,
            "same" if now == source.hash else "changed",
            lost=gone if text is not None else (),
            unread=gone if text is None else (),
            held=len(there),
        )


def report(found: Sequence[Finding]) -> str:
    """Return what there is to say: the sum in the first line, then a line a file, the changed first."""
    if not found:
        return "it read no files\n"
    same = sum(item.state == "same" for item in found)
    held = sum(item.held for item in found)
    every = held + sum(len(item.lost) + len(item.unread) for item in found)
    parts = [f"{same} of {len(found)} files are as they were read"]
    parts += [f"{held} of {every} quotes stand there"] if every else []
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


def _text(path: str, content: bytes, catalog: Catalog) -> str | None:
    """Return the text of a file, None if the index does not have that of this content."""
    row = catalog.file_at(path)
    if row is None or row.status is not FileStatus.INDEXED or row.hash != content:
        return None
    return "\n".join(passage.text for passage in catalog.passages_of(row.id))


def _short(quote: str) -> str:
    line = shown_line(" ".join(quote.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
