"""`saved/`: names are kept, rm and links decide about single files, and no file is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from semfs.config import Config
from semfs.errors import AlreadyExists, NameTooLong, NoSuchEntry, NotPermitted
from semfs.model import Kept
from semfs.mount.node import Access
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


def names(tree: Tree, path: str) -> list[str]:
    return [name for name, _ in tree.entries(path) if name != ".query"]


def read(tree: Tree, path: str) -> str:
    return tree.open(path, Access()).read(1 << 20, 0, lambda: False).decode()


@pytest.fixture
def files(service: FakeService, tree: Tree, tmp_path: Path) -> list[str]:
    """Three real files, the first two of which a saved query finds."""
    paths = [tmp_path / name for name in ("rent.pdf", "tax.pdf", "cat.txt")]
    for path in paths:
        path.write_text(path.name)
    service.files = {"bills": [str(path) for path in paths[:2]]}
    tree.make_directory("/saved/bills")
    return [str(path) for path in paths]


def test_a_query_is_kept_and_forgotten(tree: Tree, files: list[str]) -> None:
    assert names(tree, "/saved") == ["bills"]
    assert names(tree, "/saved/bills") == ["01_rent.pdf", "02_tax.pdf"]
    tree.remove("/saved/bills")
    assert names(tree, "/saved") == []
    with pytest.raises(NoSuchEntry):
        tree.attr("/saved/bills")


def test_looking_at_saved_queries_does_not_search(tree: Tree, service: FakeService, files: list[str]) -> None:
    names(tree, "/saved")
    tree.attr("/saved/bills")
    tree.attr("/saved/bills/.query/excluded")
    tree.attr("/saved/bills/more words")

    assert service.searched == []


def test_a_query_can_be_renamed_and_moved_here_from_search(tree: Tree, files: list[str]) -> None:
    tree.rename("/saved/bills", "/saved/letters")
    tree.rename("/search/cats and dogs", "/saved/cats and dogs")

    assert set(names(tree, "/saved")) == {"letters", "cats and dogs"}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("bills", AlreadyExists),
        (".git", NotPermitted),
        ("package.json", NotPermitted),
        ("x" * 256, NameTooLong),
        ("ä" * 128, NameTooLong),
    ],
)
def test_names_that_cannot_be_kept_are_refused(
    tree: Tree, files: list[str], name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        tree.make_directory(f"/saved/{name}")
    tree.make_directory("/saved/other")
    with pytest.raises(error):
        tree.rename("/saved/other", f"/saved/{name}")


def test_two_normal_forms_are_one_name(tree: Tree) -> None:
    tree.make_directory("/saved/Bu\u0308ro")
    with pytest.raises(AlreadyExists):
        tree.make_directory("/saved/B\u00fcro")

    assert names(tree, "/saved") == ["B\u00fcro"]
    tree.remove("/saved/Bu\u0308ro")
    assert names(tree, "/saved") == []


def test_a_hit_that_is_removed_is_left_out_while_the_listing_stays_one_snapshot(
    tree: Tree, files: list[str]
) -> None:
    names(tree, "/saved/bills")
    tree.remove("/saved/bills/01_rent.pdf")

    assert tree.readlink("/saved/bills/02_tax.pdf") == files[1]
    with pytest.raises(NoSuchEntry):
        tree.attr("/saved/bills/01_rent.pdf")
    assert names(tree, "/saved/bills") == ["01_tax.pdf"]
    assert read(tree, "/saved/bills/.query/excluded") == f"{files[0]}\n"
    assert Path(files[0]).exists()


def test_a_link_pins_a_file_and_is_there_under_the_name_it_was_given(tree: Tree, files: list[str]) -> None:
    tree.make_link("/saved/bills/cat.txt", files[2])

    assert tree.readlink("/saved/bills/cat.txt") == files[2]
    assert names(tree, "/saved/bills") == ["01_cat.txt", "02_rent.pdf", "03_tax.pdf"]
    assert read(tree, "/saved/bills/.query/pinned") == f"{files[2]}\n"
    tree.remove("/saved/bills/cat.txt")
    assert names(tree, "/saved/bills") == ["01_rent.pdf", "02_tax.pdf"]


def test_a_link_takes_back_what_was_left_out(tree: Tree, files: list[str]) -> None:
    tree.remove("/saved/bills/02_tax.pdf")
    tree.make_link("/saved/bills/tax.pdf", files[1])
    assert names(tree, "/saved/bills") == ["01_tax.pdf", "02_rent.pdf"]
    tree.remove("/saved/bills/01_tax.pdf")

    assert names(tree, "/saved/bills") == ["01_rent.pdf", "02_tax.pdf"]


def test_a_hit_that_is_moved_from_a_search_is_pinned_and_stays_there(
    tree: Tree, service: FakeService, files: list[str]
) -> None:
    service.files["cats"] = [files[2]]
    tree.rename("/search/cats/01_cat.txt", "/saved/bills/01_cat.txt")

    assert names(tree, "/saved/bills")[0] == "01_cat.txt"
    assert names(tree, "/search/cats") == ["01_cat.txt"]


def test_a_hit_that_is_moved_between_saved_queries_leaves_the_first(tree: Tree, files: list[str]) -> None:
    tree.make_directory("/saved/other")
    tree.rename("/saved/bills/01_rent.pdf", "/saved/other/01_rent.pdf")

    assert names(tree, "/saved/other") == ["01_rent.pdf"]
    assert names(tree, "/saved/bills") == ["01_tax.pdf"]


def test_a_name_that_could_be_a_files_does_not_exist_until_it_is_made(tree: Tree, files: list[str]) -> None:
    with pytest.raises(NoSuchEntry):
        tree.attr("/saved/bills/new.pdf")
    assert names(tree, "/saved/bills/paid ones") == []


def test_what_is_below_asks_the_saved_query(tree: Tree, service: FakeService, files: list[str]) -> None:
    names(tree, "/saved/bills/paid ones")
    handle = tree.open("/saved/bills/.query/run", Access(write=True))
    handle.write(b"sum them up\n", 0)
    handle.flush()

    assert service.searched == [(Kept("bills"), "paid ones")]
    assert service.submitted == [(b"sum them up\n", (Kept("bills"),))]


def test_removing_everything_below_first_as_rm_does_ends_with_nothing_kept(
    tree: Tree, service: FakeService, files: list[str]
) -> None:
    def remove(path: str) -> None:
        for name, attr in tree.entries(path):
            if attr.mode & 0o170000 == 0o040000:
                remove(f"{path}/{name}")
            else:
                tree.remove(f"{path}/{name}")
        tree.remove(path)

    remove("/saved/bills")

    assert service.saved.kept == {}
    assert all(Path(path).exists() for path in files)


def test_no_file_can_be_made_in_a_saved_query(tree: Tree, files: list[str]) -> None:
    for path in ("/saved/bills/new.pdf", "/saved/new.pdf", "/saved/bills/.query/excluded"):
        with pytest.raises(NotPermitted):
            tree.make(path)
    with pytest.raises(NotPermitted):
        tree.make_link("/saved/loose", files[0])
    with pytest.raises(NotPermitted):
        tree.rename("/saved/bills", "/saved/bills/bills")
    with pytest.raises(NotPermitted):  # its name is its rank
        tree.rename("/saved/bills/02_tax.pdf", "/saved/bills/01_tax.pdf")
    with pytest.raises(NotPermitted):
        tree.rename("/README", "/saved/bills/README")


class AgainstModel(RuleBasedStateMachine):
    """Whatever is done through names, a file is listed first, among the hits, or not at all."""

    service: FakeService
    tree: Tree
    files: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.service.saved.kept.clear()
        self.tree = Tree(self.service, Config(), mountpoint="/mnt/semfs")
        self.tree.make_directory("/saved/bills")
        self.excluded: list[str] = []
        self.pinned: list[str] = []

    def _listed(self) -> list[str]:
        hits = [path for path in self.files[:2] if path not in self.excluded + self.pinned]
        return self.pinned + hits

    @rule(place=st.integers(0, 2))
    def remove(self, place: int) -> None:
        listed = self._listed()
        if place < len(listed):
            path = listed[place]
            names(self.tree, "/saved/bills")
            self.tree.remove(f"/saved/bills/{place + 1:02}_{Path(path).name}")
            if path in self.pinned:
                self.pinned.remove(path)
            else:
                self.excluded.append(path)

    @rule(place=st.integers(0, 2))
    def link(self, place: int) -> None:
        path = self.files[place]
        self.tree.make_link(f"/saved/bills/{Path(path).name}", path)
        self.excluded = [other for other in self.excluded if other != path]
        self.pinned = [*(other for other in self.pinned if other != path), path]

    @invariant()
    def agrees(self) -> None:
        shown = names(self.tree, "/saved/bills")
        assert [self.tree.readlink(f"/saved/bills/{name}") for name in shown] == self._listed()


def test_the_listing_agrees_with_a_model(service: FakeService, files: list[str]) -> None:
    class Machine(AgainstModel):
        pass

    Machine.service, Machine.files = service, files
    run_state_machine_as_test(Machine, settings=settings(max_examples=20, deadline=None))  # type: ignore[no-untyped-call]


def test_a_saved_query_is_younger_only_when_it_lists_something_else(tree: Tree, service: FakeService) -> None:
    service.files = {"boats": ["/docs/dinghy.txt", "/docs/yacht.txt"]}
    service.saved.add("boats")
    made = tree.attr("/saved/boats").mtime
    assert made == service.saved.created("boats")

    tree.entries("/saved/boats")
    tree.entries("/saved/boats")
    assert tree.attr("/saved/boats").mtime == made

    service.files["boats"].append("/docs/ferry.txt")
    tree.entries("/saved/boats")
    grown = tree.attr("/saved/boats").mtime
    assert grown > made

    tree.remove("/saved/boats/01_dinghy.txt")
    assert tree.attr("/saved/boats").mtime > grown
