"""Tables that lie in files: CSV in any dialect, JSON, spreadsheets; what is none, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from semfs.jobs import stored
from semfs.jobs.sandbox import Limits

Read = Callable[..., object]
LIMITS = Limits(seconds=30, memory=512 << 20, output=1 << 20)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write files and read them, all in one child."""

    def files(**contents: bytes) -> list[object]:
        paths = []
        for name, data in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(data)
            paths.append(str(path))
        (tmp_path / "place").mkdir(exist_ok=True)
        found = stored.read(paths, place=tmp_path / "place", limits=LIMITS, cancelled=lambda: False)
        return [found[path] for path in paths]

    return files


def test_delimiters_quotes_and_encodings_are_found(read: Read) -> None:
    got = read(
        a_csv=b'shop,sum\n"Meier, Ulm",3\n',
        b_csv="Geschäft;Summe\nMüller;1.234,50\n".encode("cp1252"),
        c_tsv="shop\tsum\nA\t1\n".encode("utf-16"),
        d_json=b'[{"shop": "A", "sum": 1}, {"shop": "B"}]',
        e_jsonl=b'{"shop": "A"}\n{"shop": "B"}\n',
    )
    assert got == [
        [["", [["shop", "sum"], ["Meier, Ulm", "3"]]]],
        [["", [["Geschäft", "Summe"], ["Müller", "1.234,50"]]]],
        [["", [["shop", "sum"], ["A", "1"]]]],
        [["", [["shop", "sum"], ["A", 1], ["B", None]]]],
        [["", [["shop"], ["A"], ["B"]]]],
    ]


def test_each_sheet_of_a_workbook_is_a_table(read: Read, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "May"
    book.active.append(["item", "cost"])
    book.active.append(["rent", 900])
    book.create_sheet("June").append(["item"])
    book.save(tmp_path / "made.xlsx")
    assert read(a_xlsx=(tmp_path / "made.xlsx").read_bytes()) == [
        [["May", [["item", "cost"], ["rent", 900.0]]], ["June", [["item"]]]]
    ]


def test_what_is_no_table_is_said_with_its_reason(read: Read) -> None:
    odd, broken, empty, good = read(
        a_exe=b"x", b_xlsx=b"PK\x03\x04 broken", c_csv=b"\n\n", d_csv=b"a,b\n1,2\n"
    )
    assert str(odd).startswith("it is no table")
    assert str(broken).startswith("it cannot be read as a table")
    assert (empty, good) == ("it holds no table", [["", [["a", "b"], ["1", "2"]]]])
