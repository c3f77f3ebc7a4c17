"""Word documents (DOCX): paragraphs and tables in order, headings by their styles, then the notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import cast

from docx.document import Document as WordDocument
from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.part import PartFactory
from docx.package import Package
from docx.parts.document import DocumentPart
from docx.table import Table
from docx.text.paragraph import Paragraph

from semfs.errors import ExtractError
from semfs.indexers.media import Illustrated
from semfs.indexers.outline import Outline
from semfs.indexers.source import load, member, open_zip
from semfs.indexers.xml import parse, properties
from semfs.model import Document, Kind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
HEADING = re.compile(r"(?:heading|title)\s*(\d?)$", re.I)
NOTES = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
VARIANTS = (  # main parts besides the plain document's: with macros, templates
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    CONTENT_TYPE.WML_DOCUMENT_MAIN.replace("document.main", "template.main"),
)
for variant in VARIANTS:
    PartFactory.part_type_for.setdefault(variant, DocumentPart)


class Word(Illustrated):
    """Read a Word document."""

    name = "docx"
    kind = Kind.DOCUMENT

    def read(self, path: str) -> Document:
        data = load(path)
        archive = open_zip(path, data)
        outline = Outline()
        _body(_open(path, data), outline)
        for note in _notes(archive, path):
            outline.add(note)
        about = properties(archive, path)
        return Document(
            outline.sections(),
            about.title or outline.first_heading,
            about.author,
            about.created,
            about.language,
            scans=self.scans(archive),
        )


def _open(path: str, data: bytes) -> WordDocument:
    try:
        main = Package.open(io.BytesIO(data)).main_document_part
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ExtractError(path, "damaged: cannot be read as a Word document") from error
    if not isinstance(main, DocumentPart):
        raise ExtractError(path, "damaged: it holds no Word text")
    return cast(WordDocument, main.document)


def _body(document: WordDocument, outline: Outline) -> None:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in _rows(block):
                outline.add(row)
        elif level := _level(block):
            outline.heading(level, block.text)
        else:
            outline.add(("- " if _listed(block) else "") + block.text if block.text.strip() else "")
            for text in _boxes(block):
                outline.add(text)


def _level(paragraph: Paragraph) -> int:
    """Return the level of a heading, 0 for other paragraphs."""
    style = paragraph.style
    found = HEADING.match(style.name or "") if style is not None else None
    return int(found[1] or 1) if found else 0


def _listed(paragraph: Paragraph) -> bool:
    style = paragraph.style.name if paragraph.style is not None else ""
    numbered = paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None
    return numbered or (style or "").startswith("List ")


def _rows(table: Table) -> Iterator[str]:
    """Yield rows as cells joined by bars, a merged cell only once."""
    for row in table._tbl.tr_lst:
        cells = [
            " ".join("".join(node.text or "" for node in p.iter(f"{W}t")) for p in cell.iter(f"{W}p"))
            for cell in row.tc_lst
        ]
        if any(cell.strip() for cell in cells):
            yield " | ".join(cell.strip() for cell in cells)


def _boxes(paragraph: Paragraph) -> Iterator[str]:
    """Yield the text of text boxes, which hang on a paragraph without being part of its text."""
    for box in paragraph._p.iter(f"{W}txbxContent"):
        if not any(above.tag == FALLBACK for above in box.iterancestors()):
            yield "".join(node.text or "" for node in box.iter(f"{W}t"))


def _notes(archive: zipfile.ZipFile, path: str) -> Iterator[str]:
    for name in NOTES:
        data = member(archive, name, path)
        root = parse(data) if data else None
        for note in root if root is not None else ():
            text = "".join(node.text or "" for node in note.iter(f"{W}t")).strip()
            if text:
                yield text
