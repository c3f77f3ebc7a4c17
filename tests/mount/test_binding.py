"""What the kernel is told of files: how long attributes hold, what may stay in its cache, how they grow."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from tests.mount.fake_service import FakeService


def test_a_control_file_is_never_remembered_at_another_length(mnt: Path, service: FakeService) -> None:
    """Also while others look at names that are remembered: libfuse has one time for all."""
    service.jobs.add("sum up", "running")
    over = threading.Event()

    def look() -> None:
        number = 0
        while not over.is_set():
            number += 1
            os.stat(mnt / "search" / f"words {number}")

    other = threading.Thread(target=look)
    other.start()
    try:
        for length in range(1, 100):
            service.jobs.change(1, log="x" * (length - 1) + "\n")
            assert os.stat(mnt / "jobs/1/log").st_size == length
    finally:
        over.set()
        other.join()


def test_last_and_the_time_of_a_job_are_new_at_once(mnt: Path, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    assert [os.readlink(mnt / "jobs/last"), os.lstat(mnt / "jobs/last").st_size] == ["1", 1]
    for _ in range(9):
        service.jobs.add("sum up", "running")
    assert [os.readlink(mnt / "jobs/last"), os.lstat(mnt / "jobs/last").st_size] == ["10", 2]


def test_a_result_that_is_written_anew_is_read_anew(mnt: Path, service: FakeService) -> None:
    out = service.jobs.output_dir(service.jobs.add("sum up", "done"))
    shown = mnt / "jobs/1/out/sums.csv"
    for text in ("a,1\n", "b,2\n", "c,30\n"):
        part = out / "part"
        part.write_text(text)
        part.replace(out / "sums.csv")
        assert [shown.read_text(), shown.read_text()] == [text, text]


@pytest.mark.parametrize("name", ["security.selinux", "system.posix_acl_access", "trusted.x"])
def test_attributes_of_other_namespaces_are_not_supported(mnt: Path, name: str) -> None:
    """So that `ls -l` asks once, and not for each entry."""
    with pytest.raises(OSError) as raised:
        os.getxattr(mnt / "README", name)
    assert raised.value.errno == errno.EOPNOTSUPP


@pytest.mark.parametrize(
    "command",
    [
        "cat",
        "head -n 3",
        "tail -n 3",
        "grep -h .",
        "sed -n p",
        "dd status=none bs=7 if=/dev/stdin",
        pytest.param(
            "less",
            marks=pytest.mark.skipif(not shutil.which("less"), reason="no less: sudo apt install less"),
        ),
    ],
)
@pytest.mark.parametrize("name", ["jobs/1/log", "ask/what deposit?"])
def test_readers_show_all_of_a_file_that_grows(
    mnt: Path, service: FakeService, command: str, name: str
) -> None:
    """Its length was looked at when it was shorter."""
    service.pieces = ["one\n", "two\n", "three\n"]
    service.jobs.add("sum up", "running")
    service.jobs.change(1, log="one\n")
    os.stat(mnt / name)
    service.jobs.change(1, log="one\ntwo\nthree\n")
    service.may_go_on.set()
    call = f'{command} < "$1"' if "stdin" in command else f'{command} "$1"'
    done = subprocess.run(["sh", "-c", call, "sh", mnt / name], capture_output=True, text=True, timeout=20)
    assert (done.stdout, done.stderr) == ("one\ntwo\nthree\n", "")


def test_df_shows_a_file_system_without_room(mnt: Path) -> None:
    """It stores nothing, so no size is made up."""
    done = subprocess.run(
        ["df", "--output=fstype,size,used,avail", mnt], capture_output=True, text=True, timeout=20
    )
    assert done.stdout.split()[-4:] == ["fuse.semfs", "0", "0", "0"]
