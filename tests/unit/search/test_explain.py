from __future__ import annotations

import json

from semfs.model import Coverage, FileId, FileRow, FileStatus, Hit, Kind, Passage, PassageId, SearchResult
from semfs.search.explain import explain_json, hits_jsonl, passages_md
from semfs.search.searcher import Searcher


def test_hits_are_one_object_a_line(searcher: Searcher) -> None:
    lines = hits_jsonl(searcher.search(["total of the bill"])).splitlines()
    first = json.loads(lines[0])
    assert (first["rank"], first["why"], first["kind"]) == (1, "words+meaning", "pdf")
    assert first["passage"]["page"] == 1
    assert first["modified"].startswith("202")


def test_passages_are_quoted_with_their_place(searcher: Searcher) -> None:
    text = passages_md(searcher.search(["dog animal"]))
    assert text.startswith("# dog animal\n")
    assert "## 1. /d/notes/pets.txt" in text
    assert "page 2" in text or "page 1" in text
    assert "> " in text


def test_a_passage_in_an_archive_is_cited_with_its_member() -> None:
    row = FileRow(FileId(1), "/d/reports.zip", Kind.ARCHIVE, 1, 0.0, FileStatus.INDEXED)
    passage = Passage(PassageId(1), FileId(1), 0, "Sales rose.", "2023/q1.pdf > Sales", page=3)
    result = SearchResult((), (Hit(1, row, 1.0, passage, "words"),), Coverage())
    assert "*words · 2023/q1.pdf > Sales, page 3*" in passages_md(result)


def test_nothing_found_is_said(words_only: Searcher) -> None:
    assert "Nothing was found." in passages_md(words_only.search(["xylophone"]))


def test_the_explanation_has_the_filters_as_they_were_understood(searcher: Searcher) -> None:
    explained = json.loads(explain_json(searcher.search(["bill from 2023"])))
    query = explained["queries"][0]
    assert (query["given"], query["text"]) == ("bill from 2023", "bill")
    assert query["filters"]["since"].startswith("2023-01-01")
    assert query["understood"] == ["from 2023: 2023-01-01 to 2024-01-01"]
    assert explained["coverage"]["files"] == 36
    assert {"best_score", "threshold", "notices", "took_ms"} <= set(explained)


def test_the_explanation_has_what_was_excluded_and_what_was_left_aside(searcher: Searcher) -> None:
    explained = json.loads(explain_json(searcher.search(["bill without Bolt not in archive over 1 GB"])))
    query = explained["queries"][0]
    assert query["understood"] == [
        "without Bolt: not about Bolt",
        "not in archive: not folder archive",
    ]
    assert query["without"] == ["Bolt"]
    assert query["filters"] == {"excluded": [{"folder": "archive"}]}
    assert query["relaxed"] == ["over 1 GB: at least 1000000000 bytes"]
    assert explained["notices"] == [
        "nothing passes every filter and matches, so left aside: over 1 GB: at least 1000000000 bytes",
        "without Bolt: 1 left out",
    ]


def test_a_path_that_is_no_text_can_still_be_shown(searcher: Searcher) -> None:
    from dataclasses import replace

    result = searcher.search(["dog animal"])
    row = FileRow(FileId(1), "/d/\udcff.txt", Kind.TEXT, 1, 0.0, FileStatus.INDEXED)
    passage = Passage(PassageId(1), FileId(1), 0, "odd \udcff text")
    odd = replace(result.hits[0], file=row, passage=passage)
    shown_result: SearchResult = replace(result, hits=(odd,))
    for render in (hits_jsonl, passages_md, explain_json):
        render(shown_result).encode("utf-8")
