"""Parse the XML inside of office files and books: no entities, no network, broken parts mended."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from semfs.errors import ExtractError
from semfs.indexers.dates import parse_date
from semfs.indexers.source import member

DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
OFFICE_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"

GENERIC = frozenset({"PowerPoint Presentation", "PowerPoint-Präsentation", "Présentation PowerPoint"})


@dataclass(frozen=True, slots=True)
class Properties:
    """What an office file says about itself."""

    title: str = ""
    author: str = ""
    created: float | None = None
    language: str = ""


def parse(data: bytes) -> etree._Element | None:
    """Return the root element, None if there is not even one."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def part(archive: zipfile.ZipFile, name: str, path: str) -> etree._Element:
    """Return the root of a part that must be there."""
    data = member(archive, name, path)
    root = parse(data) if data else None
    if root is None:
        raise ExtractError(path, f"damaged: its part {name} is missing or empty")
    return root


def properties(archive: zipfile.ZipFile, path: str) -> Properties:
    """Return title, author and date from docProps/core.xml or meta.xml; empty if there is neither."""
    data = member(archive, "docProps/core.xml", path) or member(archive, "meta.xml", path)
    root = parse(data) if data else None
    if root is None:
        return Properties()
    title = text_at(root, f"{DUBLIN_CORE}title")
    created = text_at(root, f"{TERMS}created") or text_at(root, f"{OFFICE_META}creation-date")
    return Properties(
        title="" if title in GENERIC else title,
        author=text_at(root, f"{OFFICE_META}initial-creator") or text_at(root, f"{DUBLIN_CORE}creator"),
        created=parse_date(created),
        language=text_at(root, f"{DUBLIN_CORE}language"),
    )


def text_at(root: etree._Element, tag: str) -> str:
    """Return the text of the first element of this tag, "" if there is none."""
    element = next(root.iter(tag), None)
    return " ".join("".join(element.itertext("*")).split()) if element is not None else ""
