"""A superficial look at the SQL of `table`, before any file is read.  Pure.

It is no parser: DuckDB is that, locked down in a process of its own, when the step runs.
What is seen here is what a model or a person most often gets wrong: more than one
statement, something else than a SELECT, tables and columns that the plan does not have.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(
    r"""\s+ | --[^\n]* | /\*.*?(?:\*/|\Z)
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>\d[\w.]*)
    | (?P<word>[^\W\d]\w*)
    | (?P<mark>::|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)

_WORD = re.compile(r"\w+")

# Words of SQL itself, which are no columns, and types in casts.
_KEYWORDS = frozenset(
    _WORD.findall(
        """
    all and any array as asc between bigint boolean by case cast cross date day decimal desc distinct
    double else end escape except exclude exists extract false filter first following for from full glob
    group having hour if ilike in inner int integer intersect interval into is isnull join last lateral
    left like limit list minute month natural not notnull null nulls numeric offset on or order outer
    over partition pivot preceding qualify quarter range real recursive replace right row rows sample
    second select semi anti asof set similar struct table text then time timestamp to true try_cast
    unbounded union unnest unpivot using values varchar when where window with within year week
    current_date current_timestamp current_time today
    """
    )
)

# A name after one of these is a column and not a name that the SQL gives to something.
_BEFORE_A_COLUMN = tuple(
    _WORD.findall("select distinct all where and or not by on having when then else case in like between is")
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, name, number, text or mark of SQL."""

    form: str
    text: str

    def says(self, *words: str) -> bool:
        return self.form in ("word", "mark") and self.text.lower() in words


def tokens(sql: str) -> list[Token]:
    """Cut SQL into tokens, comments and space left out."""
    found = []
    for match in _TOKEN.finditer(sql):
        if match.lastgroup == "quoted":
            found.append(Token("name", match.group()[1:-1].replace('""', '"')))
        elif match.lastgroup:
            found.append(Token(match.lastgroup, match.group()))
    return found


def complaint(sql: str, tables: Mapping[str, Iterable[str]]) -> str:
    """Return what is wrong with the SQL in one sentence, or "" if nothing is seen.

    `tables` are the variables that the call was given, with their columns; no columns
    where they are not known.
    """
    words = tokens(sql)
    if not words or not words[0].says("select", "with", "from"):
        return "the SQL must be one SELECT"
    if any(word.says(";") for word in words[:-1]):
        return "the SQL must be a single statement"
    own = _defined(words)
    used = _tables(words)
    for name in used:
        if name.lower() not in {item.lower() for item in tables} | own:
            return _unknown("table", name, tables, f"table(..., {name})")
    for name in missing_columns(sql, tables):
        columns = [item for given in tables.values() for item in given]
        return _unknown("column", name, columns, f"columns are {', '.join(columns)}")
    return ""


def table_names(sql: str) -> list[str]:
    """Return the names that the SQL uses as tables."""
    return _tables(tokens(sql))


def missing_columns(sql: str, tables: Mapping[str, Iterable[str]]) -> list[str]:
    """Return names that can only be columns and are none; nothing where that cannot be said."""
    words = tokens(sql)
    known = {name: tuple(columns) for name, columns in tables.items()}
    if not words or _defined(words) or not all(known.values()) or len(_tables(words)) > 1:
        return []
    names = {item.lower() for columns in known.values() for item in columns} | {t.lower() for t in known}
    names |= _aliases(words)
    return list(dict.fromkeys(name for name in _plain_names(words) if name.lower() not in names))


def fitted(sql: str, tables: Mapping[str, Iterable[str]]) -> str:
    """Return the SQL with names of columns that stand for one that is there: `price` for `unit_price`.

    What a plan says of a table that lies in a file is guessed from the request.
    """
    columns = [item for given in tables.values() for item in given]
    for name in missing_columns(sql, tables):
        within = [item for item in columns if name.lower() in item.lower() or item.lower() in name.lower()]
        near = within or difflib.get_close_matches(name.lower(), columns, n=2, cutoff=0.75)
        if len(near) == 1:
            sql = _renamed(sql, name, identifier(near[0]))
    return sql


def _renamed(sql: str, name: str, other: str) -> str:
    """Replace a name, but not in quoted texts."""
    pattern = rf"'(?:[^']|'')*'|\b{re.escape(name)}\b"
    return re.sub(pattern, lambda found: found[0] if found[0].startswith("'") else other, sql)


def sums(sql: str, column: str) -> bool:
    """Return whether the SQL computes with a column, so that it must be a number."""
    return any(
        a.says("sum", "avg", "median", "stddev") and b.says("(") and c.text == column
        for a, b, c in zip(*(tokens(sql)[start:] for start in range(3)), strict=False)
    )


def identifier(name: str) -> str:
    """Return a name as SQL may write it: quoted if it is a word of SQL itself."""
    return f'"{name}"' if name.lower() in _KEYWORDS else name


def _plain_names(words: list[Token]) -> Iterable[str]:
    """Return the words that are no keywords and no functions."""
    for word, follows in zip(words, [*words[1:], Token("", "")], strict=True):
        if word.form == "word" and word.text.lower() not in _KEYWORDS and not follows.says("("):
            yield word.text


def _defined(words: list[Token]) -> set[str]:
    """Return the names of WITH, in lower case: `name as (` and `name (columns) as (`."""
    if not words[0].says("with"):
        return set()
    return {
        word.text.lower()
        for word, after, opening in zip(words, words[1:], words[2:], strict=False)
        if word.form in ("word", "name")
        and ((after.says("as") and opening.says("(")) or (after.says("(") and words[0].says("with")))
    }


def _tables(words: list[Token]) -> list[str]:
    """Return the names after FROM, JOIN and the commas of a FROM list."""
    found = []
    inside: list[str] = [""]  # for each open bracket, the word before it
    listing: list[bool] = [False]  # whether a FROM list is open at this depth
    for index, word in enumerate(words):
        before = words[index - 1] if index else Token("", "")
        if word.says("("):
            inside.append(before.text.lower() if before.form == "word" else "")
            listing.append(False)
        elif word.says(")") and len(inside) > 1:
            inside.pop()
            listing.pop()
        elif word.says("from", "join") and inside[-1] not in ("extract", "trim", "substring"):
            listing[-1] = not before.says("distinct")  # IS DISTINCT FROM
        elif word.form in ("word", "name"):
            starts = before.says("from", "join") or before.says(",")
            follows = words[index + 1] if index + 1 < len(words) else Token("", "")
            if listing[-1] and starts and not follows.says("(") and not word.says("lateral", "unnest"):
                found.append(word.text)
            if word.form == "word" and word.text.lower() in (
                "where",
                "group",
                "order",
                "having",
                "limit",
                "on",
            ):
                listing[-1] = False
    return found


def _aliases(words: list[Token]) -> set[str]:
    """Return the names that the SQL itself gives: after AS, and after a value or a table."""
    found = set()
    for before, word in pairwise(words):
        if word.form not in ("word", "name") or word.text.lower() in _KEYWORDS:
            continue
        after_value = before.form != "mark" and not before.says(*_BEFORE_A_COLUMN)
        if before.says("as", ")") or after_value:
            found.add(word.text.lower())
    return found


def _unknown(what: str, name: str, known: Iterable[str], hint: str) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    suggestion = f"did you mean '{close[0]}'?" if close else hint
    return f"the SQL names the {what} '{name}', which is not there: {suggestion}"
