"""OpenDocument texts and presentations (spreadsheets go with the other spreadsheets)."""

from __future__ import annotations

import zipfile

from lxml import etree  # type: ignore[import-untyped]

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.media import Illustrated
from semfs.indexers.outline import Outline
from semfs.indexers.source import load, member, open_zip
from semfs.indexers.xml import part, properties
from semfs.model import Document, Kind

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
MAX_SPACES = 100  # a count of spaces is a number in the file: somebody else's word
LEFT_OUT = frozenset({f"{TEXT}tracked-changes", f"{DRAW}style", f"{TEXT}note-citation"})


class OdfText(Illustrated):
    """Read an OpenDocument text."""

    name = "odt"
    kind = Kind.DOCUMENT

    def read(self, path: str) -> Document:
        archive = open_zip(path, load(path))
        refuse_encrypted(archive, path)
        outline = Outline()
        _gather(part(archive, "content.xml", path), outline)
        about = properties(archive, path)
        return Document(
            outline.sections(),
            about.title or outline.first_heading,
            about.author,
            about.created,
            about.language,
            scans=self.scans(archive),
        )


class OdfSlides(OdfText):
    """Read an OpenDocument presentation; a page is a slide."""

    name = "odp"
    kind = Kind.PRESENTATION

    def page_of(self, name: str, path: str, data: bytes) -> int | None:
        """Return the first slide that shows a picture."""
        slides = enumerate(part(open_zip(path, data), "content.xml", path).iter(f"{DRAW}page"), start=1)
        return next((number for number, slide in slides if name in _shown(slide)), None)


def _shown(slide: etree._Element) -> set[str | None]:
    return {image.get(f"{XLINK}href") for image in slide.iter(f"{DRAW}image")}


def refuse_encrypted(archive: zipfile.ZipFile, path: str) -> None:
    """Raise ExtractError if the manifest says that the parts are encrypted."""
    if b"encryption-data" in (member(archive, "META-INF/manifest.xml", path) or b""):
        raise ExtractError(path, ENCRYPTED)


def _gather(element: etree._Element, outline: Outline, slide: int = 0) -> int:
    """Walk in the order of the document; return the number of slides begun so far."""
    for child in element:
        if child.tag in LEFT_OUT:
            continue
        if child.tag == f"{DRAW}page":
            slide += 1
            outline.page(slide)
            _slide(child, outline)
        elif child.tag == f"{TEXT}h":
            outline.heading(_level(child), _words(child))
        elif child.tag == f"{TEXT}p":
            outline.add(_words(child))
            slide = _boxes(child, outline, slide)
        elif child.tag == f"{TEXT}list-item":
            outline.add("- " + "\n".join(_paragraphs(child)))
        elif child.tag == f"{TABLE}table-row":
            outline.add(" | ".join(_cells(child)))
        else:
            slide = _gather(child, outline, slide)
    return slide


def _slide(page: etree._Element, outline: Outline) -> None:
    for frame in sorted(page, key=_order):
        words = [words for words in _paragraphs(frame) if words.strip()]
        if frame.get(f"{PRESENTATION}class") == "title":
            outline.heading(1, " ".join(words))
        elif words:
            outline.add(("Notes: " if frame.tag == f"{PRESENTATION}notes" else "") + "\n".join(words))


def _order(frame: etree._Element) -> int:
    """Put the title first and the notes last; the rest stays as it is."""
    if frame.get(f"{PRESENTATION}class") == "title":
        return 0
    return 2 if frame.tag == f"{PRESENTATION}notes" else 1


def _boxes(paragraph: etree._Element, outline: Outline, slide: int) -> int:
    for box in paragraph.iter(f"{DRAW}text-box"):
        slide = _gather(box, outline, slide)
    return slide


def _level(heading: etree._Element) -> int:
    level = heading.get(f"{TEXT}outline-level") or "1"
    return int(level) if level.isdigit() and 0 < int(level) < 11 else 1


def _paragraphs(element: etree._Element) -> list[str]:
    return [_words(found) for found in element.iter(f"{TEXT}p", f"{TEXT}h")]


def _cells(row: etree._Element) -> list[str]:
    return [" ".join(_paragraphs(cell)) for cell in row.iter(f"{TABLE}table-cell")]


def _words(element: etree._Element) -> str:
    """Return the text of a paragraph; spaces, tabs and breaks are elements of their own."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c") or "1"
            parts.append(" " * min(int(count) if count.isdigit() else 1, MAX_SPACES))
        elif child.tag == f"{TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{TEXT}line-break":
            parts.append("\n")
        elif child.tag == f"{TEXT}note":
            parts.append(f" ({' '.join(_paragraphs(child)).strip()})")
        elif isinstance(child.tag, str) and child.tag not in LEFT_OUT and child.tag != f"{DRAW}frame":
            parts.append(_words(child))
        parts.append(child.tail or "")
    return "".join(parts)
