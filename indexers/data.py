"""Tables in text (CSV), JSON and notebooks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

from semfs.indexers.charset import decode
from semfs.indexers.rows import header_row, row_text
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

DELIMITERS = ",;\t|"
SNIFFED = 16_384  # characters that the guess of a delimiter looks at
WIDEST_LINE = 2_000  # characters; JSON with longer lines was written for machines
FIELD_LIMIT = 1_000_000  # characters of one cell


class Csv:
    """Read a table; each row names its columns."""

    name = "csv"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        text = decode(load(path))
        try:
            rows = list(_rows(text))
        except csv.Error:
            return Document((Section(text, line=1),))
        return Document(tuple(_sections(rows)))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of each row that is not empty."""
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(text.split("\n"), delimiter=_delimiter(text))
    line = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield line, row
        line = reader.line_num + 1


def _delimiter(text: str) -> str:
    sample = text[:SNIFFED]
    try:
        return csv.Sniffer().sniff(sample, DELIMITERS).delimiter
    except csv.Error:
        first = sample.partition("\n")[0]
        return max(DELIMITERS, key=first.count)


def _sections(rows: list[tuple[int, list[str]]]) -> Iterator[Section]:
    """Yield sections in which a row is a line, a new one wherever rows and lines of the file part."""
    header = header_row([row for _, row in rows])
    names = [" ".join(name.split()) for name in rows[header][1]] if header is not None else []
    texts: list[str] = []
    begin = following = 1
    for index, (line, row) in enumerate(rows):
        if index == header and len(rows) > 1:
            continue
        if texts and line != following:
            yield Section("\n".join(texts), line=begin)
            texts = []
        if not texts:
            begin = following = line
        texts.append(row_text(row, names if header is not None and index > header else ()))
        following += 1
    if texts:
        yield Section("\n".join(texts), line=begin)


class Json:
    """Read JSON as it is written, or spread over lines if it was written for machines."""

    name = "json"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        text = decode(load(path))
        if max(map(len, text.split("\n"))) <= WIDEST_LINE:
            return Document((Section(text, line=1),) if text.strip() else ())
        try:
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
        except (ValueError, RecursionError):
            return Document((Section(text, line=1),))
        return Document((Section(text),))


class Notebook:
    """Read the cells of a Jupyter notebook; what they printed is left out."""

    name = "notebook"
    kind = Kind.CODE

    def read(self, path: str) -> Document:
        text = decode(load(path))
        try:
            cells = json.loads(text)["cells"]
            sections = tuple(
                Section("".join(cell.get("source", ())), f"cell {number}")
                for number, cell in enumerate(cells, start=1)
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Document((Section(text, line=1),) if text.strip() else ())
        return Document(sections)
