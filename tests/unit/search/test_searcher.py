from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from semfs.model import Filters, Kind
from semfs.search import retrieve
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


def test_what_is_embedded_while_it_is_looked_for_is_found_by_its_words(
    shelf: Any, searcher: Searcher, searcher_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(type(shelf.embedder)):  # type: ignore[misc]
        """Is asked for letters after the vectors were looked at."""

        def letters_a_piece(self, text: str) -> float:
            shelf.embed()
            return 0.0

    shelf.put("/d/garden.txt", "Tomatoes like the sun.")
    monkeypatch.setattr(retrieve, "_COVERAGE_S", 0.0)
    asked = searcher_with(embedder=lambda: Late())
    found = [passage.text for passage, _, _ in asked.passages("tomatoes type", limit=40)]
    assert "Tomatoes like the sun." in found
    assert not shelf.writer.unembedded(1)


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


def test_only_the_filter_that_nothing_passes_is_left_aside(searcher: Searcher, names: Names) -> None:
    result = searcher.search(["PDFs of a bill in archive from 2023"])
    assert names(result.hits) == ["acme.pdf"]
    assert [item.words for item in result.queries[0].relaxed] == ["in archive"]
    assert result.queries[0].filters.kinds == {Kind.PDF}
    assert "in archive" in result.notices[0]


def test_a_filter_is_left_aside_when_nothing_that_passes_it_matches(
    words_only: Searcher, names: Names
) -> None:
    result = words_only.search(["storm since 2024"])
    assert names(result.hits) == ["weather.txt"]
    assert [item.words for item in result.queries[0].relaxed] == ["since 2024"]


def test_the_words_of_a_filter_alone_are_no_reason_to_leave_it_aside(
    shelf: Any, words_only: Searcher
) -> None:
    shelf.put("/d/year.txt", "The year 1985.")
    result = words_only.search(["xylophone from 1985"])
    assert (result.hits, result.queries[0].relaxed) == ((), ())


def test_no_filter_is_left_aside_where_nothing_is_found_without_it_either(words_only: Searcher) -> None:
    result = words_only.search(["xylophone from 2023"])
    assert (result.hits, result.queries[0].relaxed) == ((), ())


def test_what_is_about_an_excluded_matter_is_left_out(searcher: Searcher, names: Names) -> None:
    assert {"acme.pdf", "bolt.pdf"} <= set(names(searcher.search(["total of the bill"]).hits))
    result = searcher.search(["total of the bill without Bolt"])
    assert "acme.pdf" in names(result.hits)
    assert "bolt.pdf" not in names(result.hits)
    assert "without Bolt: 1 left out" in result.notices


def test_what_only_mentions_an_excluded_matter_comes_last(
    shelf: Any, searcher: Searcher, names: Names
) -> None:
    pages = [f"Total amount of bill {number}." for number in range(8)]
    shelf.put("/d/long.txt", *pages, "Paid to Bolt, total amount of the bill.")
    shelf.embed()
    found = searcher.search(["total amount bill without Bolt"])
    assert "bolt.pdf" not in names(found.hits)
    assert names(found.hits)[-1] == "long.txt"
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))


def test_what_says_that_it_is_without_is_kept(shelf: Any, searcher: Searcher, names: Names) -> None:
    shelf.put("/d/cake.txt", "A cake without eggs.")
    shelf.put("/d/omelette.txt", "Eggs and butter make a cake of eggs.")
    shelf.embed()
    found = names(searcher.search(["cake without eggs"]).hits)
    assert found[0] == "cake.txt"
    assert "omelette.txt" not in found


def test_a_word_with_a_minus_is_nowhere_in_the_hits(shelf: Any, searcher: Searcher, names: Names) -> None:
    shelf.put("/d/long.txt", *[f"Total amount of bill {number}." for number in range(8)], "Bolt")
    shelf.embed()
    assert not {"bolt.pdf", "long.txt"} & set(names(searcher.search(["total amount bill -bolt"]).hits))


def test_what_is_excluded_is_never_shown_for_want_of_other_hits(words_only: Searcher) -> None:
    assert words_only.search(["storm not in archive"]).hits == ()


def test_exclusions_alone_list_everything_else(searcher: Searcher, names: Names) -> None:
    hits = searcher.search(["everything without PDFs"]).hits
    assert len(hits) == 34
    assert not {"acme.pdf", "bolt.pdf"} & set(names(hits))


def test_an_author_is_found_in_what_files_say_of_themselves_or_in_their_text(
    shelf: Any, searcher: Searcher, names: Names
) -> None:
    shelf.put("/d/a.txt", "On money.", author="Anna Schmidt <anna@example.org>")
    shelf.put("/d/b.txt", "On money, by Anna.")
    shelf.put("/d/c.txt", "On money, not by Anna.", author="Hannah")
    shelf.embed()
    assert set(names(searcher.search(["documents by Anna"]).hits)) == {"a.txt", "b.txt"}
    assert "c.txt" in names(searcher.search(["money not by Anna"]).hits)
    assert "a.txt" not in names(searcher.search(["money not by Anna"]).hits)


def test_a_mail_is_found_by_whom_it_was_sent_to(shelf: Any, searcher: Searcher, names: Names) -> None:
    bob, eve = "Bob Meier <bob@example.org>", "Eve <eve@example.org>"
    shelf.put("/d/a.eml", "On money.", kind=Kind.EMAIL, author="Anna", recipients=f"{eve}, {bob}")
    shelf.put("/d/b.eml", "On money, dear Bob.", kind=Kind.EMAIL, author="Anna", recipients=eve)
    shelf.put("/d/c.eml", "On money.", kind=Kind.EMAIL, author="Bob", recipients=bob)
    shelf.embed()
    assert set(names(searcher.search(["emails to Bob"]).hits)) == {"a.eml", "c.eml"}
    assert names(searcher.search(["mails from Anna to Bob"]).hits) == ["a.eml"]
    assert names(searcher.search(["emails about money not to Bob"]).hits) == ["b.eml"]


def test_a_language_is_that_of_the_file(shelf: Any, searcher: Searcher, names: Names) -> None:
    shelf.put("/d/de.txt", "Rechnung über money.", language="de")
    shelf.put("/d/en.txt", "Letter on money.", language="en")
    shelf.embed()
    assert names(searcher.search(["money in German"]).hits) == ["de.txt"]
    assert "de.txt" not in names(searcher.search(["money not in German"]).hits)


def test_texts_in_a_language_are_listed_though_none_has_the_words_of_the_query(
    shelf: Any, words_only: Searcher, names: Names
) -> None:
    shelf.put("/d/brief.txt", "Die Heizung wird gewartet.", language="de")
    hits = words_only.search(["letters in German"]).hits
    assert names(hits) == ["brief.txt"]


def test_matching_leaves_out_what_is_excluded(searcher: Searcher, names: Names) -> None:
    assert sorted(names(searcher.matching("invoices without Bolt", Filters()))) == ["acme.pdf", "main.py"]
    assert names(searcher.matching("invoices -bolt", Filters(kinds=frozenset({Kind.PDF})))) == ["acme.pdf"]
