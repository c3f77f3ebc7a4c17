"""`jobs/` and `sys/`: what they show and what can be done there."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from semfs.errors import BadRequest, Interrupted, NoSuchEntry, NotPermitted, RequestTooLong
from semfs.model import Source
from semfs.mount.node import Access
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService, row

WRITE = Access(write=True, truncate=True)


def never() -> bool:
    return False


def names(tree: Tree, path: str) -> list[str]:
    return [name for name, _ in tree.entries(path)]


def read(tree: Tree, path: str) -> str:
    handle = tree.open(path, Access())
    text = handle.read(1 << 20, 0, never).decode()
    handle.close()
    return text


def test_a_job_shows_all_that_there_is_to_know(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "done")

    assert names(tree, "/jobs") == ["1", "last", "every"]
    assert tree.readlink("/jobs/last") == "1"
    assert " ".join(sorted(names(tree, "/jobs/1"))) == (
        "cells.csv ctl error explain log out plan progress request sources status usage.json verify wait"
    )
    assert read(tree, "/jobs/1/status") == "done\n"
    assert read(tree, "/jobs/1/request") == "sum up\n"
    assert tree.attr("/jobs/1/status").size == 5
    assert read(tree, "/jobs/1/error") == ""


@pytest.mark.parametrize("name", ["2", "01", "x", "-1", "1.0", "\u0661", "9" * 40])
def test_what_is_no_job_does_not_exist(tree: Tree, service: FakeService, name: str) -> None:
    service.jobs.add("sum up", "done")

    with pytest.raises(NoSuchEntry):
        tree.attr(f"/jobs/{name}")


def test_without_jobs_there_is_no_last(tree: Tree) -> None:
    assert names(tree, "/jobs") == ["every"]
    with pytest.raises(NoSuchEntry):
        tree.attr("/jobs/last")


def test_wait_is_listed_only_when_it_does_not_block(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "running")

    assert "wait" not in names(tree, "/jobs/1")
    assert stat.S_ISREG(tree.attr("/jobs/1/wait").mode)


def test_wait_blocks_until_the_end(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    timer = threading.Timer(0.1, service.jobs.change, [1], {"status": "failed"})
    timer.start()

    assert read(tree, "/jobs/1/wait") == "failed\n"
    timer.join()


def test_wait_can_be_interrupted(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "running")

    with pytest.raises(Interrupted):
        tree.open("/jobs/1/wait", Access()).read(100, 0, lambda: True)


def test_a_log_that_grows_is_read_on(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    handle = tree.open("/jobs/1/log", Access())
    assert handle.read(100, 0, never) == b"began\n"
    assert handle.read(100, 6, never) == b""
    service.jobs.change(1, log="began\nplanned\n")

    assert handle.read(100, 6, never) == b"planned\n"


def test_a_status_does_not_change_in_the_middle_of_being_read(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "queued")
    handle = tree.open("/jobs/1/status", Access())
    assert handle.read(3, 0, never) == b"que"
    service.jobs.change(1, status="cancelled")

    assert handle.read(100, 3, never) == b"ued\n"
    assert handle.read(100, 0, never) == b"cancelled\n"


def test_control_words_are_obeyed_line_by_line(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    handle = tree.open("/jobs/1/ctl", WRITE)
    handle.write(b"priority low\ncan", 0)
    assert service.jobs.said == [(1, "priority low")]
    handle.write(b"cel", 16)
    handle.flush()

    assert service.jobs.said == [(1, "priority low"), (1, "cancel")]
    assert "cancel" in read(tree, "/jobs/1/ctl")


@pytest.mark.parametrize("word", [b"dance\n", b"\n", b"\xff\n"])
def test_an_unknown_control_word_is_refused_at_the_write(
    tree: Tree, service: FakeService, word: bytes
) -> None:
    service.jobs.add("sum up", "running")

    with pytest.raises(BadRequest):
        tree.open("/jobs/1/ctl", WRITE).write(word, 0)


def test_a_held_plan_is_taken_over_when_it_is_closed(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "held")
    handle = tree.open("/jobs/1/plan", WRITE)
    handle.write(b"save(find('y'),", 0)
    handle.write(b" 'y.csv')\n", 15)
    handle.flush()

    assert service.jobs.views[1].plan == "save(find('y'), 'y.csv')\n"


def test_a_held_plan_can_be_changed_in_place(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "held")
    handle = tree.open("/jobs/1/plan", Access(write=True))
    handle.write(b"y", 11)
    handle.flush()

    assert service.jobs.views[1].plan == "save(find('y'), 'x.csv')\n"


def test_a_wrong_plan_is_refused_at_the_close(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "held")
    handle = tree.open("/jobs/1/plan", WRITE)
    handle.write(b"nonsense", 0)

    with pytest.raises(BadRequest):
        handle.flush()
    with pytest.raises(RequestTooLong):
        handle.write(b"x", 1 << 20)


def test_a_plan_that_is_not_held_is_read_only(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "running")

    assert tree.attr("/jobs/1/plan").mode & 0o222 == 0
    with pytest.raises(NotPermitted):
        tree.open("/jobs/1/plan", WRITE)


def test_results_are_real_files_and_links_among_them_are_hidden(tree: Tree, service: FakeService) -> None:
    out = service.jobs.output_dir(service.jobs.add("sum up", "done"))
    (out / "totals.csv").write_text("a,b\n")
    (out / "more").mkdir()
    (out / "more" / "x.md").write_text("x")
    os.symlink("/etc/passwd", out / "passwd")

    assert names(tree, "/jobs/1/out") == ["more", "totals.csv"]
    assert tree.attr("/jobs/1/out/totals.csv").size == 4
    assert read(tree, "/jobs/1/out/totals.csv") == "a,b\n"
    assert read(tree, "/jobs/1/out/more/x.md") == "x"
    with pytest.raises(NoSuchEntry):
        tree.open("/jobs/1/out/passwd", Access())
    with pytest.raises(NotPermitted):
        tree.open("/jobs/1/out/totals.csv", WRITE)


def test_sources_are_links_to_the_files_that_were_read(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "done")
    service.jobs.read = [Source("/a/x.pdf", b""), Source("/b/y", b"")]

    assert names(tree, "/jobs/1/sources") == ["01_x.pdf", "02_y"]
    assert tree.readlink("/jobs/1/sources/01_x.pdf") == "/a/x.pdf"


@pytest.mark.parametrize("name", ["01_y", "1_x.pdf", "001_x.pdf", "03_x.pdf", "x.pdf", "00_x.pdf"])
def test_a_source_goes_by_its_one_name(tree: Tree, service: FakeService, name: str) -> None:
    service.jobs.add("sum up", "done")
    service.jobs.read = [Source("/a/x.pdf", b""), Source("/b/y", b"")]

    with pytest.raises(NoSuchEntry):
        tree.find(f"/jobs/1/sources/{name}")


def test_looking_at_one_source_lists_no_others(tree: Tree, service: FakeService) -> None:
    service.jobs.add("sum up", "done")
    service.jobs.read = [Source(f"/a/{number}", b"") for number in range(5000)]

    assert tree.readlink("/jobs/1/sources/4711_4710") == "/a/4710"
    assert service.jobs.listed == 0


def test_removing_a_jobs_directory_removes_the_job_and_its_files_alone_do_not(
    tree: Tree, service: FakeService
) -> None:
    service.jobs.add("sum up", "running")
    tree.remove("/jobs/1/status")
    tree.remove("/jobs/1/out")
    assert list(service.jobs.views) == [1]

    tree.remove("/jobs/1")
    assert service.jobs.views == {}
    with pytest.raises(NotPermitted):
        tree.remove("/jobs/last")


def test_errors_are_a_file_each_and_a_table(tree: Tree, service: FakeService) -> None:
    service.failed = [
        row("/a/x.pdf", reason="needs a password"),
        row("/b/x.pdf", reason="bro\nken"),
    ]

    assert names(tree, "/sys/errors") == ["all.tsv", "x.pdf.txt", "x.pdf (2).txt"]
    assert read(tree, "/sys/errors/x.pdf.txt") == "/a/x.pdf\nneeds a password\n"
    assert read(tree, "/sys/errors/all.tsv") == (
        "path\treason\n/a/x.pdf\tneeds a password\n/b/x.pdf\tbro ken\n"
    )


def test_sys_shows_what_the_service_says(tree: Tree, tmp_path: Path) -> None:
    assert "files    3: 3 indexed\n" in read(tree, "/sys/status")
    assert tree.attr("/sys/status").size == len(read(tree, "/sys/status"))
    assert json.loads(read(tree, "/sys/status.json"))["coverage"]["files"] == 3
    assert read(tree, "/sys/config").startswith("[index]")
    assert read(tree, "/sys/log") == "started\n"
    assert read(tree, "/sys/models/qwen") == '{"state": "missing"}\n'


def test_a_missing_log_is_not_listed(tree: Tree, service: FakeService) -> None:
    service.log_path.unlink()

    assert "log" not in names(tree, "/sys")
    with pytest.raises(NoSuchEntry):
        tree.attr("/sys/log")


def test_the_readme_names_what_there_is(tree: Tree) -> None:
    text = read(tree, "/README")

    for name in names(tree, "/"):
        assert name == "README" or name in text


def test_a_look_at_what_the_dashboard_is_draws_nothing(tree: Tree, service: FakeService) -> None:
    page = "/sys/dashboard.html"
    assert tree.attr(page).size == service.dashboard_bytes()
    handle = tree.open(page, Access())
    assert handle.read(20, 0, never) == b"<!doctype html>     "
    assert service.drawn == 0

    rest = handle.read(100, 20, never)
    assert len(rest) == service.dashboard_bytes() - 20
    assert service.drawn == 1


def test_what_sys_tells_is_as_long_as_it_was_said_to_be(tree: Tree) -> None:
    length = tree.attr("/sys/metrics").size
    tree.calls["getattr"] += 1_000_000_000  # so that it would be longer if it were made anew
    assert len(read(tree, "/sys/metrics")) == length
