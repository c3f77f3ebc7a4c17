"""Markdown: front matter is metadata, headings cut it into sections."""

from __future__ import annotations

import re

from semfs.indexers.dates import parse_date
from semfs.indexers.outline import titled_sections
from semfs.indexers.source import load_lines
from semfs.model import Document, Kind

ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
FIELD = re.compile(r"(\w[\w -]{0,60}):(.*)")
INLINE = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
FRONT_MATTER_LINES = 200
NOT_A_PARAGRAPH = (">", "-", "*", "+", "|", "#", "    ", "\t")  # what an underline cannot make a heading


class Markdown:
    """Read Markdown."""

    name = "markdown"
    kind = Kind.MARKDOWN

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        fields, body = front_matter(lines)
        found = _headings(lines, body)
        top = min((level for _, level, _ in found), default=0)
        title = next((title for _, level, title in found if level == top), "")
        return Document(
            titled_sections(lines, found),
            title=fields.get("title") or title,
            author=fields.get("author") or fields.get("authors", ""),
            created=parse_date(fields.get("date", "")),
            language=fields.get("lang") or fields.get("language", ""),
        )


def front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """Return the simple fields between `---` lines at the top, and where the body begins."""
    if not lines or lines[0].strip() not in {"---", "+++"}:
        return {}, 0
    for end, line in enumerate(lines[1:FRONT_MATTER_LINES], start=1):
        if line.strip() in {lines[0].strip(), "..."}:
            found = (FIELD.match(line.replace(" = ", ": ", 1)) for line in lines[1:end])
            return {field[1].lower(): field[2].strip().strip("\"'") for field in found if field}, end + 1
    return {}, 0


def _headings(lines: list[str], body: int) -> list[tuple[int, int, str]]:
    """Return (line index, level, title) of each heading outside of fenced code."""
    found: list[tuple[int, int, str]] = []
    fence = ""
    for index in range(body, len(lines)):
        line = lines[index]
        if mark := FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
            continue
        if fence:
            continue
        if atx := ATX.match(line):
            found.append((index, len(atx[1]), plain(line[atx.end() :].strip().rstrip("#"))))
        elif index > body and (under := SETEXT.match(line)) and _paragraph(lines, index - 1, body):
            found.append((index - 1, 1 if under[1][0] == "=" else 2, plain(lines[index - 1])))
    return [heading for heading in found if heading[2]]


def _paragraph(lines: list[str], index: int, body: int) -> bool:
    line = lines[index]
    single = index == body or not lines[index - 1].strip()
    return bool(line.strip()) and single and not line.startswith(NOT_A_PARAGRAPH)


def plain(title: str) -> str:
    """Return a heading without its marks of emphasis, code and links."""
    return INLINE.sub(lambda found: found[1] or "", title).strip()
