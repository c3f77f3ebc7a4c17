"""Tell the format of a file: by its content where that is certain, else by its name."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.charset import unmarked
from semfs.indexers.content import written_in
from semfs.indexers.formats import BY_NAME, Format, by_name
from semfs.indexers.ole import MAGIC as OLE_MAGIC
from semfs.indexers.ole import is_encrypted, written_as
from semfs.indexers.source import member, zip_directory

HEAD = 4096  # bytes that magic and the question "is it text?" look at
PDF = b"%PDF-"
PDF_WITHIN = 1024  # readers accept a header that begins so far into the file

# What a file begins with; offset, bytes, format.
MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG", "image"), (0, b"\xff\xd8\xff", "image"), (0, b"GIF8", "image"), (0, b"II*\0", "image"),
    (0, b"MM\0*", "image"), (8, b"WEBP", "image"), (0, b"\0\0\1\0", "image"), (0, b"8BPS", "image"),
    (4, b"ftypheic", "image"), (4, b"ftypmif1", "image"), (4, b"ftypavif", "image"),
    (0, b"AC10", "image"), (0, b"\xd7\xcd\xc6\x9a", "image"), (0, b"\1\0\0\0l\0\0\0", "image"),
    (0, b"ID3", "audio"), (0, b"\xff\xfb", "audio"), (0, b"fLaC", "audio"), (0, b"OggS", "audio"),
    (8, b"WAVE", "audio"), (8, b"AIFF", "audio"), (0, b"MThd", "audio"), (4, b"ftypM4A", "audio"),
    (4, b"ftyp", "video"), (0, b"\x1a\x45\xdf\xa3", "video"), (8, b"AVI ", "video"), (0, b"FLV\1", "video"),
    (0, b"\x1f\x8b", "archive"), (0, b"BZh", "archive"), (0, b"\xfd7zXZ", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "archive"),
    (0, b"7z\xbc\xaf", "archive"), (0, b"Rar!", "archive"), (0, b"!<arch>", "package"),
    (257, b"ustar", "archive"),
    (0, b"\x7fELF", "binary"), (0, b"MZ", "binary"), (0, b"SQLite format 3\0", "binary"),
    (0, b"\xca\xfe\xba\xbe", "binary"), (0, b"ITSF", "binary"), (0, b"GGUF", "binary"),
    (0, b"\x30\x80", "binary"), (0, b"\x30\x82", "binary"),  # ASN.1: certificates, signed mail
)  # fmt: skip

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK")  # a member, none at all, a part of several

# What a zip file has inside: a member, format.  Order matters: a template has both.
MEMBERS = (
    ("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsx"),
    ("ppt/presentation.xml", "pptx"), ("META-INF/container.xml", "epub"),
    ("Index/Document.iwa", "apple"), ("index.apxl", "apple"),
)  # fmt: skip
MIMETYPES = (
    (b"application/epub+zip", "epub"), (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
)  # fmt: skip
HTML = re.compile(
    rb"\s*+(?:<\?xml[^>]*\?>\s*+)?(?><!--.*?-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
MAIL = re.compile(
    rb"(?:(?:return-path|received|delivered-to|message-id|mime-version|x-[\w-]+|from|to|subject|date)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*){3}",
    re.IGNORECASE,
)
# Formats by name that are never written like a web page: such a file is the answer of a server.
NEVER_HTML = frozenset({"text", "json", "csv", "yaml", "toml", "python", "ics", "vcf", "rst", "subtitles"})
MBOX = re.compile(rb"From \S+.*\d\d:\d\d.*\r?\n[\w-]+:")
TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")
MAX_CONTROLS = 0.02  # share of other control characters that text in an odd encoding may have


def detect(path: str, head: bytes, whole: Callable[[], bytes]) -> Format | None:
    """Return the format of this content, None if it is of none that is known.

    `head` is the first HEAD bytes; `whole` is asked only for formats that are told apart by
    what they contain.  Raises ExtractError if the content is encrypted or a zip bomb.
    """
    named = by_name(path)
    if head.startswith(ZIP):
        return _zip(path, whole(), named)
    if head.startswith(OLE_MAGIC):
        return _ole(path, whole(), named)
    if _is_pdf(head, named):
        return BY_NAME["pdf"]
    if head.startswith(b"{\\rtf"):
        return BY_NAME["rtf"]
    if is_text(head):  # asked first: a letter may begin with "MZ" or "ID3"
        return _text(head, named)
    found = next((name for at, magic, name in MAGIC if head.startswith(magic, at)), None)
    if found is None and unmarked(head):
        return _text(head, named)
    return BY_NAME[found] if found else None


def _is_pdf(head: bytes, named: Format | None) -> bool:
    """Whether it is a PDF file, which may begin with something else, and not a text or a tar that has one."""
    if head.startswith(PDF):
        return True
    return PDF in head[:PDF_WITHIN] and not (named and named.textual) and head[257:262] != b"ustar"


def is_text(head: bytes) -> bool:
    """Whether the beginning of a file looks like text in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    odd = sum(byte < 32 and byte not in TEXT_CONTROLS for byte in head)
    return odd <= MAX_CONTROLS * len(head)


def _text(head: bytes, named: Format | None) -> Format:
    if HTML.match(head) and (named is None or not named.textual or named.name in NEVER_HTML):
        return BY_NAME["html"]
    if named is not None and named.textual and named.name != "text":
        return named
    if named is not None and named.name == "image":  # SVG, PostScript, DXF: drawings written as text
        return named
    looks: tuple[tuple[Callable[[bytes], object], str], ...] = ((MBOX.match, "mbox"), (MAIL.match, "eml"))
    sure = next((name for matches, name in looks if matches(head)), None)
    return BY_NAME[sure or written_in(head, called_text=named is not None)]


def _zip(path: str, data: bytes, named: Format | None) -> Format:
    if not zipfile.is_zipfile(io.BytesIO(data)):  # cut off: let the reader that its name asks for complain
        return named if named and named.reader and not named.textual else BY_NAME["archive"]
    try:
        archive = zip_directory(path, data)
    except ExtractError:
        if named and named.reader and named.name != "archive":
            raise
        return BY_NAME["archive"]
    names = frozenset(archive.namelist())
    if "mimetype" in names and not archive.getinfo("mimetype").flag_bits & 1:
        mimetype = (member(archive, "mimetype", path) or b"")[:200]
        found = next((name for word, name in reversed(MIMETYPES) if word in mimetype), None)
        if found:
            return BY_NAME[found]
    found = next((name for inside, name in MEMBERS if inside in names), None)
    if found is None and named is not None and not named.reader:
        return named  # a format of others that is packed as zip
    return BY_NAME[found or "archive"]


def _ole(path: str, data: bytes, named: Format | None) -> Format | None:
    if is_encrypted(data):
        raise ExtractError(path, ENCRYPTED)
    if name := written_as(data):
        return BY_NAME[name]
    return named if named and named.name in {"doc", "xls", "ppt", "msg"} else None
