"""A reading process for histories: the real one, with one indexer that takes everything for text.

Of a text with the word SLOWLY it takes long to make passages, as of a large file: meanwhile it may change.
When that begins it writes the file's path, a line, to the file that it is given.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator

from semfs.index.extract import serve
from semfs.model import Document, Kind, Section

SLOWLY = "slowly"
LONG_S = 0.6  # so that a change is noticed (watch.LONGEST_S) before the passages are there


class _Slow(list[Section]):
    """Sections that take their time."""

    def __init__(self, sections: Iterable[Section], path: str) -> None:
        super().__init__(sections)
        self._path = path

    def __iter__(self) -> Iterator[Section]:
        with open(sys.argv[1], "ab") as record:
            record.write(os.fsencode(self._path) + b"\n")
        time.sleep(LONG_S)
        return super().__iter__()


class Texts:
    """An indexer of plain text."""

    def kind_of(self, path: str) -> Kind:
        return Kind.TEXT

    def read(self, path: str) -> tuple[Kind, Document]:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        sections = [Section(text, line=1)]
        return Kind.TEXT, Document(_Slow(sections, path) if SLOWLY in text else sections)


if __name__ == "__main__":
    serve(Texts())
