"""What files without text say about themselves."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from semfs.errors import Unsupported
from semfs.indexers.registry import default_registry
from semfs.indexers.summary import summary
from semfs.indexers.xml import Properties
from semfs.model import Document, Kind, Section

EXIF_IFD, DESCRIPTION, MAKE, MODEL, ARTIST, CHANGED, TAKEN = 0x8769, 0x10E, 0x10F, 0x110, 0x13B, 0x132, 0x9003


def photo(path: Path, tags: dict[int, str], taken: str = "") -> str:
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    if taken:
        exif.get_ifd(EXIF_IFD)[TAKEN] = taken
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    return str(path)


def read(path: str) -> tuple[Kind, Document]:
    return default_registry().read(path)


def moment(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_photo_tells_when_by_what_and_of_what_it_was_taken(tmp_path: Path, name: str) -> None:
    tags = {DESCRIPTION: "The lighthouse at dawn", MAKE: "Canon", MODEL: "Canon EOS 40D", ARTIST: "Anna"}
    kind, document = read(photo(tmp_path / name, tags, "2023:07:14 05:12:00"))
    assert kind is Kind.IMAGE
    assert document == Document(
        (Section("The lighthouse at dawn\nCamera: Canon EOS 40D"),),
        title="The lighthouse at dawn",
        author="Anna",
        created=moment(2023, 7, 14, 5, 12),
        scans=((1,),),
    )


def test_when_a_photo_was_taken_counts_more_than_when_it_was_edited(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", {CHANGED: "2024:01:01 00:00:00"}, "2023:07:14 05:12:00")
    assert read(path)[1] == Document((), created=moment(2023, 7, 14, 5, 12), scans=((1,),))
    edited = photo(tmp_path / "b.jpg", {CHANGED: "2024:01:01 00:00:00"}, "0000:00:00 00:00:00")
    assert read(edited)[1].created == moment(2024, 1, 1)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp"])
def test_a_picture_that_says_nothing_may_have_text_in_it(tmp_path: Path, name: str) -> None:
    assert read(photo(tmp_path / name, {})) == (Kind.IMAGE, Document((), scans=((1,),)))


@pytest.mark.parametrize("name", ["a.dwg", "a.cr2"])
def test_a_picture_that_cannot_be_drawn_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"II*\0" + bytes(60) if name == "a.cr2" else b"\1\2\3" + bytes(60))

    with pytest.raises(Unsupported) as raised:
        read(str(path))

    assert raised.value.reason == "not read: it is a picture"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f\0\0\3"),
        ("a.mp4", b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\1moov" + b"\xff" * 40),
        ("a.flac", b"fLaC\x04\xff\xff\xff" + b"\xff" * 40),
    ],
)
def test_broken_tags_are_as_good_as_none(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unsupported):
        read(str(path))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xe1\xff\xffExif\0\0II*\0" + b"\xff" * 500,
        b"II*\0\xff\xff\xff\x7f" + b"\0" * 100,
        b"\xff\xd8\xff\xe0\x02\x10JFIF\0",  # a part that is longer than the file
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(17) + b"\0\0\0\1\xa2\xa2\xa2\xa2" + bytes(5),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x0cmeta\0\0\0\0",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0mdat",  # a box to the end of the file
    ],
)
def test_a_picture_with_broken_tags_may_have_text_in_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)

    assert read(str(path)) == (Kind.IMAGE, Document((), scans=((1,),)))


def test_a_recording_is_found_by_its_tags(tmp_path: Path) -> None:
    frames = b"".join(
        name + struct.pack(">IH", len(text) + 1, 0) + b"\0" + text
        for name, text in ((b"TIT2", b"Harbour song"), (b"TPE1", b"The Pilots"), (b"TYER", b"2008"))
    )
    size = bytes([0, 0, len(frames) >> 7, len(frames) & 0x7F])
    path = tmp_path / "01.mp3"
    path.write_bytes(b"ID3\x03\0\0" + size + frames + b"\xff\xfb\x90\0" + b"\0" * 413)
    document = Document(
        (Section("Harbour song\nThe Pilots"),),
        title="Harbour song",
        author="The Pilots",
        created=moment(2008, 1, 1),
    )
    assert read(str(path)) == (Kind.AUDIO, document)


def test_a_film_tells_when_it_was_recorded(tmp_path: Path) -> None:
    since_1904 = int(moment(2023, 7, 14) - moment(1904, 1, 1))
    header = struct.pack(">I4sIIIII", 108, b"mvhd", 0, since_1904, since_1904, 1000, 0) + bytes(80)
    path = tmp_path / "clip.mp4"
    path.write_bytes(
        struct.pack(">I4s8s", 16, b"ftyp", b"isom\0\0\0\0")
        + struct.pack(">I4s", 8 + len(header), b"moov")
        + header
    )
    assert read(str(path)) == (Kind.VIDEO, Document((), created=moment(2023, 7, 14)))


def container(code_page: int, title: bytes, author: bytes, created: datetime) -> bytes:
    """Return an old Office file with nothing but a summary, by [MS-CFB] and [MS-OLEPS]."""
    ticks = int((created - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
    fields = {
        1: struct.pack("<Ihxx", 2, code_page),
        2: struct.pack("<II32s", 30, 32, title),
        4: struct.pack("<II32s", 30, 32, author),
        12: struct.pack("<IQ", 64, ticks),
    }
    places, values = b"", b""
    for id, value in fields.items():
        places += struct.pack("<II", id, 8 + 8 * len(fields) + len(values))
        values += value
    section = struct.pack("<II", 8 + len(places) + len(values), len(fields)) + places + values
    format_id = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
    stream = struct.pack("<HHI16xI16sI", 0xFFFE, 0, 0, 1, format_id, 48) + section

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        letters = name.encode("utf-16-le")
        ends = struct.pack("<BBIII36xIQ", kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, start, size)
        return letters.ljust(64, b"\0") + struct.pack("<H", len(letters) + 2) + ends

    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    table = struct.pack("<128I", 0xFFFFFFFD, end, *range(3, 10), end, *[free] * 118)
    directory = entry("Root Entry", 5, 1, end, 0) + entry("\5SummaryInformation", 2, free, 2, 4096)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    return (
        head
        + struct.pack("<109I", 0, *[free] * 108)
        + table
        + directory.ljust(512, b"\0")
        + stream.ljust(4096, b"\0")
    )


@pytest.mark.parametrize(("code_page", "codec"), [(1251, "cp1251"), (-535, "utf-8")])
def test_an_old_office_file_says_who_made_it_and_when(code_page: int, codec: str) -> None:
    about = container(
        code_page, "План".encode(codec), "Анна".encode(codec), datetime(2003, 6, 26, tzinfo=UTC)
    )
    assert summary(about) == Properties("План", "Анна", moment(2003, 6, 26))


def test_a_summary_in_an_unknown_code_page_is_not_guessed_at() -> None:
    about = container(31, b"\xff", b"\xff", datetime(2003, 6, 26, tzinfo=UTC))
    assert summary(about) == Properties("", "", moment(2003, 6, 26))


def test_the_date_of_a_template_is_none() -> None:
    assert summary(container(1252, b"", b"", datetime(1997, 1, 8, 22, 48, 59, tzinfo=UTC))) == Properties()


def test_what_is_no_container_has_no_summary() -> None:
    assert summary(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000) == summary(b"") == Properties()
