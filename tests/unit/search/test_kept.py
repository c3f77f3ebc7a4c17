"""Saved queries: what was left out stays out, what was pinned comes first, also after a rename."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.model import FileId, FileRow, FileStatus, Found, Hit, Kept, Kind
from semfs.search.kept import Choices, KeptQueries, applied
from semfs.search.scope import Answer, renumbered
from semfs.search.searcher import Searcher
from semfs.store.state import State

Names = Callable[[object], list[str]]
QUERY = "total amount"
ACME, BOLT = "/d/invoices/acme.pdf", "/d/invoices/bolt.pdf"


@pytest.fixture
def kept(shelf, searcher: Searcher, tmp_path: Path) -> Iterator[KeptQueries]:  # type: ignore[no-untyped-def]
    state = State(tmp_path / "state.db")
    shelf.writer.set_meta("sources", '["/d"]')
    queries = KeptQueries(state, shelf.writer)
    queries.add(QUERY)
    yield queries
    state.close()


@pytest.fixture
def found(kept: KeptQueries, searcher_with: Callable[..., Searcher], names: Names) -> Callable[[], list[str]]:
    searcher = searcher_with(choices=kept.resolved)
    return lambda: names(searcher.search([Kept(QUERY)]).hits)


def test_without_choices_it_is_the_search_itself(
    found: Callable[[], list[str]], searcher: Searcher, names: Names
) -> None:
    assert found() == names(searcher.search([QUERY]).hits)
    assert set(found()) >= {"acme.pdf", "bolt.pdf"}


def test_what_was_taken_out_stays_out_and_those_behind_move_up(
    kept: KeptQueries, searcher_with: Callable[..., Searcher], names: Names
) -> None:
    searcher = searcher_with(choices=kept.resolved, limit=1)
    first = searcher.search([Kept(QUERY)]).hits[0].file.path
    kept.take_out(QUERY, first)
    result = searcher.search([Kept(QUERY)])

    assert len(result.hits) == 1 and result.hits[0].file.path != first
    assert result.queries[0].notes[-1] == "1 left out"


def test_a_pinned_file_is_first_even_if_the_search_would_not_find_it(
    kept: KeptQueries, found: Callable[[], list[str]]
) -> None:
    kept.pin(QUERY, "/d/notes/pets.txt", "pets.txt")

    assert found()[0] == "pets.txt"
    assert kept.pins(QUERY) == {"pets.txt": "/d/notes/pets.txt"}


def test_pinning_takes_back_and_taking_out_a_pinned_file_unpins_it(
    kept: KeptQueries, found: Callable[[], list[str]]
) -> None:
    before = found()
    kept.take_out(QUERY, BOLT)
    assert "bolt.pdf" not in found()
    kept.pin(QUERY, BOLT, "bolt.pdf")
    assert found()[0] == "bolt.pdf"
    kept.take_out(QUERY, BOLT)
    assert found() == before


def test_a_renamed_file_is_followed_and_then_known_by_its_new_path(
    kept: KeptQueries,
    found: Callable[[], list[str]],
    shelf,  # type: ignore[no-untyped-def]
) -> None:
    kept.take_out(QUERY, ACME)
    shelf.move(ACME, "/d/old/2023.pdf")

    assert "2023.pdf" not in found()
    assert kept.listing(QUERY, pinned=False) == "/d/old/2023.pdf\n"


def test_a_copy_of_what_was_taken_out_is_not_taken_out(
    kept: KeptQueries,
    found: Callable[[], list[str]],
    shelf,  # type: ignore[no-untyped-def]
) -> None:
    shelf.put("/d/copy.pdf", "Invoice of Bolt Ltd. Total 80.")
    shelf.embed()
    kept.take_out(QUERY, BOLT)

    assert "copy.pdf" in found()


def test_only_files_below_the_sources_can_be_pinned(kept: KeptQueries, tmp_path: Path) -> None:
    with pytest.raises(NotPermitted):
        kept.pin(QUERY, str(tmp_path), "x")
    with pytest.raises(NoSuchEntry):
        kept.pin(QUERY, "/d/not there", "x")
    with pytest.raises(NoSuchEntry):
        kept.pin("not saved", ACME, "x")


def test_an_untitled_folder_lists_only_what_is_pinned(
    kept: KeptQueries, searcher_with: Callable[..., Searcher], names: Names
) -> None:
    kept.rename(QUERY, "New Folder")
    kept.pin("New Folder", ACME, "acme.pdf")

    assert names(searcher_with(choices=kept.resolved).search([Kept("New Folder")]).hits) == ["acme.pdf"]


def row(id: int) -> FileRow:
    return FileRow(FileId(id), f"/d/{id}", Kind.TEXT, 1, 0.0, FileStatus.INDEXED)


def looked_up(found: Sequence[Found]) -> list[Hit]:
    return [Hit(0, row(each.file), each.score, None, each.why) for each in found]


@given(
    st.lists(st.integers(1, 20), unique=True),
    st.integers(0, 20),
    st.sets(st.integers(1, 20)),
    st.lists(st.integers(1, 20), unique=True),
)
def test_choices_change_which_files_are_listed_and_nothing_else(
    ranked: list[int], limit: int, excluded: set[int], pins: list[int]
) -> None:
    found = [Found(FileId(id), 1.0, None, "words") for id in ranked]
    answer = Answer(renumbered(looked_up(found[:limit])), tuple(found[limit:]))
    choices = Choices(frozenset(map(FileId, excluded - set(pins))), tuple(map(FileId, pins)))
    pinned = [Hit(0, row(id), 0.0, None, "pinned") for id in pins]

    after = applied(choices, answer, pinned, looked_up)

    shown = [hit.file.id for hit in after.hits]
    whole = [id for id in ranked if id not in excluded | set(pins)]
    assert shown[: len(pins)] == pins
    assert shown[len(pins) :] + [item.file for item in after.more] == whole
    assert len(shown) - len(pins) == min(len(answer.hits), len(whole))
    assert [hit.rank for hit in after.hits] == list(range(1, len(shown) + 1))
