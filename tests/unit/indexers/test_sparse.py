"""Workbooks with cells far apart are read as if they stood together, and none takes all memory."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from semfs.errors import ExtractError
from semfs.indexers import sparse
from semfs.indexers.registry import default_registry
from semfs.model import Document


def workbook(cells: dict[str, object]) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    book.create_sheet("Other")["A1"] = "lighthouse"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(path: Path, content: bytes) -> Document:
    path.write_bytes(content)
    return default_registry().read(str(path))[1]


TABLE = {"B2": "vendor", "C2": "total", "B3": "Mill", "C3": 12}


@pytest.mark.parametrize("stray", ["XFD1048576", "Z1048576", "XFD50000"])
def test_a_stray_cell_costs_nothing(tmp_path: Path, stray: str) -> None:
    document = read(tmp_path / "a.xlsx", workbook({**TABLE, stray: "stray"}))

    texts = [section.text for section in document.sections]
    assert texts == ["vendor | total\nvendor: Mill; total: 12\nstray", "lighthouse"]


def test_a_workbook_that_fits_is_left_as_it_is(tmp_path: Path) -> None:
    content = workbook({**TABLE, "Z1000": "far enough"})

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sparse.gathered(archive, content, "a.xlsx") is content


def test_cells_keep_their_order_and_columns(tmp_path: Path) -> None:
    far = {"A1": "name", "ZZ1": "town", "A900000": "Ann", "ZZ900000": "Ulm", "ZZ900001": "Bonn"}

    document = read(tmp_path / "a.xlsx", workbook(far))

    assert document.sections[0].text == "name | town\nname: Ann; town: Ulm\ntown: Bonn"


def test_a_sheet_that_is_large_even_so_is_refused(tmp_path: Path) -> None:
    content = workbook(TABLE)
    cells = "".join(
        f'<row r="{n}"><c r="{sparse._letters(n).decode()}{n}"><v>1</v></c></row>' for n in range(1, 5000)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as copy:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "xl/worksheets/sheet1.xml":
                begin, _, rest = part.partition(b"<sheetData>")
                part = (
                    begin
                    + b"<sheetData>"
                    + cells.encode()
                    + b"</sheetData>"
                    + rest.partition(b"</sheetData>")[2]
                )
            copy.writestr(name, part)

    with pytest.raises(ExtractError) as raised:
        read(tmp_path / "a.xlsx", out.getvalue())

    assert raised.value.reason == "refused: a sheet of 4,999 rows and 4,999 columns"
