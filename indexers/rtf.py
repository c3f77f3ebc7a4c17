"""Rich text format."""

from __future__ import annotations

import re

from striprtf import striprtf

from semfs.indexers.dates import parse_date
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

# The library's own take time that grows with the cube of a hostile file's length. Without the first, what
# a link leads to is not added to its words.
striprtf.HYPERLINKS = re.compile(r"(?!)()()")
striprtf.FONTTABLE = re.compile(
    r"\\f(\d{1,9})(?:[^;\\]|\\(?!f(?:charset)?\d))*+\\fcharset(\d{1,3})([^;]{0,300});"
)
NO_LENGTH = re.compile(r"\\bin(?!\d{1,9}(?!\d))")  # the library asks for a number

FIELD = r"\{\\(?:\*\\)?%s\s+([^{}]{0,2000}+(?:\{[^{}]{0,2000}+\}[^{}]{0,2000}+){0,20}+)\}"
TITLE = re.compile(FIELD % "title")
AUTHOR = re.compile(FIELD % "author")
CREATED = re.compile(r"\{\\creatim\\yr(\d{1,4})\\mo(\d{1,2})\\dy(\d{1,2})(?!\d)")
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
    text: str = striprtf.rtf_to_text(NO_LENGTH.sub("", source), errors="replace")  # type: ignore[no-untyped-call]
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
