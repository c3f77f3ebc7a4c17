"""The forms that values take in files: CSV, JSON, Markdown, plain text.  Pure."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from semfs.jobs.values import Cell, Column, Rows, Text, harmless
from semfs.model import FileId, FileRow, Passage, PassageId, Source, shown, shown_line
from semfs.store.state import SourceRow

MOST_LISTED = 40  # sources under a text; all of them are in sources/


def shown_cell(value: Cell) -> str:
    """Return a cell as people write it: no ".0", nothing for an empty one."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.12g}" if value != int(value) or abs(value) >= 1e15 else str(int(value))
    return str(value)


def as_csv(rows: Rows) -> str:
    """Return RFC 4180 with a header; text that a spreadsheet would run as a formula is quoted with '."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in rows.columns])
    for row in rows.cells:
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: Cell) -> str:
    return harmless(value) if isinstance(value, str) else shown_cell(value)


def as_json(rows: Rows) -> str:
    return json.dumps(rows.records(), ensure_ascii=False, indent=1) + "\n"


def as_markdown(rows: Rows) -> str:
    """Return a table of Markdown."""
    lines = [[column.name for column in rows.columns], ["---"] * len(rows.columns)]
    lines += [[shown_cell(value) for value in row] for row in rows.cells]
    return "".join(f"| {' | '.join(_one_line(word) for word in line)} |\n" for line in lines)


def _one_line(word: str) -> str:
    return " ".join(word.split()).replace("|", "\\|")


def as_tabs(rows: Rows) -> str:
    """Return one line a row, cells separated by tabs."""
    lines = [[column.name for column in rows.columns], *([shown_cell(v) for v in row] for row in rows.cells)]
    return "".join("\t".join(" ".join(word.split()) for word in line) + "\n" for line in lines)


def files_as_rows(rows: Sequence[FileRow]) -> Rows:
    """Return files as a table: file, kind, size in bytes, modified."""
    columns = (Column("file"), Column("kind"), Column("size", "number"), Column("modified", "date"))
    return Rows(columns, tuple((shown(r.path), r.kind.value, r.size, modified(r)) for r in rows))


def modified(row: FileRow) -> str:
    """Return the local day of a file's last change."""
    return datetime.fromtimestamp(row.mtime, UTC).astimezone().strftime("%Y-%m-%d")


def with_sources(text: Text, coverage: str) -> str:
    """Return the text, its sources and how much was read."""
    parts = [text.text.rstrip()]
    if text.sources:
        listed = [f"[{n}] {_source(item)}" for n, item in enumerate(text.sources[:MOST_LISTED], 1)]
        if len(text.sources) > MOST_LISTED:
            listed.append(f"and {len(text.sources) - MOST_LISTED} more, all in the job's sources/")
        parts.append("Sources:\n" + "\n".join(listed))
    if coverage:
        parts.append(coverage)
    return "\n\n".join(parts) + "\n"


def _source(source: Source) -> str:
    place = Passage(PassageId(0), FileId(0), 0, "", page=source.page, line=source.line).place()
    where = shown_line(source.path) + (f", {place}" if place else "")
    return f"{where}\n    “{shown_line(' '.join(source.quote.split()))}”" if source.quote else where


def coverage(sources: Sequence[SourceRow]) -> str:
    """Return "214 of 217 files read, 3 skipped (cannot be read: 2, it holds no text: 1)"; "" for no files."""
    if not sources:
        return ""
    reasons = Counter(row.reason for row in sources if row.reason)
    skipped = sum(reasons.values())
    words = f"{len(sources) - skipped} of {len(sources)} files read"
    if skipped:
        words += (
            f", {skipped} skipped ({', '.join(f'{why}: {count}' for why, count in reasons.most_common(5))})"
        )
    return words + "."
