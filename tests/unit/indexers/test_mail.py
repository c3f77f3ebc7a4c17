"""Mail: who wrote to whom, and what is attached."""

from __future__ import annotations

import gzip
import io
import mailbox
import zipfile
from email.message import EmailMessage
from pathlib import Path

from semfs.indexers.members import DEEPEST
from semfs.indexers.registry import default_registry
from semfs.model import Document, Kind


def message(subject: str, text: str, **headers: str) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"], letter["From"] = subject, "Anna <anna@example.org>"
    for name, value in headers.items():
        letter[name] = value
    letter.set_content(text)
    return letter


def read(path: Path, content: bytes | EmailMessage) -> Document:
    path.write_bytes(bytes(content))
    kind, document = default_registry().read(str(path))
    assert kind == Kind.EMAIL
    return document


def headings(document: Document) -> list[str]:
    return [section.heading for section in document.sections]


def test_recipients_are_all_to_whom_it_was_sent(tmp_path: Path) -> None:
    letter = message(
        "Hello", "x", To="Bob <b@example.org>, eve@example.org", Cc="Søren <s@example.org>", Bcc="王伟"
    )

    document = read(tmp_path / "a.eml", letter)

    assert document.author == "Anna <anna@example.org>"
    assert document.recipients == "Bob <b@example.org>, eve@example.org, Søren <s@example.org>, 王伟"


def test_attachments_are_read_by_their_own_indexers_under_their_names(tmp_path: Path) -> None:
    letter = message("Bill", "see below")
    letter.add_attachment(b"vendor,amount\nAcme,12\n", maintype="text", subtype="csv", filename="bill.csv")
    letter.add_attachment(
        b"# Terms\n\n30 days\n", maintype="application", subtype="octet-stream", filename="t.md"
    )
    letter.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="logo.png")

    document = read(tmp_path / "a.eml", letter)

    assert headings(document) == ["Bill", "bill.csv", "t.md > Terms"]
    assert document.sections[1].text == "vendor: Acme; amount: 12"
    assert "Attachments: bill.csv, t.md, logo.png" in document.sections[0].text
    assert document.incomplete == ""


def test_a_mail_that_is_attached_is_a_member_with_its_own_attachments(tmp_path: Path) -> None:
    inner = message("Minutes", "we met", To="Bob <b@example.org>")
    inner.add_attachment("spring tide", filename="tides.txt")
    outer = message("Fwd", "look at this")
    outer.add_attachment(inner)

    document = read(tmp_path / "a.eml", outer)

    assert headings(document) == ["Fwd", "Minutes.eml > Minutes", "Minutes.eml > tides.txt"]
    assert "we met" not in document.sections[0].text
    assert document.recipients == ""


def test_an_attachment_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    letter = message("Bill", "see below")
    letter.add_attachment(b"%PDF-1.4 broken", maintype="application", subtype="pdf", filename="bill.pdf")

    document = read(tmp_path / "a.eml", letter)

    assert headings(document) == ["Bill"]
    assert document.incomplete == (
        "1 of 1 members could not be read: bill.pdf (damaged: cannot be read as a PDF file)"
    )


def test_a_bomb_in_a_mail_costs_only_what_is_attached(tmp_path: Path) -> None:
    letter = message("Bill", "see below")
    for name in ("1.gz", "2.gz"):
        letter.add_attachment(
            gzip.compress(b"1" * 3_000_000), maintype="application", subtype="gzip", filename=name
        )
    letter.add_attachment("after", filename="after.txt")

    document = read(tmp_path / "a.eml", letter)

    assert headings(document)[0] == "Bill"
    assert "1.gz (refused: it unpacks to" in document.incomplete


def test_an_attachment_without_a_name_goes_by_its_type(tmp_path: Path) -> None:
    letter = message("Bill", "see below")
    letter.add_attachment(b"{}", maintype="application", subtype="json")

    assert headings(read(tmp_path / "a.eml", letter)) == ["Bill", "attachment.json"]


def test_mail_in_mail_is_read_to_a_depth(tmp_path: Path) -> None:
    letter = message("0", "deep")
    for number in range(1, 30):
        outer = message(str(number), "above")
        outer.add_attachment(letter)
        letter = outer

    document = read(tmp_path / "a.eml", letter)

    assert len(document.sections) == DEEPEST
    assert f"more than {DEEPEST} files deep" in document.incomplete


def test_each_message_of_a_mailbox_is_followed_by_what_is_attached_to_it(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("in/a.txt", "packed")
    first = message("One", "first", To="Bob <b@example.org>", Date="Mon, 15 Jan 2024 09:12:44 +0000")
    first.add_attachment(out.getvalue(), maintype="application", subtype="zip", filename="a.zip")
    box = mailbox.mbox(tmp_path / "a.mbox")
    box.add(first)
    box.add(message("Two", "second", To="Bob <b@example.org>, Eve <e@example.org>"))
    box.close()

    document = read(tmp_path / "a.mbox", (tmp_path / "a.mbox").read_bytes())

    assert headings(document) == ["One", "One > a.zip > in/a.txt", "Two"]
    assert document.sections[0].text.startswith("From: Anna <anna@example.org>\nTo: Bob")
    assert "Date: Mon, 15 Jan 2024" in document.sections[0].text
    assert document.author == "Anna <anna@example.org>"
    assert document.recipients == "Bob <b@example.org>, Eve <e@example.org>"
