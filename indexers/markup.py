"""AsciiDoc and Org: titles by their marks at the beginning of a line, fields at the top."""

from __future__ import annotations

import re

from semfs.indexers.dates import parse_date
from semfs.indexers.outline import titled_sections
from semfs.indexers.source import load_lines
from semfs.model import Document, Kind

Title = tuple[int, int, str]  # index of the line, level, text

ADOC_TITLE = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*)$")
ADOC_UNDERLINE = re.compile(r"(={2,}|-{2,}|~{2,}|\^{2,}|\+{2,})[ \t]*$")
ADOC_LEVELS = "=-~^+"
ADOC_SLACK = 2  # characters that an underline may be longer or shorter than its title
ADOC_FENCE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,}|={4,}|\*{4,}|_{4,}|[|,:!]={3,})[ \t]*(?:\w+)?$")
ADOC_VERBATIM = ("-", ".", "+", "/", "`")  # fences in which nothing is a title; others hold ordinary text
ADOC_FIELD = re.compile(r":([\w-]{1,60}):[ \t]*(.*)$")
ADOC_AUTHOR = re.compile(r"([^\W\d][^<>;:]{0,100}?)[ \t]*(?:<[^<>]{1,200}>)?(?:;|$)")
ADOC_REVISION = re.compile(r"(?:v[\d.]{1,20},?[ \t]*)?(\d{4}-\d\d-\d\d)")

ORG_TITLE = re.compile(r"(\*{1,12})[ \t]+(?:(?:TODO|DONE|NEXT|WAITING)[ \t]+)?(?:\[#\w\][ \t]+)?(\S.*)$")
ORG_TAGS = re.compile(r"[ \t]:[\w@:]{1,200}:[ \t]*$")
ORG_FIELD = re.compile(r"#\+(\w{1,40}):[ \t]*(.*)$")
ORG_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_(\w{1,40})", re.IGNORECASE)
STAMP = re.compile(r"[<\[]?(\d{4}-\d\d-\d\d)")
HEADER_LINES = 60


class AsciiDoc:
    """Read AsciiDoc."""

    name = "asciidoc"
    kind = Kind.TEXT

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        titles = adoc_titles(lines)
        fields = _adoc_header(lines)
        return Document(
            titled_sections(lines, titles),
            title=fields.get("title") or fields.get("doctitle") or (titles[0][2] if titles else ""),
            author=fields.get("author", ""),
            created=parse_date(fields.get("revdate") or fields.get("date", "")),
            language=fields.get("lang", ""),
        )


class Org:
    """Read an Org file."""

    name = "org"
    kind = Kind.TEXT

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        titles = org_titles(lines)
        found = (ORG_FIELD.match(line) for line in lines[:HEADER_LINES])
        fields = {field[1].lower(): field[2].strip() for field in found if field}
        stamp = STAMP.match(fields.get("date", ""))
        return Document(
            titled_sections(lines, titles),
            title=fields.get("title") or (titles[0][2] if titles else ""),
            author=fields.get("author", ""),
            created=parse_date(stamp[1] if stamp else fields.get("date", "")),
            language=fields.get("language", ""),
        )


def adoc_titles(lines: list[str]) -> list[Title]:
    """Return the titles that are not in a listing, a comment or the like."""
    found: list[Title] = []
    fence = ""
    for index, line in enumerate(lines):
        if not fence and (level := _underlines(lines, index)):
            found.append((index - 1, level, lines[index - 1].strip()))
        elif mark := ADOC_FENCE.match(line):
            if not fence and mark[1].startswith(ADOC_VERBATIM):
                fence = mark[1]
            elif mark[1] == fence:
                fence = ""
        elif not fence and (title := ADOC_TITLE.match(line)):
            found.append((index, len(title[1]), title[2].strip()))
    return found


def _underlines(lines: list[str], index: int) -> int:
    """Return the level of the title that this line stands under, 0 if it does not."""
    mark = ADOC_UNDERLINE.match(lines[index])
    title = lines[index - 1].rstrip() if index else ""
    if not mark or not title or not title[0].isalnum() or abs(len(title) - len(mark[1])) > ADOC_SLACK:
        return 0
    return ADOC_LEVELS.index(mark[1][0]) + 1 if index == 1 or not lines[index - 2].strip() else 0


def org_titles(lines: list[str]) -> list[Title]:
    """Return the headlines outside of blocks, without state, priority and tags."""
    found: list[Title] = []
    block = ""
    for index, line in enumerate(lines):
        if mark := ORG_BLOCK.match(line):
            if not block and mark[1].lower() == "begin":
                block = mark[2].lower()
            elif mark[1].lower() == "end" and mark[2].lower() == block:
                block = ""
        elif not block and (title := ORG_TITLE.match(line)):
            found.append((index, len(title[1]), ORG_TAGS.sub("", title[2]).strip()))
    return found


def _adoc_header(lines: list[str]) -> dict[str, str]:
    """Return the attributes at the top; below the title there may be authors, then a revision."""
    fields: dict[str, str] = {}
    below = 0  # lines below the title
    for line in lines[:HEADER_LINES]:
        if not line.strip():
            if fields:
                break
        elif field := ADOC_FIELD.match(line):
            fields.setdefault(field[1].lower(), field[2].strip())
        elif (title := ADOC_TITLE.match(line)) and len(title[1]) == 1 and not below:
            fields["title"] = title[2].strip()
            below = 1
        elif below == 1 and (author := ADOC_AUTHOR.match(line)):
            fields.setdefault("author", author[1].strip())
            below = 2
        elif below == 2 and (revision := ADOC_REVISION.match(line)):
            fields.setdefault("revdate", revision[1])
        elif not line.startswith("//"):
            break
    return fields
