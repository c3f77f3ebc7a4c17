"""`.query/by/`: values that occur, their counts, and links; looking searches nothing."""

from __future__ import annotations

import stat

import pytest

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.mount.node import Access
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

BY = "/search/budget/.query/by"


def names(tree: Tree, path: str) -> list[str]:
    return [name for name, _ in tree.entries(path)]


def read(tree: Tree, path: str) -> str:
    return tree.open(path, Access()).read(1 << 20, 0, lambda: False).decode()


@pytest.fixture(autouse=True)
def files(service: FakeService) -> None:
    paths = ("reports/2024/q1.txt", "reports/q2.txt", "x.txt", "01_old/y.txt")
    service.files = {"budget": [f"/home/me/{path}" for path in paths]}


def test_looking_does_not_search(tree: Tree, service: FakeService) -> None:
    for path in ("", "/kind", "/kind/pdf", "/year/1999", "/folder/reports/2024", "/counts.tsv"):
        tree.attr(BY + path)
    assert names(tree, BY) == ["kind", "year", "folder", "language", "counts.tsv"]

    assert service.searched == []


def test_values_that_occur_are_listed_with_their_counts_as_sizes(tree: Tree) -> None:
    assert [(name, attr.size) for name, attr in tree.entries(f"{BY}/folder")] == [
        ("reports", 2),
        ("01_old", 1),
    ]
    assert [(name, attr.size) for name, attr in tree.entries(f"{BY}/kind")] == [("text", 4)]
    assert names(tree, f"{BY}/language") == []


def test_a_table_has_a_line_for_each_directory(tree: Tree) -> None:
    lines = read(tree, f"{BY}/counts.tsv").splitlines()

    assert lines[0] == "4\tkind/text"
    assert lines[2:] == ["2\tfolder/reports", "1\tfolder/01_old", "1\tfolder/reports/2024"]
    for line in lines:
        count, path = line.split("\t")
        links = [attr for _, attr in tree.entries(f"{BY}/{path}") if stat.S_ISLNK(attr.mode)]
        assert len(links) == int(count)


def test_everything_is_told_from_one_search(tree: Tree, service: FakeService) -> None:
    names(tree, "/search/budget")
    for path in ("/kind", "/kind/text", "/folder/reports", "/year"):
        names(tree, BY + path)
    read(tree, f"{BY}/counts.tsv")

    assert service.searched == [("budget",)]


def test_folders_lie_in_each_other(tree: Tree) -> None:
    assert names(tree, f"{BY}/folder/reports") == ["01_q1.txt", "02_q2.txt", "2024"]
    assert tree.readlink(f"{BY}/folder/reports/2024/01_q1.txt") == "/home/me/reports/2024/q1.txt"


def test_a_folder_that_is_named_like_a_hit_can_be_entered(tree: Tree) -> None:
    assert names(tree, f"{BY}/folder/01_old") == ["01_y.txt"]


def test_a_part_can_be_narrowed_further_though_that_is_not_listed(tree: Tree, service: FakeService) -> None:
    inner = f"{BY}/kind/text/.query/by/folder/reports"

    assert names(tree, inner) == ["01_q1.txt", "02_q2.txt", "2024"]
    assert ".query" not in names(tree, f"{BY}/kind/text")
    assert service.searched == [("budget",)]


def test_values_that_no_file_can_have_do_not_exist(tree: Tree) -> None:
    for path in (
        "/size",
        "/kind/letters",
        "/year/last",
        "/kind/text/more",
        "/language/German",
        "/folder/.git",
    ):
        with pytest.raises(NoSuchEntry):
            tree.attr(BY + path)


def test_a_value_without_hits_is_empty(tree: Tree) -> None:
    assert names(tree, f"{BY}/kind/video") == []


def test_nothing_is_removed(tree: Tree) -> None:
    for path in ("", "/kind", "/kind/text", "/kind/text/01_q1.txt", "/counts.tsv"):
        with pytest.raises(NotPermitted):
            tree.remove(BY + path)
