"""What somebody typed below `similar/`, and which names are rather a file's than words."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.search.paths import Paths, paths_of
from semfs.store.catalog import Catalog

SOURCES = ("/home/me/docs", "/srv/mail")


@pytest.fixture
def paths(shelf, searcher) -> Paths:  # type: ignore[no-untyped-def]
    shelf.writer.set_meta("sources", '["/d", "/e/notes"]')
    shelf.put("/e/notes/Bu\u0308ro.txt")
    shelf.put("/e/notes/Makefile")
    return Paths(shelf.writer)


def test_a_path_begins_at_a_source_with_its_name_or_at_the_root() -> None:
    assert list(paths_of(("mail", "x"), SOURCES)) == [
        *("/home/me/docs/mail/x", "/srv/mail/mail/x", "/srv/mail/x", "/mail/x")
    ]


@pytest.mark.parametrize("typed", ["invoices/acme.pdf", "d/invoices/acme.pdf"])
def test_a_file_is_found_every_way(paths: Paths, typed: str) -> None:
    assert paths.file(typed.split("/")) == "/d/invoices/acme.pdf"


def test_a_file_is_found_in_either_normal_form(paths: Paths) -> None:
    assert (
        paths.file(["B\u00fcro.txt"]) == paths.file(["notes", "Bu\u0308ro.txt"]) == "/e/notes/Bu\u0308ro.txt"
    )


def test_folders_are_known_by_the_files_below_them(paths: Paths) -> None:
    known = [["invoices"], ["d"], ["e"], ["e", "notes"], ["notes"]]
    unknown = [["invoice"], ["invoices", "acme.pdf"], ["x"]]

    assert [paths.is_folder(parts) for parts in known] == [True] * 5
    assert [paths.is_folder(parts) for parts in unknown] == [False] * 3
    assert paths.file(["invoices"]) is None


def test_a_name_with_a_suffix_or_that_a_file_has_is_a_files(paths: Paths) -> None:
    files = ["report.pdf", "x.tar.gz", "Makefile", "my photo.JPG"]
    words = ["make file", "version 2.5", "smith vs. jones", "invoices", "e.g. this", "why?", "!"]

    assert [paths.may_be_file(name) for name in files] == [True] * len(files)
    assert [paths.may_be_file(name) for name in words] == [False] * len(words)


def test_while_there_is_no_index_nothing_is_known(tmp_path: Path) -> None:
    paths = Paths(Catalog(tmp_path / "none.db"))

    assert (paths.file(["a"]), paths.is_folder(["a"]), paths.may_be_file("a")) == (None, False, False)
