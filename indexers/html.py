"""Web pages; also the HTML inside of books and e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as parser

from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.outline import Outline
from semfs.indexers.source import load
from semfs.model import Document, Kind

HIDDEN = frozenset(
    ["script", "style", "template", "noscript", "head", "svg", "math", "iframe", "object", "select", "button"]
)
BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend",
    "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr",
    "ul",
])  # fmt: skip
CELLS = frozenset({"td", "th"})
HEADING = re.compile(r"h([1-6])$")
SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
AUTHOR_FIELDS = ("author", "article:author", "dc.creator", "citation_author", "byl")
DATE_FIELDS = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.created", "dcterms.created",
    "dcterms.date", "dcterms.issued", "pubdate", "publish-date", "citation_date", "citation_publication_date",
    "sailthru.date", "parsely-pub-date", "creation-date", "datecreated",
)  # fmt: skip


class Html:
    """Read a web page."""

    name = "html"
    kind = Kind.HTML

    def read(self, path: str) -> Document:
        root = parse(decode(load(path)))
        if root is None:
            return Document(())
        outline = Outline()
        gather(root, outline)
        fields = _fields(root)
        return Document(
            outline.sections(),
            title=SPACE.sub(" ", root.findtext(".//title") or "").strip() or outline.first_heading,
            author=next((fields[name] for name in AUTHOR_FIELDS if fields.get(name)), ""),
            created=next(
                (date for text in _dates(fields, root) if (date := parse_date(text)) is not None), None
            ),
            language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        )


def parse(text: str) -> etree._Element | None:
    """Return the root of an HTML text, None if there is nothing in it."""
    reader = parser.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return parser.document_fromstring(text.encode("utf-8", "replace"), parser=reader)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def text_of(text: str) -> str:
    """Return what a reader of this HTML would see."""
    root = parse(text)
    if root is None:
        return ""
    outline = Outline()
    gather(root, outline)
    return "\n".join(section.text for section in outline.sections())


def gather(root: etree._Element, outline: Outline) -> None:
    """Add the visible text of a tree to an outline."""
    writer = _Writer(outline)
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else "script"
        tag = tag.rpartition("}")[2].lower()
        if tag in HIDDEN:
            hidden += 1 if event == "start" else -1
        elif not hidden:
            (writer.start if event == "start" else writer.end)(tag, element)
        if event == "end" and not hidden:
            writer.text(element.tail or "")
    writer.flush()


class _Writer:
    """Turn a walk over elements into blocks."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._line: list[str] = []
        self._verbatim = 0

    def start(self, tag: str, element: etree._Element) -> None:
        if tag in BLOCKS:
            self.flush()
        if tag == "li":
            self._line.append("- ")
        elif tag == "br":
            self._line.append("\n")
        elif tag in CELLS and "".join(self._line).strip():
            self._line.append(" | ")
        elif tag == "img" and element.get("alt"):
            self.text(f" {element.get('alt')} ")
        self._verbatim += tag == "pre"
        self.text(element.text or "")

    def end(self, tag: str, _element: etree._Element) -> None:
        if found := HEADING.match(tag):
            title = "".join(self._line)
            self._line.clear()
            self._outline.heading(int(found[1]), title)
        elif tag in BLOCKS:
            self.flush()
        self._verbatim -= tag == "pre"

    def text(self, text: str) -> None:
        self._line.append(text if self._verbatim else SPACE.sub(" ", text))

    def flush(self) -> None:
        block = "".join(self._line)
        self._line.clear()
        if not self._verbatim:
            block = "\n".join(SPACE.sub(" ", line).strip() for line in block.split("\n"))
        if block.strip(" -|\n"):
            self._outline.add(block)


def _dates(fields: dict[str, str], root: etree._Element) -> Iterator[str]:
    """Yield what may be the date of a page, the surest first."""
    yield from (fields[name] for name in DATE_FIELDS if name in fields)
    yield from (time.get("datetime") or "" for time in root.iter("time") if "pubdate" in time.attrib)
    yield from (time.get("datetime") or "" for time in root.iterfind(".//article//time"))


def _fields(root: etree._Element) -> dict[str, str]:
    fields: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or ""
        fields.setdefault(name.lower(), meta.get("content") or "")
    return fields
