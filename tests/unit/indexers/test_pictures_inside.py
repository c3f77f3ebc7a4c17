"""Pictures inside of other files: noted while these are read, opened only when their turn comes."""

from __future__ import annotations

import io
import mailbox
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import docx
import fpdf
import openpyxl
import openpyxl.drawing.image
import pptx
import pytest
from odf.draw import Frame, Image, Page
from odf.opendocument import OpenDocumentPresentation
from odf.style import MasterPage, PageLayout
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from semfs.errors import ExtractError
from semfs.indexers import members
from semfs.indexers.base import MOST_SCANS
from semfs.indexers.registry import default_registry
from semfs.model import Document, Recognised, Route

Inside = dict[str, bytes]


def picture(text: str, format: str = "PNG") -> bytes:
    image = Picture.new("L", (500, 70), 255)
    ImageDraw.Draw(image).text((15, 15), text, 0, ImageFont.load_default(32))
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


def scanned(*texts: str) -> bytes:
    """Return a PDF with a page of text, then a picture a page."""
    pdf = fpdf.FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, text="The first page has a text layer. " * 9)
    for text in texts:
        pdf.add_page()
        pdf.image(io.BytesIO(picture(text)), x=10, y=10, w=180)
    return bytes(pdf.output())


def zipped(inside: Inside) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(inside: Inside) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in inside.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def mail(inside: Inside, subject: str = "Photos") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ann@example.org", "bob@example.org", subject
    message.set_content("See what is attached.")
    for name, content in inside.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def letter(path: Path, content: bytes) -> None:
    document = docx.Document()
    document.add_paragraph("The stamp is below.")
    document.add_picture(io.BytesIO(content))
    document.save(str(path))


def slides(path: Path, content: bytes) -> None:
    show = pptx.Presentation()
    for title in ("one", "two", "three"):
        show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = title
    show.slides[1].shapes.add_picture(io.BytesIO(content), 0, 0)
    show.save(str(path))


def open_slides(path: Path, content: bytes) -> None:
    show = OpenDocumentPresentation()
    layout = PageLayout(name="layout")
    show.automaticstyles.addElement(layout)
    master = MasterPage(name="master", pagelayoutname=layout)
    show.masterstyles.addElement(master)
    for number in (1, 2):
        page = Page(name=f"page {number}", masterpagename=master)
        show.presentation.addElement(page)
    frame = Frame(width="10cm", height="2cm")
    frame.addElement(Image(href=show.addPicture("Pictures/a.png", "image/png", content)))
    page.addElement(frame)
    show.save(str(path))


def workbook(path: Path, content: bytes) -> None:
    book = openpyxl.Workbook()
    book.active.append(["vendor", "total"])
    book.active.add_image(openpyxl.drawing.image.Image(io.BytesIO(content)), "B5")
    book.save(path)


def book(path: Path, content: bytes) -> None:
    container = b"urn:oasis:names:tc:opendocument:xmlns:container"
    package = (
        b'<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml"/></manifest>'
        b'<spine><itemref idref="a"/></spine></package>'
    )
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": b'<container xmlns="%s"><rootfiles><rootfile full-path="text/a.opf"/>'
        b"</rootfiles></container>" % container,
        "text/a.opf": package,
        "text/a.xhtml": b"<html><body><h1>One</h1><p>A map follows.</p></body></html>",
        "text/images/map.png": content,
    }
    path.write_bytes(zipped(parts))


def read(path: Path, content: bytes = b"") -> Document:
    if content:
        path.write_bytes(content)
    return default_registry().read(str(path))[1]


def recognised(path: Path, route: Route) -> Recognised:
    return default_registry().recognise(str(path), route)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_pictures_in_an_archive_are_read_and_cited_by_their_names(
    tmp_path: Path, pack: Callable[[Inside], bytes]
) -> None:
    path = tmp_path / "papers.zip"
    inside = {
        "notes.txt": b"spring tide",
        "old/deed.pdf": scanned("Deed of 1907"),
        "a.png": picture("Permit"),
    }

    document = read(path, pack(inside))
    found = [recognised(path, route) for route in document.scans]

    assert document.scans == ((1, 2), (2, 1))
    assert found == [
        Recognised("Deed of 1907", 2, 1, "old/deed.pdf"),
        Recognised("Permit", None, 1, "a.png"),
    ]


def test_what_is_attached_to_a_mail_is_read_also_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    inside = {"photo.jpg": picture("Parking", "JPEG"), "more.zip": zipped({"b.png": picture("Zone 14")})}

    document = read(path, mail(inside).as_bytes())
    found = [recognised(path, route) for route in document.scans]

    assert document.scans == ((0, 1), (1, 0, 1))
    assert found == [
        Recognised("Parking", heading="photo.jpg"),
        Recognised("Zone 14", heading="more.zip > b.png"),
    ]


def test_the_same_picture_is_read_once_in_a_mailbox(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    box = mailbox.mbox(str(path))
    for subject in ("first", "second"):
        box.add(mail({"emblem.png": picture("Society"), "b.png": picture(subject)}, subject))
    box.close()

    document = read(path)

    assert document.scans == ((0, 1), (1, 1), (3, 1))
    assert recognised(path, (3, 1)) == Recognised("second", heading="second > b.png")


@pytest.mark.parametrize(
    ("name", "make", "page"),
    [
        ("a.docx", letter, None),
        ("a.pptx", slides, 2),
        ("a.odp", open_slides, 2),
        ("a.xlsx", workbook, None),
        ("a.epub", book, None),
    ],
)
def test_a_picture_in_a_document_is_read(
    tmp_path: Path, name: str, make: Callable[[Path, bytes], None], page: int | None
) -> None:
    make(tmp_path / name, picture("Received 3 May"))

    document = read(tmp_path / name)

    assert document.scans == ((1,),)
    assert recognised(tmp_path / name, (1,)) == Recognised("Received 3 May", page)


def test_a_document_in_an_archive_has_its_pictures_too(tmp_path: Path) -> None:
    letter(tmp_path / "a.docx", picture("Received 3 May"))
    path = tmp_path / "a.zip"

    document = read(path, zipped({"b.docx": (tmp_path / "a.docx").read_bytes()}))

    assert document.scans == ((0, 1),)
    assert recognised(path, (0, 1)) == Recognised("Received 3 May", heading="b.docx")


def test_no_other_member_is_read_for_a_picture(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(
        zipped({"bad.docx": b"PK\x03\x04 broken", "a.png": picture("Permit"), "bad.pdf": b"%PDF-"})
    )

    assert recognised(path, (1, 1)).text == "Permit"
    assert caplog.records == []


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    document = read(path, mail({"b.zip": zipped({"cut.png": picture("Permit")[:90]})}).as_bytes())

    with pytest.raises(ExtractError) as raised:
        recognised(path, document.scans[0])

    assert raised.value.reason == "b.zip: cut.png: damaged: cannot be read as a picture"


@pytest.mark.parametrize("route", [(7, 1), (0, 9), (0, 0, 1)])
def test_a_file_that_has_become_another_is_said_to_be(tmp_path: Path, route: Route) -> None:
    letter(tmp_path / "a.docx", picture("Received"))
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"b.docx": (tmp_path / "a.docx").read_bytes()}))

    with pytest.raises(ExtractError) as raised:
        recognised(path, route)

    assert raised.value.reason.endswith("it is no longer what it was")


def test_a_bomb_on_the_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"zeros": bytes(12_000_000), "a.png": picture("Permit")}))

    with pytest.raises(ExtractError) as raised:
        recognised(path, (1, 1))

    assert raised.value.reason.startswith("refused: it unpacks to ")


def test_what_lies_too_deep_is_not_read_for_a_picture(tmp_path: Path) -> None:
    content = picture("Permit")
    for _ in range(members.DEEPEST + 1):
        content = zipped({"a": content})
    path = tmp_path / "a.zip"
    path.write_bytes(content)

    with pytest.raises(ExtractError) as raised:
        recognised(path, (0,) * (members.DEEPEST + 1) + (1,))

    assert raised.value.reason.endswith(f"not read: it lies more than {members.DEEPEST} files deep")


def test_of_very_many_pictures_some_are_read(tmp_path: Path) -> None:
    head = picture("Permit")
    path = tmp_path / "a.zip"

    document = read(
        path, zipped({f"{number}.png": head + b"%d" % number for number in range(MOST_SCANS + 9)})
    )

    assert len(document.scans) == MOST_SCANS
