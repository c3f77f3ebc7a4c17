"""`search/`: looking never searches, a listing is one snapshot, files are not removed."""

from __future__ import annotations

import json
import stat

import pytest

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.mount.node import Access
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


def names(tree: Tree, path: str) -> list[str]:
    return [name for name, _ in tree.entries(path)]


def read(tree: Tree, path: str) -> str:
    handle = tree.open(path, Access())
    text = handle.read(1 << 20, 0, lambda: False).decode()
    handle.close()
    return text


def test_looking_at_a_query_does_not_search(tree: Tree, service: FakeService) -> None:
    assert stat.S_ISDIR(tree.attr("/search/budget").mode)
    assert stat.S_ISDIR(tree.attr("/search/budget/2024/.query").mode)
    assert tree.attr("/search/budget/.query/hits.jsonl").size == 0

    assert service.searched == []


def test_search_itself_lists_nothing(tree: Tree) -> None:
    tree.attr("/search/budget")

    assert names(tree, "/search") == []


def test_opening_a_query_lists_ranked_links(tree: Tree, service: FakeService) -> None:
    service.files = {"budget": ["/home/me/Budget 2024.xlsx", "/home/me/b.txt"]}

    assert names(tree, "/search/budget") == ["01_Budget 2024.xlsx", "02_b.txt", ".query"]
    assert tree.readlink("/search/budget/01_Budget 2024.xlsx") == "/home/me/Budget 2024.xlsx"
    assert service.searched == [("budget",)]


def test_a_hit_is_resolved_without_a_listing(tree: Tree, service: FakeService) -> None:
    service.files = {"budget": ["/a/b.txt"]}

    assert tree.readlink("/search/budget/01_b.txt") == "/a/b.txt"
    assert service.searched == [("budget",)]


def test_a_hit_that_is_opened_is_told_of_and_one_that_is_only_listed_is_not(
    tree: Tree, service: FakeService
) -> None:
    service.files = {"budget": ["/a/b.txt", "/a/c.txt"]}
    names(tree, "/search/budget")
    tree.attr("/search/budget/01_b.txt")
    assert service.followed == []

    tree.readlink("/search/budget/02_c.txt")
    assert service.followed == ["/a/c.txt"]


def test_names_agree_until_the_directory_is_opened_anew(tree: Tree, service: FakeService) -> None:
    service.files = {"budget": ["/a/old.txt"]}
    names(tree, "/search/budget")
    service.files = {"budget": ["/a/new.txt"]}

    assert tree.readlink("/search/budget/01_old.txt") == "/a/old.txt"
    assert names(tree, "/search/budget")[0] == "01_new.txt"
    with pytest.raises(NoSuchEntry):
        tree.attr("/search/budget/01_old.txt")


def test_what_looks_like_a_hit_but_is_none_does_not_exist(tree: Tree) -> None:
    with pytest.raises(NoSuchEntry):
        tree.attr("/search/budget/07_anything")


def test_a_name_below_a_query_refines_it(tree: Tree, service: FakeService) -> None:
    names(tree, "/search/budget/2024 only")

    assert service.searched == [("budget", "2024 only")]


@pytest.mark.parametrize("path", ["/search/.git", "/search/budget/.git", "/ask/HEAD", "/search/x/.Trash-0"])
def test_probed_names_do_not_exist(tree: Tree, service: FakeService, path: str) -> None:
    with pytest.raises(NoSuchEntry):
        tree.attr(path)
    assert service.searched == []


def test_a_program_that_walks_into_its_own_guesses_comes_to_an_end(tree: Tree) -> None:
    with pytest.raises(NoSuchEntry):
        tree.attr("/search" + "/deeper" * 40)


def test_decomposed_and_composed_names_are_one_query(tree: Tree, service: FakeService) -> None:
    tree.entries("/search/pa\u0308ckchen")
    tree.entries("/search/p\u00e4ckchen")

    assert set(service.searched) == {("p\u00e4ckchen",)}


def test_a_query_tells_about_itself(tree: Tree, service: FakeService) -> None:
    service.files = {"budget": ["/a/b.txt"]}

    assert names(tree, "/search/budget/.query") == [
        *("hits.jsonl", "passages.md", "explain.json", "run", "hits", "by")
    ]
    assert json.loads(read(tree, "/search/budget/.query/hits.jsonl"))["path"] == "/a/b.txt"
    assert "the text of a passage" in read(tree, "/search/budget/.query/passages.md")
    assert json.loads(read(tree, "/search/budget/.query/explain.json"))["hits"] == 1
    assert tree.attr("/search/budget/.query/hits.jsonl").size > 0
    assert service.searched == [("budget",)]


def test_a_request_about_a_query_carries_its_words(tree: Tree, service: FakeService) -> None:
    handle = tree.open("/search/budget/2024/.query/run", Access(write=True))
    handle.write(b"sum them up\n", 0)
    handle.flush()

    assert service.submitted == [(b"sum them up\n", ("budget", "2024"))]


def test_nothing_is_removed_or_made_through_a_search(tree: Tree, service: FakeService) -> None:
    service.files = {"budget": ["/a/b.txt"]}
    for path in ("/search/budget/01_b.txt", "/search/budget", "/README", "/jobs"):
        with pytest.raises(NotPermitted):
            tree.remove(path)
    with pytest.raises(NotPermitted):
        tree.make("/search/budget/new")


def test_files_that_are_read_only_are_not_opened_for_writing(tree: Tree) -> None:
    for path in ("/README", "/sys/status", "/ask/why?", "/search/x/.query/hits.jsonl"):
        with pytest.raises(NotPermitted):
            tree.open(path, Access(write=True))


def test_every_inode_of_a_walk_is_its_own(tree: Tree, service: FakeService) -> None:
    service.jobs.add("do it", "done")
    seen: list[int] = []

    def walk(path: str) -> None:
        for name, attr in tree.entries(path):
            seen.append(attr.inode)
            if stat.S_ISDIR(attr.mode):
                walk(f"{path.rstrip('/')}/{name}")

    walk("/")
    assert len(seen) == len(set(seen)) > 20


def test_what_is_told_about_a_query_is_recent_though_its_listing_stays(
    tree: Tree, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.files = {"budget": ["/a/old.txt"]}
    names(tree, "/search/budget")
    service.files = {"budget": ["/a/new.txt"]}
    assert "old.txt" in read(tree, "/search/budget/.query/hits.jsonl")

    monkeypatch.setattr("semfs.mount.snapshots.RECENT_S", 0.0)
    assert "new.txt" in read(tree, "/search/budget/.query/hits.jsonl")
    assert tree.readlink("/search/budget/01_old.txt") == "/a/old.txt"
