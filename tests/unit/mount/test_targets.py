"""Targets of links: followed to the file, through the mount only in the tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from semfs.errors import NoSuchEntry
from semfs.mount.targets import file_of

TREE = {
    "/search/bills/01_rent.pdf": "{outside}/docs/rent.pdf",
    "/saved/bills/01_a": "/mnt/sem/saved/bills/01_a",
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "rent.pdf").touch()
    (tmp_path / "link").symlink_to("docs")
    (tmp_path / "desktop").symlink_to("/mnt/sem/search")
    (tmp_path / "round").symlink_to("round")
    return folder


def resolve(docs: Path, target: str) -> str:
    def link_at(path: str) -> str | None:
        link = TREE.get(path)
        return link.format(outside=docs.parent) if link else None

    return file_of(target, base="/mnt/sem/saved/bills", mountpoint="/mnt/sem", link_at=link_at)


@pytest.mark.parametrize(
    "target",
    [
        "{0}/docs/rent.pdf",
        "{0}//docs/./x/../rent.pdf",
        "{0}/link/rent.pdf",
        "/mnt/sem/search/bills/01_rent.pdf",
        "../../search/bills/01_rent.pdf",
        "{0}/desktop/bills/01_rent.pdf",
        "../../../..{0}/docs/rent.pdf",
    ],
)
def test_every_way_to_a_file_ends_at_it(docs: Path, target: str) -> None:
    (docs / "x").mkdir()

    assert resolve(docs, target.format(docs.parent)) == str(docs / "rent.pdf")


@pytest.mark.parametrize(
    "target", ["{0}/gone", "{0}/docs/rent.pdf/x", "{0}/round", "/mnt/sem/saved/bills/01_a"]
)
def test_what_leads_nowhere_does_not_exist(docs: Path, target: str) -> None:
    with pytest.raises(NoSuchEntry):
        resolve(docs, target.format(docs.parent))


def test_it_agrees_with_the_system_where_the_mount_is_not_passed(docs: Path) -> None:
    for target in (str(docs.parent / "link"), str(docs.parent / "link" / ".." / "docs"), "/", "/proc/self"):
        assert resolve(docs, target) == os.path.realpath(target)
