"""What lies on the disk is deleted or locked, or has no room: the mount goes on answering."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import ExitStack, closing

import pytest

from .conftest import PLAN, House, patience, running

REQUEST = f"cat > \"$MNT/run\" <<'.'\n{PLAN}."
EVERY = REQUEST.replace("plan", 'every="daily 4:00" plan').replace("/run", "/jobs/every/often")
HELD = """printf '#!semfs hold plan\\nsave(find("boat"), "list.txt")\\n' > "$MNT/run" """
CHANGES = (
    REQUEST,
    'echo "when is the boat washed?" > "$MNT/run"',
    'mkdir "$MNT/saved/garden"',
    'mv "$MNT/saved/boat" "$MNT/saved/harbour"',
    'rm "$MNT/saved/tomatoes/01_garden.md"',
    'ln -s "$PWD/src/boat.txt" "$MNT/saved/tomatoes"',
    'rm -r "$MNT/saved/tomatoes"',
    'mv "$MNT/jobs/every/often" "$MNT/jobs/every/seldom"',
    'rm "$MNT/jobs/every/second"',
    EVERY,
    'echo "priority high" > "$MNT/jobs/1/ctl"',
    'rm -r "$MNT/jobs/1"',
)


def looks(house: House) -> None:
    """Look everywhere."""
    for place in ("", "saved", "jobs", "jobs/every", "search/boat"):
        house(f'ls "$MNT/{place}"')
    house('cat "$MNT/sys/status"')


def test_a_catalogue_that_is_deleted_is_built_again_while_everything_answers(house: House) -> None:
    house('mkdir "$MNT/saved/tomatoes"')
    for file in house.data.glob("catalog.db*"):
        file.unlink()
    looks(house)
    house.run('ls "$MNT/saved/tomatoes"')
    (house.src / "new.txt").write_text("The tomatoes are red.\n")
    house.until('ls "$MNT/saved/tomatoes"', lambda text: "new.txt" in text and "garden.md" in text)


def test_a_catalogue_that_another_program_locks_can_be_read_and_grows_later(house: House) -> None:
    with closing(sqlite3.connect(house.data / "catalog.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        (house.src / "new.txt").write_text("The tomatoes are red.\n")
        for _ in range(3):
            looks(house)
            house.run(REQUEST)
        house('mkdir "$MNT/saved/tomatoes" && ls "$MNT/saved/tomatoes"')
        with house.reader() as reader:
            house.until_told("requests", 1)
            reader.kill()
        other.execute("ROLLBACK")
    house.until('ls "$MNT/search/tomatoes"', lambda text: "new.txt" in text, seconds=60)


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_state_that_another_program_locks_is_shown_and_what_is_written_is_refused(
    house: House, how: str
) -> None:
    house(
        f'mkdir "$MNT/saved/boat" "$MNT/saved/tomatoes"\n{EVERY}\n{EVERY.replace("often", "second")}\n{HELD}'
    )
    house.until('cat "$MNT/jobs/1/status"', lambda text: text == "held\n")
    with closing(sqlite3.connect(house.data / "state.db", isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        with ExitStack() as crowd:  # its members must not wait for each other either
            writers = [crowd.enter_context(running(house.bash(REQUEST))) for _ in range(30)]
            looks(house)
            assert [writer.wait(patience()) for writer in writers] == [1] * 30
        house('ls "$MNT/saved/boat" "$MNT/jobs/1"; cat "$MNT/jobs/every/often" "$MNT/jobs/1/status"')
        for write in CHANGES:
            refused = house.run(write)
            assert refused.returncode != 0, write
            assert "Resource temporarily unavailable" in refused.stderr, write
        looks(house)
    assert (
        house('ls "$MNT/saved" "$MNT/jobs"').split()
        == f"{house.mnt}/jobs: 1 every last {house.mnt}/saved: boat tomatoes".split()
    )
    for write in CHANGES:
        house(write)


def test_a_full_disk_is_said_at_once_and_only_where_something_is_written(asleep: House) -> None:
    disk = asleep.base / "data"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", disk], check=False).returncode:
        pytest.skip("only root can make a small disk: run the tests as root to try this")
    try:
        asleep.start()
        asleep.indexed()
        filler = disk / "filler"
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={filler}", "status=none"], check=False, stderr=subprocess.DEVNULL
        )
        for write in (REQUEST, EVERY, 'mkdir "$MNT/saved/boat"'):
            refused = asleep.run(write)
            assert refused.returncode != 0
            assert "No space left on device" in refused.stderr
        looks(asleep)
        filler.unlink()
        asleep(REQUEST)
        asleep.until('cat "$MNT/jobs/last/status"', lambda text: text == "done\n")
        asleep('mkdir "$MNT/saved/boat"')
    finally:
        asleep.end()
        subprocess.run(["umount", "--lazy", disk], check=False)
