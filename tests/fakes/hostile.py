"""Files made to do harm: bombs, endless documents; each is small until somebody unpacks or follows it."""

from __future__ import annotations

import io
import zipfile
import zlib

MANY = 100_000_000  # bytes that a bomb unpacks to, or more


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    return zipped({"zeros.txt": b"0" * MANY})


def nested_bomb(depth: int = 30) -> bytes:
    """A zip in a zip in a zip, many times over."""
    inner = zipped({"a.txt": b"0" * 1_000_000})
    for _ in range(depth):
        inner = zipped({f"{name}.zip": inner for name in "abcd"})
        if len(inner) > 200_000:
            break
    return inner


def lying_zip() -> bytes:
    """A zip whose directory says that its member has ten bytes."""
    data = bytearray(zip_bomb())
    for size in (MANY.to_bytes(4, "little"),):
        at = data.rfind(size)
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def word_bomb() -> bytes:
    body = b"<w:p><w:r><w:t>" + b"a" * MANY + b"</w:t></w:r></w:p>"
    document = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    return zipped({"word/document.xml": document + body + b"</w:body></w:document>"})


def laughs(root: str = "lolz") -> bytes:
    """An XML file whose entities expand to three thousand million words."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY l0 "lol">{entities}]><{root}>&l9;</{root}>'.encode()
    )


def deep_xml() -> bytes:
    return b"<a>" * 300_000 + b"deep" + b"</a>" * 300_000


def deep_json() -> bytes:
    return b"[" * 400_000 + b"]" * 400_000


def pdf(*objects: bytes) -> bytes:
    """A PDF file of these objects; the first is the catalogue."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table)
        + b"trailer <</Root 1 0 R /Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    )


def looping_pdf() -> bytes:
    """A page tree whose leaf is its root."""
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1000000/Kids[2 0 R 2 0 R]>>")


def endless_pdf() -> bytes:
    """A million pages that are one page."""
    kids = b"3 0 R " * 100_000
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1000000/Kids[%s]>>" % kids,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    )


def giant_page_pdf() -> bytes:
    """A page whose content unpacks to a hundred million bytes of operators."""
    content = zlib.compress(b"BT (x) Tj ET\n" * (MANY // 13), 9)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(content), content),
    )


def looping_objects_pdf() -> bytes:
    """An object stream that says it lies in itself."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/ObjStm/N 1/First 5/Length 9/Extends 2 0 R>>stream\n2 0 <<>>\nendstream",
    )


BOMBS = {
    "bomb.zip": zip_bomb,
    "nested.zip": nested_bomb,
    "lying.zip": lying_zip,
    "bomb.docx": word_bomb,
    "laughs.xml": laughs,
    "laughs.svg": lambda: laughs("svg"),
    "laughs.docx": lambda: zipped({"word/document.xml": laughs()}),
    "deep.xml": deep_xml,
    "deep.json": deep_json,
    "deep.html": lambda: b"<html><body>" + b"<div>" * 200_000,
    "looping.pdf": looping_pdf,
    "endless.pdf": endless_pdf,
    "giant.pdf": giant_page_pdf,
    "objects.pdf": looping_objects_pdf,
    "line.txt": lambda: b"x" * 3_000_000,
    "brackets.md": lambda: b"[" * 300_000 + b"](" * 100_000 + b"*_" * 100_000,
    "nulls.txt": lambda: b"\0" * 1_000_000,
    "quotes.csv": lambda: b'"' * 500_001 + b",\n" * 100_000,
    "nested.eml": lambda: (
        b"Content-Type: multipart/mixed; boundary=a\nSubject: s\nFrom: a@b\nTo: c@d\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 20_000
    ),
}
