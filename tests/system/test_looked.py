"""What somebody looks at during an import gets its meaning before everything else."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time

from .conftest import Shell

MANY = 600  # files of a passage each: eight seconds of embedding
LEFT = 60  # passages that wait at least when the old file has its vector: it would be the last of all
PATIENCE_S = 300.0


def passages(sh: Shell) -> dict[str, int]:
    """Return how many passages there are in all and without a vector, and whether the old file has its own."""
    path = next((sh.home / ".local/share/semfs").glob("*/catalog.db"))
    old = os.fsencode(sh.src / "old.txt")
    counts = "SELECT value FROM counts WHERE what = ?"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return {
            "all": db.execute(counts, ("passages",)).fetchone()[0],
            "waiting": db.execute(counts, ("waiting",)).fetchone()[0],
            "old": db.execute("SELECT embedded FROM files WHERE path = ?", (old,)).fetchone()[0],
        }


def test_an_old_file_that_is_listed_is_embedded_next(fresh: Shell) -> None:
    config = fresh.home / ".config/semfs/semfs.conf"
    config.write_text(config.read_text() + "[index]\npause_on_load = false\npause_on_battery = false\n")
    for number in range(MANY):
        text = f"Heron number {number} stands in the reeds of pond {number % 7} and waits for frogs. " * 8
        (fresh.src / f"{number}.txt").write_text(text)
    old = fresh.src / "old.txt"
    old.write_text("The zebra crossed the harbour at noon.")
    os.utime(old, (1e9, 1e9))  # the newest files come first
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    fresh.until('ls "$MNT/search/zebra"', lambda text: "old.txt" in text)
    end = time.monotonic() + PATIENCE_S
    while not (now := passages(fresh))["old"] or now["all"] < MANY:
        assert time.monotonic() < end, now
        fresh('ls "$MNT/search/zebra crossed the harbour"')
        time.sleep(0.1)
    assert now["waiting"] >= LEFT
