"""Messages that were saved from Outlook."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakes.compound import Tree, compound
from semfs.errors import ExtractError
from semfs.indexers.outlook import EPOCH
from semfs.indexers.registry import default_registry
from semfs.model import Document, Kind

SENT = datetime(2024, 3, 14, 9, 30, tzinfo=UTC)


def numbers(*properties: tuple[int, int], header: int = 32) -> bytes:
    entries = [struct.pack("<HHIQ", 0, property, 6, value) for property, value in properties]
    return bytes(header) + b"".join(entries)


def wide(**properties: str) -> dict[str, bytes]:
    return {f"__substg1.0_{name[1:]}001F": text.encode("utf-16-le") for name, text in properties.items()}


def message(subject: str, body: str, **more: bytes | Tree) -> dict[str, bytes | Tree]:
    ticks = int((SENT - EPOCH).total_seconds()) * 10**7
    return {
        "__properties_version1.0": numbers((0x0039, ticks)),
        **wide(_0037=subject, _1000=body, _0C1A="Anna", _5D01="anna@example.org"),
        **more,
    }


def recipient(number: int, name: str, address: str) -> dict[str, Tree]:
    return {f"__recip_version1.0_#{number:08X}": wide(_3001=name, _39FE=address)}


def attachment(number: int, name: str, content: bytes) -> dict[str, Tree]:
    return {f"__attach_version1.0_#{number:08X}": {**wide(_3707=name), "__substg1.0_37010102": content}}


def read(path: Path, tree: Tree) -> Document:
    path.write_bytes(compound(tree))
    kind, document = default_registry().read(str(path))
    assert kind == Kind.EMAIL
    return document


def test_who_wrote_to_whom_and_when_is_kept(tmp_path: Path) -> None:
    letter = message("Tides", "at noon")
    letter |= recipient(0, "Bob Meier", "bob@example.org") | recipient(
        1, "eve@example.org", "eve@example.org"
    )

    document = read(tmp_path / "a.msg", letter)

    assert (document.title, document.author) == ("Tides", "Anna <anna@example.org>")
    assert document.recipients == "Bob Meier <bob@example.org>, eve@example.org"
    assert document.created == SENT.timestamp()
    assert document.sections[0].heading == "Tides"
    assert document.sections[0].text.endswith("Subject: Tides\n\nat noon")


def test_attachments_are_read_by_their_own_indexers(tmp_path: Path) -> None:
    letter = message("Bill", "see below") | attachment(0, "bill.csv", b"vendor,amount\nAcme,12\n")

    document = read(tmp_path / "a.msg", letter)

    assert [(section.heading, section.text) for section in document.sections[1:]] == [
        ("bill.csv", "vendor: Acme; amount: 12")
    ]
    assert "Attachments: bill.csv" in document.sections[0].text


def test_a_message_that_is_attached_is_a_member(tmp_path: Path) -> None:
    inner = message("Minutes", "we met") | {"__properties_version1.0": numbers(header=24)}
    letter = message("Fwd", "look")
    letter |= {"__attach_version1.0_#00000000": {"__substg1.0_3701000D": inner}}

    document = read(tmp_path / "a.msg", letter)

    assert [section.heading for section in document.sections] == ["Fwd", "Minutes.eml > Minutes"]
    assert "we met" in document.sections[1].text


def test_text_in_a_code_page_is_decoded_by_it(tmp_path: Path) -> None:
    letter = {
        "__properties_version1.0": numbers((0x3FDE, 950)),
        "__substg1.0_0037001E": "格式測試".encode("cp950"),
    }

    assert read(tmp_path / "a.msg", letter).title == "格式測試"


def test_an_address_of_exchange_is_left_out(tmp_path: Path) -> None:
    letter = message("x", "y") | wide(_5D01="", _0C1F="/O=ORG/OU=X/CN=ANNA")

    assert read(tmp_path / "a.msg", letter).author == "Anna"


def test_a_message_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(compound(message("x", "y"))[:1100])

    with pytest.raises(ExtractError) as raised:
        default_registry().read(str(path))

    assert raised.value.reason.startswith("damaged")
