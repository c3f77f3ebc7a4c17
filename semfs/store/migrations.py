"""Bring a database of the user's own to the newest schema: in order, each with a backup before it.

Called once by whoever opens the database to write, before any other thread uses it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from semfs.errors import StateNewer

SCRIPTS = ("state.sql", "state-2.sql", "state-3.sql")


def migrations() -> tuple[str, ...]:
    """Return the scripts; the first makes an empty database version 1, and none is ever edited."""
    return tuple(resources.files(__package__).joinpath(name).read_text("utf-8") for name in SCRIPTS)


def migrate(connection: sqlite3.Connection, path: Path, scripts: Sequence[str]) -> None:
    """Turn the write-ahead log on and run the scripts that are missing, each in its own transaction.

    Raises StateNewer, having changed nothing, if a newer semfs wrote the file.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(scripts):
        raise StateNewer(
            str(path),
            f"it was written by a newer semfs (version {version}, this one knows {len(scripts)});"
            " it is left untouched: install that version again",
        )
    connection.execute("PRAGMA journal_mode = WAL")
    for number, script in enumerate(scripts[version:], start=version + 1):
        if number > 1:
            _back_up(connection, path.with_name(f"{path.name}.v{number - 1}.bak"))
        _run(connection, script, number)


def _run(connection: sqlite3.Connection, script: str, number: int) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    """Copy the database; the copy has its name only once it is whole."""
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    copy = sqlite3.connect(part)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    part.chmod(0o600)
    os.replace(part, target)
