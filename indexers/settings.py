"""YAML, TOML and INI: the text as people wrote it, under the path of keys around it.

The lines are looked at, nothing is parsed: what does not keep to the standard is read all the
same, line numbers and comments stay, and no alias or anchor can expand.
"""

from __future__ import annotations

import re

from semfs.indexers.outline import block_sections
from semfs.indexers.source import load_lines
from semfs.model import Document, Kind

Block = tuple[int, int, str]  # index of the first line, level, name

KEY = re.compile(r"( *(?:- +)*)[\"']?([^\s\"'#:{}\[\]&*!|>%@`-][^\"'#:{}\[\]]{0,100}?)[\"']?:(?=[ \t]|$)")
SCALAR = re.compile(r".*:[ \t]+[|>][-+\d]*[ \t]*(?:#.*)?$")  # a text of several lines follows
TABLE = re.compile(r"[ \t]*\[\[?([^\[\]]{1,200})\]\]?[ \t]*(?:[#;].*)?$")
LONGEST_LINE = 1_000  # characters; a key and what opens a block stand at its beginning


class Yaml:
    """Read YAML."""

    name = "yaml"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        return Document(block_sections(lines, keys(lines)))


class Tables:
    """Read TOML or an INI file."""

    name = "toml"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        return Document(block_sections(lines, tables(lines)))


def keys(lines: list[str]) -> list[Block]:
    """Return the keys of YAML, levels being columns; those inside of a text of several lines are none."""
    found: list[Block] = []
    text_from = -1  # column of the key whose text goes on, -1 for none
    for index, line in enumerate(lines):
        line = line[:LONGEST_LINE]
        key = KEY.match(line)
        column = len(key[1]) if key else len(line) - len(line.lstrip(" "))
        if text_from >= 0:
            if not line.strip() or len(line) - len(line.lstrip(" ")) > text_from:
                continue
            text_from = -1
        if key:
            found.append((index, column, key[2].strip()))
            if SCALAR.match(line):
                text_from = len(line) - len(line.lstrip(" "))
    return found


def tables(lines: list[str]) -> list[Block]:
    """Return the tables of TOML and the sections of INI files."""
    found = (TABLE.match(line[:LONGEST_LINE]) for line in lines)
    return [(index, 1, table[1].strip()) for index, table in enumerate(found) if table]
