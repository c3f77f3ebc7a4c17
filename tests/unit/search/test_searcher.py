from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from semfs.model import Filters, Kind
from semfs.search.searcher import Searcher
from semfs.store.catalog import Catalog

Names = Callable[[object], list[str]]


def test_words_and_meaning_find_together(searcher: Searcher, names: Names) -> None:
    hits = searcher.search(["total of the bill"]).hits
    assert set(names(hits)[:2]) == {"acme.pdf", "bolt.pdf"}
    assert hits[0].why == "words+meaning"
    assert hits[0].passage is not None
    assert hits[0].passage.page == 1


def test_meaning_finds_what_has_other_words(searcher: Searcher, names: Names) -> None:
    hits = searcher.search(["puppy"]).hits
    assert names(hits)[0] == "pets.txt"
    assert hits[0].why == "meaning"


def test_ranks_count_from_one_and_scores_fall(searcher: Searcher) -> None:
    hits = searcher.search(["invoice total"]).hits
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert sorted((hit.score for hit in hits), reverse=True) == [hit.score for hit in hits]


@pytest.mark.parametrize("query", ["pep-0484.rst", "PEP 484", "main.py"])
def test_a_file_asked_for_by_name_comes_first(searcher: Searcher, names: Names, query: str) -> None:
    expected = "main.py" if query == "main.py" else "pep-0484.rst"
    assert names(searcher.search([query]).hits)[0] == expected


def test_an_identifier_comes_first(searcher: Searcher, names: Names) -> None:
    assert names(searcher.search(["read_invoice"]).hits)[0] == "main.py"


def test_a_quoted_phrase_comes_first_as_it_stands(searcher: Searcher, names: Names) -> None:
    assert names(searcher.search(['"animal that likes" money invoice total']).hits)[0] == "pets.txt"


def test_a_file_without_text_is_found_by_its_name(shelf: Any, searcher: Searcher) -> None:
    shelf.put("/d/photos/grandmother.jpg", kind=Kind.IMAGE)
    hit = searcher.search(["grandmother"]).hits[0]
    assert (hit.file.path, hit.why, hit.passage) == ("/d/photos/grandmother.jpg", "name", None)


def test_filters_alone_list_all_that_pass_newest_first(searcher: Searcher, names: Names) -> None:
    hits = searcher.search(["PDFs"]).hits
    assert names(hits) == ["bolt.pdf", "acme.pdf"]
    assert {hit.why for hit in hits} == {"filter"}


def test_filters_narrow_words(searcher: Searcher, names: Names) -> None:
    assert names(searcher.search(["bill from 2023"]).hits) == ["acme.pdf"]
    assert names(searcher.search(["storm in archive"]).hits) == ["weather.txt"]


def test_filters_that_nothing_passes_are_left_aside_with_a_notice(searcher: Searcher, names: Names) -> None:
    result = searcher.search(["bill from 1999"])
    assert "acme.pdf" in names(result.hits)
    assert "1999" in result.notices[0]


def test_nested_queries_search_among_the_hits_of_the_outer_one(searcher: Searcher, names: Names) -> None:
    assert "pets.txt" not in names(searcher.search(["PDFs", "dog animal total"]).hits)
    assert names(searcher.search(["PDFs", "Bolt"]).hits)[0] == "bolt.pdf"


def test_nothing_found_is_empty_and_says_why(words_only: Searcher) -> None:
    result = words_only.search(["xylophone"])
    assert result.hits == ()
    assert any("nothing found" in notice for notice in result.notices)


def test_without_an_embedder_words_are_searched_with_a_notice(words_only: Searcher, names: Names) -> None:
    result = words_only.search(["storm"])
    assert names(result.hits) == ["weather.txt"]
    assert "words only" in result.notices[0]


@pytest.mark.parametrize("query", ["", " ", '"', "NEAR(a b) OR", "a\0b", "*", "日本語", "\udcff", "-" * 300])
def test_no_query_is_an_error(searcher: Searcher, query: str) -> None:
    searcher.search([query])


def test_files_can_be_found_while_the_index_is_built(shelf: Any, searcher: Searcher, names: Names) -> None:
    shelf.put("/d/new.txt", "The quarterly zebra report.")
    result = searcher.search(["zebra"])
    assert names(result.hits)[0] == "new.txt"
    assert any("being built" in notice for notice in result.notices)


def test_before_there_is_an_index_nothing_is_found(tmp_path: Path) -> None:
    searcher = Searcher(Catalog(tmp_path / "none.db"), lambda: None, cache_dir=tmp_path, limit=10)
    result = searcher.search(["anything"])
    assert (result.hits, len(result.notices)) == ((), 1)
    assert searcher.matching("anything", Filters()) == []
    assert searcher.passages("anything", limit=3) == []


def test_matching_gives_every_file_that_matches_and_no_other(searcher: Searcher, names: Names) -> None:
    assert sorted(names(searcher.matching("invoices", Filters()))) == ["acme.pdf", "bolt.pdf", "main.py"]


def test_matching_obeys_filters_given_and_in_words(searcher: Searcher, names: Names) -> None:
    year = Filters(since=datetime(2023, 1, 1).timestamp(), until=datetime(2024, 1, 1).timestamp())
    assert names(searcher.matching("invoices", year)) == ["acme.pdf"]
    assert names(searcher.matching("PDFs from 2024", Filters())) == ["bolt.pdf"]
    assert names(searcher.matching("", Filters(kinds=frozenset({Kind.PDF})))) == ["bolt.pdf", "acme.pdf"]


def test_passages_answer_a_question_best_first(searcher: Searcher) -> None:
    passage, file, score = searcher.passages("which animal likes fish?", limit=2)[0]
    assert (passage.text, file.path) == ("My cat is an animal that likes fish.", "/d/notes/pets.txt")
    assert score > 0


def test_passages_of_equal_text_are_given_once(shelf: Any, searcher: Searcher) -> None:
    shelf.put("/d/copy.txt", "My cat is an animal that likes fish.")
    found = searcher.passages("which animal likes fish?", limit=5)
    assert len({passage.text for passage, _, _ in found}) == len(found)


def test_passages_can_be_kept_to_some_files(shelf: Any, searcher: Searcher) -> None:
    only = frozenset({shelf.put("/d/other.txt", "An animal that likes rain.")})
    shelf.embed()
    assert {file.id for _, file, _ in searcher.passages("animal", limit=5, within=only)} == only


def test_words_of_a_filter_that_is_left_aside_are_searched_again(
    shelf: Any, searcher: Searcher, names: Names
) -> None:
    shelf.put("/d/old.txt", "The treaty of 1985 was signed.")
    shelf.put("/d/older.txt", "The treaty of 1977 was signed.")
    assert names(searcher.search(["treaty from 1985"]).hits)[0] == "old.txt"
