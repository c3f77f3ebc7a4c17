"""What is saved in the middle of a look at everything is found at once, and everything only once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from semfs.config import Index
from semfs.index.folders import Folders
from semfs.index.looking import Looking
from semfs.model import Kind
from semfs.store.catalog import CatalogWriter

FILES = 1200  # three batches
PATIENCE_S = 20.0


class Looked:
    """A look at a folder, in the middle of which something happens."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "files"
        self.catalog = CatalogWriter(base / "catalog.db")
        self.saved: list[str] = []
        self.breaths = 0
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.looking = Looking(
            self.catalog,
            Folders([str(self.folder)], Index()),
            lambda path: Kind.TEXT,
            rescan_s=60.0,
            wake=lambda: None,
            breathe=self.breathe,
            changed=lambda changes: None,
            saved=self.take,
        )

    def take(self, paths: Sequence[str]) -> None:
        self.saved += [Path(path).name for path in paths]

    def breathe(self, current: str) -> None:
        self.breaths += 1
        act = self.meanwhile.pop(self.breaths, None)
        if act is not None:
            act()
            time.sleep(0.25)  # until the watcher takes it for finished

    def known(self) -> list[str]:
        return sorted(Path(path).relative_to(self.folder).as_posix() for path in self.catalog.states())

    def there(self) -> list[str]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in files)

    def settle(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while self.known() != self.there() and time.monotonic() < until:
            self.looking.look(set())
            time.sleep(0.05)


@pytest.fixture
def looked(tmp_path: Path) -> Iterator[Looked]:
    for number in range(FILES):
        file = tmp_path / "files" / f"{number % 3}" / f"{number:04}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("words")
    looked = Looked(tmp_path)
    yield looked
    looked.looking.close()
    looked.catalog.close()


@pytest.mark.parametrize("at", (2, 3, 5, 7))
def test_a_file_saved_meanwhile_is_told_of_and_known_once(looked: Looked, at: int) -> None:
    new = looked.folder / "0" / "new.txt"
    old = looked.folder / "1" / "0001.txt"
    looked.meanwhile[at] = lambda: (new.write_text("new"), old.unlink(missing_ok=True))
    looked.looking.look(set())
    looked.settle()
    assert looked.meanwhile == {}
    assert looked.known() == looked.there()
    assert "new.txt" in looked.saved or at < 4  # before its folder is watched, it is one of all


@pytest.mark.parametrize("at", (2, 3, 5, 7))
def test_a_folder_moved_meanwhile_is_known_where_it_is(looked: Looked, at: int) -> None:
    looked.meanwhile[at] = lambda: (looked.folder / "2").rename(looked.folder / "moved")
    looked.looking.look(set())
    looked.settle()
    assert looked.known() == looked.there()


def test_what_is_done_in_a_second_look_is_nothing(looked: Looked) -> None:
    looked.looking.look(set())
    before = looked.catalog.version()
    looked.looking.look(set())
    assert looked.catalog.version() == before
