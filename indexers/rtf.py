"""Rich text format."""

from __future__ import annotations

import re

from striprtf.striprtf import rtf_to_text

from semfs.indexers.dates import parse_date
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

FIELD = r"\{\\(?:\*\\)?%s\s+([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
TITLE = re.compile(FIELD % "title")
AUTHOR = re.compile(FIELD % "author")
CREATED = re.compile(r"\{\\creatim\\yr(\d+)\\mo(\d+)\\dy(\d+)")
HEADER = re.compile(r"\{\\rtf1?(?:\\(?:ansi|mac|pc|pca|ansicpg\d+|deff\d+|u[c]?\d+|adeflang\d+))*")


class Rtf:
    """Read rich text."""

    name = "rtf"
    kind = Kind.DOCUMENT

    def read(self, path: str) -> Document:
        source = load(path).decode("latin-1")  # RTF is ASCII; other bytes are escaped or in its code page
        text = re.sub(r"\n{3,}", "\n\n", _plain(source)).strip("\n")
        return Document(
            (Section(text),) if text.strip() else (),
            title=_field(TITLE, source),
            author=_field(AUTHOR, source),
            created=_created(source),
        )


def _plain(source: str) -> str:
    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    return text.replace("|\n", "\n").replace("|", " | ") if "\\cell" in source else text


def _field(pattern: re.Pattern[str], source: str) -> str:
    found = pattern.search(source)
    if not found:
        return ""
    header = HEADER.match(source)
    beginning = header[0] if header else r"{\rtf1"
    return _plain(f"{beginning} {found[1]}}}").strip()


def _created(source: str) -> float | None:
    found = CREATED.search(source)
    return parse_date(f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}") if found else None
