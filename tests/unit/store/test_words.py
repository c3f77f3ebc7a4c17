"""The words beside the catalogue: they give what the catalogue's own full text gives."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from semfs.model import Chunk, Document, FileId, Kind, PassageId
from semfs.store.catalog import CatalogWriter, FileState
from semfs.store.following import WordWriter
from semfs.store.segments import damaged
from semfs.store.words import WordIndex

TEXTS = [
    "the quick brown fox jumps over the lazy dog",
    "a fox, a fox and another fox",
    "dogs and cats living together",
    "budget of the year",
    "今年的预算",
]


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "words"
        self.catalog = CatalogWriter(folder / "catalog.db")
        self.writer = WordWriter(self.folder, fewest=1)
        self.index = WordIndex(self.folder, fewest=0)

    def put(self, path: str, *texts: str, heading: str = "") -> FileId:
        state = FileState(path, 1, abs(hash(path)) % 2**40, 10, 0, 0)
        with self.catalog.transaction():
            known = self.catalog.file_at(path)
            id = known.id if known else self.catalog.add(state, Kind.TEXT)
            self.catalog.store(id, b"", Document(sections=()), [Chunk(text, heading) for text in texts])
        return id

    def follow(self) -> None:
        """Let the writer work until it has nothing left to do."""
        end = time.monotonic() + 30
        self.writer.follow(self.catalog)
        while self.writer.timeout() < 60 and time.monotonic() < end:
            time.sleep(min(self.writer.timeout(), 0.1))
            self.writer.follow(self.catalog)

    def find(self, expression: str, *, limit: int = 100, within: frozenset[FileId] | None = None) -> Any:
        return self.index.match(
            expression,
            limit=limit,
            within=within,
            of=lambda: (self.catalog.identity(), self.catalog.passage_count()),
        )

    def files(self, expression: str, **options: Any) -> set[FileId]:
        return {file for _, file, _ in self.find(expression, **options)}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    for number, text in enumerate(TEXTS):
        shelf.put(f"/{number}", text)
    shelf.follow()
    return shelf


@pytest.mark.parametrize(
    "expression",
    [
        '"fox"',
        '"fox" OR "dog"',
        '"fox" AND "dog"',
        '("fox" OR "cat") AND "dog"',
        '"lazi dog"',
        '"dog lazi"',
        '"预算"',
        '"bud"*',
        '"nothing"',
    ],
)
def test_it_finds_what_the_catalogue_finds(shelf: Shelf, expression: str) -> None:
    expected = {(passage, file) for passage, file, _ in shelf.catalog.match_passages(expression, limit=100)}
    assert {(passage, file) for passage, file, _ in shelf.find(expression)} == expected


def test_scores_are_those_of_bm25(shelf: Shelf) -> None:
    expected = [score for _, _, score in shelf.catalog.match_passages('"year"', limit=1)]
    assert [score for _, _, score in shelf.find('"year"')] == pytest.approx(expected, rel=0.35)


def test_a_word_in_the_heading_counts_more(shelf: Shelf) -> None:
    titled = shelf.put("/titled", "nothing of it here at all", heading="Budget")
    shelf.follow()
    assert shelf.find('"budget"', limit=1)[0][1] == titled


def test_no_phrase_goes_from_the_heading_into_the_text(shelf: Shelf) -> None:
    shelf.put("/titled", "plan", heading="marketing")
    shelf.follow()
    assert shelf.find('"market plan"') == []
    assert shelf.find('"market market"') == []


def test_frequencies_are_those_of_the_catalogue(shelf: Shelf) -> None:
    whole = (shelf.catalog.identity(), 5)
    assert [shelf.index.frequency(word, of=lambda: whole) for word in ("fox", "dog", "none")] == [2, 2, 0]


@pytest.mark.parametrize("limit", [1, 100, -1])
def test_a_search_can_be_kept_to_some_files(shelf: Shelf, limit: int) -> None:
    assert shelf.files('"fox" OR "dog"', limit=limit, within=frozenset([FileId(3)])) == {3}
    assert shelf.find('"fox"', limit=limit, within=frozenset()) == []


def test_a_search_can_be_kept_to_many_files(shelf: Shelf) -> None:
    many = frozenset(map(FileId, range(2, 5000)))
    assert shelf.files('"fox" OR "dog"', within=many) == {2, 3}


def test_what_changes_is_followed(shelf: Shelf) -> None:
    shelf.put("/1", "now it is about a horse")
    with shelf.catalog.transaction():
        shelf.catalog.remove(FileId(1))
    shelf.follow()
    assert shelf.find('"fox"') == []
    assert shelf.files('"hors"') == {2}
    assert shelf.catalog.forgotten(after=0, limit=10) == []


def test_what_was_not_committed_before_a_crash_is_done_again(shelf: Shelf) -> None:
    shelf.put("/1", "now it is about a horse")
    shelf.writer.follow(shelf.catalog)
    shelf.writer.close()
    shelf.writer = WordWriter(shelf.folder, fewest=1)
    shelf.follow()
    assert (shelf.files('"fox"'), shelf.files('"hors"')) == ({1}, {2})


def test_what_a_killed_commit_has_left_is_in_nobody_s_way(shelf: Shelf) -> None:
    """The deletions of a commit are in files of their own, and the next one gives them the same names."""
    before = (shelf.folder / "meta.json").read_bytes()
    for path in ("/0", "/1"):
        shelf.writer = WordWriter(shelf.folder, fewest=1)
        shelf.put(path)
        shelf.follow()
        assert list(shelf.folder.glob("*.del"))
        if path == "/0":
            shelf.writer.close()
            (shelf.folder / "meta.json").write_bytes(before)
    assert FileId(2) not in shelf.files('"fox"')


def test_few_passages_need_no_second_index(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.writer = WordWriter(shelf.folder, fewest=2)
    shelf.put("/a", "a fox")
    shelf.follow()
    assert shelf.find('"fox"') is None
    assert not shelf.folder.exists()


def test_an_index_of_what_has_become_few_passages_is_followed_after_a_start(shelf: Shelf) -> None:
    shelf.writer = WordWriter(shelf.folder, fewest=1000)
    shelf.put("/0", "a fox that came later")
    shelf.follow()
    assert len(shelf.files('"fox"')) == 2
    assert shelf.files('"later"') == {1}


@pytest.mark.parametrize("fewest", [1, 1000])
def test_what_is_gone_is_not_noted_for_ever(tmp_path: Path, fewest: int) -> None:
    shelf = Shelf(tmp_path)
    shelf.writer = WordWriter(shelf.folder, fewest=fewest)
    for text in ("an owl", "a fox"):
        shelf.put("/0", text)
    shelf.follow()
    with shelf.catalog.transaction():
        shelf.writer.sweep(shelf.catalog)
    assert shelf.catalog.forgotten(after=PassageId(0), limit=10) == []


def test_the_index_of_another_catalogue_is_written_again(shelf: Shelf) -> None:
    with shelf.catalog.transaction():
        shelf.catalog.set_meta("identity", "another")
    assert shelf.find('"fox"') is None
    shelf.writer = WordWriter(shelf.folder, fewest=1)
    shelf.follow()
    assert shelf.files('"fox"') == {1, 2}


def test_an_index_that_is_far_behind_is_not_asked(shelf: Shelf) -> None:
    identity = shelf.catalog.identity()
    assert shelf.index.match('"fox"', limit=10, within=None, of=lambda: (identity, 5)) is not None
    assert shelf.index.match('"fox"', limit=10, within=None, of=lambda: (identity, 5000)) is None


@pytest.mark.warns
@pytest.mark.parametrize("pattern", ["meta.json", "*.idx", "*.store", "*.term", "*.fast"])
def test_a_damaged_index_is_not_used_and_written_again(shelf: Shelf, pattern: str) -> None:
    shelf.writer.close()
    for file in shelf.folder.glob(pattern):
        file.write_bytes(file.read_bytes()[:10])
    for _ in range(4):  # it takes a few failures to tell a bad index from a bad question
        assert shelf.find('"fox"') is None or shelf.files('"fox"') <= {1, 2}
    shelf.follow()
    assert shelf.files('"fox"') == {1, 2}


def test_an_index_that_goes_away_under_the_reader_and_the_writer_is_written_again(shelf: Shelf) -> None:
    for file in list(shelf.folder.iterdir()):
        file.unlink()
    assert shelf.find('"fox"') is None
    shelf.follow()
    assert shelf.files('"fox"') == {1, 2}


@pytest.mark.warns
def test_where_nothing_can_be_written_the_catalogue_answers(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put("/a", "a fox")
    shelf.folder.write_bytes(b"a file stands in the way")
    shelf.writer.follow(shelf.catalog)
    assert shelf.find('"fox"') is None


@pytest.mark.warns
def test_mapped_files_that_are_to_be_cut_short_are_let_go_of_before(shelf: Shelf) -> None:
    assert len(shelf.files('"fox"')) == 2
    files = [file for file in shelf.folder.glob("*.*") if len(file.stem) == 32]
    cutting = threading.Thread(target=lambda: [os.truncate(file, 10) for file in files])  # which waits for us
    cutting.start()
    cutting.join(0.2)
    assert shelf.find('"fox"') is None
    cutting.join()
    shelf.writer.close()
    shelf.follow()
    assert len(shelf.files('"fox"')) == 2


@pytest.mark.warns
def test_a_damaged_file_is_noticed_when_the_writer_opens_it(shelf: Shelf) -> None:
    shelf.writer.close()
    for file in shelf.folder.glob("*.term"):
        os.truncate(file, file.stat().st_size // 2)
    shelf.put("/new", "a heron")
    shelf.follow()
    assert len(shelf.files('"heron" OR "fox"')) == 3


def test_bytes_that_were_changed_are_noticed_by_the_checksum(shelf: Shelf) -> None:
    assert damaged(shelf.folder, whole=True) == ""
    postings = next(shelf.folder.glob("*.idx"))
    with postings.open("r+b") as file:
        file.write(b"\xff")
    assert damaged(shelf.folder, whole=False) == ""
    assert damaged(shelf.folder, whole=True) == f"{postings.name} is not as it was written"
