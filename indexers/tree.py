"""XML: what the elements say, a line for each, under the names of the elements around it.

Entities are not expanded, nothing is fetched, and what is not well formed stays text.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]

from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.outline import SEPARATOR, placed_sections
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

LARGEST = 8_000_000  # bytes; a tree takes ten times as much
DEEPEST_PATH = 4  # elements that a heading names
WORDY = 8  # words; what is longer is prose and needs no name in front of it
NAMES = ("title", "name", "id", "key")  # by what an element is called apart from its tag
LONGEST_NAME = 60  # characters
TITLES = ("title", "name")
AUTHORS = ("creator", "author")
DATES = ("created", "date", "pubDate", "published", "updated")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Piece = tuple[int, str, str]


class Xml:
    """Read XML."""

    name = "xml"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        data = load(path)
        root = _root(data)
        if root is None:
            text = decode(data)
            return Document((Section(text, line=1),) if text.strip() else ())
        return Document(
            placed_sections(_pieces(root)),
            title=_said(root, TITLES),
            author=_said(root, AUTHORS),
            created=parse_date(_said(root, DATES)),
            language=root.get(LANG) or "",
        )


def _root(data: bytes) -> etree._Element | None:
    """Return the root, None if it is not well formed, too deep or too large."""
    if len(data) > LARGEST:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def _pieces(root: etree._Element) -> Iterator[Piece]:
    """Yield (line, heading, text) in the order of the file; words and elements among each other are one."""
    path: list[str] = []
    whole: etree._Element | None = None  # the element that is said as one
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if whole is not None:
            whole = whole if event == "start" or element is not whole else None
            continue
        if event == "end":
            path.pop()
            continue
        line, heading = element.sourceline or 1, SEPARATOR.join(path[:DEEPEST_PATH])
        said = _attributes(element)
        if _is_text(element):
            text = " ".join("".join(element.itertext()).split())
            yield from _piece(line, heading, tag(element), text, said)
            whole = element
        else:
            if said:
                yield line, heading, f"{tag(element)} {said}"
            path.append(_called(element))


def _piece(line: int, heading: str, name: str, text: str, said: str) -> Iterator[Piece]:
    if text and len(text.split(None, WORDY)) > WORDY:
        yield line, heading, f"{text} ({said})" if said else text
    elif text or said:
        yield line, heading, f"{name}{' ' if said else ''}{said}{': ' if text else ''}{text}"


def _is_text(element: etree._Element) -> bool:
    """Whether it has no elements inside of it, or words between them."""
    if not len(element):
        return True
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _called(element: etree._Element) -> str:
    """Return the tag with the name that the element is given, if it is."""
    name = next((element.get(name) for name in NAMES if element.get(name)), "")
    if not name:
        first = element[0] if len(element) else None
        if first is not None and tag(first) in TITLES and not len(first):
            name = first.text or ""
    return f"{tag(element)} {' '.join(name.split())[:LONGEST_NAME]}".strip()


def _attributes(element: etree._Element) -> str:
    return " ".join(
        f"{name.rpartition('}')[2]}={' '.join(value.split())}" for name, value in element.attrib.items()
    )


def _said(root: etree._Element, names: tuple[str, ...]) -> str:
    """Return the text of the first of these that stands at the top, or one level below it."""
    for element in (*root, *(child for first in root[:3] for child in first[:20])):
        if tag(element) in names and not len(element) and (element.text or "").strip():
            return str(element.text).strip()
    return ""


def tag(element: etree._Element) -> str:
    """Return a tag without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "entity"
