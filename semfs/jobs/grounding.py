"""Compare, in the SQL that a model wrote for a table, with what really stands there.  Pure.

Models compare with the words of the question and now and then in the wrong column; cells are written
in another way.  Only texts that are compared with and the columns beside them are changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from semfs.jobs.values import Rows
from semfs.plan.sql import identifier
from semfs.search.lexical import telling

_COMPARED: Final = re.compile(
    r"""(?P<call>(?:lower|upper)\s*\(\s*)? (?P<column>"[^"]+"|[^\W\d]\w*) (?(call)\s*\))
    \s* (?P<not>NOT\s+)? (?P<how>I?LIKE|!=|<>|=)
    \s* (?P<too>(?:lower|upper)\s*\(\s*)? '(?P<text>(?:[^']|'')*)' (?(too)\s*\))""",
    re.IGNORECASE | re.VERBOSE,
)
_DERIVED: Final = re.compile(r"(SELECT\s+)(\w+)_(?:date|number|minutes)(?=\s+FROM\s)", re.IGNORECASE)
_AS_NUMBERS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<before>\bORDER BY )(?P<column>\w+)(?=$|\)| (?:ASC|DESC|LIMIT)\b)",
        r"(?P<before>\b(?:sum|avg|min|max|abs|year|month)\()(?P<column>\w+)(?=\))",
        r"(?P<before>)\b(?P<column>[^\W\d]\w*)(?= (?:[<>]=?|!?=|BETWEEN) -?\d)",
    )
)
_TEST: Final = r"[^\W\d]\w* ILIKE '(?:[^']|'')*'"
_APART: Final = re.compile(
    rf"SELECT (?:abs\()?(?P<column>\w+) - (?P=column)\)? FROM t WHERE"
    rf" \(?(?P<one>{_TEST}) (?:AND|OR) (?P<other>{_TEST})\)?$"
)
_BOTH: Final = re.compile(
    r"(?P<column>[^\W\d]\w*) ILIKE '(?P<one>(?:[^']|'')*)' AND (?P=column) ILIKE '(?P<other>(?:[^']|'')*)'"
)
_GROUPED: Final = re.compile(r"\bGROUP\s+BY\b", re.IGNORECASE)
MOST: Final = 20_000  # cells of a column that are looked at: some tenths of a second
_ENOUGH: Final = 0.5  # share of the words of a text that must stand in the cell which is meant


def grounded(sql: str, table: Rows) -> str:
    """Return the SQL comparing without case, with cells that are there, and giving cells as they stand."""
    texts = {
        column.name: list(dict.fromkeys(str(row[place]) for row in table.cells if row[place]))[:MOST]
        for place, column in enumerate(table.columns)
        if column.type == "text"
    }
    measured = _measured(_as_it_stands(sql, texts), texts, frozenset(column.name for column in table.columns))
    compared = _COMPARED.sub(lambda found: _compared(found, texts), measured)
    return _APART.sub(_apart, _BOTH.sub(lambda found: _either(found, texts), compared))


def _as_it_stands(sql: str, texts: dict[str, list[str]]) -> str:
    """Select the cell itself where the SQL selects what was computed from it to compare with."""
    found = _DERIVED.match(sql)
    if not found or found[2].lower() not in texts or _GROUPED.search(sql):
        return sql
    return f"{found[1]}{found[2]}{sql[found.end() :]}"


def _measured(sql: str, texts: dict[str, list[str]], names: frozenset[str]) -> str:
    """Order by, compute with and compare as numbers what was computed from a text, not the text."""

    def put(found: re.Match[str]) -> str:
        name = found["column"]
        made = (f"{name}_{end}" for end in ("date", "minutes", "number"))
        other = next((item for item in made if item in names), name) if name in texts else name
        return f"{found['before']}{other}"

    for pattern in _AS_NUMBERS:
        sql = pattern.sub(put, sql)
    return sql


def _apart(found: re.Match[str]) -> str:
    """Subtract the value of one row from another's, where a column was subtracted from itself."""
    one, other = (
        f"(SELECT {found['column']} FROM t WHERE {found[which]} LIMIT 1)" for which in ("one", "other")
    )
    return f"SELECT {one} - {other}"


def _compared(found: re.Match[str], texts: dict[str, list[str]]) -> str:
    column = found["column"].strip('"').lower()
    if column not in texts:
        return found[0]
    said = found["text"].replace("''", "'")
    bare = said.strip("%").strip()
    place, pattern = _meant(column, bare, said, texts)
    negated = found["not"] or found["how"] in ("!=", "<>")
    return f"{identifier(place)} {'NOT ' * bool(negated)}ILIKE '{pattern.replace(chr(39), chr(39) * 2)}'"


def _either(found: re.Match[str], texts: dict[str, list[str]]) -> str:
    """Look for the one or the other where no cell can be like both: "the votes of both A and B"."""
    one, other = (found[name].replace("''", "'") for name in ("one", "other"))
    if any(_like(one, cell) and _like(other, cell) for cell in texts.get(found["column"].lower(), [])):
        return found[0]
    column = found["column"]
    return f"({column} ILIKE '{found['one']}' OR {column} ILIKE '{found['other']}')"


def _meant(column: str, bare: str, said: str, texts: dict[str, list[str]]) -> tuple[str, str]:
    """Return the column and the pattern that find what is meant, those given where nothing does."""
    if not bare or "_" in said or any(_like(said, cell) for cell in texts[column]):
        return column, said
    for name in (column, *texts):
        if any(_like(f"%{bare}%", cell) for cell in texts[name]):
            return name, f"%{bare}%"
    for name in (column, *texts):
        if cell := _nearest(bare, texts[name]):
            return name, cell
    return column, said


def _like(pattern: str, cell: str) -> bool:
    """Whether a cell is like the pattern, in which % stands for anything."""
    first, *others = pattern.casefold().split("%")
    cell = cell.casefold()
    if not others:
        return cell == first
    if not cell.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = cell.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(cell) - at >= len(others[-1]) and cell.endswith(others[-1])


def _nearest(text: str, cells: Sequence[str]) -> str:
    """Return the cell that has most of the text's words, "" if none has enough of them."""
    words = frozenset(telling(text))
    if not words:
        return ""
    shares = [(len(words & frozenset(telling(cell))) / len(words), -len(cell), cell) for cell in cells]
    best = max(shares, default=(0.0, 0, ""))
    return best[2] if best[0] > _ENOUGH else ""
