"""Saved queries, neighbours, narrowing and extended attributes under the programs that people use."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.mount.fake_service import FakeService


def sh(mnt: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", script], cwd=mnt, capture_output=True, text=True, timeout=20)


def out(mnt: Path, script: str) -> str:
    done = sh(mnt, script)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def docs(service: FakeService) -> Path:
    """Files that two queries find."""
    folder = service.directory / "docs"
    folder.mkdir()
    for name in ("rent.txt", "tax.txt", "cat.txt"):
        (folder / name).write_text(f"{name}\n")
    service.files = {
        "bills": [str(folder / "rent.txt"), str(folder / "tax.txt")],
        "pets": [str(folder / "cat.txt")],
    }
    return folder


def test_a_query_is_kept_refined_and_forgotten(mnt: Path, service: FakeService, docs: Path) -> None:
    assert out(mnt, "mkdir saved/bills && ls saved/bills") == "01_rent.txt\n02_tax.txt\n"
    assert out(mnt, "cat saved/bills/01*; ls -d saved/bills/paid") == "rent.txt\nsaved/bills/paid\n"
    assert out(mnt, "rm saved/bills/01* && ls saved/bills") == "01_tax.txt\n"
    assert out(mnt, "cat saved/bills/.query/excluded") == f"{docs}/rent.txt\n"
    out(mnt, "rmdir saved/bills")
    assert out(mnt, "ls saved") == ""
    assert sorted(os.listdir(docs)) == ["cat.txt", "rent.txt", "tax.txt"]


def test_a_file_manager_makes_a_new_folder_and_then_names_it(mnt: Path, docs: Path) -> None:
    assert out(mnt, "mkdir 'saved/New Folder' && ls 'saved/New Folder'") == ""
    assert out(mnt, "mv 'saved/New Folder' saved/bills && ls saved saved/bills").split() == [
        *("saved:", "bills", "saved/bills:", "01_rent.txt", "02_tax.txt")
    ]


@pytest.mark.parametrize(
    "command",
    [
        "ln -s {docs}/cat.txt saved/bills/",
        "cd saved/bills && ln -s ../../search/pets/01_cat.txt",
        "ln -s $PWD/search/pets/01_cat.txt saved/bills/cat.txt",
        "cp -s $PWD/search/pets/01_cat.txt saved/bills/cat.txt",
        "cp -P search/pets/01_cat.txt saved/bills/",
        "mv search/pets/01_cat.txt saved/bills/",
        "mkdir saved/pets && mv saved/pets/01_cat.txt saved/bills/",
    ],
)
def test_a_file_is_pinned_by_whatever_makes_a_link(mnt: Path, docs: Path, command: str) -> None:
    out(mnt, "mkdir saved/bills && ls saved/bills")
    out(mnt, command.format(docs=docs))

    assert out(mnt, "ls saved/bills") == "01_cat.txt\n02_rent.txt\n03_tax.txt\n"
    assert out(mnt, "cat saved/bills/01*") == "cat.txt\n"
    assert out(mnt, "rm saved/bills/01* && ls saved/bills") == "01_rent.txt\n02_tax.txt\n"
    assert out(mnt, "ls search/pets") == "01_cat.txt\n"


def test_rm_r_forgets_a_query_and_no_file(mnt: Path, service: FakeService, docs: Path) -> None:
    out(mnt, f"mkdir saved/bills && ln -s {docs}/cat.txt saved/bills/ && ls -R saved > {docs}/../walked")
    out(mnt, "rm -r saved/bills")

    assert service.saved.kept == {}
    assert sorted(os.listdir(docs)) == ["cat.txt", "rent.txt", "tax.txt"]


@pytest.mark.parametrize(
    ("call", "number"),
    [
        (lambda mnt: os.mkdir(mnt / "saved/bills"), errno.EEXIST),
        (lambda mnt: os.mkdir(mnt / "saved" / ("x" * 256)), errno.ENAMETOOLONG),
        (lambda mnt: os.mkdir(mnt / "saved/.git"), errno.EPERM),
        (lambda mnt: os.mkdir(mnt / "search/.git"), errno.EPERM),
        (lambda mnt: os.rmdir(mnt / "saved/gone"), errno.ENOENT),
        (lambda mnt: os.unlink(mnt / "saved/bills/09_gone.txt"), errno.ENOENT),
        (lambda mnt: os.unlink(mnt / "search/bills/01_rent.txt"), errno.EPERM),
        (lambda mnt: os.rename(mnt / "saved/other", mnt / "saved/bills"), errno.EEXIST),
        (lambda mnt: os.rename(mnt / "saved/gone", mnt / "saved/new"), errno.ENOENT),
        (lambda mnt: os.symlink("/nowhere/x.txt", mnt / "saved/bills/x.txt"), errno.ENOENT),
        (lambda mnt: os.symlink("/etc", mnt / "saved/etc"), errno.EPERM),
        (lambda mnt: (mnt / "saved/bills/new.txt").touch(), errno.EPERM),
        (lambda mnt: os.link(mnt / "README", mnt / "saved/bills/new.txt"), errno.EPERM),
        (lambda mnt: os.stat(mnt / "similar/nowhere"), errno.ENOENT),
        (lambda mnt: os.getxattr(mnt / "README", "user.semfs.score"), errno.ENODATA),
        (lambda mnt: os.getxattr(mnt / "README", "user.other"), errno.ENODATA),
        (lambda mnt: os.setxattr(mnt / "README", "user.mine", b"x"), errno.EOPNOTSUPP),
    ],
)
def test_what_is_refused_says_why(mnt: Path, docs: Path, call, number: int) -> None:  # type: ignore[no-untyped-def]
    os.mkdir(mnt / "saved/bills")
    os.mkdir(mnt / "saved/other")
    os.listdir(mnt / "saved/bills")
    with pytest.raises(OSError) as raised:
        call(mnt)

    assert errno.errorcode[raised.value.errno or 0] == errno.errorcode[number]


def test_the_most_frequent_value_is_seen_with_ls(mnt: Path, service: FakeService) -> None:
    service.files = {"bills": [f"/home/me/{path}" for path in ("a/1.txt", "b/2.txt", "b/3.txt")]}

    assert out(mnt, "ls -S search/bills/.query/by/folder") == "b\na\n"
    assert out(mnt, "stat -c %s search/bills/.query/by/folder/b") == "2\n"
    assert out(mnt, "grep folder/b search/bills/.query/by/counts.tsv") == "2\tfolder/b\n"
    assert out(mnt, "ls search/bills/.query/by/folder/b") == "01_2.txt\n02_3.txt\n"


def test_a_walk_through_all_that_is_listed_comes_to_an_end(
    mnt: Path, service: FakeService, docs: Path
) -> None:
    service.paths.known = [str(docs / "rent.txt")]
    found = out(mnt, "mkdir saved/bills; ls search/bills; find saved search/bills similar").splitlines()

    assert "saved/bills/.query/by/kind/text/01_rent.txt" in found
    assert "search/bills/.query/hits/02_tax.txt.txt" in found
    assert [path for path in found if path.startswith("similar")] == ["similar"]
    assert len(found) < 80


def test_neighbours_are_listed_below_the_path(mnt: Path, service: FakeService, docs: Path) -> None:
    service.paths.known = [str(docs / "rent.txt")]
    service.files[f"similar/{docs}/rent.txt"] = [str(docs / "tax.txt")]

    assert out(mnt, f"cat similar{docs}/rent.txt/01_tax.txt") == "tax.txt\n"


def test_attributes_of_a_hit_can_be_read_on_the_link_and_in_user_on_its_card(mnt: Path, docs: Path) -> None:
    link, card = mnt / "search/bills/01_rent.txt", mnt / "search/bills/.query/hits/01_rent.txt.txt"

    assert set(os.listxattr(link, follow_symlinks=False)) == {
        f"semfs.{name}" for name in ("rank", "score", "why", "passage", "place")
    }
    assert os.getxattr(link, "semfs.why", follow_symlinks=False) == b"words"
    assert os.getxattr(card, "user.semfs.passage") == b"the text of a passage"
    assert "the text of a passage" in card.read_text()
    assert os.getxattr(mnt / "search/bills", "user.semfs.query") == b"bills"


def test_linux_refuses_user_attributes_of_links_which_is_why_there_are_cards(mnt: Path, docs: Path) -> None:
    with pytest.raises(OSError) as raised:
        os.getxattr(mnt / "search/bills/01_rent.txt", "user.semfs.why", follow_symlinks=False)

    assert raised.value.errno == errno.ENODATA


def test_a_copy_of_hits_with_all_attributes_is_without_trouble(mnt: Path, docs: Path, tmp_path: Path) -> None:
    out(mnt, f"cp -a search/bills/. {tmp_path}/copy")

    assert os.readlink(tmp_path / "copy" / "01_rent.txt") == str(docs / "rent.txt")


@pytest.mark.skipif(not shutil.which("getfattr"), reason="getfattr is missing: sudo apt install attr")
def test_getfattr_shows_them(mnt: Path, docs: Path) -> None:
    assert 'user.semfs.why="words"' in out(mnt, "getfattr -d search/bills/.query/hits/01_*")
    assert 'semfs.why="words"' in out(mnt, "getfattr -h -d -m - search/bills/01_*")
