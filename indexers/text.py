"""Plain text, source code and text-like data: the lines as they are."""

from __future__ import annotations

from semfs.indexers.charset import decode
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section


class Text:
    """Read lines."""

    name = "text"
    kind = Kind.TEXT

    def read(self, path: str) -> Document:
        text = decode(load(path))
        return Document((Section(text, line=1),) if text.strip() else ())


class Code(Text):
    """Source code of any language."""

    name = "code"
    kind = Kind.CODE


class Data(Text):
    """YAML, TOML, XML and the like, which people read as text."""

    name = "data"
    kind = Kind.DATA
