"""The catalogue's own full text: what a transaction changes in it, written at the transaction's end.

FTS5 collects rows in memory and writes them out as one segment, to be merged with others later.  It does
so early where a row number goes down, and before any statement that may fail half-way, as every change
of a table with a trigger may: between them each file became a segment, and merging took longer than
all the rest.  So rows wait here until the tables are done, and go in in their order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

INSERT = "INSERT INTO {table} (rowid, {columns}) VALUES (?, ?, ?)"
DELETE = "INSERT INTO {table} ({table}, rowid, {columns}) VALUES ('delete', ?, ?, ?)"
COLUMNS = {"passages_fts": "text, heading", "names_fts": "name, title"}

Row = tuple[int, str, str]  # row number, and the analysed words of both columns


class FullText:
    """The rows that are still to be written; for the one writer of the catalogue."""

    def __init__(self) -> None:
        self._changes: dict[str, list[tuple[str, Row]]] = {table: [] for table in COLUMNS}

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        self._note(INSERT, table, rows)

    def delete(self, table: str, rows: Iterable[Row]) -> None:
        """Take rows out, by the words that they were written with."""
        self._note(DELETE, table, rows)

    def _note(self, statement: str, table: str, rows: Iterable[Row]) -> None:
        sql = statement.format(table=table, columns=COLUMNS[table])
        self._changes[table] += [(sql, row) for row in rows]

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what has been noted; a row that was taken out and put in again in that order."""
        for changes in self._changes.values():
            changes.sort(key=lambda change: change[1][0])
            for sql, group in groupby(changes, key=itemgetter(0)):
                connection.executemany(sql, [row for _, row in group])
        self.forget()

    def forget(self) -> None:
        """Drop what has been noted, as the transaction was given up."""
        for changes in self._changes.values():
            changes.clear()
