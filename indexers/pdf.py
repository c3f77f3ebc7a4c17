"""PDF, a section a page, through PDFium."""

from __future__ import annotations

import re

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

from semfs.errors import ExtractError, Unsupported
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.dates import parse_date
from semfs.indexers.outline import Headings
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

HYPHEN = re.compile("[\u0002\ufffe\u00ad]\\s*\\n?")  # how PDFium marks a word broken at the end of a line
UNTITLED = re.compile(
    r"(untitled|unknown|document\d*|.*\.(docx?|dvi|indd|qxd|tex|pptx?|xlsx?|odt))\s*$", re.I
)
WRITER = re.compile(r"^Microsoft (Word|PowerPoint|Excel) - ")
DEEPEST_BOOKMARK = 6


class Pdf:
    """Read the text layer of a PDF."""

    name = "pdf"
    kind = Kind.PDF

    def read(self, path: str) -> Document:
        document = _open(path, load(path))
        try:
            sections, unreadable = _pages(document)
            if not sections and unreadable:
                raise ExtractError(path, f"damaged: none of its {len(document)} pages can be read")
            fields = document.get_metadata_dict(skip_empty=True)
        finally:
            document.close()
        read = Document(
            sections,
            title=_title(fields.get("Title", "")),
            author=fields.get("Author", ""),
            created=parse_date(fields.get("CreationDate", "")),
        )
        if not sections:
            raise Unsupported(path, "no text inside: a PDF of pictures, perhaps a scan", about=read)
        return read


def _open(path: str, data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise ExtractError(path, ENCRYPTED) from error
        raise ExtractError(path, "damaged: cannot be read as a PDF file") from error


def _pages(document: pdfium.PdfDocument) -> tuple[list[Section], int]:
    """Return a section for each page that has text, and how many pages could not be read."""
    headings = _bookmarks(document)
    sections: list[Section] = []
    heading, unreadable = "", 0
    for index in range(len(document)):
        heading = headings.get(index, heading)
        try:
            text = _text(document, index)
        except pdfium.PdfiumError:
            unreadable += 1
            continue
        if text.strip():
            sections.append(Section(text, heading, page=index + 1))
    return sections, unreadable


def _text(document: pdfium.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        words = page.get_textpage()
        try:
            text: str = words.get_text_range()
        finally:
            words.close()
    finally:
        page.close()
    return HYPHEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _bookmarks(document: pdfium.PdfDocument) -> dict[int, str]:
    """Return, by page index, the path of bookmarks that a page begins with."""
    paths: dict[int, str] = {}
    headings = Headings()
    try:
        for mark in document.get_toc(max_depth=DEEPEST_BOOKMARK):
            path = headings.enter(mark.level + 1, mark.get_title())
            target = mark.get_dest()
            index = target.get_index() if target else None
            if index is not None:
                paths.setdefault(index, path)
    except (pdfium.PdfiumError, RuntimeError, ValueError):
        return paths  # a broken table of contents is no reason to give up the text
    return paths


def _title(title: str) -> str:
    title = WRITER.sub("", title).strip()
    return "" if UNTITLED.match(title) else title
