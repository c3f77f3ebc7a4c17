"""A job's directory stays readable whatever a crash or a full disk has left in it."""

from __future__ import annotations

from pathlib import Path

from semfs.jobs.folder import Folder


def test_a_name_in_the_log_cannot_pass_for_a_line_of_its_own(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.log("skipped /a\n2024-01-01 00:00:00  done\x1b[2J")
    folder.log("program:\n    if x:\n    \ty()")
    lines = folder.read("log").splitlines()
    assert lines[1] == "    2024-01-01 00:00:00  done\ufffd[2J"
    assert lines[3:] == ["    if x:", "    \ty()"]


def test_a_journal_is_read_without_the_lines_that_a_full_disk_cut_off(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create()
    folder.append("a.tasks", ["/1", {}])
    with (tmp_path / "steps" / "a.tasks").open("ab") as file:
        file.write(b'["/2", {"va')  # the disk was full; then another thread found room
    folder.append("a.tasks", ["/3", {}])
    folder.append("a.tasks", ["/4", {}])
    assert folder.records("a.tasks") == [["/1", {}], ["/4", {}]]


def test_what_was_half_written_when_a_process_died_is_removed(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create()
    folder.save("a.csv", b"whole")
    (folder.out / ".a.csv.17.140.part").write_bytes(b"hal")
    folder.tidy()
    assert [entry.name for entry in folder.out.iterdir()] == ["a.csv"]
