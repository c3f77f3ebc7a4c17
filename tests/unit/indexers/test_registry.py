"""The registry: what is refused, what is told apart by content, and that it is cheap."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from semfs.errors import ExtractError, Unsupported
from semfs.indexers import registry as registry_module
from semfs.indexers.registry import Registry, default_registry
from semfs.model import Document, Kind, Section


def write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def refusal(path: str) -> ExtractError:
    with pytest.raises(ExtractError) as raised:
        default_registry().read(path)
    return raised.value


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_importing_the_registry_imports_no_parser() -> None:
    heavy = [
        "lxml",
        "pypdfium2",
        "docx",
        "pptx",
        "python_calamine",
        "chardet",
        "office_oxide",
        "olefile",
        "libarchive",
        "tree_sitter",
        "magika",
        "onnxruntime",
        "email.parser",
    ]
    code = (
        "import sys; from semfs.indexers.registry import default_registry\n"
        "default_registry().kind_of('/a/b.pdf')\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", Kind.PDF),
        ("b.tar.gz", Kind.ARCHIVE),
        ("Makefile", Kind.CODE),
        (".bashrc", Kind.CODE),
        ("README", Kind.TEXT),
        ("photo.JPG", Kind.IMAGE),
        ("x.mkv", Kind.VIDEO),
        ("song.flac", Kind.AUDIO),
        ("noext", Kind.OTHER),
        (".hidden", Kind.OTHER),
        ("a.unknown", Kind.OTHER),
        ("b.rs", Kind.CODE),
        ("ünï\udcff.md", Kind.MARKDOWN),
        ("x.doc", Kind.DOCUMENT),
        ("x.msg", Kind.EMAIL),
    ],
)
def test_kind_comes_from_the_name_without_a_file(name: str, kind: Kind) -> None:
    assert kind == default_registry().kind_of(f"/nowhere/{name}")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.dat", b"<!DOCTYPE html><title>T</title><p>hello", Kind.HTML),
        ("saved.pdf", b"  <html><body>hello</body></html>", Kind.HTML),
        ("letter", b"From: a@b.example\nTo: c@d.example\nSubject: hello\n\nhello\n", Kind.EMAIL),
        ("script", b"#!/usr/bin/env bash\necho hello\n", Kind.CODE),
        ("archive", b"From a@b.example Mon Jan 15 09:12:44 2024\nSubject: hello\n\nhello\n", Kind.EMAIL),
        ("notes.docx", b"hello, this is only text\n", Kind.TEXT),
        ("notes.pdf", b"{\\rtf1\\ansi hello}", Kind.DOCUMENT),
        ("wide.txt", "hello wörld".encode("utf-16"), Kind.TEXT),
        ("code.py", b"hello = 1\n", Kind.CODE),
        ("tags.txt", b"ID3 tags say hello in MP3 files\n", Kind.TEXT),
        ("sign.py", b"MAGIC = '%PDF-' # hello\n", Kind.CODE),
    ],
)
def test_content_goes_before_the_name(tmp_path: Path, name: str, content: bytes, kind: Kind) -> None:
    found, document = default_registry().read(write(tmp_path / name, content))

    assert kind == found
    assert "hello" in document.sections[0].text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.psd", b"8BPS" + bytes(9), "a picture"),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00", "a binary file"),
        ("a.mp3", b"ID3\x04\x00", "a sound recording"),
        ("a", b"\x00\x01\x02\x03", "a binary file"),
        ("a.deb", b"!<arch>\n" + bytes(60), "an archive of another sort"),
        ("a.pages", zipped(a=b"x"), "an iWork document, export it to read it"),
    ],
)
def test_a_file_without_text_is_unsupported(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    error = refusal(write(tmp_path / name, content))

    assert isinstance(error, Unsupported)
    assert f"not read: it is {words}" == error.reason


def test_a_pdf_of_blank_pages_tells_title_author_and_date(tmp_path: Path) -> None:
    pdf = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"4 0 obj<</Title(Lease)/Author(Anna)/CreationDate(D:20230701000000)>>endobj\n"
        b"trailer<</Root 1 0 R/Info 4 0 R>>\n%%EOF"
    )

    _, document = default_registry().read(write(tmp_path / "blank.pdf", pdf))

    assert document == Document((), title="Lease", author="Anna", created=1688169600.0)


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.odt", "a.ods", "a.odp", "a.epub"])
def test_a_packed_file_that_was_cut_off_is_damaged(tmp_path: Path, name: str) -> None:
    whole = zipped(word__document_xml=b"x" * 5000)

    error = refusal(write(tmp_path / name, whole[: len(whole) // 2]))

    assert not isinstance(error, Unsupported)
    assert error.reason == "damaged: its zip directory cannot be read"


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("a.docx", {"word__document.xml": b"<not-xml"}),
        ("a.xlsx", {"xl__workbook.xml": b"garbage"}),
        ("a.pptx", {"ppt__presentation.xml": b"garbage"}),
        ("a.epub", {"META-INF__container.xml": b"<container/>"}),
    ],
)
def test_a_packed_file_with_nonsense_inside_is_damaged(
    tmp_path: Path, name: str, members: dict[str, bytes]
) -> None:
    assert refusal(write(tmp_path / name, zipped(**members))).reason.startswith("damaged: ")


def test_a_file_that_would_unpack_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    bomb = zipped(**{"word__document.xml": b"\0" * 20_000_000})

    assert refusal(write(tmp_path / "a.docx", bomb)).reason.startswith("refused: it unpacks to ")


def test_an_encrypted_office_file_needs_a_password(tmp_path: Path) -> None:
    container = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 600
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 600
    )

    assert refusal(write(tmp_path / "a.docx", container)).reason == "encrypted: needs a password"


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    content = (
        b'<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY file SYSTEM "file:///etc/passwd">]>'
        b'<x xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><text:p>safe &a; &file;</text:p></x>'
    )
    odt = zipped(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": content})

    with zipfile.ZipFile(tmp_path / "a.odt", "w") as archive:
        for name in ("mimetype", "content.xml"):
            archive.writestr(name, zipfile.ZipFile(io.BytesIO(odt)).read(name))
    _, document = default_registry().read(str(tmp_path / "a.odt"))

    assert document.sections[0].text.strip() == "safe"


def test_a_fifo_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    assert refusal(str(tmp_path / "pipe.txt")).reason == "not a regular file"


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "gone.txt")).reason == "no such file or directory"


def test_an_empty_file_is_an_empty_document(tmp_path: Path) -> None:
    assert (Kind.TEXT, Document(())) == default_registry().read(write(tmp_path / "a.txt", b""))


def test_a_name_that_is_not_utf8_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / os.fsdecode(b"caf\xe9.md"), b"# Coffee\n")

    kind, document = default_registry().read(path)

    assert (kind, document.title) == (Kind.MARKDOWN, "Coffee")


class Failing:
    """An indexer that dies in the given way."""

    name = "failing"
    kind = Kind.OTHER
    error: BaseException = ValueError("0x1f at offset 7")

    def read(self, path: str) -> Document:
        raise self.error


class PanicException(BaseException):
    """What a parser written in Rust raises when it panics, by its name."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("0x1f at offset 7"), "damaged: cannot be read as a .org file"),
        (MemoryError(), "needs more memory than one file may use"),
        (RecursionError(), "damaged: nested too deeply"),
        (PanicException("index out of bounds"), "damaged: cannot be read as a .org file"),
    ],
)
def test_a_parser_that_breaks_gives_a_reason_without_its_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, reason: str
) -> None:
    monkeypatch.setattr(Failing, "error", error)
    registry = registry_with(EntryPoint("org", f"{__name__}:Failing", "semfs.indexers"), monkeypatch)

    with pytest.raises(ExtractError) as raised:
        registry.read(write(tmp_path / "a.org", b"x"))

    assert reason == raised.value.reason


class Org:
    """An indexer as somebody else would write it."""

    name = "org"
    kind = Kind.MARKDOWN

    def read(self, path: str) -> Document:
        return Document((Section("from\x00 the plug-in\r\n", "a\nb"),), title=" A  title ")


def registry_with(entry: EntryPoint, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Failing.__module__])
    monkeypatch.setattr(registry_module, "entry_points", lambda group: [entry])
    return default_registry()


def test_an_installed_indexer_serves_its_suffix_and_its_text_is_tidied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = registry_with(EntryPoint("org", f"{__name__}:Org", "semfs.indexers"), monkeypatch)

    kind, document = registry.read(write(tmp_path / "a.org", b"x"))

    assert (kind, registry.kind_of("b.org")) == (Kind.MARKDOWN, Kind.MARKDOWN)
    assert (Section("from the plug-in\n", "a b"),) == document.sections
    assert document.title == "A title"


def test_an_installed_indexer_that_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = registry_with(EntryPoint("org", "nowhere_at_all:Org", "semfs.indexers"), monkeypatch)

    with pytest.raises(ExtractError, match="its indexer nowhere_at_all:Org cannot be loaded"):
        registry.read(write(tmp_path / "a.org", b"x"))


@pytest.mark.parametrize(
    "name",
    [
        "comments",
        "a.md",
        "a.rst",
        "a.mbox",
        "a.rtf",
        "a.html",
        "a.json",
        "a.py",
        "a.csv",
        "a.adoc",
        "a.org",
        "a.tex",
        "a.xml",
        "a.yaml",
        "a.toml",
        "a.srt",
        "a.ass",
        "a.ics",
        "a.vcf",
        "a.c",
        "a.js",
    ],
)
@pytest.mark.parametrize(
    "piece",
    [
        b"<!-- -->",
        b"# " + b" " * 500,
        b"[" * 500,
        b"From 00:00 ",
        b"{\\title ",
        b"* _ ` ",
        b"\\title[",
        b"a: |\n ",
        b'FN;X="',
    ],
)
def test_repetitions_do_not_make_reading_explode(tmp_path: Path, name: str, piece: bytes) -> None:
    content = piece * (60_000 // len(piece))

    kind, document = default_registry().read(write(tmp_path / name, content))

    assert isinstance(kind, Kind)
    assert document.sections or name.endswith((".html", ".rtf", ".tex", ".srt", ".ass", ".ics", ".vcf"))


def old_word_file(path: Path) -> str:
    directory = "\0WordDocument\0".encode("utf-16-le")
    return write(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + directory + b"\0" * 1024)


def test_a_damaged_old_word_file_is_damaged(tmp_path: Path) -> None:
    assert (
        refusal(old_word_file(tmp_path / "a.doc")).reason == "damaged: cannot be read as an old Office file"
    )


@pytest.mark.warns
def test_a_broken_installed_indexer_is_warned_of_once_and_the_name_still_counts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registry = registry_with(EntryPoint("org", "nowhere_at_all:Org", "semfs.indexers"), monkeypatch)

    assert [registry.kind_of(name) for name in ("a.org", "b.org")] == [Kind.TEXT, Kind.TEXT]
    assert len(caplog.records) == 1
