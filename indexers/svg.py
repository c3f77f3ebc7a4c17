"""Drawings in SVG: the words in them are XML, nothing has to be recognised."""

from __future__ import annotations

from semfs.errors import ExtractError
from semfs.indexers.source import load
from semfs.indexers.xml import DUBLIN_CORE, parse, text_at
from semfs.model import Document, Kind, Section

SVG = "{http://www.w3.org/2000/svg}"
WORDS = tuple(f"{space}{tag}" for space in (SVG, "") for tag in ("title", "desc", "text"))


class Svg:
    """Read labels, titles and descriptions in the order of the drawing, which is that of its layers."""

    name = "svg"
    kind = Kind.IMAGE

    def read(self, path: str) -> Document:
        root = parse(load(path))
        if root is None:
            raise ExtractError(path, "damaged: cannot be read as a drawing")
        found = (" ".join("".join(element.itertext("*")).split()) for element in root.iter(*WORDS))
        lines = list(dict.fromkeys(filter(None, found)))
        return Document(
            (Section("\n".join(lines)),) if lines else (),
            title=text_at(root, f"{DUBLIN_CORE}title") or text_at(root, f"{SVG}title"),
        )
