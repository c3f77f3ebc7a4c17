"""Spreadsheets (XLSX, XLSM, XLSB, XLS, ODS), a section a sheet, through calamine."""

from __future__ import annotations

import io
from collections.abc import Sequence

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.media import Illustrated
from semfs.indexers.odf import refuse_encrypted
from semfs.indexers.ole import is_endless
from semfs.indexers.rows import header_row, row_text, shown
from semfs.indexers.source import load, open_zip
from semfs.indexers.sparse import gathered
from semfs.indexers.summary import summary
from semfs.indexers.xml import Properties, properties
from semfs.model import Document, Kind, Route, Section

UNREADABLE = "damaged: cannot be read as a spreadsheet"


class Sheets(Illustrated):
    """Read a workbook."""

    name = "sheets"
    kind = Kind.SPREADSHEET

    def read(self, path: str) -> Document:
        data = load(path)
        about, scans = Properties(), tuple[Route, ...]()
        if data.startswith(b"PK"):
            archive = open_zip(path, data)
            refuse_encrypted(archive, path)
            about, scans = properties(archive, path), self.scans(archive)
            data = gathered(archive, data, path)
        else:
            about = summary(data)
            if is_endless(data):
                raise ExtractError(path, UNREADABLE)
        try:
            sections = _sections(CalamineWorkbook.from_filelike(io.BytesIO(data)))
        except PasswordError as error:
            raise ExtractError(path, ENCRYPTED) from error
        except CalamineError as error:
            raise ExtractError(path, UNREADABLE) from error
        return Document(sections, about.title, about.author, about.created, about.language, scans=scans)


def _sections(book: CalamineWorkbook) -> tuple[Section, ...]:
    sections = []
    for number, sheet in enumerate(book.sheets_metadata, start=1):
        if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible == SheetVisibleEnum.VeryHidden:
            continue
        try:
            rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=True)
        except WorksheetNotFound:
            continue  # named in the workbook, but its part is gone
        if text := _text(rows):
            sections.append(Section(text, sheet.name, page=number))
    return tuple(sections)


def _text(rows: Sequence[Sequence[object]]) -> str:
    header = header_row(rows)
    names = [shown(cell) for cell in rows[header]] if header is not None else []
    lines = [
        row_text(row, names if header is not None and index > header else ())
        for index, row in enumerate(rows)
    ]
    return "\n".join(line for line in lines if line)
