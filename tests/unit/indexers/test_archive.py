"""Archives: what is inside is read where it is, and no archive costs more than its own row."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import libarchive  # type: ignore[import-untyped]
import pytest

from semfs.errors import ExtractError
from semfs.indexers.members import DEEPEST, ENOUGH_S, MOST_MEMBERS, Spending
from semfs.indexers.registry import default_registry
from semfs.indexers.source import MAX_UNPACKED, on_disk, standing_in
from semfs.model import Document, Kind

TEXT = b"# Tides\n\nspring tide at noon\n"
SAME = b"1" * 12_000_000  # more than what is let through at any ratio


def read(path: Path, content: bytes) -> Document:
    path.write_bytes(content)
    kind, document = default_registry().read(str(path))
    assert kind == Kind.ARCHIVE
    return document


def reason(path: Path, content: bytes) -> str:
    with pytest.raises(ExtractError) as raised:
        read(path, content)
    return raised.value.reason


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def written(format: str, filter: str | None, members: dict[str, bytes]) -> bytes:
    """Pack as libarchive does."""
    out = bytearray()

    def take(data: bytes) -> int:
        out.extend(data)
        return len(data)

    with libarchive.custom_writer(take, format, filter) as archive:
        for name, content in members.items():
            archive.add_file_from_memory(name, len(content), content)
    return bytes(out)


def locked(packed: bytes, name: str) -> bytes:
    """Mark a member as encrypted in its own header and in the directory."""
    data = bytearray(packed)
    for signature, flags, length in ((b"PK\3\4", 6, 30), (b"PK\1\2", 8, 46)):
        start = data.find(signature)
        while start >= 0:
            if data[start + length :].startswith(name.encode()):
                data[start + flags] |= 1
            start = data.find(signature, start + 4)
    return bytes(data)


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def overlapping(content: bytes, times: int, *, declared: int | None = None) -> bytes:
    """Return a zip whose members all are the same bytes of it; `declared` is what it says of their size."""
    packed, size = deflated(content), len(content) if declared is None else declared
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, zlib.crc32(content), len(packed), size, 1, 0)
    local = b"PK\3\4" + fields + b"0" + packed
    directory = b"".join(
        b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"%d" % (n % 10)
        for n in range(times)
    )
    end = struct.pack("<HHHHIIH", 0, 0, times, times, len(directory), len(local), 0)
    return local + directory + b"PK\5\6" + end


def sparse(size: int) -> bytes:
    """Return a tar with one file of `size` zeros that takes no room in it."""
    header = bytearray(tarfile.TarInfo("giant").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:398], header[398:410] = b"%011o " % size, b"%011o " % 0
    header[483:495] = b"%011o " % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


def nested(depth: int) -> bytes:
    packed = zipped({"a.txt": b"deep"})
    for _ in range(depth):
        packed = zipped({"in.zip": packed, "a.txt": b"here"})
    return packed


MEMBERS = {"2023/tides.md": TEXT, "notes.txt": b"neap tide"}


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", zipped),
        ("a.tar", tarred),
        ("a.tar.gz", lambda members: gzip.compress(tarred(members))),
        ("a.tar.bz2", lambda members: bz2.compress(tarred(members))),
        ("a.tar.xz", lambda members: lzma.compress(tarred(members))),
        ("a.tar.zst", lambda members: written("pax", "zstd", members)),
        ("a.7z", lambda members: written("7zip", None, members)),
        ("a.backup", zipped),
    ],
)
def test_members_are_read_by_their_own_indexers_at_their_places(
    tmp_path: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    document = read(tmp_path / name, pack(MEMBERS))

    assert [(section.heading, section.line) for section in document.sections] == [
        ("2023/tides.md > Tides", 1),
        ("notes.txt", 1),
    ]
    assert "spring tide" in document.sections[0].text
    assert document.incomplete == ""


def test_a_single_compressed_file_is_its_only_member(tmp_path: Path) -> None:
    document = read(tmp_path / "tides.md.xz", lzma.compress(TEXT))

    assert [section.heading for section in document.sections] == ["tides.md > Tides"]


def test_archives_in_archives_are_read_to_a_depth(tmp_path: Path) -> None:
    document = read(tmp_path / "a.zip", nested(DEEPEST))

    assert document.sections[-1].heading == "a.txt"
    assert "in.zip > " * (DEEPEST - 1) + "a.txt" in [section.heading for section in document.sections]
    assert f"more than {DEEPEST} files deep" in document.incomplete


def test_names_that_lead_elsewhere_are_only_names(tmp_path: Path) -> None:
    names = ["../../escaped.txt", "/etc/semfs-escaped.txt", "a/../../b.txt"]

    (tmp_path / "in").mkdir()
    document = read(tmp_path / "in" / "a.tar", tarred(dict.fromkeys(names, b"x")))

    assert [section.heading for section in document.sections] == names
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.tar"]


def test_links_devices_and_folders_are_no_members(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, type in (
            ("soft", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("disk", tarfile.BLKTYPE),
            ("fifo", tarfile.FIFOTYPE),
            ("folder", tarfile.DIRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = type, "/etc/passwd"
            archive.addfile(info)
    document = read(tmp_path / "a.tar", out.getvalue())

    assert document == Document(())


def test_members_without_text_are_found_by_their_names(tmp_path: Path) -> None:
    document = read(
        tmp_path / "a.zip", zipped({"holiday/beach.png": b"\x89PNG\r\n\x1a\n", "a.txt": b"hello"})
    )

    assert [section.text for section in document.sections] == ["holiday/beach.png", "hello"]


def test_a_bad_member_costs_only_itself(tmp_path: Path) -> None:
    packed = zipped({"bad.docx": b"PK\3\4 broken", "bad.pdf": b"%PDF-1.4 broken", "good.txt": b"hello"})

    document = read(tmp_path / "a.zip", packed)

    assert [section.text for section in document.sections] == ["hello"]
    assert document.incomplete.startswith("2 of 3 members could not be read: bad.docx (damaged")


def test_encrypted_members_are_named(tmp_path: Path) -> None:
    packed = zipped({"secret.txt": b"hush", "open.txt": b"hello"})

    document = read(tmp_path / "a.zip", locked(packed, "secret.txt"))

    assert [section.heading for section in document.sections] == ["open.txt"]
    assert document.incomplete == (
        "1 of 2 members could not be read: secret.txt (encrypted: needs a password)"
    )
    assert reason(tmp_path / "b.zip", locked(locked(packed, "secret.txt"), "open.txt")) == (
        "encrypted: needs a password"
    )


def test_an_archive_that_is_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    packed = tarred({"a.txt": b"hello", "b.txt": b"x" * 5000})

    document = read(tmp_path / "a.tar", packed[:2000])

    assert document.sections[0].text == "hello"
    assert "b.txt (damaged" in document.incomplete


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("flat.zip", zipped({"0": SAME})),
        ("overlapping.zip", overlapping(SAME, 1000)),
        ("liar.zip", overlapping(SAME, 1, declared=100)),
        ("deep.zip", zipped({"1.zip": zipped({"0": SAME})})),
        ("spread.zip", zipped({f"{n}.gz": gzip.compress(SAME[: 10**6]) for n in range(9)})),
        ("zeros.gz", gzip.compress(SAME)),
        ("twice.gz", gzip.compress(gzip.compress(SAME))),
        ("solid.7z", written("7zip", None, {"0": SAME, "1": SAME, "a.txt": b"x"})),
        ("zeros.tar.xz", lzma.compress(tarred({"0": SAME}))),
        ("sparse.tar", sparse(8_000_000_000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bombs_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    assert "refused: it unpacks to" in reason(tmp_path / name, content)


def test_what_is_packed_again_and_again_is_refused(tmp_path: Path) -> None:
    packed = b"x"
    for _ in range(30):
        packed = gzip.compress(packed)

    assert reason(tmp_path / "a.gz", packed) == "refused: it is packed again and again"


def test_what_one_file_costs_ends_with_all_that_is_inside_of_it() -> None:
    def spent(**fields: int) -> str:
        return Spending(time.monotonic() + ENOUGH_S, **fields).enough()

    assert spent() == ""
    assert spent(members=MOST_MEMBERS) == "there are very many"
    assert spent(unpacked=MAX_UNPACKED + 1) == "they unpack to more than 500 MB"
    assert spent(text=10_000_000) == "they have more than 10,000,000 characters"
    assert Spending(until=0.0).enough() == "reading them takes longer than 30 s"


def test_a_long_archive_is_read_as_far_as_text_is_kept(tmp_path: Path) -> None:
    lines = "".join(f"{number:07}\n" for number in range(500_000)).encode()

    document = read(tmp_path / "a.zip", zipped(dict.fromkeys(["a.txt", "b.txt", "c.txt", "d.txt"], lines)))

    assert len(document.sections) == 3
    assert document.incomplete == (
        "only the first 3 members are indexed: they have more than 10,000,000 characters"
    )


def test_a_member_is_a_file_in_memory_for_readers_that_open_paths_themselves(tmp_path: Path) -> None:
    with standing_in("/d/a.zip/notes.org", b"hello"), on_disk("/d/a.zip/notes.org") as place:
        content = Path(place).read_bytes()

    assert content == b"hello"
    assert not Path(place).exists()
    with on_disk(str(tmp_path)) as place:
        assert place == str(tmp_path)


def test_keys_and_what_no_folder_has_indexed_are_left_out(tmp_path: Path) -> None:
    left_out = dict.fromkeys(("home/.ssh/config", "id_rsa", "a/node_modules/b/README.md", ".bashrc"), TEXT)
    document = read(tmp_path / "backup.zip", zipped({**left_out, "./notes/tides.md": TEXT}))
    assert [section.heading for section in document.sections] == ["./notes/tides.md > Tides"]
    assert document.incomplete == ""
