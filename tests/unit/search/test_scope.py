"""Steps: how they are written down with a job, and what they do to a result."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from semfs.model import Kept, Narrowed, Neighbours, Step
from semfs.search.kept import is_untitled
from semfs.search.scope import read, written
from semfs.search.searcher import Searcher

Names = Callable[[object], list[str]]
NAME = st.text(st.characters(exclude_characters="/\0"), min_size=1)


@given(
    st.one_of(
        NAME,
        NAME.map(Kept),
        NAME.map(lambda name: Neighbours(f"/{name}")),
        st.builds(Narrowed, st.sampled_from(["kind", "folder"]), st.text("ab/", min_size=1)),
    )
)
def test_a_step_is_read_back_from_its_text(step: Step) -> None:
    assert read(written(step)) == step


def test_narrowing_works_on_the_whole_result_not_only_on_what_is_shown(
    searcher_with: Callable[..., Searcher],
) -> None:
    searcher = searcher_with(limit=1)
    shown = searcher.search(["total amount"])
    narrowed = searcher.search(["total amount", Narrowed("kind", "pdf")])

    assert len(shown.hits) == 1 and shown.more
    assert len(narrowed.hits) == 2
    assert [hit.rank for hit in narrowed.hits] == [1, 2]


def test_a_result_can_be_narrowed_twice(searcher: Searcher, names: Names) -> None:
    result = searcher.search(["total amount", Narrowed("kind", "pdf"), Narrowed("year", "2024")])

    assert names(result.hits) == ["bolt.pdf"]
    assert [query.given for query in result.queries] == ["total amount", "kind pdf", "year 2024"]


def test_an_untitled_folder_asks_nothing() -> None:
    untitled = ["New Folder", "New Folder (2)", "untitled folder 3", "Neuer Ordner", "新建文件夹", "New"]
    assert [is_untitled(name) for name in (*untitled, "new folder structure", "new taxes")] == [
        *[True] * len(untitled),
        False,
        False,
    ]
