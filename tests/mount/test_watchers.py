"""Programs that watch (inotify) are woken by what changes without their doing, under its own name."""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from semfs.model import JobId
from semfs.mount.herald import FILES, changed
from tests.mount.fake_service import FakeService

MODIFY, ATTRIB, CREATE, DELETE, MOVED = 0x2, 0x4, 0x100, 0x200, 0xC0
CHANGES = {MODIFY: "modify", ATTRIB: "attrib", CREATE: "create", DELETE: "delete", 0x40: "from", 0x80: "to"}
PATIENCE_S = 20
INOTIFYWAIT = "inotifywait is not here: sudo apt install inotify-tools"
GIO = "gio is not here: sudo apt install libglib2.0-bin"


@contextmanager
def watch(path: Path) -> Iterator[Callable[[str], None]]:
    """Watch for changes; what is given returns when one was told, such as "modify status"."""
    libc = ctypes.CDLL(None, use_errno=True)
    inotify = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    assert libc.inotify_add_watch(inotify, os.fsencode(path), MODIFY | ATTRIB | CREATE | DELETE | MOVED) >= 0
    told: set[str] = set()

    def until(wanted: str) -> None:
        while wanted not in told:
            assert select.select([inotify], [], [], PATIENCE_S)[0], f"{wanted} is not among {told}"
            told.update(_events(os.read(inotify, 1 << 16)))

    try:
        yield until
    finally:
        os.close(inotify)


def _events(data: bytes) -> Iterator[str]:
    """Read the format of inotify(7)."""
    while data:
        mask, length = (int.from_bytes(data[at : at + 4], "little") for at in (4, 12))
        name = data[16 : 16 + length].rstrip(b"\0").decode()
        yield f"{CHANGES.get(mask & 0xFFFF, hex(mask))} {name}".strip()
        data = data[16 + length :]


@contextmanager
def printing(*command: str, first: str) -> Iterator[Callable[[str], None]]:
    """Run a program that watches and says `first` when it is ready; give what waits for its words."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", bufsize=1
    ) as program:
        assert program.stdout is not None
        lines = program.stdout

        def until(words: str) -> None:
            while words not in (line := lines.readline()):
                assert line, f"it ended without {words}"

        try:
            until(first)
            yield until
        finally:
            program.kill()


def test_only_what_is_new_or_otherwise_is_told() -> None:
    before: Mapping[str, object] = {"a": 1, "b": 2, "gone": 3}
    assert changed(before, {"a": 1, "b": 3, "new": None}) == ["b", "new"]
    assert changed(before, before) == []


def test_a_job_is_told_where_jobs_are_watched(mnt: Path, service: FakeService) -> None:
    with watch(mnt / "jobs") as until:
        service.jobs.add("sum up", "queued")
        until("modify 1")
        until("modify last")
        service.jobs.change(1, status="running")
        until("modify 1")
        os.rmdir(mnt / "jobs/1")
        until("delete 1")


def test_what_changes_about_a_job_is_told_under_its_name(mnt: Path, service: FakeService) -> None:
    id = service.jobs.add("sum up", "running")
    with watch(mnt / "jobs/1") as until, watch(mnt / "jobs/1/status") as status:
        until("modify progress")
        service.jobs.views[id] = service.jobs.views[id].__class__("running", "sum up", progress="step 2 of 2")
        until("modify progress")
        service.jobs.change(id, status="failed", error="no model")
        for name in ("status", "error", "wait"):
            until(f"modify {name}")
        status("modify")


def test_a_result_is_told_where_results_are_watched(mnt: Path, service: FakeService) -> None:
    id = service.jobs.add("sum up", "running")
    with watch(mnt / "jobs/1/out") as until:
        (service.jobs.output_dir(id) / "totals.csv").write_text("a,b\n")
        until("modify totals.csv")


def test_a_saved_query_is_told_when_a_new_file_is_a_hit_of_it(mnt: Path, service: FakeService) -> None:
    service.files = {"bills": ["/home/me/rent.txt"]}
    with watch(mnt / "saved") as until:
        os.mkdir(mnt / "saved/bills")
        until("create bills")
        os.mkdir(mnt / "saved/letters")
        until("create letters")
        with watch(mnt / "saved/bills") as bills:
            listed(service, "bills")
            service.files = {"bills": ["/home/me/rent.txt", "/home/me/tax.txt"]}
            bills("modify")
            until("modify bills")
            assert "02_tax.txt" in os.listdir(mnt / "saved/bills")


def listed(service: FakeService, name: str) -> None:
    """Wait until somebody has looked what a saved query finds, after which a change is one."""
    with service.looked_at:
        assert service.looked_at.wait_for(lambda: name in service.hits_asked, PATIENCE_S)


def test_what_a_saved_query_finds_is_not_looked_for_while_the_index_is_as_it_was(
    mnt: Path, service: FakeService
) -> None:
    service.files = {"bills": ["/home/me/rent.txt"]}
    os.mkdir(mnt / "saved/bills")
    listed(service, "bills")
    id = service.jobs.add("sum up", "running")
    with watch(mnt / "jobs/1") as until:
        for number in range(3):  # it looks at the job meanwhile
            service.jobs.change(id, progress=f"step {number} of 3")
            until("modify progress")
    assert service.hits_asked == ["bills"]
    assert service.searched == []


def test_a_request_with_a_time_is_told_when_it_has_run(mnt: Path, service: FakeService) -> None:
    service.every.kept = {"report": b'#!semfs every="daily 8:00"\n'}
    service.jobs.add("another", "done")
    with watch(mnt / "jobs/every") as until:
        service.every.made = {"2024-05-06T08:00": JobId(2)}
        service.jobs.add("report", "queued")
        until("modify report.runs")


def test_a_log_is_followed_also_by_its_name(mnt: Path, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    for how in ("-f", "-F"):
        service.jobs.change(1, log="began\n")
        with printing("tail", "-n", "+1", "-s", "0.1", how, f"{mnt}/jobs/1/log", first="began") as until:
            service.jobs.change(1, log="began\nplanned\n")
            until("planned")


@pytest.mark.skipif(not shutil.which("inotifywait"), reason=INOTIFYWAIT)
def test_inotifywait_wakes_up(mnt: Path, service: FakeService) -> None:
    id = service.jobs.add("sum up", "running")
    with printing("inotifywait", "-m", "-r", "-e", "modify", f"{mnt}/jobs/1", first="established") as until:
        service.jobs.change(id, status="done")
        until("MODIFY status")


@pytest.mark.skipif(not shutil.which("gio"), reason=GIO)
def test_a_monitor_of_the_desktop_wakes_up(mnt: Path, service: FakeService) -> None:
    id = service.jobs.add("sum up", "running")
    with subprocess.Popen(["gio", "monitor", f"{mnt}/jobs/1"], stdout=subprocess.PIPE, text=True) as gio:
        assert gio.stdout is not None
        for number in range(40):  # it does not say when it begins
            service.jobs.change(id, progress=f"step {number} of 40")
            if select.select([gio.stdout], [], [], 0.5)[0]:
                break
        # The job was new to whoever tells: then all that it has is told, in the order of its files.
        told = (gio.stdout.readline() for _ in FILES)
        assert any(line.endswith("/jobs/1/progress: changed\n") for line in told)
        gio.kill()
