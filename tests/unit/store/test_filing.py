"""Folders that do not answer are left alone, and read again once they do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.model import FileId, FileStatus, Kind
from semfs.store.catalog import CatalogWriter, FileState

NAMES = ("/net/a.txt", "/net/deep/b.txt", "/net0.txt", "/near/c.txt")


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[tuple[CatalogWriter, list[FileId]]]:
    writer = CatalogWriter(tmp_path / "catalog.db")
    with writer.transaction():
        states = [FileState(path, 1, inode, 10, inode, inode) for inode, path in enumerate(NAMES, 1)]
        ids = [writer.add(state, Kind.TEXT) for state in states]
    yield writer, ids
    writer.close()


def waiting(writer: CatalogWriter, *avoid: str) -> list[str]:
    return [file.state.path for file in writer.pending(10, avoid=avoid)]


def test_what_waits_in_silent_folders_is_passed_over(filed: tuple[CatalogWriter, list[FileId]]) -> None:
    writer, _ = filed
    assert waiting(writer) == [*reversed(NAMES)]
    assert waiting(writer, "/net/") == ["/near/c.txt", "/net0.txt"]
    assert waiting(writer, "/net/deep", "/near") == ["/net0.txt", "/net/a.txt"]


def test_what_failed_in_silence_is_read_again(filed: tuple[CatalogWriter, list[FileId]]) -> None:
    writer, ids = filed
    reasons = ("took longer than 60 s", "it is damaged", "took longer than 60 s", "took longer than 60 s")
    with writer.transaction():
        for id, reason in zip(ids, reasons, strict=True):
            writer.fail(id, FileStatus.FAILED, reason)
        assert writer.read_again_below("/net") == 1
    assert waiting(writer) == ["/net/a.txt"]
    assert [writer.has_files(folder) for folder in ("/net", "/ne", "/near/c.txt")] == [True, False, False]
