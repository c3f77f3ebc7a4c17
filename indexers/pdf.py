"""PDF, a section a page, through PDFium; a row of a table is a line."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from itertools import islice

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED, MOST_SCANS, Picture
from semfs.indexers.columns import FEWEST_ROWS, Box, Line, Table, tables_of
from semfs.indexers.dates import parse_date
from semfs.indexers.outline import Headings
from semfs.indexers.rows import header_row, row_text
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

HYPHEN = re.compile("[\u0002\ufffe\u00ad]\\s*\\n?")  # how PDFium marks a word broken at the end of a line
UNTITLED = re.compile(
    r"(untitled|unknown|document\d*|.*\.(docx?|dvi|indd|qxd|tex|pptx?|xlsx?|odt))\s*$", re.I
)
WRITER = re.compile(r"^Microsoft (Word|PowerPoint|Excel) - ")
MOST_PAGES = 50_000  # more than any book has; a page tree of a few bytes can have millions
DEEPEST_BOOKMARK = 6
MOST_BOXES = 5_000  # on a page; an honest one with a box a letter has fewer
MOST_WORK = 50_000_000  # boxes times characters, as each box is looked for among all of them: a second
WHOLE = 0.98  # of the characters have to be there again, or the page stays as it was
EDGE = 0.05  # of a line's height that is left out of it, so that the next line is not in it
# A page without words, or with few of them around a picture of this share of it ("Scanned by ..."), is
# looked at for text in it.
FEW_CHARACTERS = 100
LARGE = 0.1
MOST_OBJECTS = 1000  # of a page that are looked at: a map has hundreds of thousands of lines
DOTS = 200 / 72  # that a point is drawn with: the small print of a scan is read at 200 dpi as well as at 300
MOST_PIXELS = 16_000_000


class Pdf:
    """Read the text layer of a PDF."""

    name = "pdf"
    kind = Kind.PDF

    def read(self, path: str) -> Document:
        document = _open(path, load(path))
        try:
            sections, scans, unreadable = _pages(document)
            if not sections and not scans and unreadable:
                raise ExtractError(path, f"damaged: none of its {len(document)} pages can be read")
            fields = document.get_metadata_dict(skip_empty=True)
        finally:
            document.close()
        return Document(
            sections,
            title=_title(fields.get("Title", "")),
            author=fields.get("Author", ""),
            created=parse_date(fields.get("CreationDate", "")),
            scans=[(page,) for page in scans[:MOST_SCANS]],
        )

    def picture(self, path: str, number: int) -> Picture:
        """Draw a page."""
        document = _open(path, load(path))
        try:
            drawn = document[number - 1]
            width, height = drawn.get_size()
            scale = min(DOTS, math.sqrt(MOST_PIXELS / max(width * height, 1)))
            image = drawn.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        finally:
            document.close()
        return Picture(image, number)


def _open(path: str, data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise ExtractError(path, ENCRYPTED) from error
        raise ExtractError(path, "damaged: cannot be read as a PDF file") from error


def _pages(document: pdfium.PdfDocument) -> tuple[list[Section], list[int], int]:
    """Return a section for each page that has text, the pages that are pictures, and how many are broken."""
    headings = _bookmarks(document)
    sections: list[Section] = []
    scans: list[int] = []
    heading, unreadable = "", 0
    for index in range(min(len(document), MOST_PAGES)):
        heading = headings.get(index, heading)
        try:
            text, is_picture = _text(document, index)
        except pdfium.PdfiumError:
            unreadable += 1
            continue
        if text.strip():
            sections.append(Section(text, heading, page=index + 1))
        if is_picture:
            scans.append(index + 1)
    return sections, scans, unreadable


def _text(document: pdfium.PdfDocument, index: int) -> tuple[str, bool]:
    """Return the words of a page, and whether there may be others in pictures."""
    page = document[index]
    try:
        words = page.get_textpage()
        try:
            text: str = words.get_text_range()
            text = _with_tables(words, text) or text
        finally:
            words.close()
        is_picture = len(text) < FEW_CHARACTERS and _is_picture(page, words=bool(text.strip()))
    finally:
        page.close()
    return HYPHEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), is_picture


def _is_picture(page: pdfium.PdfPage, *, words: bool) -> bool:
    """Whether there is anything on a page without words, or a large picture on one that has few."""
    if not words:
        return bool(raw.FPDFPage_CountObjects(page.raw) > 0)
    width, height = page.get_size()
    return any(
        item.type == raw.FPDF_PAGEOBJ_IMAGE and _area(*item.get_bounds()) > LARGE * width * height
        for item in islice(page.get_objects(max_depth=2), MOST_OBJECTS)
    )


def _area(left: float, bottom: float, right: float, top: float) -> float:
    return (right - left) * (top - bottom)


def _with_tables(words: pdfium.PdfTextPage, text: str) -> str:
    """Return the text of a page with its tables row by row, "" if it has none."""
    count = raw.FPDFText_CountRects(words, 0, -1)
    if count - text.count("\n") <= FEWEST_ROWS or count > MOST_BOXES or count * len(text) > MOST_WORK:
        return ""
    lines, tables = tables_of(_boxes(words, count))
    if not tables:
        return ""
    parts = []
    following = 0
    for table in tables:
        parts += [_plain(words, lines[following : table.first]), *_rows(words, table)]
        following = table.last + 1
    found = "\n".join(filter(None, [*parts, _plain(words, lines[following:])]))
    return found if _letters(found) >= WHOLE * _letters(text) else ""


def _boxes(words: pdfium.PdfTextPage, count: int) -> list[Box]:
    """Return where the pieces of the page's text stand, none of them in two lines."""
    ends = [ctypes.c_double() for _ in range(4)]
    boxes = []
    for index in range(count):
        raw.FPDFText_GetRect(words, index, *ends)
        left, top, right, bottom = (end.value for end in ends)
        if right > left and top > bottom:
            boxes.append(Box(left, bottom, right, top))
    return boxes


def _plain(words: pdfium.PdfTextPage, lines: list[Line]) -> str:
    """Return the text of lines that are in no table, in its own order."""
    boxes = [box for line in lines for box in line]
    if not boxes:
        return ""
    around = boxes[0]
    for box in boxes:
        around = around.around(box)
    text: str = words.get_text_bounded(around.left, around.bottom, around.right, around.top)
    return text.strip("\r\n")


def _rows(words: pdfium.PdfTextPage, table: Table) -> Iterator[str]:
    """Yield rows as those of spreadsheets are, if a row of names is there and numbers below it."""
    rows = [[" ".join(_cell(words, box) for box in cell) for cell in row] for row in table.rows]
    header = header_row(rows)
    named = header is not None and all(rows[header]) and _names_numbers(rows[header:])
    for index, row in enumerate(rows):
        yield row_text(row, rows[header] if header is not None and named and index > header else ())


def _names_numbers(rows: list[list[str]]) -> bool:
    """Say whether below a first row without numbers most cells of some column are one."""
    columns = list(zip(*rows[1:], strict=True))
    return not any(map(_is_number, rows[0])) and any(
        2 * sum(map(_is_number, column)) > len(column) for column in columns
    )


def _is_number(cell: str) -> bool:
    return cell.strip("€$£% ")[:1].isdigit()


def _cell(words: pdfium.PdfTextPage, box: Box) -> str:
    edge = EDGE * box.height
    text: str = words.get_text_bounded(box.left, box.bottom + edge, box.right, box.top - edge)
    return " ".join(text.split())


def _letters(text: str) -> int:
    return len("".join(text.split()))


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
