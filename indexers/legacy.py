"""Old Office formats (DOC, PPT) and Outlook messages (MSG), through kreuzberg if it is installed.

It is large, so it is not required: without it these files are found by their names, and
their reason says what to install.
"""

from __future__ import annotations

from typing import Any

from semfs.errors import ExtractError, Unsupported
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.dates import parse_date
from semfs.indexers.outline import Outline
from semfs.indexers.source import load
from semfs.indexers.summary import summary
from semfs.model import Document, Kind

RECIPIENTS = ("to_emails", "cc_emails", "bcc_emails")
INSTALL = "pip install 'semfs[legacy]'"


class OldWord:
    """Read a Word document of before 2007."""

    name = "doc"
    kind = Kind.DOCUMENT
    mime = "application/msword"

    def read(self, path: str) -> Document:
        data = load(path)
        result = _extract(path, data, self.mime)
        old = summary(data)
        about: dict[str, Any] = dict(result.metadata)
        outline = Outline()
        for node in (result.document or {}).get("nodes", []):
            _add(node["content"], outline)
        return Document(
            outline.sections(),
            title=_sound(about.get("title") or about.get("subject")) or outline.first_heading,
            author=_sound(about.get("from_email") or ", ".join(about.get("authors") or ())) or old.author,
            created=parse_date(str(about.get("created_at") or "")) or old.created,
            recipients=", ".join(one for field in RECIPIENTS for one in about.get(field) or ()),
        )


class OldSlides(OldWord):
    """Read a presentation of before 2007."""

    name = "ppt"
    kind = Kind.PRESENTATION
    mime = "application/vnd.ms-powerpoint"


class OutlookMessage(OldWord):
    """Read a message that was saved from Outlook."""

    name = "msg"
    kind = Kind.EMAIL
    mime = "application/vnd.ms-outlook"


def _extract(path: str, data: bytes, mime: str) -> Any:
    try:
        import kreuzberg
    except ImportError as error:
        raise Unsupported(path, f"no reader for this old format is installed: {INSTALL}") from error
    config = kreuzberg.ExtractionConfig(
        use_cache=False, include_document_structure=True, enable_quality_processing=False
    )
    try:
        return kreuzberg.extract_bytes_sync(data, mime_type=mime, config=config)
    except kreuzberg.KreuzbergError as error:
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        words = ENCRYPTED if locked else "damaged: cannot be read as an old Office file"
        raise ExtractError(path, words) from error


def _add(node: dict[str, Any], outline: Outline) -> None:
    if node["node_type"] == "heading":
        outline.heading(node["level"], node["text"])
    elif node["node_type"] == "slide":
        outline.page(node["number"])
        outline.heading(1, node.get("title") or "")
    elif node["node_type"] == "table":
        for row in _rows(node["grid"]):
            outline.add(row)
    elif isinstance(node.get("text"), str):
        outline.add(node["text"])


def _rows(grid: dict[str, Any]) -> list[str]:
    rows: dict[int, list[str]] = {}
    for cell in grid["cells"]:
        rows.setdefault(cell["row"], []).append(cell["content"])
    return [" | ".join(cells) for _, cells in sorted(rows.items())]


def _sound(text: Any) -> str:
    """Return a field of the summary, "" if its code page was not understood."""
    return text if isinstance(text, str) and "\ufffd" not in text else ""
