"""reStructuredText: underlined titles, and header fields at the top as in PEPs."""

from __future__ import annotations

import re

from semfs.indexers.dates import parse_date
from semfs.indexers.outline import titled_sections
from semfs.indexers.source import load_lines
from semfs.model import Document, Kind

ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+\s*$")
FIELD = re.compile(r":?([A-Z][\w-]*):\s*(.*)$")
MARKUP = re.compile(r":[\w:-]+:`([^`<]*?)\s*(?:<[^>]*>)?`|``?([^`]*)``?_{0,2}|\*\*?([^*]+)\*\*?")
ADDRESS = re.compile(r"\s*<[^>]*>|\s*\(?\S+@\S+\)?")
HEADER_LINES = 60
NARROWEST = 3  # characters; shorter lines of punctuation are text unless they fit their title
SLACK = 2  # characters that an underline may be too short by: docutils warns and accepts it


class Rst:
    """Read reStructuredText."""

    name = "rst"
    kind = Kind.TEXT

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        fields = header_fields(lines)
        found = _titles(lines)
        return Document(
            titled_sections(lines, found),
            title=_title(fields) or (found[0][2] if found else ""),
            author=ADDRESS.sub("", fields.get("author") or fields.get("authors", "")),
            created=parse_date(fields.get("created") or fields.get("date", "")),
        )


def header_fields(lines: list[str]) -> dict[str, str]:
    """Return the fields of the form `Name: value` that the file begins with, names in lower case."""
    fields: dict[str, str] = {}
    last = ""
    for line in lines[:HEADER_LINES]:
        if field := FIELD.match(line):
            last = field[1].lower()
            fields.setdefault(last, field[2].strip())
        elif last and line[:1] in {" ", "\t"} and line.strip():
            fields[last] = f"{fields[last]} {line.strip()}".strip()
        elif line.strip() or fields:
            break
    return fields


def _title(fields: dict[str, str]) -> str:
    title = fields.get("title", "")
    return f"PEP {fields['pep']} – {title}" if title and fields.get("pep", "").isdigit() else title


def _titles(lines: list[str]) -> list[tuple[int, int, str]]:
    """Return (line index, level, title); a level is the order in which its adornment first came."""
    found: list[tuple[int, int, str]] = []
    styles: list[tuple[str, bool]] = []
    for index in range(1, len(lines)):
        title = lines[index - 1]
        under = ADORNMENT.match(lines[index])
        if not under or not title.strip() or ADORNMENT.match(title):
            continue
        over = index > 1 and lines[index - 2].rstrip() == lines[index].rstrip()
        if not over and (title[:1].isspace() or not _fits(title, lines[index], lines, index)):
            continue
        style = (under[1], over)
        if style not in styles:
            styles.append(style)
        found.append((index - 1 - over, styles.index(style) + 1, plain(title)))
    return found


def _fits(title: str, under: str, lines: list[str], index: int) -> bool:
    alone = index < 2 or not lines[index - 2].strip()
    short = len(title.rstrip()) - len(under.rstrip())
    return alone and (short <= 0 or (short <= SLACK and len(under.rstrip()) > NARROWEST))


def plain(title: str) -> str:
    """Return a title without roles, literals and emphasis."""
    return " ".join(MARKUP.sub(lambda found: found[1] or found[2] or found[3] or "", title).split())
