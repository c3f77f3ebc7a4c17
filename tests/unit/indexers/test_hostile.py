"""What fuzzing and hostile files have found: it is read or refused, in a time that grows with its length."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fakes.compound import compound
from fakes.hostile import BOMBS
from semfs.errors import ExtractError
from semfs.index import extract
from semfs.index.extract import LONGEST_REASON, Answer
from semfs.indexers.charset import decode
from semfs.indexers.ole import is_endless
from semfs.indexers.registry import default_registry
from semfs.model import Document

REFUSED = ["bomb.zip", "lying.zip", "bomb.docx", "nested.zip", "laughs.docx", "nulls.txt", "looping.pdf"]


def read(path: Path, content: bytes) -> Document:
    path.write_bytes(content)
    return default_registry().read(str(path))[1]


def text(document: Document) -> str:
    return "\n".join(section.text for section in document.sections)


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_do_harm_is_answered_with_few_words(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())
    answer = extract._guarded(str(path), lambda: extract.read(default_registry(), str(path), b""))
    assert len(answer["reason"]) <= LONGEST_REASON
    assert (answer["answer"] == Answer.FAILED) == (name in REFUSED)
    assert sum(len(text) for text, *_ in answer.get("chunks", [])) <= path.stat().st_size


@pytest.mark.parametrize("encoding", ["idna", "punycode", "undefined", "utf-7", "rot13", "unicode_escape"])
def test_an_encoding_that_cannot_be_meant_loses_no_text(encoding: str) -> None:
    assert "lighthouse" in decode(b'<meta charset="%s"> lighthouse \xe4\x00..' % encoding.encode())


@pytest.mark.parametrize(
    "date", ["Mon, 1 Jan 2024 10:00:00 +9999999999999999999999", "99999999999999999999", "=?idna?Q?=?="]
)
def test_a_mail_with_a_date_that_cannot_be_is_read(date: str, tmp_path: Path) -> None:
    content = f"From: a@b.c\nTo: d@e.f\nSubject: Dahlias\nDate: {date}\n\nThe lighthouse keeper.\n".encode()
    document = read(tmp_path / "a.eml", content)
    assert (document.title, "lighthouse" in text(document)) == ("Dahlias", True)


def test_a_message_that_names_no_encoding_there_can_be_costs_no_other_its_text(tmp_path: Path) -> None:
    long = b"Subject: Long\n\n" + b"The coast.\n" * 500 + b"\n"
    odd = b'Subject: Odd\nContent-Type: text/plain; charset="a\0b"\n\nThe lamp.\n\n'
    plain = b"Subject: Plain\n\nThe lighthouse.\n"
    first = b"From a@b.c Mon Jul 20 01:02:03 2020\n"

    document = read(tmp_path / "a.mbox", first + long + first + odd + first + plain)

    assert [section.heading for section in document.sections] == ["Long", "Odd", "Plain"]
    assert "The lamp." in document.sections[1].text


def test_a_workbook_that_has_no_end_is_damaged(tmp_path: Path) -> None:
    whole = compound({"Workbook": b"\x09\x08\x10\0\0\x06\x05\0" + bytes(600)})
    endless = bytearray(whole)
    struct.pack_into("<I", endless, 512 + 4, 1)  # behind the directory's first sector comes that again

    assert [is_endless(whole), is_endless(bytes(endless)), is_endless(whole[:700])] == [False, True, True]
    with pytest.raises(ExtractError, match="damaged: cannot be read as a spreadsheet"):
        read(tmp_path / "a.xls", bytes(endless))


@pytest.mark.parametrize(
    "piece",
    [
        r"{\field{\*\fldinst{ HYPERLINK ",
        r"\f0\fcharset0 ",
        r"{\fonttbl\f1",
        r"{\title {a",
        r"{\*\author x{}",
        r"{\pict\bin5 abcde",
    ],
)
def test_rich_text_that_repeats_a_beginning_is_read_in_linear_time(piece: str, tmp_path: Path) -> None:
    content = rb"{\rtf1\ansi{\fonttbl " + piece.encode() * (200_000 // len(piece))
    try:
        read(tmp_path / "a.rtf", content)
    except ExtractError as error:
        assert error.reason.startswith("damaged")


def test_a_film_with_a_part_beyond_every_file_says_what_it_can(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + b"\0\0\0\1free" + b"\xff" * 8 + b"\0" * 64)
    with pytest.raises(ExtractError, match="it is a film"):
        default_registry().read(str(path))


@pytest.mark.parametrize(
    "mark", [rb"{\pict\bin x}", rb"\bin" + b"9" * 5000, rb"{\creatim\yr" + b"9" * 5000 + rb"\mo1\dy1}"]
)
def test_rich_text_with_an_impossible_number_keeps_its_text(mark: bytes, tmp_path: Path) -> None:
    assert "lighthouse" in text(read(tmp_path / "a.rtf", rb"{\rtf1\ansi " + mark + rb"\par lighthouse}"))
