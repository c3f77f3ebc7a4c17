"""Formats by content: files without a name that says anything, and names that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.indexers.registry import default_registry
from semfs.model import Kind

PYTHON = b'''import os
from pathlib import Path


def total(lines: list[str], *, start: int = 0) -> int:
    """Return the sum of what the lines say."""
    return sum(int(line.split(";")[1]) for line in lines[start:] if line.strip())


class Ledger:
    def __init__(self, path: Path) -> None:
        self._lines = path.read_text().splitlines()
'''
JAVA = b"""package org.example.ledger;

import java.util.List;

public class Ledger {
    private final List<String> lines;

    public Ledger(List<String> lines) { this.lines = lines; }

    public int total() { return lines.stream().mapToInt(Integer::parseInt).sum(); }
}
"""
JSON = b'{"vendor": "Acme", "lines": [{"sku": 7, "price": 12.5}, {"sku": 8, "price": 3}], "paid": true}\n'
YAML = b"""version: '3'
services:
  web:
    image: "nginx:1.25"
    ports: ["80:80", "443:443"]
    environment:
      - MODE=production
      - URL=http://example.org/
"""
LETTER = b"""Dear Anna,

thank you for your letter of 14 March. I have read the contract (twice!) and have three
questions: who pays for the boiler, until when may we stay, and what about the garage?
Import duties are not the problem, and the class of 2024 will return for lunch.

Yours,
Bob
"""
NOTES = b"""Todo:
- def. call the plumber; return the keys
- buy: milk, eggs, bread
- if it rains: close the window, else: open it
"""


@pytest.mark.parametrize("name", ["noname", "a.unknown", "a.txt"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PYTHON, Kind.CODE),
        (JAVA, Kind.CODE),
        (JSON, Kind.DATA),
        (b"<?xml version='1.0'?>\n<shop><item>hello</item></shop>\n", Kind.DATA),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:hello\nEND:VEVENT\nEND:VCALENDAR\n", Kind.DATA),
        (b"1\n00:00:01,000 --> 00:00:02,000\nhello\n", Kind.TEXT),
        (b"% notes\n\\documentclass{article}\n\\begin{document}\nhello\n\\end{document}\n", Kind.TEXT),
        (b"#!/usr/bin/env python3\nprint('hello')\n", Kind.CODE),
    ],
    ids=["python", "java", "json", "xml", "ics", "srt", "latex", "script"],
)
def test_a_text_is_known_by_its_content(tmp_path: Path, name: str, content: bytes, kind: Kind) -> None:
    (tmp_path / name).write_bytes(content)

    assert default_registry().read(str(tmp_path / name))[0] == kind


def test_yaml_without_a_name_is_data(tmp_path: Path) -> None:
    (tmp_path / "compose").write_bytes(YAML)

    assert default_registry().read(str(tmp_path / "compose"))[0] == Kind.DATA


@pytest.mark.parametrize("name", ["letter", "letter.txt", "letter.unknown"])
@pytest.mark.parametrize("content", [LETTER, NOTES, LETTER * 30], ids=["letter", "notes", "long"])
def test_prose_is_never_code(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert default_registry().read(str(tmp_path / name))[0] == Kind.TEXT


@pytest.mark.parametrize("name", ["answer.json", "table.csv", "answer.yaml", "report.pdf"])
def test_a_web_page_is_one_whatever_it_was_saved_as(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<!DOCTYPE html><title>Not found</title><p>There is no such page.")

    assert default_registry().read(str(tmp_path / name))[0] == Kind.HTML


def test_definitions_are_headings_also_where_the_name_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_bytes(PYTHON + b"\n    # a line that makes it long\n" * 40)

    _, document = default_registry().read(str(tmp_path / "ledger"))

    assert "class Ledger" in [section.heading for section in document.sections]
