"""Saved queries in `state.db`, and which files were left out of them or pinned in them.

Any thread of the mount process may call, as with `State`, whose connection this uses.
"""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass

from semfs.errors import AlreadyExists, NoSuchEntry
from semfs.store.state import State


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that was left out of a saved query, or pinned in it."""

    path: str
    hash: bytes  # of its content when it was last seen there, b"" if that is not known
    pinned: bool
    name: str = ""  # that the link of a pinned file was given


class SavedQueries:
    """The saved queries by name."""

    def __init__(self, state: State) -> None:
        self._state = state

    def names(self) -> dict[str, float]:
        """Return the names with the times at which they were made, in the order of the names."""
        return dict(self._state.rows("SELECT name, created FROM saved ORDER BY name"))

    def created(self, name: str) -> float | None:
        """Return when it was made, None if there is no such saved query."""
        rows = self._state.rows("SELECT created FROM saved WHERE name = ?", (name,))
        return float(rows[0][0]) if rows else None

    def add(self, name: str) -> None:
        with self._state.transaction() as db:
            if self.created(name) is not None:
                raise AlreadyExists(name)
            db.execute("INSERT INTO saved (name, created) VALUES (?, ?)", (name, time.time()))

    def remove(self, name: str) -> None:
        """Forget a saved query with its choices."""
        with self._state.transaction() as db:
            db.execute("DELETE FROM saved WHERE id = ?", (self._id(db, name),))

    def rename(self, old: str, new: str) -> None:
        """Give it another name, which is another query; its choices stay."""
        with self._state.transaction() as db:
            id = self._id(db, old)
            if old != new and self.created(new) is not None:
                raise AlreadyExists(new)
            db.execute("UPDATE saved SET name = ? WHERE id = ?", (new, id))

    def choices(self, name: str) -> list[Choice]:
        """Return what was decided, oldest first; nothing for a name that is not saved."""
        sql = (
            "SELECT path, hash, pinned, choices.name FROM choices JOIN saved ON saved.id = saved"
            " WHERE saved.name = ? ORDER BY choices.id"
        )
        return [
            Choice(os.fsdecode(path), hash, bool(pinned), link)
            for path, hash, pinned, link in self._state.rows(sql, (name,))
        ]

    def choose(self, name: str, choice: Choice) -> None:
        """Put a choice about a file in the place of what was decided about it before."""
        with self._state.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO choices (saved, path, hash, pinned, name) VALUES (?, ?, ?, ?, ?)",
                (self._id(db, name), os.fsencode(choice.path), choice.hash, choice.pinned, choice.name),
            )

    def undo(self, name: str, path: str) -> None:
        """Forget what was decided about a file, if anything was."""
        with self._state.transaction() as db:
            db.execute(
                "DELETE FROM choices WHERE saved = ? AND path = ?", (self._id(db, name), os.fsencode(path))
            )

    def follow(self, name: str, path: str, now: Choice) -> None:
        """Note that the file of a choice lies elsewhere or has another content now."""
        with self._state.transaction() as db:
            db.execute(
                "UPDATE OR REPLACE choices SET path = ?, hash = ? WHERE saved = ? AND path = ?",
                (os.fsencode(now.path), now.hash, self._id(db, name), os.fsencode(path)),
            )

    @staticmethod
    def _id(db: sqlite3.Connection, name: str) -> int:
        row = db.execute("SELECT id FROM saved WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise NoSuchEntry(f"there is no saved query {name}")
        return int(row[0])
