"""The neighbours of a file: by its vectors, by its words where it has none, never itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semfs.model import FileId, Neighbours, PassageId
from semfs.search.searcher import Searcher
from semfs.search.similar import direction, nearest, telling_words

Names = Callable[[object], list[str]]
VECTOR = st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3).map(lambda values: np.float32(values))


def test_the_nearest_are_of_the_same_matter_and_the_file_itself_is_left_out(
    searcher: Searcher, names: Names
) -> None:
    result = searcher.search([Neighbours("/d/invoices/acme.pdf")])

    assert names(result.hits)[0] == "bolt.pdf"
    assert "acme.pdf" not in names(result.hits)
    assert {hit.why for hit in result.hits} == {"meaning"}
    assert result.hits[0].passage is not None


def test_no_model_runs(searcher_with: Callable[..., Searcher], names: Names) -> None:
    def never() -> None:
        raise AssertionError("the embedder was asked for")

    result = searcher_with(never).search([Neighbours("/d/invoices/acme.pdf")])

    assert names(result.hits)[0] == "bolt.pdf"


def test_a_copy_comes_first_however_it_is_cut_up(shelf, searcher: Searcher, names: Names) -> None:  # type: ignore[no-untyped-def]
    shelf.put("/d/copy.txt", "My cat is an animal that likes fish.", "The dog sleeps.")
    shelf.embed()

    result = searcher.search([Neighbours("/d/notes/pets.txt")])

    assert (names(result.hits)[0], result.hits[0].score) == ("copy.txt", 1.0)


def test_a_file_without_vectors_is_compared_by_its_telling_words(
    shelf, searcher: Searcher, names: Names
) -> None:  # type: ignore[no-untyped-def]
    shelf.put("/d/new.txt", "The storm and the rain of last week.")

    result = searcher.search([Neighbours("/d/new.txt")])

    assert (names(result.hits)[0], result.hits[0].why) == ("weather.txt", "words")


def test_the_first_file_that_has_vectors_is_compared_by_its_words_too(
    shelf, bare: Searcher, names: Names
) -> None:  # type: ignore[no-untyped-def]
    shelf.put("/d/rent.txt", "The rent is due.")
    shelf.embed()
    shelf.put("/d/more.txt", "Of the rent and other things.")

    assert names(bare.search([Neighbours("/d/rent.txt")]).hits) == ["more.txt"]


def test_a_file_without_text_is_compared_by_its_name(shelf, searcher: Searcher, names: Names) -> None:  # type: ignore[no-untyped-def]
    shelf.put("/d/photos/weather_station.jpg")

    assert names(searcher.search([Neighbours("/d/photos/weather_station.jpg")]).hits) == ["weather.txt"]


def test_a_file_that_is_not_indexed_has_no_neighbours_and_a_notice(searcher: Searcher) -> None:
    result = searcher.search([Neighbours("/nowhere.txt")])

    assert (result.hits, result.notices) == ((), ("this file is not in the index",))


def test_neighbours_can_be_searched_further(searcher: Searcher, names: Names) -> None:
    result = searcher.search([Neighbours("/d/invoices/acme.pdf"), "Bolt"])

    assert names(result.hits) == ["bolt.pdf"]


@given(VECTOR, st.dictionaries(st.integers(1, 9).map(FileId), st.lists(VECTOR, min_size=1, max_size=4)))
def test_scores_fall_and_belong_to_the_files_that_are_near(
    own: np.ndarray, others: dict[FileId, list[np.ndarray]]
) -> None:
    sampled = {
        file: ([PassageId(place) for place in range(len(vectors))], np.stack(vectors))
        for file, vectors in others.items()
    }
    found = nearest(direction(own[None]), sampled)

    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    assert {item.file for item in found} <= set(others)
    assert all(0 < item.score <= 1.001 for item in found)


def test_words_are_counted_in_any_script() -> None:
    assert telling_words(["Storm storm a b", "会议记录 storm"]).split()[0] == "storm"
    assert telling_words([]) == ""
