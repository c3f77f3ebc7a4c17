"""EPUB books: the chapters in reading order, each through the reader of web pages."""

from __future__ import annotations

import posixpath
import zipfile
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.html import gather
from semfs.indexers.html import parse as parse_html
from semfs.indexers.media import Illustrated
from semfs.indexers.outline import Outline
from semfs.indexers.source import load, member, open_zip
from semfs.indexers.xml import DUBLIN_CORE, part, text_at
from semfs.model import Document, Kind

CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
PACKAGE = "{http://www.idpf.org/2007/opf}"
FONTS_ONLY = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")


class Epub(Illustrated):
    """Read a book."""

    name = "epub"
    kind = Kind.EBOOK
    folders = ("",)

    def read(self, path: str) -> Document:
        archive = open_zip(path, load(path))
        _refuse_protected(archive, path)
        container = part(archive, "META-INF/container.xml", path)
        root_file = next(container.iter(f"{CONTAINER}rootfile"), None)
        name = root_file.get("full-path") if root_file is not None else None
        if not name:
            raise ExtractError(path, "damaged: it does not name its table of contents")
        package = part(archive, name, path)
        outline = Outline()
        for chapter in _reading_order(package, posixpath.dirname(name)):
            data = member(archive, chapter, path)
            root = parse_html(decode(data)) if data else None
            if root is not None:
                gather(root, outline)
        return Document(
            outline.sections(),
            title=text_at(package, f"{DUBLIN_CORE}title"),
            author=text_at(package, f"{DUBLIN_CORE}creator"),
            created=parse_date(text_at(package, f"{DUBLIN_CORE}date")),
            language=text_at(package, f"{DUBLIN_CORE}language"),
            scans=self.scans(archive),
        )


def _reading_order(package: etree._Element, folder: str) -> list[str]:
    """Return the members of the archive that hold the chapters."""
    places = {item.get("id"): item.get("href") or "" for item in package.iter(f"{PACKAGE}item")}
    spine = [places.get(item.get("idref"), "") for item in package.iter(f"{PACKAGE}itemref")]
    return [posixpath.normpath(posixpath.join(folder, unquote(place))) for place in spine if place]


def _refuse_protected(archive: zipfile.ZipFile, path: str) -> None:
    listing = member(archive, "META-INF/encryption.xml", path)
    if listing and not any(algorithm in listing for algorithm in FONTS_ONLY):
        raise ExtractError(path, ENCRYPTED)
