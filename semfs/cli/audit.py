"""`semfs audit`: check the audit trail of each index, and say where it does not hold."""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from pathlib import Path

from semfs.config import Config, data_dir
from semfs.errors import SemfsError, StoreError, UsageError
from semfs.store import audit

SHOWN = 20  # breaks of one trail


def run(arguments: argparse.Namespace, config: Config) -> int:
    broken = 0
    for path in _databases(arguments.names):
        found, head = check(path, noted=arguments.head or "")
        name = path.parent.name
        if not found:
            print(f"{name}: {head.id} lines, unbroken; its head is {head.hash}")
            continue
        broken += 1
        for place in found[:SHOWN]:
            print(f"{name}: {place}")
        if len(found) > SHOWN:
            print(f"{name}: and {len(found) - SHOWN} more")
    if broken:
        raise SemfsError(f"{broken} audit trail{'s' * (broken > 1)} changed by something else than semfs")
    return 0


def check(path: Path, *, noted: str = "") -> tuple[list[audit.Break], audit.Head]:
    """Return where the trail in a state.db does not hold, and its head; raises StoreError.

    Read in one transaction, so that a mount may go on writing.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            db.execute("BEGIN")
            head = audit.head_of(db)
            return audit.breaks(audit.lines_of(db), head, noted=noted), head
    except sqlite3.DatabaseError as error:
        raise StoreError(str(path), f"its audit trail cannot be read: {error}") from error


def _databases(names: list[str]) -> list[Path]:
    """Return the state.db of these indexes, of all that there are if none is named."""
    if names:
        found = [data_dir(name) / "state.db" for name in names]
        missing = [path.parent.name for path in found if not path.exists()]
        if missing:
            raise UsageError(f"there is no index {missing[0]!r} in {data_dir('.').resolve()}")
        return found
    return sorted(data_dir(".").glob("*/state.db"))
