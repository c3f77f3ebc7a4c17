"""Old Office formats (DOC, PPT), through office_oxide: text in its order, headings, tables and slides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.outline import Outline
from semfs.indexers.source import load
from semfs.indexers.summary import summary
from semfs.model import Document, Kind

UNTITLED = re.compile(r"(?:no slide title|slide \d+|powerpoint presentation)$", re.IGNORECASE)
MASTER = "Slide Master"  # what the library calls the slide behind all others
AROUND = ("header", "first_page_header", "footer", "first_page_footer")  # of pages


class OldWord:
    """Read a Word document of before 2007."""

    name = "doc"
    kind = Kind.DOCUMENT
    slides = False

    def read(self, path: str) -> Document:
        data = load(path)
        outline = Outline()
        around: dict[str, None] = {}
        for number, section in enumerate(_sections(path, data, self.name), start=1):
            if self.slides and section.get("title") != MASTER:
                outline.page(number)
            for element in section.get("elements") or ():
                _add(element, outline)
            around.update(dict.fromkeys(_text(section[name]) for name in AROUND if section.get(name)))
        for text in around:
            outline.add(text)
        about = summary(data)
        title = "" if UNTITLED.match(about.title) else about.title
        return Document(outline.sections(), title or outline.first_heading, about.author, about.created)


class OldSlides(OldWord):
    """Read a presentation of before 2007."""

    name = "ppt"
    kind = Kind.PRESENTATION
    slides = True


def _sections(path: str, data: bytes, format: str) -> list[dict[str, Any]]:
    import office_oxide

    try:
        with office_oxide.Document.from_bytes(data, format) as document:  # type: ignore[arg-type]
            sections: list[dict[str, Any]] = document.to_ir()["sections"]
    except office_oxide.OfficeOxideError as error:
        locked = "password" in str(error) or "encrypted" in str(error)
        words = ENCRYPTED if locked else "damaged: cannot be read as an old Office file"
        raise ExtractError(path, words) from error
    return sections


def _add(element: dict[str, Any], outline: Outline) -> None:
    if element["type"] == "heading":
        outline.heading(element["level"], _text(element))
    elif element["type"] == "table":
        for row in element["rows"]:
            outline.add(" | ".join(" ".join(_text(cell).split()) for cell in row["cells"]))
    elif element["type"] == "list":
        for item in _items(element):
            outline.add(f"- {item}")
    else:
        outline.add(_text(element))


def _items(element: dict[str, Any]) -> Iterator[str]:
    for item in element["items"]:
        yield _text(item)
        if nested := item.get("nested"):
            yield from _items(nested)


def _text(node: dict[str, Any]) -> str:
    """Return the text of a node and of what it holds; blocks in it are lines."""
    if "text" in node:
        return str(node["text"])
    if node.get("type") == "line_break":
        return "\n"
    content = [child for child in node.get("content") or () if isinstance(child, dict)]
    lines = any(child.get("type") == "paragraph" for child in content)
    return ("\n" if lines else "").join(map(_text, content))
