"""Programs that walk through everything come to an end, and start nothing that nobody asked for.

Each takes so many calls of the kernel for a name at the most, however it walks: it ends because the
tree is finite, and names are never asked for without end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from semfs.model import Kept, Source
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService, row

QUERIES = ("rugby six nations", "letters", "nothing like that")
FILES = 30
QUIET_S = 0.7  # herald looks at running jobs more often
CALLS = 6  # for each name; `ls -laR` asks twice for attributes that security modules would set
BESIDES = 60  # for the way to the mount, and for programs that look into the root more than once

# What walks, and the Debian package that has it.
WALKERS = {
    "find": "find .",
    "find -L": "find -L .",
    "du": "du -s .",
    "ls -laR": "ls -laR .",
    "tree": "tree -a .",
    "gio": "gio tree --hidden .",
    "updatedb.plocate": "updatedb.plocate -U . -o {aside}/plocate.db --prunefs '' --prunepaths ''",
}
READERS = {
    "grep -r": "grep -r 'no such words' . || test $? = 1",
    "rg": "rg -uuu 'no such words' . || test $? = 1",
    "tar": "tar cf {aside}/all.tar .",  # to /dev/null it would read nothing
    "rsync -a": "rsync -a ./ {aside}/copy/",
    "cp -r": "cp -r . {aside}/copy",
}
PACKAGES = {"rg": "ripgrep", "gio": "libglib2.0-bin", "updatedb.plocate": "plocate"}


def require(program: str) -> None:
    if not shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"):
        package = PACKAGES.get(program, program)
        pytest.skip(f"{program} is not installed: sudo apt install {package}")


@pytest.fixture
def populated(mnt: Path, service: FakeService, tree: Tree) -> Path:
    """A mount with saved queries, jobs in all states, a request with a time and files that failed."""
    folder = service.directory / "docs"
    folder.mkdir()
    files = [folder / f"letter {number}.txt" for number in range(FILES)]
    for file in files:
        file.write_text("Dear Anna\n")
    service.files = {"rugby": [str(file) for file in files[:5]], "letters": [str(file) for file in files]}
    for name in QUERIES:
        service.saved.add(name)
    service.jobs.read = [Source(str(file), "0" * 32) for file in files]
    for status in ("done", "failed", "running", "held"):
        job = service.jobs.add("sum up", status)
        (service.jobs.output_dir(job) / "totals.csv").write_text("a,b\n")
    service.every.put("mail", b'#!semfs every="weekdays 8:00"\nlist the mails\n')
    service.failed = [row("/a/x.pdf", reason="broken")]
    wait_for_quiet(tree)
    return mnt


def wait_for_quiet(tree: Tree) -> None:
    """Wait until watchers have been told of all that was made, through the mount."""
    before = -1
    while before != (before := sum(tree.calls.values())):
        time.sleep(QUIET_S)


@pytest.fixture
def crawl(populated: Path, tree: Tree, tmp_path: Path) -> Callable[[str], int]:
    """Run a command in the mount and return how many calls of the kernel it took."""
    aside = tmp_path / "aside"
    aside.mkdir()

    def run(command: str) -> int:
        before = sum(tree.calls.values())
        done = subprocess.run(
            command.format(aside=aside),
            shell=True,
            cwd=populated,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return sum(tree.calls.values()) - before

    return run


@pytest.fixture
def allowed(populated: Path, service: FakeService) -> int:
    """How many calls a walk through all of it may take."""
    names = sum(len(folders) + len(files) for _, folders, files in os.walk(populated))
    service.searched.clear()
    assert names > 200
    return CALLS * names + BESIDES


def assert_nothing_but_listed(service: FakeService) -> None:
    """What was saved is searched once, for its listing; no words are made up, no model runs."""
    assert len(service.searched) == len(QUERIES)
    assert set(service.searched) == {(Kept(name),) for name in QUERIES}
    assert (service.asked, service.submitted) == ([], [])


@pytest.mark.parametrize("command", WALKERS.values(), ids=WALKERS)
def test_a_walk_ends_and_starts_nothing(
    service: FakeService, crawl: Callable[[str], int], allowed: int, command: str
) -> None:
    require(command.split()[0])

    assert crawl(command) <= allowed
    assert_nothing_but_listed(service)
    assert service.drawn == 0


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
def test_who_reads_everything_ends_and_starts_no_model(
    service: FakeService, crawl: Callable[[str], int], allowed: int, command: str
) -> None:
    require(command.split()[0])

    assert crawl(command) <= allowed
    assert_nothing_but_listed(service)
    assert service.drawn <= 1
    assert service.jobs.said == []


def test_a_copy_has_the_links_and_what_is_told(
    crawl: Callable[[str], int], service: FakeService, tmp_path: Path
) -> None:
    crawl("cp -r . {aside}/copy")

    copy = tmp_path / "aside" / "copy"
    assert (copy / "saved/letters/01_letter 0.txt").is_symlink()
    assert (copy / "saved/letters/01_letter 0.txt").read_text() == "Dear Anna\n"
    assert (copy / "jobs/1/out/totals.csv").read_text() == "a,b\n"
    assert (copy / "jobs/1/wait").read_text() == "done\n"
    assert not (copy / "jobs/3/wait").exists()  # nobody who copies all waits for a job that runs
    assert list((copy / "search").iterdir()) == list((copy / "ask").iterdir()) == []


def test_a_directory_that_is_only_opened_searches_nothing(populated: Path, service: FakeService) -> None:
    subprocess.run(["sh", "-c", "cd saved/letters && cd .."], cwd=populated, check=True, timeout=20)
    subprocess.run(
        ["python3", "-c", "import os; os.open('saved/letters', os.O_DIRECTORY)"],
        cwd=populated,
        check=True,
        timeout=20,
    )

    assert service.searched == []


def test_git_sees_no_repository(populated: Path, service: FakeService, tree: Tree) -> None:
    before = sum(tree.calls.values())
    done = subprocess.run(
        ["git", "status"], cwd=populated / "saved/letters", capture_output=True, text=True, timeout=20
    )

    assert "not a git repository" in done.stderr
    assert sum(tree.calls.values()) - before <= BESIDES
    assert service.searched == []
