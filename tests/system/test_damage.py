"""What is derived may be damaged in any way: it is built again, and the mount goes on answering."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Shell

PATIENCE_S = 60


def flipped(path: Path) -> None:
    """Change bytes all over the file, in place."""
    chance = random.Random(1)
    size = path.stat().st_size
    with path.open("r+b") as file:
        for place in range(0, size, 512):
            file.seek(place + chance.randrange(512))
            file.write(chance.randbytes(1))


def headless(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(200))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def deleted(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def torn(path: Path) -> None:
    """Damage what has not gone from the log into the file."""
    log = path.with_name(f"{path.name}-wal")
    flipped(log)


DAMAGES = (flipped, headless, cut, emptied, deleted, a_folder, torn)


def folder_of(sh: Shell) -> Path:
    return next(Path(sh.home, ".local/share/semfs").glob("*/state.db")).parent


def indexed(sh: Shell, word: str) -> None:
    """Wait until the word is found again; all the while listing must work, and end."""
    until = time.monotonic() + PATIENCE_S
    while True:
        done = sh.run(f'ls "$MNT/search/{word}"; cat "$MNT/sys/status"', timeout=20)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "cannot access" not in done.stderr
        if "garden.md" in done.stdout:
            return
        assert time.monotonic() < until, done.stdout
        time.sleep(0.2)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_catalogue_is_built_again_while_the_mount_answers(
    fresh: Shell, damage: Callable[[Path], None]
) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    indexed(fresh, "tomatoes")
    fresh('mkdir "$MNT/saved/watered tomatoes"')
    home = folder_of(fresh)
    mount = fresh.pid()
    damage(home / "catalog.db")
    # A new word is only found where the catalogue is written again.
    (fresh.src / "garden.md").write_text("# Garden\n\nThe pumpkins are watered on Fridays.\n")
    indexed(fresh, "pumpkins")
    assert fresh.pid() == mount
    assert fresh('ls "$MNT/saved"') == "watered tomatoes\n"
    fresh.until('grep -c "built again" "$MNT/sys/status"; true', lambda text: text == "0\n")


def test_a_catalogue_that_was_damaged_between_two_mounts_is_built_again(fresh: Shell) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    indexed(fresh, "tomatoes")
    fresh('semfs umount "$MNT"')
    flipped(folder_of(fresh) / "catalog.db")
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    indexed(fresh, "tomatoes")


def test_a_catalogue_of_another_version_is_replaced(fresh: Shell) -> None:
    import sqlite3

    fresh('semfs mount "$SRC" "$MNT" --daemon')
    indexed(fresh, "tomatoes")
    fresh('semfs umount "$MNT"')
    with sqlite3.connect(folder_of(fresh) / "catalog.db") as database:
        database.execute("PRAGMA user_version = 3")
        database.execute("DROP TABLE counts")
    database.close()
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    indexed(fresh, "tomatoes")


def test_ingest_killed_in_the_middle_of_building_again_goes_on(fresh: Shell) -> None:
    for number in range(300):
        (fresh.src / f"{number}.txt").write_text(f"note {number} about the harbour\n")
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    indexed(fresh, "tomatoes")
    home = folder_of(fresh)
    shutil.rmtree(home / "words", ignore_errors=True)
    headless(home / "catalog.db")
    for _ in range(3):
        time.sleep(1)
        with contextlib.suppress(StopIteration):  # it is being started
            os.kill(fresh.pid("_ingest"), 9)
    indexed(fresh, "tomatoes")
    fresh.until('cat "$MNT/sys/status"', lambda text: "302 indexed" in text)
