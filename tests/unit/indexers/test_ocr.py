"""Text in pictures, recognised for real."""

from __future__ import annotations

from pathlib import Path

import fpdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from semfs.indexers.layout import Line
from semfs.indexers.ocr import recognise, strips, turns
from semfs.indexers.registry import default_registry
from semfs.model import Kind, Recognised

LETTER = "The rent is due on the third of March.\nCosts of heating: 185,60 EUR\nKindly, Margaret O'Neill"
SIDE, HEAD = Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180


def page(text: str = LETTER) -> Image.Image:
    image = Image.new("RGB", (700, 220), "white")
    ImageDraw.Draw(image).multiline_text((40, 40), text, "black", ImageFont.load_default(28), spacing=16)
    return image


def line(score: float, width: float = 100, height: float = 10) -> Line:
    return Line("some words", score, 0, 0, width, height)


def test_a_page_that_reads_well_is_not_turned() -> None:
    assert turns([line(0.99), line(0.97)]) == []


def test_a_page_without_lines_is_not_turned() -> None:
    assert turns([]) == []


def test_a_page_that_reads_badly_may_stand_on_its_head() -> None:
    assert turns([line(0.99), line(0.6), line(0.7)]) == [HEAD]


def test_a_page_of_tall_lines_lies_on_its_side() -> None:
    assert turns([line(0.99, 10, 100), line(0.99, 10, 100)]) == [SIDE, Image.Transpose.ROTATE_270]


def test_a_long_picture_is_cut_where_nothing_stands() -> None:
    long = Image.new("RGB", (400, 5000), "white")
    for top in range(0, 5000, 50):
        long.paste("black", (0, top, 200, top + 30))

    pieces = list(strips(long))
    edges = [sum(piece.height for piece in pieces[: number + 1]) for number in range(len(pieces) - 1)]

    assert sum(piece.height for piece in pieces) == 5000
    assert len(pieces) > 2
    assert [edge for edge in edges if edge % 50 < 30] == []


@pytest.mark.parametrize("turn", [None, SIDE, HEAD])
def test_text_is_read_whichever_way_up_it_is(turn: Image.Transpose | None) -> None:
    image = page() if turn is None else page().transpose(turn)

    assert LETTER.split() == recognise(image).split()


def test_a_picture_without_text_has_none() -> None:
    assert recognise(Image.effect_mandelbrot((400, 300), (-2, -1.5, 1, 1.5), 50).convert("RGB")) == ""


def test_a_scanned_page_is_told_from_one_of_text_and_is_read(tmp_path: Path) -> None:
    pdf = fpdf.FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, text="The first page has a text layer. " * 9)
    pdf.add_page()
    pdf.image(page(), x=10, y=10, w=180)
    pdf.text(10, 280, "Scanned with a telephone")
    pdf.add_page()
    path = tmp_path / "contract.pdf"
    pdf.output(str(path))

    kind, document = default_registry().read(str(path))
    found = default_registry().recognise(str(path), (2,))

    assert (kind, document.scans) == (Kind.PDF, ((2,),))
    assert found.page == 2
    assert "Costs of heating: 185,60 EUR" in found.text.split("\n")


def test_each_page_of_a_tiff_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    page().convert("1").save(path, save_all=True, append_images=[Image.new("1", (700, 220), 1)])

    _, document = default_registry().read(str(path))
    registry = default_registry()

    assert document.scans == ((1,),)
    assert registry.recognise(str(path), (1,)).pages == 2
    assert Recognised("", 2, 2) == registry.recognise(str(path), (2,))
