"""What is missing, damaged or full is said clearly, and nothing is lost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import Shell

MOUNT = 'semfs mount "$SRC" "$MNT" --daemon'


def use_model(sh: Shell, name: str) -> None:
    (sh.home / ".config/semfs/semfs.conf").write_text(f'[engine]\nmodel = "{name}"\n')


def indexed(sh: Shell) -> None:
    sh.until('ls "$MNT/search/tomatoes"', lambda text: "garden.md" in text)


def test_a_missing_model_is_named_with_the_way_to_get_it(fresh: Shell) -> None:
    fresh.environment["XDG_CACHE_HOME"] = str(fresh.home / "empty")
    fresh(MOUNT)
    indexed(fresh)  # by words
    assert "semfs model pull qwen2.5-coder-0.5b" in fresh('cat "$MNT/ask/when are the tomatoes watered?"')
    fresh('echo "list the notes" > "$MNT/run"')
    assert fresh('cat "$MNT/jobs/last/wait"') == "failed\n"
    assert "semfs model pull qwen2.5-coder-0.5b" in fresh('cat "$MNT/jobs/last/error"')


def test_a_damaged_model_is_never_used(fresh: Shell) -> None:
    damaged = fresh.home / "damaged.gguf"
    damaged.write_bytes(b"GGUF" + os.urandom(4096))
    use_model(fresh, str(damaged))
    fresh(MOUNT)
    indexed(fresh)
    answer = fresh('cat "$MNT/ask/when are the tomatoes watered?"')
    assert str(damaged) in answer
    assert "garden.md" in fresh('ls "$MNT/search/tomatoes"')


def test_what_may_not_be_read_costs_only_itself(fresh: Shell) -> None:
    if os.geteuid() == 0:
        fresh.enter = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    for folder in ("closed", "listed", "passed"):
        (fresh.src / folder).mkdir()
        (fresh.src / folder / "hidden.txt").write_text("The safe is behind the painting.")
    (fresh.src / "denied.txt").write_text("The key is under the mat.")
    fresh('cd "$SRC"; chmod 000 closed denied.txt; chmod 444 listed; chmod 311 passed')
    try:
        fresh(MOUNT)
        indexed(fresh)
        errors = 'cat "$MNT/sys/errors/all.tsv"'
        fresh.until(errors, lambda text: f"{fresh.src}/denied.txt" in text and "Permission denied" in text)
        status = fresh('cat "$MNT/sys/status"')
        for folder in ("closed", "listed", "passed"):
            assert f"{fresh.src}/{folder}: Permission denied" in status
        fresh('cd "$SRC"; chmod 755 closed; chmod 644 denied.txt')
        fresh.until('ls "$MNT/search/key under the mat"', lambda text: "denied.txt" in text)
        fresh.until('ls "$MNT/search/safe behind the painting"', lambda text: "hidden.txt" in text)
        fresh.until(errors, lambda text: "Permission" not in text)
    finally:
        fresh('cd "$SRC"; chmod -R 755 .')


def test_a_full_disk_fails_the_job_and_nothing_else(fresh: Shell) -> None:
    full = fresh.home / ".local/share"
    full.mkdir(parents=True)
    if fresh.run(f"mount -t tmpfs -o size=6m none {full}").returncode:
        pytest.skip("only root can make a small disk: run the tests as root to try this")
    try:
        fresh(MOUNT)
        indexed(fresh)
        fresh.run(f"cat /dev/zero > {full}/filler")
        refused = fresh.run('printf "#!semfs plan\\nsave(find(\\"boat\\"), \\"list.txt\\")\\n" > "$MNT/run"')
        assert "No space left on device" in refused.stderr
        assert "boat.txt" in fresh('ls "$MNT/search/boat in Kappeln"')
        fresh(f"rm {full}/filler")
        fresh('printf "#!semfs plan\\nsave(find(\\"boat\\"), \\"list.txt\\")\\n" > "$MNT/run"')
        assert fresh('cat "$MNT/jobs/last/wait"') == "done\n"
        assert "boat.txt" in fresh('cat "$MNT/jobs/last/out/list.txt"')
        fresh('echo "The kayak is red." > "$SRC/kayak.txt"')
        fresh.until('ls "$MNT/search/red kayak"', lambda text: "kayak.txt" in text, timeout=90)
    finally:
        fresh('semfs umount --lazy "$MNT"')
        fresh(f"umount --lazy {full}")


def test_a_catalogue_that_was_deleted_or_damaged_is_built_again(fresh: Shell) -> None:
    fresh(MOUNT)
    indexed(fresh)
    fresh('semfs umount "$MNT"')
    catalog = next(Path(fresh.home, ".local/share/semfs").glob("*/catalog.db"))
    catalog.write_bytes(os.urandom(65536))
    fresh(MOUNT)
    indexed(fresh)
    fresh('semfs umount "$MNT"')
    for file in catalog.parent.glob("catalog.db*"):
        file.unlink()
    fresh(MOUNT)
    indexed(fresh)


def test_a_job_goes_on_after_the_mount_was_killed(fresh: Shell) -> None:
    fresh(MOUNT)
    indexed(fresh)
    plan = '#!semfs plan\\nnotes = find(\\"\\")\\ntext = summarize(notes)\\nsave(text, \\"notes.md\\")\\n'
    fresh(f'printf "{plan}" > "$MNT/run"')
    fresh.until('cat "$MNT/jobs/1/status"', lambda text: text == "running\n")
    fresh(f"kill -9 {fresh.pid()}")
    fresh.until(MOUNT, lambda text: True)
    assert fresh('cat "$MNT/jobs/1/wait"', timeout=180) == "done\n"
    assert fresh('cat "$MNT/jobs/1/out/notes.md"').strip()


def test_no_python_file_of_the_folder_is_ever_imported(fresh: Shell) -> None:
    trap = f"open({str(fresh.home / 'sprung')!r}, 'w')\n"
    for name in ("json.py", "numpy.py", "duckdb.py", "semfs.py", "onnxruntime.py", "sitecustomize.py"):
        (fresh.src / name).write_text(trap)
    fresh(f'cd "$SRC"; {MOUNT}')
    indexed(fresh)
    plan = 'files = find(\\"boat\\")\\nrows = table(\\"select count(*) n from files\\", files)\\nsave(rows, \\"n.csv\\")'
    fresh(f'cd "$SRC"; printf "#!semfs plan\\n{plan}\\n" > "$MNT/run"')
    assert fresh('cat "$MNT/jobs/last/wait"') == "done\n"
    assert not (fresh.home / "sprung").exists()


def test_killing_the_children_of_a_mount_changes_no_result(fresh: Shell) -> None:
    fresh(MOUNT)
    indexed(fresh)
    plan = 'told = summarize(find(\\"\\"))\\nsave(told, \\"told.md\\")'
    request = f'printf "#!semfs plan\\n{plan}\\n" > "$MNT/run"'
    fresh(request)
    fresh.until('cat "$MNT/jobs/1/log"', lambda text: "summarize" in text)
    fresh.until('cat "$MNT/sys/engine"', lambda text: "not running" not in text)
    fresh(f"kill -9 {fresh.pid('_engine')} {fresh.pid('_ingest')}")
    ended = fresh('cat "$MNT/jobs/1/wait" "$MNT/jobs/1/error"', timeout=300)
    assert ended == "done\n"
    fresh(request)
    assert fresh('cat "$MNT/jobs/2/wait"', timeout=300) == "done\n"
    fresh('cmp "$MNT/jobs/1/out/told.md" "$MNT/jobs/2/out/told.md"')
    assert fresh('grep -c "step .*: told = " "$MNT/jobs/1/log"') == "1\n"
    assert fresh("semfs audit").endswith("\n") and "unbroken" in fresh("semfs audit")


def test_a_request_with_a_time_survives_the_mount(fresh: Shell) -> None:
    fresh(MOUNT)
    indexed(fresh)
    fresh(
        'printf "#!semfs every=\\"daily 4:00\\" plan\\nsave(find(\\"boat\\"), \\"boats.txt\\")\\n"'
        ' > "$MNT/jobs/every/boats"'
    )
    assert "# next: " in fresh('cat "$MNT/jobs/every/boats"')
    fresh(f"kill -9 {fresh.pid()}")
    state = next(Path(fresh.home, ".local/share/semfs").glob("*/state.db"))
    with closing(sqlite3.connect(state)) as db, db:
        db.execute("UPDATE schedules SET reached = reached - 3 * 86400")  # as if it had been off for days
    fresh.until(MOUNT, lambda text: True)
    fresh.until('ls "$MNT/jobs/every"', lambda text: "boats.runs" in text)
    fresh('cat "$MNT/jobs/last/wait"')
    assert fresh('ls "$MNT/jobs"') == "1\nevery\nlast\n"
    assert "boat.txt" in fresh('cat "$MNT"/jobs/every/boats.runs/*/out/boats.txt')
    assert "every/boats" in fresh('cat "$MNT/sys/audit.log"')
    fresh('rm "$MNT/jobs/every/boats"; [ -z "$(ls "$MNT/jobs/every")" ]')
