"""Damaged copies of real files: bytes, numbers, markup, and what is packed inside of them.

Pure: the same seed gives the same damage.  A format whose content is packed is unpacked, damaged and
packed again with right checksums, as a parser that refuses a wrong one is never reached otherwise.
"""

from __future__ import annotations

import base64
import bz2
import io
import lzma
import random
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence

LONGEST = 400_000  # bytes of a mutant; what only shows in larger files is not looked for here
MOST_COPIES = 2000  # of a piece that is repeated
NUMBERS = (
    b"0", b"-1", b"1", b"255", b"65535", b"65536", b"2147483647", b"2147483648", b"-2147483648",
    b"4294967296", b"9223372036854775807", b"99999999999999999999999", b"1e309", b"-0", b"NaN", b"0.0000001",
)  # fmt: skip
TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n\n", b"\t" * 50, b" " * 500, b"../" * 20,
    "\u202e\u0301\U0001f600".encode(), b"%s%n", b"&amp;" * 20, b"<![CDATA[", b"<!--", b"-->", b"]]>",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", b"&b;", b"<a>" * 300, b"</a>" * 300,
    b"(" * 300, b"[" * 300, b"{" * 300, b"> " * 300, b"* " * 200, b"#" * 300, b"`" * 300, b"\\" * 300,
    b'"', b"'", b"=?utf-8?B?4pyT?=", b"=?x-none?Q?=FF=ZZ?=",
    b"Content-Type: multipart/mixed; boundary=a\n\n--a\n",
    b"Content-Type: text/plain; charset=utf-7\n", b"charset=idna", b"charset=unicode_escape", b"charset=\"\"",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Transfer-Encoding: x-uuencode\n", b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n",
    b"Date: Fri, 31 Dec 9999 23:59:59 -2359\n", b"From MAILER Mon Jan  1 00:00:00 2001\n", b"Subject: \xff\n",
    b"2024-02-30T25:61:61Z", b"0000-00-00", b"-0001-01-01", b"D:99999999999999+99'99'", b"stream\n",
    b"endstream", b"endobj", b" 0 R", b"/Kids [1 0 R]", b"/Parent 1 0 R", b"/Length 999999999",
    b"/Filter [/FlateDecode /FlateDecode]", b"BEGIN:VEVENT\n", b"END:VEVENT\n", b"RRULE:FREQ=SECONDLY\n",
    b"\\u99999 ", b"{\\*\\bin99999999 ", b"\\'zz", b"class A:\n" * 60, b"def f(x):\n    " * 60,
)  # fmt: skip
DIGITS = re.compile(rb"\d{1,20}")
REFERENCE = re.compile(rb"\d{1,9} 0 R")
TAG = re.compile(rb"<[^<>]{0,300}>")
HEADER = re.compile(rb"(?m)^[A-Za-z-]{1,40}:[^\n]{0,500}\n")
BASE64 = re.compile(rb"(?:[A-Za-z0-9+/=]{40,80}\r?\n){2,}")
WIDTHS = ("<B", "<H", ">H", "<I", ">I", "<Q")

Mutator = Callable[[random.Random, bytes, bytes], bytes]  # chance, data, another sample


def mutate(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Return a damaged copy of `data`, with pieces of `other` perhaps."""
    inner = next((inner for magic, inner in PACKED if data.startswith(magic)), None)
    if inner is None and data[:600].lower().find(b"\nreceived:") + data[:600].find(b"MIME-Version") > -2:
        inner = _mail
    mutant = inner(chance, data, other) if inner and chance.random() < 0.85 else _damage(chance, data, other)
    return mutant[:LONGEST]


def _damage(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Do a few things to a run of bytes."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        data = chance.choice(DAMAGES)(chance, data, other)[:LONGEST]
    return data


# -- damages


def _span(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** chance.uniform(0, 12)))


def _flip(chance: random.Random, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(min(len(data), chance.choice((1, 1, 4, 32)))):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _length(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Write a number where a length or an offset may stand."""
    width = chance.choice(WIDTHS)
    size = struct.calcsize(width)
    most = (1 << 8 * size) - 1
    value = chance.choice((0, 1, most, most // 2, most // 2 + 1, len(data), len(data) * 2)) & most
    at = chance.randrange(len(data) + 1)
    return data[:at] + struct.pack(width, value) + data[at + size :]


def _delete(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def _repeat(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(chance, data)
    times = int(2 ** chance.uniform(0, 11)) if end - start < 200 else chance.choice((1, 2, 8))
    return data[:end] + data[start:end] * min(times, MOST_COPIES) + data[end:]


def _move(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(chance, data)
    piece, rest = data[start:end], data[:start] + data[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + piece + rest[at:]


def _splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(chance, data)
    begin, stop = _span(chance, other)
    return data[:start] + other[begin:stop] + data[end if chance.random() < 0.5 else start :]


def _token(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(TOKENS) + data[at:]


def _cut(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _blank(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + chance.choice((b"\0", b"\xff", b" ", b"\n")) * (end - start) + data[end:]


def _replace(
    pattern: re.Pattern[bytes], data: bytes, chance: random.Random, new: Callable[[], bytes]
) -> bytes:
    found = list(pattern.finditer(data))
    for match in sorted(chance.sample(found, min(len(found), chance.choice((1, 2, 5)))), key=_from_end):
        data = data[: match.start()] + new() + data[match.end() :]
    return data


def _from_end(match: re.Match[bytes]) -> int:
    return -match.start()


def _number(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return _replace(DIGITS, data, chance, lambda: chance.choice(NUMBERS))


def _tags(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Put markup in the place of other markup; trees become crossed, deep or recursive."""
    tags = TAG.findall(data) + REFERENCE.findall(data) + HEADER.findall(data)
    pattern = chance.choice((TAG, REFERENCE, HEADER))
    return _replace(pattern, data, chance, lambda: chance.choice(tags) * chance.choice((0, 1, 1, 2, 500)))


DAMAGES: Sequence[Mutator] = (
    _flip, _flip, _length, _length, _delete, _repeat, _move, _splice, _token, _token, _cut, _blank, _number,
    _number, _tags, _tags,
)  # fmt: skip


# -- what is packed


def _zip(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Damage some members of an archive and pack it anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:  # a sample may be broken in any way
        return _damage(chance, data, other)
    if not members:
        return _damage(chance, data, other)
    texts = [i for i, (_, content) in enumerate(members) if content[:1] == b"<"] or list(range(len(members)))
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.choice(texts) if chance.random() < 0.8 else chance.randrange(len(members))
        name, content = members[at]
        match chance.randrange(12):
            case 0:
                members[at] = (name, members[chance.randrange(len(members))][1])
            case 1:
                members.append((name, content))
            case 2:
                members[at] = (_damage(chance, name.encode(), b"x").decode("latin-1")[:200], content)
            case 3 if len(members) > 1:
                del members[at]
                texts = list(range(len(members)))
            case _:
                members[at] = (name, _damage(chance, content, members[chance.randrange(len(members))][1]))
    packed = pack_zip(members, stored=chance.random() < 0.5)
    return _damage(chance, packed, other) if chance.random() < 0.1 else packed


def pack_zip(members: Sequence[tuple[str, bytes]], *, stored: bool = False) -> bytes:
    """Return an archive of these members; "mimetype" is stored, as its readers ask for."""
    out = io.BytesIO()
    with zipfile.ZipFile(
        out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED, compresslevel=1
    ) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name or "empty")
            info.compress_type = zipfile.ZIP_STORED if stored or name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def _pdf(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Damage the objects of a PDF file, or a stream inside of its compression."""
    starts = [found.end() for found in re.finditer(rb"stream\r?\n", data)]
    if not starts or chance.random() < 0.4:
        return _damage(chance, data, other)
    start = chance.choice(starts)
    end = data.find(b"endstream", start)
    end = len(data) if end < 0 else end
    try:
        content = _damage(chance, zlib.decompressobj().decompress(data[start:end], LONGEST), other)
        stream = zlib.compress(content, 1)
    except zlib.error:
        stream = _damage(chance, data[start:end], other)
    return data[:start] + stream + b"\n" + data[end:]


def _mail(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Damage headers, bodies or what is encoded in them."""
    blocks = list(BASE64.finditer(data))
    if blocks and chance.random() < 0.4:
        block = chance.choice(blocks)
        try:
            content = base64.b64decode(block[0])
        except ValueError:
            return _damage(chance, data, other)
        return (
            data[: block.start()] + base64.encodebytes(mutate(chance, content, other)) + data[block.end() :]
        )
    head, gap, body = data.partition(b"\n\n")
    if chance.random() < 0.6:
        return _damage(chance, head, other) + gap + body
    return _damage(chance, data, other)


def _unpacked(unpack: Callable[[bytes], bytes], pack: Callable[[bytes], bytes]) -> Mutator:
    def inner(chance: random.Random, data: bytes, other: bytes) -> bytes:
        try:
            content = unpack(data)[:LONGEST]
        except Exception:  # a sample may be broken in any way
            return _damage(chance, data, other)
        changed = (
            _tar(chance, content, other) if content[257:262] == b"ustar" else _damage(chance, content, other)
        )
        return pack(changed)

    return inner


def _tar(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Damage the members of an archive and pack it anew, with right checksums."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            members = [(m, f.read() if (f := archive.extractfile(m)) else b"") for m in archive.getmembers()]
    except Exception:  # a sample may be broken in any way
        return _damage(chance, data, other)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, content in members:
            if chance.random() < 0.5:
                content = _damage(chance, content, other)
            if chance.random() < 0.1:
                info.name = _damage(chance, info.name.encode("utf-8", "replace"), b"x").decode("latin-1")[
                    :300
                ]
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return _damage(chance, out.getvalue(), other) if chance.random() < 0.2 else out.getvalue()


def _gunzip(data: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(data, LONGEST)


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(data) + packer.flush()


PACKED: Sequence[tuple[bytes, Mutator]] = (
    (b"PK\x03\x04", _zip),
    (b"%PDF-", _pdf),
    (b"\x1f\x8b", _unpacked(_gunzip, _gzip)),
    (b"BZh", _unpacked(bz2.decompress, bz2.compress)),
    (b"\xfd7zXZ", _unpacked(lzma.decompress, lzma.compress)),
    (b"From ", _mail),
    (b"Return-Path:", _mail),
    (b"Received:", _mail),
)
