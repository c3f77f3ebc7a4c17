"""Text in pictures and scanned pages is found and cited as any other."""

from __future__ import annotations

import io
import zipfile

import fpdf
from PIL import Image, ImageDraw, ImageFont

from .conftest import INDEXED_S, Shell


def scan(text: str) -> Image.Image:
    image = Image.new("L", (1000, 300), 230)
    ImageDraw.Draw(image).multiline_text((60, 60), text, 30, ImageFont.load_default(36), spacing=20)
    return image


def test_a_scanned_page_is_found_and_cited_by_what_stands_on_it(fresh: Shell) -> None:
    pdf = fpdf.FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, text="Minutes of the allotment society, all of them typed. " * 5)
    pdf.add_page()
    pdf.image(scan("The beekeeper was granted\na plot behind the orchard"), x=10, y=10, w=180)
    pdf.output(str(fresh.src / "minutes.pdf"))
    scan("Parking permit\nZone 14, until March 2027").save(fresh.src / "IMG_0042.jpg")
    deed = io.BytesIO()
    scan("Deed of the\nupper mill").save(deed, "PNG")
    with zipfile.ZipFile(fresh.src / "attic.zip", "w") as archive:
        archive.writestr("papers/deed.png", deed.getvalue())

    fresh('semfs mount "$SRC" "$MNT" --daemon')
    fresh.until('cat "$MNT/sys/status"', lambda text: "watching" in text, timeout=INDEXED_S)
    fresh.until(
        'cat "$MNT/search/permit/.query/explain.json"',
        lambda text: '"complete": true' in text,
        timeout=INDEXED_S,
    )

    assert fresh('ls "$MNT/search/parking permit zone"').split()[0] == "01_IMG_0042.jpg"
    assert fresh('ls "$MNT/search/beekeeper plot"').split()[0] == "01_minutes.pdf"
    cited = fresh('cat "$MNT/search/beekeeper plot/.query/passages.md"')
    assert "page 2" in cited
    assert "granted" in cited
    assert fresh('ls "$MNT/search/upper mill deed"').split()[0] == "01_attic.zip"
    assert "papers/deed.png" in fresh('cat "$MNT/search/upper mill deed/.query/passages.md"')
