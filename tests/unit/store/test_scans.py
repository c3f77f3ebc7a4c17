"""What waits for recognition in the catalogue, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from semfs.model import Chunk, Document, FileId, FileStatus, Kind
from semfs.store.analysis import analyse, query_terms
from semfs.store.catalog import CatalogWriter, FileState
from semfs.store.filing import NO_TEXT
from semfs.store.rows import Scan
from semfs.store.scans import FEW


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[CatalogWriter]:
    writer = CatalogWriter(tmp_path / "catalog.db", embedder="fake", dimension=4)
    yield writer
    writer.close()


def state(path: str, mtime: int = 1) -> FileState:
    return FileState(path, 1, hash(path) % 1000, 10, mtime, mtime)


def put(
    catalog: CatalogWriter,
    path: str,
    *chunks: Chunk,
    scans: Sequence[int] = (1,),
    mtime: int = 1,
    **about: str,
) -> FileId:
    content = about.pop("content", path).encode()
    with catalog.transaction():
        id = catalog.add(state(path, mtime), Kind.PDF)
        routes = [(page,) for page in scans]
        catalog.store(id, content, Document((), scans=routes, **about), chunks)  # type: ignore[arg-type]
    return id


def read(catalog: CatalogWriter, *texts: str, language: str = "", pages: int = 1, page: bool = True) -> Scan:
    """Have the next picture read."""
    scans = catalog.scans
    scan = scans.waiting()
    assert scan is not None
    chunks = [Chunk(text, page=scan.route[-1] if page else None) for text in texts]
    terms = [(analyse(text, language), "") for text in texts]
    with catalog.transaction():
        scans.begin(scan)
        scans.read(scan, chunks, terms, language=language, pages=pages)
    return scan


def texts(catalog: CatalogWriter, file: FileId) -> list[tuple[int, str]]:
    return [(passage.ordinal, passage.text) for passage in catalog.passages_of(file)]


def found(catalog: CatalogWriter, words: str) -> list[FileId]:
    match = " ".join(f'"{term}"' for term in query_terms(words))
    return sorted({file for _, file, _ in catalog.match_passages(match, limit=9)})


def test_first_pages_come_before_second_ones_and_newest_files_first(catalog: CatalogWriter) -> None:
    old, new = put(catalog, "/old.pdf", scans=(2, 5)), put(catalog, "/new.pdf", scans=(1, 2), mtime=2)

    order = [read(catalog) for _ in range(4)]

    assert [(scan.id, scan.route[-1]) for scan in order] == [(new, 1), (old, 2), (new, 2), (old, 5)]
    assert catalog.scans.waiting() is None


def test_what_is_read_stands_on_its_page(catalog: CatalogWriter) -> None:
    file = put(catalog, "/a.pdf", Chunk("one", page=1), Chunk("three", page=3), scans=(2, 4))
    before = [passage.id for passage in catalog.passages_of(file)]

    read(catalog, "two", "too")
    read(catalog, "four")

    assert texts(catalog, file) == [(0, "one"), (1, "two"), (2, "too"), (3, "three"), (4, "four")]
    assert [passage.id for passage in catalog.passages_of(file) if passage.page in (1, 3)] == before
    assert found(catalog, "four") == found(catalog, "three") == [file]


def test_what_is_read_inside_of_a_file_stands_with_its_part(catalog: CatalogWriter) -> None:
    file = put(
        catalog,
        "/a.zip",
        Chunk("names"),
        Chunk("deed", "box.zip > deed.pdf > Preface", page=1),
        Chunk("seal", "box.zip > deed.pdf", page=3),
        Chunk("old", "box.zip > old.pdf", page=1),
        Chunk("tides", "tides.txt"),
        scans=(),
    )
    places = [("box.zip > deed.pdf", 2), ("box.zip > b.png", None), ("b.png", None), ("box.zip > old.pdf", 2)]
    for number, (heading, page) in enumerate(places):
        with catalog.transaction():
            state = catalog.states()["/a.zip"][1]
            scan = Scan(file, state, "", Kind.ARCHIVE, (number, 1), 0)
            catalog.scans.read(scan, [Chunk(f"{number}", heading, page)], [(f"{number}", "")])

    order = [text for _, text in texts(catalog, file)]

    assert order == ["names", "deed", "0", "seal", "old", "3", "1", "tides", "2"]


def test_pages_of_a_picture_inside_of_a_file_are_read_one_by_one(catalog: CatalogWriter) -> None:
    with catalog.transaction():
        id = catalog.add(state("/a.zip"), Kind.ARCHIVE)
        catalog.store(id, b"a", Document((), scans=[(2, 1), (0, 3, 1)]), [Chunk("names")])

    order = [read(catalog, f"page {number}", pages=number).route for number in (1, 3, 3, 3)]

    assert order == [(2, 1), (0, 3, 1), (0, 3, 2), (0, 3, 3)]
    assert catalog.scans.waiting() is None


def test_new_passages_wait_for_vectors_and_old_ones_keep_theirs(catalog: CatalogWriter) -> None:
    put(catalog, "/a.pdf", Chunk("one", page=1), scans=(2,))
    hashes = [hash for hash, _, _ in catalog.unembedded(9)]
    with catalog.transaction():
        catalog.add_vectors(hashes, np.ones((1, 4), np.float32))

    read(catalog, "two")

    assert [text for _, _, text in catalog.unembedded(9)] == ["two"]
    assert catalog.coverage().embedded == 1


def test_a_picture_is_found_by_name_only_until_text_is_read_in_it(catalog: CatalogWriter) -> None:
    file = put(catalog, "/a.png")
    before = catalog.files([file])[file]

    read(catalog, "a note")
    after = catalog.files([file])[file]

    assert (before.status, before.reason) == (FileStatus.SKIPPED, NO_TEXT)
    assert (after.status, after.reason) == (FileStatus.INDEXED, "")


def test_a_picture_without_text_is_found_by_name_only(catalog: CatalogWriter) -> None:
    file = put(catalog, "/a.png")

    read(catalog)

    assert catalog.files([file])[file].status is FileStatus.SKIPPED
    assert catalog.scans.waiting() is None


def test_the_language_that_shows_in_a_picture_is_that_of_its_file(catalog: CatalogWriter) -> None:
    file = put(catalog, "/mieten.png", Chunk("Verträge"), title="Verträge")

    read(catalog, "Die Verträge der Mieter", language="de", page=False)

    assert catalog.files([file])[file].language == "de"
    assert texts(catalog, file) == [(0, "Verträge"), (1, "Die Verträge der Mieter")]
    vertrag = f'"{analyse("Vertrag", "de")}"'
    assert [hit[1] for hit in catalog.match_passages(vertrag, limit=9)] == [file, file]
    assert [hit[0] for hit in catalog.match_names(vertrag, limit=9)] == [file]


def test_one_picture_among_much_text_does_not_tell_the_language(catalog: CatalogWriter) -> None:
    file = put(catalog, "/all.zip", *[Chunk(f"{number}") for number in range(FEW + 1)])

    read(catalog, "Die Verträge der Mieter", language="de", page=False)

    assert catalog.files([file])[file].language == ""
    assert [hit[1] for hit in catalog.match_passages(f'"{analyse("Verträge", "")}"', limit=9)] == [file]


def test_a_picture_tells_how_many_pages_it_has_when_its_first_is_read(catalog: CatalogWriter) -> None:
    put(catalog, "/fax.tif")

    order = [read(catalog, f"page {number}", pages=3).route for number in (1, 2, 3)]

    assert order == [(1,), (2,), (3,)]
    assert catalog.scans.waiting() is None


def test_a_picture_that_cannot_be_read_costs_only_itself(catalog: CatalogWriter) -> None:
    scanned, picture = (
        put(catalog, "/a.pdf", Chunk("one", page=1), scans=(2, 3), mtime=2),
        put(catalog, "/a.png"),
    )
    scans = catalog.scans
    for scan in filter(None, (scans.waiting(), scans.waiting(without=[scanned]))):
        with catalog.transaction():
            scans.fail(scan, "it is damaged")

    rows = catalog.files([scanned, picture])

    assert rows[scanned].status is FileStatus.INDEXED
    assert rows[scanned].reason == "page 2 is a picture that could not be read: it is damaged"
    assert (rows[picture].status, rows[picture].reason) == (FileStatus.FAILED, "it is damaged")
    assert [row.path for row in catalog.troubles()] == ["/a.pdf", "/a.png"]
    assert [scan.route for scan in [scans.waiting()] if scan] == [(3,)]


def test_tries_are_counted_until_a_page_is_done(catalog: CatalogWriter) -> None:
    put(catalog, "/a.pdf", scans=(1, 2))
    scans = catalog.scans
    tries = []
    for _ in range(2):
        scan = scans.waiting()
        assert scan is not None
        tries.append(scan.tries)
        with catalog.transaction():
            scans.begin(scan)

    tries.append(read(catalog).tries)
    after = scans.waiting()

    assert tries == [0, 1, 2]
    assert after is not None
    assert after.tries == 0


def test_a_copy_of_a_picture_takes_over_what_was_read(catalog: CatalogWriter) -> None:
    put(catalog, "/a.png", content="same")
    read(catalog, "ein Vertrag", language="de", page=False)

    copy = put(catalog, "/b.png", content="same", mtime=2)

    assert catalog.scans.waiting() is None
    assert texts(catalog, copy) == [(0, "ein Vertrag")]
    assert catalog.files([copy])[copy].language == "de"
    assert catalog.files([copy])[copy].status is FileStatus.INDEXED


def test_a_picture_that_was_touched_is_not_read_again(catalog: CatalogWriter) -> None:
    file = put(catalog, "/a.png")
    read(catalog, "a note")

    with catalog.transaction():
        catalog.touch(file, state("/a.png", 5), Kind.IMAGE, changed=True)
        catalog.keep(file)

    assert catalog.scans.waiting() is None
    assert texts(catalog, file) == [(0, "a note")]


def test_a_picture_that_changed_is_read_again(catalog: CatalogWriter) -> None:
    file = put(catalog, "/a.png")
    read(catalog, "a note")

    with catalog.transaction():
        catalog.touch(file, state("/a.png", 5), Kind.IMAGE, changed=True)
    pending = catalog.scans.waiting()
    with catalog.transaction():
        catalog.store(file, b"new", Document((), scans=((1,),)), [])

    assert pending is None
    assert catalog.scans.waiting() is not None
    assert texts(catalog, file) == []


def test_a_renamed_file_is_what_it_was_and_a_changed_one_is_not(catalog: CatalogWriter) -> None:
    file = put(catalog, "/a.png")
    scans = catalog.scans
    scan = scans.waiting()
    assert scan is not None
    here = scan.state

    with catalog.transaction():
        catalog.touch(file, FileState("/b.png", here.device, here.inode, 10, 1, 9), Kind.IMAGE, changed=False)
    renamed = scans.is_current(scan)
    with catalog.transaction():
        catalog.touch(file, state("/b.png", 5), Kind.IMAGE, changed=True)
    changed = scans.is_current(scan)
    with catalog.transaction():
        catalog.remove(file)

    assert (renamed, changed, scans.is_current(scan)) == (True, False, False)


def test_how_many_wait_and_are_read_stands_in_the_coverage(catalog: CatalogWriter) -> None:
    catalog.set_meta("ocr", "1")
    kept, gone = put(catalog, "/a.pdf", scans=(1, 2, 3), mtime=2), put(catalog, "/b.png")
    read(catalog, "one")
    counted = catalog.coverage()
    with catalog.transaction():
        catalog.remove(gone)
        catalog.fail(kept, FileStatus.FAILED, "it has been truncated")

    assert (counted.scans, counted.scanned, counted.complete) == (3, 1, False)
    assert (catalog.coverage().scans, catalog.coverage().scanned) == (0, 0)


def test_where_recognition_is_turned_off_nothing_waits(catalog: CatalogWriter) -> None:
    put(catalog, "/a.png")

    assert catalog.coverage().scans == 0
