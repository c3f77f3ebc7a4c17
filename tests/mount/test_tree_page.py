"""semfs-tree.5 says what each call ends with, file by file; here every line of it is tried."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from semfs.model import JobId
from semfs.mount import fuse
from tests.mount.fake_service import FakeService, row

PAGE = (Path(__file__).parents[2] / "man" / "semfs-tree.5").read_text("utf-8")
REPORT = b'#!semfs every="weekdays 8:00"\n'
AT = {"WORDS": "invoices", "MORE": "rent", "FACET": "kind", "VALUE": "text", "QUESTION": "who?", "N": "1"}
Call = Callable[[], object]


def result(call: Call) -> str:
    """Return the name of the errno that a call ends with, "yes" if it succeeds."""
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "yes"


@pytest.fixture
def here(mnt: Path, service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a mount that has something at every place of the page."""
    file = tmp_path / "rent.txt"
    file.write_text("rent\n")
    service.files = {"invoices": [str(file)], "rent": [str(file)]}
    service.paths.known = ["/home/me/a.txt"]
    service.failed = [row("/home/me/a.pdf", reason="broken")]
    service.may_go_on.set()
    fill(service)
    monkeypatch.chdir(mnt)
    os.listdir("saved/invoices")
    os.listdir("search/invoices/.query/by/kind")
    yield mnt  # type: ignore[misc]
    monkeypatch.undo()


def fill(service: FakeService) -> None:
    """Put back what a call may have removed."""
    service.saved.kept = {"invoices": {}}
    service.every.kept = {"NAME": REPORT}
    service.every.made = {"2024-05-06T08:00": JobId(1)}
    if JobId(1) not in service.jobs.views:
        service.jobs.views.clear()
        service.jobs.add("list the letters", "done")


def place(path: str) -> str:
    """Return what stands at a path of the page in this mount."""
    if path.startswith("similar/"):
        return path.replace("PATH", "home/me/a.txt")
    return "/".join(AT.get(name, name) for name in path.split("/"))


def opened(path: str, flags: int) -> None:
    os.close(os.open(path, flags, 0o644))


def read(path: str) -> None:
    if os.path.isdir(path):
        os.listdir(path)
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def remove(path: str) -> None:
    (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)


TRIED: dict[str, Callable[[str], object]] = {
    "write": lambda path: opened(path, os.O_WRONLY),
    "remove": remove,
    "make": lambda path: opened(
        f"{path}/.new" if "every" not in path else f"{path}/new", os.O_CREAT | os.O_WRONLY
    ),
    "mkdir": lambda path: os.mkdir(f"{path}/new"),
}


def tried(path: str, service: FakeService) -> list[str]:
    """Return how each call ends there."""
    found = []
    for call in TRIED.values():
        fill(service)
        found.append(result(lambda: call(place(path).rstrip("/"))))  # noqa: B023 - called at once
    return found


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table in a section of the page."""
    section = PAGE.split(f".Ss {title}\n")[1].partition("\n.El\n")[0]
    lines = re.findall(r"^\.It Pa (.+)$", section, re.M)
    return [[cell.removeprefix("Er ") for cell in line.split(" Ta ")] for line in lines]


def test_each_call_on_each_entry_ends_as_the_page_says(here: Path, service: FakeService) -> None:
    entries = re.findall(r"^\.It Pa (\S+)$", PAGE.split(".Ss Names\n")[0], re.M)
    found = [[path, *tried(path, service)] for path in entries]
    assert found == rows("What calls end with")
    for path in entries:
        fill(service)
        read(place(path).rstrip("/"))  # everything can be


def written(path: str, data: bytes) -> Call:
    def call() -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
        try:
            os.write(descriptor, data)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # which may be what is refused

    return call


def fill_queue(service: FakeService) -> None:
    service.jobs.full = True


def hold(service: FakeService) -> None:
    service.jobs.change(1, status="held")


def nothing(service: FakeService) -> None:
    """What is there is enough."""


LONG = b"x" * (1 << 20)
# (entry, errno) -> what comes before, a call that ends so
REFUSED: dict[tuple[str, str], tuple[Callable[[FakeService], None], Call]] = {
    ("run", "EINVAL"): (nothing, written("run", b"\0\n")),
    ("run", "E2BIG"): (nothing, written("run", LONG)),
    ("run", "EAGAIN"): (fill_queue, written("run", b"sum up\n")),
    ("search/WORDS/.query/run", "EINVAL"): (nothing, written("search/invoices/.query/run", b"\n")),
    ("jobs/N/ctl", "EINVAL"): (nothing, written("jobs/1/ctl", b"dance\n")),
    ("jobs/N/ctl", "E2BIG"): (nothing, written("jobs/1/ctl", b"x" * 201)),
    ("jobs/N/plan", "EPERM"): (nothing, written("jobs/1/plan", b"save(x)\n")),
    ("jobs/N/plan", "EINVAL"): (hold, written("jobs/1/plan", b"no call\n")),
    ("jobs/N/plan", "E2BIG"): (hold, written("jobs/1/plan", LONG)),
    ("jobs/every/NAME", "EINVAL"): (nothing, written("jobs/every/NAME", b"sum up\n")),
    ("jobs/every/NAME", "E2BIG"): (nothing, written("jobs/every/NAME", LONG)),
    ("jobs/every/NAME", "EPERM"): (nothing, lambda: opened("jobs/every/NAME.bak", os.O_CREAT | os.O_WRONLY)),
    ("saved/WORDS/", "EEXIST"): (nothing, lambda: os.mkdir("saved/invoices")),
    ("saved/WORDS/", "ENAMETOOLONG"): (nothing, lambda: os.mkdir("saved/" + "x" * 256)),
    ("saved/WORDS/", "EPERM"): (nothing, lambda: os.mkdir("saved/.git")),
    ("saved/WORDS/", "ENOENT"): (nothing, lambda: os.symlink("/nowhere", "saved/invoices/nowhere.txt")),
    ("search/WORDS/", "ENAMETOOLONG"): (nothing, lambda: os.listdir("search/" + "x" * 1025)),
    ("search/WORDS/", "ENOENT"): (nothing, lambda: os.listdir("search/.git")),
    ("similar/PATH/", "ENOENT"): (nothing, lambda: os.listdir("similar/no/such/file")),
    ("jobs/N/", "ENOENT"): (nothing, lambda: os.listdir("jobs/17")),
}


def test_what_is_refused_ends_with_the_errno_of_the_page(here: Path, service: FakeService) -> None:
    found = {}
    for (entry, number), (before, call) in REFUSED.items():
        fill(service)
        service.jobs.full = False
        service.jobs.change(1, status="done")
        before(service)
        found[entry, number] = result(call)
    assert found == {key: key[1] for key in REFUSED}
    assert list(REFUSED) == [(entry, number) for entry, number, _ in rows("What is refused")]


def test_the_page_has_every_errno_that_there_is_for_an_error() -> None:
    named = set(re.findall(r"^\.It Er (\w+)$", PAGE, re.M))
    assert {errno.errorcode[number] for number in fuse.ERRNOS.values()} <= named
    assert {number for _, number, _ in rows("What is refused")} <= named
