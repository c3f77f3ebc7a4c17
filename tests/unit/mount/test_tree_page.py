"""The page semfs-tree.5 and the tree name the same entries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

PAGE = (Path(__file__).parents[3] / "man" / "semfs-tree.5").read_text("utf-8")

# A directory on the page, and one like it in the tree of the fake service.
DIRECTORIES = {
    "": "/",
    "search/WORDS/.query/": "/search/invoices/.query",
    "search/WORDS/.query/by/": "/search/invoices/.query/by",
    "jobs/N/": "/jobs/1",
    "sys/": "/sys",
}


def on_the_page(below: str) -> set[str]:
    """Return the names that the page has directly below a directory."""
    paths = re.findall(r"^\.It Pa (\S+)$", PAGE, re.M)
    names = [path.removeprefix(below).rstrip("/") for path in paths if path.startswith(below)]
    return {name for name in names if name and "/" not in name}


def test_a_saved_query_tells_what_was_decided_besides(service: FakeService, tree: Tree) -> None:
    tree.make_directory("/saved/invoices")
    there = {name for name, _ in tree.entries("/saved/invoices/.query")}
    assert there == on_the_page("search/WORDS/.query/") | on_the_page("saved/WORDS/.query/")


@pytest.mark.parametrize(("page", "place"), DIRECTORIES.items())
def test_the_page_and_the_tree_name_the_same_entries(
    page: str, place: str, service: FakeService, tree: Tree
) -> None:
    service.jobs.add("list the letters", "done")
    assert {name for name, _ in tree.entries(place)} == on_the_page(page)
