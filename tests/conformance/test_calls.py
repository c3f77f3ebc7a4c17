"""What POSIX says of each call, and where the mount differs on purpose: docs/conformance.md.

The groups are those of pjdfstest, tried where something can be made: in `saved/` and below `jobs/`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mount.fake_service import FakeService

REPORT = b'#!semfs every="weekdays 8:00"\nsummarize the mail\n'
AT_FDCWD, NOREPLACE, EXCHANGE, WHITEOUT = -100, 1, 2, 4
Call = Callable[[], object]


@pytest.fixture
def here(mnt: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the mount, with two saved queries, two requests with a time, a running job and a held one."""
    for name in ("rent.txt", "tax.txt"):
        (service.directory / name).write_text(name)
    service.files = {"bills": [str(service.directory / name) for name in ("rent.txt", "tax.txt")]}
    service.saved.kept = {"bills": {}, "other": {}}
    service.every.kept = {"report": REPORT, "second": REPORT}
    for status in ("running", "held"):
        id = service.jobs.add("sum up", status)
    (service.jobs.output_dir(id) / "totals.csv").write_text("a,b\n")
    monkeypatch.chdir(mnt)
    os.listdir("saved/bills")
    yield mnt  # type: ignore[misc]
    monkeypatch.undo()  # nobody may stand in it when it is unmounted


def renameat2(old: str, new: str, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags):
        raise OSError(ctypes.get_errno(), "renameat2")


def opened(path: str, flags: int) -> None:
    os.close(os.open(path, flags, 0o644))


def bound(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)


def result(call: Call) -> str:
    """Return the name of the errno that a call ends with, "" if it succeeds."""
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


LONG = "x" * 1025
O_CREAT, O_EXCL = os.O_CREAT | os.O_WRONLY, os.O_CREAT | os.O_EXCL | os.O_WRONLY

# group -> what is called, how it ends
CALLS: dict[str, list[tuple[Call, str]]] = {
    "open": [
        (lambda: opened("saved", os.O_RDONLY | os.O_DIRECTORY), ""),
        (lambda: opened("saved/new", O_CREAT), "EPERM"),
        (lambda: opened("saved/bills/new.txt", O_CREAT), "EPERM"),
        (lambda: opened("jobs/new", O_CREAT), "EPERM"),
        (lambda: opened("jobs/1/new", O_CREAT), "EPERM"),
        (lambda: opened("jobs/2/out/new", O_CREAT), "EPERM"),
        (lambda: opened("jobs/every/new", O_EXCL), ""),
        (lambda: opened("jobs/every/report", O_EXCL), "EEXIST"),
        (lambda: opened("jobs/every", os.O_WRONLY), "EISDIR"),
        (lambda: opened("jobs/every/gone", os.O_RDONLY), "ENOENT"),
        (lambda: opened("jobs/gone/plan", os.O_RDONLY), "ENOENT"),
        (lambda: opened("jobs/every/report/x", os.O_RDONLY), "ENOTDIR"),
        (lambda: opened("jobs/every/report", os.O_RDONLY | os.O_DIRECTORY), "ENOTDIR"),
        (lambda: opened("jobs/last", os.O_RDONLY | os.O_NOFOLLOW), "ELOOP"),
        (lambda: opened(f"jobs/every/{LONG}", O_CREAT), "ENAMETOOLONG"),
        (lambda: opened("jobs/1/status", os.O_WRONLY), "EPERM"),
        (lambda: opened("jobs/1/plan", os.O_WRONLY), "EPERM"),
        (lambda: opened("jobs/2/plan", os.O_WRONLY), ""),
        (lambda: os.mknod("jobs/every/new"), ""),  # as of an empty file, nothing stays
        (lambda: os.mkfifo("jobs/every/new"), "EPERM"),
        (lambda: os.mkfifo("saved/new"), "EPERM"),
        (lambda: bound("jobs/every/new"), "EPERM"),
        (lambda: os.link("jobs/every/report", "jobs/every/new"), "EPERM"),
    ],
    "unlink": [
        (lambda: os.unlink("jobs/every/report"), ""),
        (lambda: os.unlink("jobs/every/gone"), "ENOENT"),
        (lambda: os.unlink("jobs/every/report/x"), "ENOTDIR"),
        (lambda: os.unlink("saved/bills/01_rent.txt"), ""),
        (lambda: os.unlink("saved/bills"), "EISDIR"),
        (lambda: os.unlink("saved/gone"), "ENOENT"),
        (lambda: os.unlink(f"saved/{LONG}"), "ENAMETOOLONG"),
        (lambda: os.unlink("jobs/last"), "EPERM"),
        (lambda: os.unlink("README"), "EPERM"),
        (lambda: os.unlink("jobs/2/out/totals.csv"), ""),  # without effect: it goes with the job
    ],
    "rename": [
        (lambda: os.rename("saved/bills", "saved/letters"), ""),
        (lambda: os.rename("saved/bills", "saved/bills"), ""),
        (lambda: os.rename("saved/bills", "saved/other"), "EEXIST"),
        (lambda: os.rename("saved/gone", "saved/new"), "ENOENT"),
        (lambda: os.rename("saved/bills", "saved/bills/in/itself"), "EINVAL"),
        (lambda: os.rename("saved/bills", f"saved/{LONG}"), "ENAMETOOLONG"),
        (lambda: os.rename("saved/bills", "jobs/every/bills"), "EPERM"),
        (lambda: os.rename("saved/bills", "bills"), "EPERM"),
        (lambda: os.rename("saved", "search/kept"), "EPERM"),
        (lambda: os.rename("jobs/1", "jobs/3"), "EPERM"),
        (lambda: os.rename("jobs/every/report", "jobs/every/new"), ""),
        (lambda: os.rename("jobs/every/report", "jobs/every/second"), ""),
        (lambda: os.rename("jobs/every/report", "saved/report"), "EPERM"),
        (lambda: renameat2("jobs/every/report", "jobs/every/second", EXCHANGE), "EINVAL"),
        (lambda: renameat2("saved/bills", "saved/other", EXCHANGE), "EINVAL"),
        (lambda: renameat2("jobs/every/report", "jobs/every/new", WHITEOUT), "EINVAL"),
        (lambda: renameat2("jobs/every/report", "jobs/every/second", NOREPLACE), "EEXIST"),
        (lambda: renameat2("saved/bills", "saved/other", NOREPLACE), "EEXIST"),
        (lambda: renameat2("jobs/every/report", "jobs/every/new", NOREPLACE), ""),
        (lambda: renameat2("saved/bills", "saved/letters", NOREPLACE), ""),
    ],
    "mkdir": [
        (lambda: os.mkdir("saved/new"), ""),
        (lambda: os.mkdir("saved/bills"), "EEXIST"),
        (lambda: os.mkdir("saved/bills/more"), "EEXIST"),  # words below a query are there already
        (lambda: os.mkdir("saved/gone/new"), "ENOENT"),
        (lambda: os.mkdir(f"saved/{LONG}"), "ENAMETOOLONG"),
        (lambda: os.mkdir("saved/" + "x" * 256), "ENAMETOOLONG"),
        (lambda: os.mkdir("saved/.git"), "EPERM"),
        (lambda: os.mkdir("jobs/3"), "EPERM"),
        (lambda: os.mkdir("jobs/every/new"), "EPERM"),
        (lambda: os.mkdir("jobs/every/report/new"), "ENOTDIR"),
    ],
    "rmdir": [
        (lambda: os.rmdir("saved/bills"), ""),  # with its hits: they are not stored
        (lambda: os.rmdir("saved/gone"), "ENOENT"),
        (lambda: os.rmdir("saved/bills/."), "EINVAL"),
        (lambda: os.rmdir("saved/bills/01_rent.txt"), "ENOTDIR"),
        (lambda: os.rmdir("saved"), "EPERM"),
        (lambda: os.rmdir("search/bills"), "EPERM"),
        (lambda: os.rmdir("jobs/2"), ""),
        (lambda: os.rmdir("jobs/gone"), "ENOENT"),
        (lambda: os.rmdir("jobs/every"), "EPERM"),
        (lambda: os.rmdir("jobs/every/report"), "ENOTDIR"),
    ],
    "truncate": [
        (lambda: os.truncate("jobs/every/report", 0), ""),  # without effect until it is written
        (lambda: os.truncate("jobs/every/gone", 0), "ENOENT"),
        (lambda: os.truncate("jobs/every", 0), "EISDIR"),
        (lambda: os.truncate("jobs/every/report/x", 0), "ENOTDIR"),
        (lambda: os.truncate("jobs/every/report", -1), "EINVAL"),
        (lambda: os.truncate("jobs/1/plan", 0), "EPERM"),
        (lambda: os.truncate("README", 0), "EPERM"),
        (lambda: os.truncate("run", 0), ""),
    ],
    "symlink": [
        (lambda: os.symlink(os.readlink("saved/bills/02_tax.txt"), "saved/other/tax.txt"), ""),
        (lambda: os.symlink("/nowhere/x.txt", "saved/bills/x.txt"), "ENOENT"),
        (lambda: os.symlink("/etc", "saved/etc"), "EPERM"),
        (lambda: os.symlink("/etc", "saved/bills"), "EEXIST"),
        (lambda: os.symlink("/etc", "jobs/every/report"), "EEXIST"),
        (lambda: os.symlink("/etc", "jobs/every/new"), "EPERM"),
        (lambda: os.symlink("/etc", "jobs/new"), "EPERM"),
        (lambda: os.symlink("x" * 4096, "saved/bills/x.txt"), "ENAMETOOLONG"),
    ],
    "chmod": [
        (lambda: os.chmod("saved", 0o700), "EPERM"),
        (lambda: os.chmod("saved/bills", 0o700), "EPERM"),
        (lambda: os.chmod("jobs/1", 0o700), "EPERM"),
        (lambda: os.chmod("jobs/every/report", 0o600), ""),  # without effect
        (lambda: os.chmod("jobs/every/gone", 0o600), "ENOENT"),
        (lambda: os.chmod("jobs/every/report/x", 0o600), "ENOTDIR"),
        (lambda: os.chown("saved", 1, 1), "EPERM"),
    ],
    "utimensat": [
        (lambda: os.utime("saved/bills", (1, 1)), ""),  # without effect, but watchers are told
        (lambda: os.utime("jobs/every/report"), ""),
        (lambda: os.utime("jobs/last", follow_symlinks=False), ""),
        (lambda: os.utime("jobs/every/gone"), "ENOENT"),
        (lambda: os.utime("jobs/every/report/x"), "ENOTDIR"),
    ],
}


@pytest.mark.parametrize("group", CALLS)
def test_each_call_ends_as_it_is_written_down(here: Path, service: FakeService, group: str) -> None:
    found, jobs = [], dict(service.jobs.views)
    for call, _ in CALLS[group]:
        service.every.kept = {"report": REPORT, "second": REPORT}
        service.saved.kept = {"bills": {}, "other": {}}
        service.jobs.views = dict(jobs)
        os.listdir("saved/bills")
        found.append(result(call))
    assert list(enumerate(found)) == list(enumerate(end for _, end in CALLS[group]))


def test_what_is_refused_leaves_nothing_behind(here: Path, service: FakeService) -> None:
    before = sorted(str(path) for place in ("saved", "jobs") for path in Path(place).glob("*"))
    for make in (os.mkfifo, bound, lambda path: os.link("README", path)):
        for place in ("saved", "jobs", "jobs/every"):
            assert result(lambda: make(f"{place}/new")) == "EPERM"  # noqa: B023 - called at once
            assert not os.path.lexists(f"{place}/new")
    assert sorted(str(path) for place in ("saved", "jobs") for path in Path(place).glob("*")) == before


def test_a_file_that_is_open_and_removed_is_stale_by_its_descriptor(here: Path) -> None:
    descriptor = os.open("jobs/every/report", os.O_RDWR)
    os.unlink("jobs/every/report")
    for call in (os.fstat, os.utime, lambda it: os.fchmod(it, 0o600), lambda it: os.ftruncate(it, 0)):
        assert result(lambda: call(descriptor)) == "ESTALE"  # noqa: B023
    assert os.write(descriptor, REPORT) == len(REPORT)
    os.close(descriptor)
    assert not os.path.exists("jobs/every/report")


def test_names_that_are_not_utf8_are_words_with_marks_in_their_place(
    here: Path, service: FakeService
) -> None:
    os.mkdir(b"saved/caf\xe9")
    assert os.listdir(b"saved") == [b"bills", b"other", "caf\ufffd".encode()]
    assert stat.S_ISDIR(os.stat(b"saved/caf\xe9").st_mode)
    assert result(lambda: os.mkdir(b"saved/caf\xe8")) == "EEXIST"
    os.rename(b"saved/caf\xe9", b"saved/caf\xff\xfe")
    os.rmdir(b"saved/caf\xff\xfe")
    assert os.listdir(b"search/bills\xff") == [b".query"]
    with open(b"jobs/every/caf\xe9", "wb") as file:
        file.write(REPORT)
    assert "caf\ufffd" in service.every.kept
    os.unlink(b"jobs/every/caf\xe9")
    assert result(lambda: os.stat(b"similar/caf\xe9")) == "ENOENT"


def test_a_directory_of_10000_hits_is_read_by_offset_and_again(here: Path, service: FakeService) -> None:
    service.files["all"] = [f"/folder/file {number}.txt" for number in range(10_000)]
    descriptor = os.open("search/all", os.O_RDONLY | os.O_DIRECTORY)
    names = os.listdir(descriptor)
    assert (len(names), len(set(names))) == (10_001, 10_001)
    assert os.listdir(descriptor) == names  # rewound: the same snapshot
    os.close(descriptor)
    assert os.readlink("search/all/09999_file 9998.txt") == "/folder/file 9998.txt"
