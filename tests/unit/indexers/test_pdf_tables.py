"""Tables in PDF files: rows keep their cells together, running text stays as it is."""

from __future__ import annotations

from pathlib import Path

from fpdf import FPDF

from semfs.indexers.columns import Box, tables_of
from semfs.indexers.registry import default_registry

PRICES = [["Vendor", "Amount", "Date"], ["Acme Tools", "1,200.00", "2024-01-15"]]
PRICES += [["Blue Harbor", "80.50", "2024-02-03"], ["Northwind Paper", "312.00", "2024-02-20"]]
SENTENCE = (
    "The harbour lies in the lee of the northern cliffs and the boats wait there for the turn of the tide. "
)


def page() -> FPDF:
    pdf = FPDF()
    pdf.set_font("helvetica", size=10)
    pdf.add_page()
    return pdf


def text_of(pdf: FPDF, path: Path) -> str:
    path.write_bytes(bytes(pdf.output()))
    _, document = default_registry().read(str(path))
    (section,) = document.sections
    assert section.page == 1
    return section.text


def columns(pdf: FPDF, rows: list[list[str]], *lefts: float) -> None:
    """Write words where columns are, without a line between them."""
    for row in rows:
        y = pdf.get_y()
        for left, cell in zip(lefts, row, strict=True):
            pdf.set_xy(left, y)
            pdf.cell(text=cell or " ")
        pdf.set_xy(10, y + 6)


def test_rows_of_a_ruled_table_name_their_columns(tmp_path: Path) -> None:
    pdf = page()
    pdf.cell(text="Invoices of the first quarter", new_x="LMARGIN", new_y="NEXT")
    with pdf.table() as table:
        for row in PRICES:
            table.row(row)
    pdf.cell(text="Payable within 30 days.")

    assert text_of(pdf, tmp_path / "a.pdf").splitlines() == [
        "Invoices of the first quarter",
        "Vendor | Amount | Date",
        "Vendor: Acme Tools; Amount: 1,200.00; Date: 2024-01-15",
        "Vendor: Blue Harbor; Amount: 80.50; Date: 2024-02-03",
        "Vendor: Northwind Paper; Amount: 312.00; Date: 2024-02-20",
        "Payable within 30 days.",
    ]


def test_columns_without_ruling_lines_are_a_table_as_well(tmp_path: Path) -> None:
    pdf = page()
    columns(
        pdf,
        [["Anna", "Berlin", "sales"], ["Bob", "Leipzig", "stores"], ["Eve", "Hamburg", "law"]],
        10,
        70,
        120,
    )

    assert text_of(pdf, tmp_path / "a.pdf").splitlines() == [
        "Anna | Berlin | sales",
        "Bob | Leipzig | stores",
        "Eve | Hamburg | law",
    ]


def test_an_empty_cell_does_not_move_the_others(tmp_path: Path) -> None:
    pdf = page()
    rows = [["Item", "In", "Out"], ["paper", "12", ""], ["ink", "", "7"], ["glue", "3", "4"]]
    columns(pdf, rows, 10, 70, 120)

    assert "Item: paper; In: 12\nItem: ink; Out: 7\n" in text_of(pdf, tmp_path / "a.pdf")


def test_a_cell_of_several_lines_is_one_cell(tmp_path: Path) -> None:
    pdf = page()
    with pdf.table(col_widths=(20, 60, 20), line_height=5, v_align="TOP") as table:
        for row in (["No", "What", "Price"], ["1", SENTENCE, "12"], ["2", "ink", "7"], ["3", "glue", "3"]):
            table.row(row)

    lines = text_of(pdf, tmp_path / "a.pdf").splitlines()
    assert lines[1] == f"No: 1; What: {SENTENCE.strip()}; Price: 12"


def test_justified_text_is_no_table(tmp_path: Path) -> None:
    pdf = page()
    pdf.multi_cell(w=60, text=SENTENCE * 8, align="J")

    assert " | " not in text_of(pdf, tmp_path / "a.pdf")


def test_text_in_two_columns_is_read_one_after_the_other(tmp_path: Path) -> None:
    pdf = page()
    with pdf.text_columns(ncols=2, gutter=10, text_align="J") as flow:
        flow.write(SENTENCE * 60)

    text = text_of(pdf, tmp_path / "a.pdf")
    assert " | " not in text
    assert " ".join(text.split()).startswith(SENTENCE + SENTENCE)


def test_a_list_is_no_table(tmp_path: Path) -> None:
    pdf = page()
    columns(pdf, [["1.", "first the boats"], ["2.", "then the nets"], ["3.", "then the fish"]], 10, 20)

    assert " | " not in text_of(pdf, tmp_path / "a.pdf")


def test_a_brace_around_lines_and_a_raised_comma_make_no_lines() -> None:
    def row(y: float) -> list[Box]:
        return [Box(0, y, 30, y + 8), Box(100, y, 130, y + 8), Box(131, y - 2, 132, y + 1)]

    lines, (table,) = tables_of([Box(60, 0, 64, 60), *row(48), *row(26), *row(0)])
    assert len(lines) == 3
    assert len(table.rows) == 3
