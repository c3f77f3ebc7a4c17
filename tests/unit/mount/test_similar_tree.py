"""`similar/`: indexed files are there by their paths, and nothing is listed that nobody typed."""

from __future__ import annotations

import pytest

from semfs.errors import NoSuchEntry
from semfs.model import Neighbours
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

FILE = "/home/me/docs/budget.xlsx"


def names(tree: Tree, path: str) -> list[str]:
    return [name for name, _ in tree.entries(path)]


@pytest.fixture(autouse=True)
def known(service: FakeService) -> None:
    service.paths.known = [FILE]
    service.files = {f"similar/{FILE}": ["/home/me/docs/forecast.xlsx"]}


def test_the_directories_on_the_way_can_be_passed_and_list_nothing(tree: Tree) -> None:
    assert [names(tree, path) for path in ("/similar", "/similar/home", "/similar/home/me/docs")] == [
        [],
        [],
        [],
    ]


def test_the_neighbours_of_a_file_are_links(tree: Tree, service: FakeService) -> None:
    assert names(tree, f"/similar{FILE}") == ["01_forecast.xlsx", ".query"]
    assert tree.readlink(f"/similar{FILE}/01_forecast.xlsx") == "/home/me/docs/forecast.xlsx"
    assert service.searched == [(Neighbours(FILE),)]


def test_looking_at_a_file_compares_nothing(tree: Tree, service: FakeService) -> None:
    tree.attr(f"/similar{FILE}")
    tree.attr(f"/similar{FILE}/.query")

    assert service.searched == []


@pytest.mark.parametrize("path", ["/similar/other", "/similar/home/you", f"/similar{FILE}x"])
def test_what_the_index_does_not_know_does_not_exist(tree: Tree, path: str) -> None:
    with pytest.raises(NoSuchEntry):
        tree.attr(path)


def test_neighbours_can_be_searched_and_narrowed(tree: Tree, service: FakeService) -> None:
    names(tree, f"/similar{FILE}/from last year")

    assert service.searched == [(Neighbours(FILE), "from last year")]
    assert names(tree, f"/similar{FILE}/.query/by/kind") == ["text"]
