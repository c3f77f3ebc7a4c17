"""Extended attributes: on hits, on their cards and on the directories that list them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semfs.model import (
    Coverage,
    FileId,
    FileRow,
    FileStatus,
    Hit,
    Kept,
    Kind,
    Narrowed,
    Passage,
    PassageId,
    SearchResult,
)
from semfs.mount.attributes import LONGEST, of_hit, of_query
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

SAID = {"rank": b"1", "score": b"1", "why": b"words", "passage": b"the text of a passage", "place": b"page 3"}


def test_a_link_has_them_without_a_namespace_and_its_card_in_user(tree: Tree, service: FakeService) -> None:
    service.files = {"budget": ["/a/b.txt"]}

    link = tree.attributes("/search/budget/01_b.txt")
    card = tree.attributes("/search/budget/.query/hits/01_b.txt.txt")

    assert link == {f"semfs.{name}": value for name, value in SAID.items()}
    assert card == {f"user.semfs.{name}": value for name, value in SAID.items()}


def test_a_query_tells_its_words_and_what_came_of_it_once_it_was_opened(
    tree: Tree, service: FakeService
) -> None:
    service.files = {"budget": ["/a/b.txt"]}
    assert tree.attributes("/search/budget") == {"user.semfs.query": b"budget"}
    assert service.searched == []
    tree.entries("/search/budget")

    assert tree.attributes("/search/budget") == {
        "user.semfs.query": b"budget",
        "user.semfs.hits": b"1",
        "user.semfs.took_ms": b"1.5",
    }


def test_nested_steps_are_told_in_their_order() -> None:
    steps = (Kept("bills"), "paid", Narrowed("year", "2023"))

    assert of_query(steps, None) == {"user.semfs.query": b"saved/bills / paid / by/year/2023"}
    assert of_query(steps, SearchResult((), (), Coverage()))["user.semfs.hits"] == b"0"


def test_other_entries_have_none(tree: Tree) -> None:
    assert [tree.attributes(path) for path in ("/", "/README", "/run", "/search")] == [{}] * 4


@given(st.text(st.characters(), max_size=30), st.text(max_size=30).map(lambda text: text * 2000))
def test_values_are_text_and_fit(title: str, text: str) -> None:
    row = FileRow(FileId(1), "/a", Kind.TEXT, 1, 0.0, FileStatus.INDEXED, title=title)
    for value in of_hit(Hit(1, row, 1.0, Passage(PassageId(1), FileId(1), 0, text), "words")).values():
        assert 0 < len(value) <= LONGEST
        value.decode()
