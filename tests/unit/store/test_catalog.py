"""The catalogue behaves like a dict of files, and readers see what the writer commits."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from semfs.errors import CatalogDamaged, DiskFull, StoreError
from semfs.model import Chunk, Document, FileStatus, Filters, Kind, VectorId
from semfs.store.analysis import query_groups, query_terms, quoted
from semfs.store.catalog import Catalog, CatalogWriter, FileState, create

DOCUMENT = Document(sections=())


def state(path: str, *, inode: int = 1, size: int = 10, mtime: float = 1.7e9) -> FileState:
    return FileState(path, 1, inode, size, int(mtime * 1e9), int(mtime * 1e9))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[CatalogWriter]:
    catalog = CatalogWriter(tmp_path / "catalog.db", embedder="fake", dimension=4)
    yield catalog
    catalog.close()


@pytest.fixture
def reader(writer: CatalogWriter) -> Catalog:
    return Catalog(writer.path)


def stored(
    writer: CatalogWriter, path: str, *texts: str, document: Document = DOCUMENT, **about: object
) -> int:
    with writer.transaction():
        id = writer.add(state(path, **about), Kind.TEXT)  # type: ignore[arg-type]
        writer.store(id, b"h", document, [Chunk(text) for text in texts])
    return id


def word(text: str) -> str:
    return " ".join(f'"{term}"' for term in query_terms(text))


def test_stored_words_are_found_with_their_file(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/a.txt", "the quick fox", "the slow bear")
    [(passage, file, _)] = reader.match_passages(word("bear"), limit=5)
    assert file == id
    assert reader.passages([passage])[passage].text == "the slow bear"
    assert [passage.ordinal for passage in reader.passages_of(file)] == [0, 1]


def test_storing_again_replaces_the_words(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/a.txt", "the quick fox")
    with writer.transaction():
        writer.store(id, b"h2", DOCUMENT, [Chunk("the slow bear")])  # type: ignore[arg-type]
    assert reader.match_passages(word("fox"), limit=5) == []
    assert len(reader.match_passages(word("bear"), limit=5)) == 1


def test_words_are_found_in_the_language_of_their_file(writer: CatalogWriter, reader: Catalog) -> None:
    with writer.transaction():
        id = writer.add(state("/d/a.txt"), Kind.TEXT)
        german = Document((), title="Die Wälder", language="de")
        writer.store(id, b"h", german, [Chunk("alte Häuser", heading="Die Städte")])
    for wanted in ("Haus", "Stadt"):
        assert len(reader.match_passages(quoted(query_terms(wanted, "de")[0]), limit=5)) == 1
    assert [file for file, _ in reader.match_names(quoted(query_terms("Wald", "de")[0]), limit=5)] == [id]


def test_a_file_found_to_be_in_another_language_leaves_no_word_behind(
    writer: CatalogWriter, reader: Catalog
) -> None:
    id = stored(writer, "/d/häuser.txt", "alte Häuser")
    for language in ("de", "fr", ""):
        with writer.transaction():
            writer.store(id, b"h", Document((), language=language), [Chunk("alte Häuser")])  # type: ignore[arg-type]
    for form in query_groups(["Häuser"], ["de", "fr", "en"])[0]:
        assert len(reader.match_passages(quoted(form), limit=5)) == (form == "hauser")
    with writer.transaction():
        writer.remove(id)  # type: ignore[arg-type]
    assert reader.match_names('"hauser"', limit=5) == reader.match_passages('"hauser"', limit=5) == []


def test_the_languages_of_stray_files_are_not_looked_for(writer: CatalogWriter, reader: Catalog) -> None:
    with writer.transaction():
        for number, language in enumerate(["fr"] * 2 + ["de"] * 250 + ["en"] * 300 + [""] * 9):
            id = writer.add(state(f"/d/{number}", inode=number), Kind.TEXT)
            writer.store(id, b"h", Document((), language=language), [])
    assert list(reader.languages()) == ["en", "de"]


def test_files_of_unknown_language_are_in_no_other(writer: CatalogWriter, reader: Catalog) -> None:
    with writer.transaction():
        ids = [writer.add(state(f"/d/{number}", inode=number), Kind.TEXT) for number in range(3)]
        for id, language in zip(ids, ("de", "en", ""), strict=True):
            writer.store(id, b"h", Document((), language=language), [])
    assert reader.in_other_language("en", ids) == {ids[0]}


def test_a_failed_file_is_found_by_its_name_only(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/budget.txt", "the quick fox")
    with writer.transaction():
        writer.fail(id, FileStatus.FAILED, "it is broken")  # type: ignore[arg-type]
    assert reader.match_passages(word("fox"), limit=5) == []
    assert [file for file, _ in reader.match_names(word("budget"), limit=5)] == [id]
    assert reader.with_status(FileStatus.FAILED)[0].reason == "it is broken"


def test_a_skipped_file_keeps_what_it_says_about_itself(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/scan.pdf", "the quick fox")
    about = Document((), title="Lease", author="Anna", created=1.5e9)
    with writer.transaction():
        writer.fail(id, FileStatus.SKIPPED, "no text inside", about=about)  # type: ignore[arg-type]
    row = reader.with_status(FileStatus.SKIPPED)[0]
    assert (row.title, row.author, row.created) == ("Lease", "Anna", 1.5e9)
    assert [file for file, _ in reader.match_names(word("lease"), limit=5)] == [id]
    with writer.transaction():
        writer.fail(id, FileStatus.FAILED, "it is broken")  # type: ignore[arg-type]
    assert reader.match_names(word("lease"), limit=5) == []


def test_a_move_keeps_passages_and_changes_the_name(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/budget.txt", "the quick fox")
    with writer.transaction():
        writer.touch(id, state("/d/report.txt"), Kind.TEXT, changed=False)  # type: ignore[arg-type]
    assert reader.match_names(word("budget"), limit=5) == []
    assert [file for file, _ in reader.match_names(word("report"), limit=5)] == [id]
    assert len(reader.match_passages(word("fox"), limit=5)) == 1


def test_within_takes_any_number_of_files(writer: CatalogWriter, reader: Catalog) -> None:
    ids = [stored(writer, f"/d/{n}.txt", "fox") for n in range(3)]
    many = frozenset(range(100, 200_000))
    assert reader.match_passages(word("fox"), limit=9, within=many) == []  # type: ignore[arg-type]
    found = reader.match_passages(word("fox"), limit=9, within=frozenset(ids[:2]) | many)  # type: ignore[arg-type]
    assert {file for _, file, _ in found} == set(ids[:2])


def test_equal_passages_share_one_vector(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/a.txt", "same", "other")
    stored(writer, "/d/b.txt", "same")
    waiting = writer.unembedded(10)
    assert sorted(text for _, _, text in waiting) == ["other", "same"]
    assert reader.coverage().embedded == 0
    with writer.transaction():
        writer.add_vectors([hash for hash, _, _ in waiting], np.eye(4, dtype=np.float32)[:2])
    assert writer.unembedded(10) == []
    assert reader.coverage().passages == reader.coverage().embedded == 3
    ids, values = reader.vectors_after(VectorId(0))
    assert values.shape == (2, 4)
    assert len(reader.passages_with(ids)) == 3


def test_passages_of_the_newest_files_are_embedded_first(writer: CatalogWriter) -> None:
    stored(writer, "/d/old.txt", "old", mtime=1e9)
    stored(writer, "/d/new.txt", "new", mtime=2e9)
    assert [text for _, _, text in writer.unembedded(1)] == ["new"]


def test_sweep_takes_vectors_without_passages_out(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/a.txt", "text")
    with writer.transaction():
        writer.add_vectors([writer.unembedded(1)[0][0]], np.eye(4, dtype=np.float32)[:1])
        assert not writer.unswept
        writer.remove(id)  # type: ignore[arg-type]
    assert writer.unswept
    with writer.transaction():
        assert writer.sweep() == 1
    assert not writer.unswept
    assert reader.vector_count()[0] == 0


@pytest.mark.parametrize(("days", "waiting"), ((0, 0), (6, 0), (8, 1), (-8, 1)))
def test_a_vector_comes_back_with_its_passage_if_that_is_soon(
    writer: CatalogWriter, reader: Catalog, days: float, waiting: int
) -> None:
    id = stored(writer, "/d/a.txt", "text")
    hash = writer.unembedded(1)[0][0]
    with writer.transaction():
        writer.add_vectors([hash], np.eye(4, dtype=np.float32)[:1])
        writer.remove(id)  # type: ignore[arg-type]
    for now in (1.7e9, 1.7e9 + days * 86400):
        with writer.transaction():
            writer.sweep(now)
    stored(writer, "/d/b.txt", "text")
    assert len(writer.unembedded(5)) == waiting
    assert reader.coverage().embedded == reader.vector_count()[0] == 1 - waiting
    if not waiting:
        assert reader.vectors_after(VectorId(0))[1].tolist() == [[1, 0, 0, 0]]


def test_sweep_leaves_what_another_file_still_has(writer: CatalogWriter, reader: Catalog) -> None:
    id = stored(writer, "/d/a.txt", "shared", "waits")
    stored(writer, "/d/b.txt", "shared", "waits", "more")
    shared = next(hash for hash, _, text in writer.unembedded(5) if text == "shared")
    with writer.transaction():
        writer.add_vectors([shared], np.eye(4, dtype=np.float32)[:1])
        writer.remove(id)  # type: ignore[arg-type]
    with writer.transaction():
        assert writer.sweep() == 0
    assert reader.vector_count()[0] == 1
    assert sorted(text for _, _, text in writer.unembedded(5)) == ["more", "waits"]


def test_another_embedder_means_new_vectors(writer: CatalogWriter) -> None:
    gone = stored(writer, "/d/gone.txt", "gone")
    with writer.transaction():
        writer.add_vectors([writer.unembedded(1)[0][0]], np.eye(4, dtype=np.float32)[:1])
        writer.remove(gone)  # type: ignore[arg-type]
        writer.sweep()
    stored(writer, "/d/a.txt", "text")
    with writer.transaction():
        writer.add_vectors([writer.unembedded(1)[0][0]], np.eye(4, dtype=np.float32)[:1])
    writer.close()
    again = CatalogWriter(writer.path, embedder="other")
    assert again.vector_count()[0] == 0
    assert len(again.unembedded(5)) == 1
    stored(again, "/d/b.txt", "gone")
    assert len(again.unembedded(5)) == 2
    again.close()


def test_vectors_of_another_length_replace_all(writer: CatalogWriter) -> None:
    stored(writer, "/d/a.txt", "one", "two")
    hashes = [hash for hash, _, _ in writer.unembedded(2)]
    with writer.transaction():
        writer.add_vectors(hashes[:1], np.ones((1, 4), np.float32))
    with writer.transaction():
        writer.add_vectors(hashes[1:], np.ones((1, 6), np.float32))
    assert writer.meta("dimension") == "6"
    assert [hash for hash, _, _ in writer.unembedded(5)] == hashes[:1]


def test_every_reader_sees_the_same_version(writer: CatalogWriter, reader: Catalog) -> None:
    before = reader.version()
    writer.beat("watching")
    assert reader.version() == before
    stored(writer, "/d/a.txt", "text")
    assert reader.version() == Catalog(writer.path).version() > before


def test_activity_of_a_dead_ingest_is_not_shown(writer: CatalogWriter, reader: Catalog) -> None:
    writer.beat("reading", "/d/a\udcff.txt")
    assert (reader.coverage().activity, reader.coverage().current) == ("reading", "/d/a\ufffd.txt")
    with writer.transaction():
        writer.set_meta("heartbeat", str(time.time() - 60))
    assert reader.coverage().activity == ""


def test_filters_choose_files(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/Émile/2024/a.txt", "x", size=5, mtime=1000)
    stored(writer, "/d/other/b.PDF", "x", size=500, mtime=2000)

    def names(filters: Filters) -> list[str]:
        return [os.path.basename(row.path) for row in reader.matching(filters)]

    assert names(Filters()) == ["b.PDF", "a.txt"]
    assert names(Filters(folder="émile/2024")) == ["a.txt"]
    assert names(Filters(suffixes=frozenset({".pdf"}))) == ["b.PDF"]
    assert names(Filters(since=1000, until=2000)) == ["a.txt"]
    assert names(Filters(min_size=500)) == ["b.PDF"]


@pytest.mark.parametrize(
    ("filters", "files"),
    [
        (Filters(author="anna"), {"by.txt", "silent.txt"}),
        (Filters(author="Schmidt Anna"), {"by.txt"}),
        (Filters(author="ann"), set()),
        (Filters(author="王伟"), {"wang.txt"}),
        (Filters(author="\u0301"), set()),
        (Filters(language="de"), {"by.txt"}),
        (Filters(excluded=(Filters(language="de"),)), {"other.txt", "silent.txt", "wang.txt"}),
        (Filters(excluded=(Filters(author="anna"), Filters(author="王伟"))), {"other.txt"}),
        (Filters(excluded=(Filters(since=0, until=10),)), {"by.txt", "other.txt", "silent.txt", "wang.txt"}),
    ],
)
def test_authors_and_languages_are_filters_and_every_filter_can_be_excluded(
    writer: CatalogWriter, reader: Catalog, filters: Filters, files: set[str]
) -> None:
    anna = Document([], author="Anna Schmidt <as@example.org>", language="de")
    stored(writer, "/d/by.txt", "x", document=anna)
    stored(writer, "/d/other.txt", "Letter to Anna.", document=Document([], author="Hannah"))
    stored(writer, "/d/silent.txt", "Yours, Anna.", document=Document([]))
    stored(writer, "/d/wang.txt", "x", document=Document([], author="王伟经理"))
    assert {os.path.basename(row.path) for row in reader.matching(filters)} == files


def test_names_of_authors_are_known(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/by.txt", "Bob", document=Document([], author="Anna Schmidt <as@example.org>"))
    assert [reader.any_author(name) for name in ("anna schmidt", "Bob", "", "ann")] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("filters", "files"),
    [
        (Filters(recipient="bob"), {"bob.eml"}),
        (Filters(recipient="Bob Meier"), {"bob.eml"}),
        (Filters(recipient="王伟"), {"wang.eml"}),
        (Filters(recipient="bo"), set()),
        (Filters(recipient="bob", author="Anna"), set()),
        (Filters(excluded=(Filters(recipient="bob"),)), {"wang.eml", "silent.txt"}),
    ],
)
def test_recipients_are_a_filter(
    writer: CatalogWriter, reader: Catalog, filters: Filters, files: set[str]
) -> None:
    stored(
        writer, "/d/bob.eml", "x", document=Document([], author="Carl", recipients="Bob Meier <b@m.de>, Eve")
    )
    stored(writer, "/d/wang.eml", "x", document=Document([], author="Bob", recipients="王伟经理"))
    stored(writer, "/d/silent.txt", "Dear Bob", document=Document([]))
    assert {os.path.basename(row.path) for row in reader.matching(filters)} == files


def test_names_of_recipients_are_known(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/by.eml", "x", document=Document([], author="Anna", recipients="Bob <b@example.org>"))
    assert [reader.any_recipient(name) for name in ("bob", "Anna", "")] == [True, False, False]


def test_states_below_a_folder_leave_its_neighbours_out(writer: CatalogWriter) -> None:
    for path in ("/d/a/x", "/d/a/y/z", "/d/a.txt", "/d/ab/x", "/d/a"):
        stored(writer, path, "t")
    assert sorted(writer.states("/d/a")) == ["/d/a", "/d/a/x", "/d/a/y/z"]


def test_a_transaction_is_all_or_nothing(writer: CatalogWriter, reader: Catalog) -> None:
    with pytest.raises(ValueError, match="stop"), writer.transaction():
        writer.add(state("/d/a"), Kind.TEXT)
        raise ValueError("stop")
    assert reader.coverage().files == 0


def test_no_text_is_lost_between_two_tries(writer: CatalogWriter) -> None:
    with writer.transaction():
        id = writer.add(state("/d/a"), Kind.TEXT)
        writer.begin([id])
    assert [pending.tries for pending in writer.pending(5)] == [1]
    with writer.transaction():
        writer.release([id])
    assert [pending.tries for pending in writer.pending(5)] == [0]


def test_a_damaged_file_is_told_from_other_trouble(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(b"this is no database, however long it is" * 100)
    with pytest.raises(CatalogDamaged):
        CatalogWriter(path)
    with pytest.raises(StoreError) as caught:
        Catalog(tmp_path / "none.db").coverage()
    assert not isinstance(caught.value, CatalogDamaged)


def test_words_of_another_analysis_mean_building_again(writer: CatalogWriter) -> None:
    with writer.transaction():
        writer.set_meta("analysis", "0")
    writer.close()
    with pytest.raises(CatalogDamaged, match="another version"):
        CatalogWriter(writer.path)


def test_a_full_disk_is_said_to_be_one_and_loses_nothing(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/a", "text")
    pages = writer._db.execute("PRAGMA page_count").fetchone()[0]
    writer._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        stored(writer, "/d/b", "long " * 100_000)
    assert [row.path for row in reader.matching(Filters())] == ["/d/a"]
    writer._db.execute("PRAGMA max_page_count = 1000000")
    stored(writer, "/d/b", "long")


def test_a_reader_follows_the_successor_of_a_catalogue_set_aside(writer: CatalogWriter) -> None:
    stored(writer, "/d/a", "text")
    reader = Catalog(writer.path)
    assert reader.coverage().files == 1
    writer.close()
    writer.path.rename(writer.path.with_name("aside"))
    create(writer.path)
    assert reader.coverage().files == 0


def test_a_catalogue_is_put_in_its_place_whole(tmp_path: Path) -> None:
    """A reader that opened it while it was empty would delete its log."""
    sizes: set[int] = set()
    with ThreadPoolExecutor(1) as pool:
        for number in range(20):
            path = tmp_path / str(number) / "catalog.db"
            made = pool.submit(create, path)
            while not made.done():
                sizes.update(found.stat().st_size for found in [path] if found.exists())
            sizes.add(path.stat().st_size)
            assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert len(sizes) == 1


def test_create_leaves_an_existing_catalogue_alone(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/a", "text")
    create(writer.path)
    assert reader.coverage().files == 1


def test_readers_cannot_write(writer: CatalogWriter, reader: Catalog) -> None:
    with pytest.raises(StoreError):
        reader._db.rows("DELETE FROM files")


PATHS = st.sampled_from([f"/d/{name}" for name in ("a.txt", "b c.md", "sub/a.txt", "ü.txt", "\udcff.bin")])
TEXTS = st.lists(st.sampled_from(["fox", "bear", "fox bear", "owl", "häuser"]), max_size=3)
LANGUAGES = ("", "de", "fr")


class CatalogueAgainstADict(RuleBasedStateMachine):
    """Whatever happens, words lead to exactly the files that have them."""

    def __init__(self) -> None:
        super().__init__()
        self.writer = CatalogWriter(Path(f"file-{id(self)}"), embedder="fake", dimension=2)
        self.known: dict[str, list[str] | None] = {}

    def id(self, path: str) -> int:
        row = self.writer.file_at(path)
        assert row is not None
        return row.id

    @rule(path=PATHS)
    def add(self, path: str) -> None:
        if path not in self.known:
            with self.writer.transaction():
                self.writer.add(state(path), Kind.TEXT)
            self.known[path] = None

    @precondition(lambda self: self.known)
    @rule(data=st.data(), texts=TEXTS, language=st.sampled_from(LANGUAGES))
    def store(self, data: st.DataObject, texts: list[str], language: str) -> None:
        path = data.draw(st.sampled_from(sorted(self.known)))
        document = Document((), title="owl", language=language)
        with self.writer.transaction():
            self.writer.store(self.id(path), b"h", document, [Chunk(t) for t in texts])  # type: ignore[arg-type]
        self.known[path] = texts

    @precondition(lambda self: self.known)
    @rule(data=st.data(), to=PATHS)
    def move(self, data: st.DataObject, to: str) -> None:
        path = data.draw(st.sampled_from(sorted(self.known)))
        if to not in self.known:
            with self.writer.transaction():
                self.writer.touch(self.id(path), state(to), Kind.TEXT, changed=False)  # type: ignore[arg-type]
            self.known[to] = self.known.pop(path)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.known)))
        with self.writer.transaction():
            self.writer.fail(self.id(path), FileStatus.FAILED, "no")  # type: ignore[arg-type]
        self.known[path] = []

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.known)))
        with self.writer.transaction():
            self.writer.remove(self.id(path))  # type: ignore[arg-type]
        del self.known[path]

    @precondition(lambda self: self.known)
    @rule(data=st.data(), unchanged=st.booleans())
    def change(self, data: st.DataObject, unchanged: bool) -> None:
        path = data.draw(st.sampled_from(sorted(self.known)))
        with self.writer.transaction():
            self.writer.touch(self.id(path), state(path), Kind.TEXT, changed=True)  # type: ignore[arg-type]
            if unchanged:
                self.writer.keep(self.id(path))  # type: ignore[arg-type]

    @rule(most=st.sampled_from([1, 100]))
    def embed(self, most: int) -> None:
        waiting = self.writer.unembedded(most)
        if waiting:
            with self.writer.transaction():
                values = np.ones((len(waiting), 2), np.float32)
                self.writer.add_vectors([hash for hash, _, _ in waiting], values)

    @invariant()
    def files_are_the_same(self) -> None:
        assert sorted(self.writer.states()) == sorted(self.known)

    @invariant()
    def words_lead_to_their_files(self) -> None:
        for wanted in ("fox", "bear", "owl", "häuser"):
            forms = query_groups([wanted], LANGUAGES)[0]
            found = self.writer.match_passages(" OR ".join(map(quoted, forms)), limit=100)
            rows = self.writer.files({file for _, file, _ in found})
            expected = {path for path, texts in self.known.items() if any(wanted in t for t in texts or ())}
            assert {rows[file].path for _, file, _ in found} == expected

    @invariant()
    def what_has_no_vector_waits(self) -> None:
        coverage = self.writer.coverage()
        waiting = {text for _, _, text in self.writer.unembedded(100)}
        texts = [text for texts in self.known.values() for text in texts or ()]
        assert coverage.passages == len(texts)
        assert coverage.passages - coverage.embedded == sum(text in waiting for text in texts)

    @invariant()
    def files_without_waiting_passages_are_found_by_meaning(self) -> None:
        waiting = {text for _, _, text in self.writer.unembedded(100)}
        rows = {
            row.path: row for row in self.writer.files(id for id, _ in self.writer.states().values()).values()
        }
        whole = [
            path
            for path, texts in self.known.items()
            if rows[path].status is FileStatus.INDEXED and not waiting.intersection(texts or ())
        ]
        assert self.writer.coverage().meaning == len(whole)

    def teardown(self) -> None:
        self.writer.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.writer.path}{suffix}").unlink(missing_ok=True)


TestCatalogueAgainstADict = CatalogueAgainstADict.TestCase
TestCatalogueAgainstADict.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_numbers_that_are_too_large_for_sqlite_are_kept_as_near_as_possible(writer: CatalogWriter) -> None:
    far = 10**27  # a time that `touch` can give a file on some file systems
    given = SimpleNamespace(st_dev=1, st_ino=2**64 - 2, st_size=3, st_mtime_ns=far, st_ctime_ns=-far)
    seen = FileState.of("/d/a", given)  # type: ignore[arg-type]
    with writer.transaction():
        id = writer.add(seen, Kind.TEXT)
    assert writer.states() == {"/d/a": (id, seen)}
    assert seen.inode == -2
    assert datetime.fromtimestamp(writer.files([id])[id].mtime, UTC).year == 2262


def test_vectors_of_a_long_file_are_sampled_evenly(writer: CatalogWriter, reader: Catalog) -> None:
    long = stored(writer, "/d/long.txt", *(f"text {number}" for number in range(10)))
    short = stored(writer, "/d/short.txt", "one", "two", inode=2)
    stored(writer, "/d/none.txt", inode=3)
    rows = writer.unembedded(100)
    with writer.transaction():
        writer.add_vectors([hash for hash, _, _ in rows], np.eye(4, dtype=np.float32)[[0] * len(rows)])

    found = reader.file_vectors([long, short], most=4)

    assert {id: vectors.shape for id, (_, vectors) in found.items()} == {long: (4, 4), short: (2, 4)}
    ordinals = [passage.ordinal for passage in reader.passages(found[long][0]).values()]
    assert ordinals == [0, 3, 6, 9]


def test_files_are_found_by_content_and_folders_by_what_is_below(
    writer: CatalogWriter, reader: Catalog
) -> None:
    id = stored(writer, "/d/sub/a.txt", "text")

    assert [row.id for row in reader.with_content([b"h", b"other"])] == [id]
    assert reader.with_content([]) == []
    assert [reader.is_folder(path) for path in ("/d", "/d/sub", "/d/su", "/d/sub/a.txt", "/e")] == [
        *(True, True, False, False, False)
    ]


def test_a_word_that_very_many_names_have_is_not_ranked(writer: CatalogWriter, reader: Catalog) -> None:
    many = [stored(writer, f"/d/report {number}.txt", inode=number + 1) for number in range(8)]
    rare = stored(writer, "/d/report budget.txt", inode=100)
    reader.common_names = 5

    found = [id for id, _ in reader.match_names(f"{word('report')} OR {word('budget')}", limit=4)]

    assert found[0] == rare
    assert len(found) == 4
    assert {id for id, _ in reader.match_names(word("report"), limit=100)} == {*many, rare}
    assert reader.match_names(word("report"), limit=100, within=frozenset(many[:1]))[0][0] == many[0]


def test_what_is_counted_is_what_is_there(writer: CatalogWriter, reader: Catalog) -> None:
    stored(writer, "/d/a", "one", "two")
    second = stored(writer, "/d/b", "three", inode=2)
    with writer.transaction():
        writer.fail(second, FileStatus.FAILED, "broken")
        writer.add(state("/d/c", inode=3), Kind.TEXT)
    covered = reader.coverage()
    assert (covered.files, covered.indexed, covered.failed, covered.pending) == (3, 1, 1, 1)
    assert (covered.passages, covered.embedded) == (2, 0)


def test_a_folder_is_found_whatever_the_case_of_its_name(writer: CatalogWriter, reader: Catalog) -> None:
    inside = stored(writer, "/d/Taxes/2023/a.txt", "one")
    stored(writer, "/d/taxes.txt", "two", inode=2)
    assert reader.matching_ids(Filters(folder="taxes")) == {inside}
    assert reader.matching_ids(Filters(folder="taxes/2023")) == {inside}
    with writer.transaction():
        writer.touch(inside, state("/d/elsewhere/a.txt"), Kind.TEXT, changed=False)
    assert reader.matching_ids(Filters(folder="taxes")) == set()


def test_a_thread_that_ends_leaves_nothing_open(tmp_path: Path) -> None:
    """A mount has a thread for each answer; nobody collects cycles for minutes there."""
    CatalogWriter(tmp_path / "catalog.db").close()
    catalog = Catalog(tmp_path / "catalog.db")
    before = len(os.listdir("/proc/self/fd"))
    gc.disable()
    try:
        for _ in range(5):
            thread = threading.Thread(target=catalog.coverage)
            thread.start()
            thread.join()
        assert len(os.listdir("/proc/self/fd")) == before
    finally:
        gc.enable()
