"""Saved queries: which of the index's files somebody left out of one, or pinned in it.

Any thread of the mount process may call.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from semfs.errors import NoSuchEntry, NotPermitted, StoreBusy
from semfs.model import FileId, FileRow, Found, Hit, shown_line
from semfs.search.facets import is_below
from semfs.search.scope import Answer, renumbered
from semfs.store.catalog import Catalog
from semfs.store.saved import Choice, SavedQueries
from semfs.store.state import State

# What file managers call a folder until it is given a name: it asks nothing yet.
_UNTITLED: Final = re.compile(
    "(?:new folder|untitled folder|new directory|neuer ordner|unbenannter ordner|nouveau dossier"
    "|dossier sans (?:nom|titre)|nueva carpeta|carpeta nueva|carpeta sin (?:nombre|título)|nuova cartella"
    "|cartella senza (?:nome|titolo)|nova pasta|pasta sem (?:nome|título)|nieuwe map|naamloze map"
    "|nowy folder|nowy katalog|katalog bez nazwy|新建文件夹|未命名文件夹|新資料夾|未命名資料夾"
    "|新しいフォルダー?|無題のフォルダー?|名称未設定フォルダ"
    # PCManFM says no more than this
    r"|new|neu|nouveau|nuevo|nuovo|novo\(a\)|nieuw|nowy|新建|新增|新規)"
    r"(?: ?\(?\d{1,4}\)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided about the files of one saved query; no file is in both."""

    excluded: frozenset[FileId] = frozenset()
    pinned: tuple[FileId, ...] = ()  # in the order in which they were put there

    def notes(self) -> tuple[str, ...]:
        """Return in words how many files are left out and pinned, for `explain.json`."""
        counted = ((len(self.excluded), "left out"), (len(self.pinned), "pinned"))
        return tuple(f"{count} {word}" for count, word in counted if count)


ChoicesOf = Callable[[str], Choices]  # by the saved query's name


def nothing_chosen(name: str) -> Choices:
    return Choices()


def is_untitled(name: str) -> bool:
    """Say whether a file manager made this name and nobody has changed it yet."""
    return _UNTITLED.fullmatch(name) is not None


def applied(
    choices: Choices,
    answer: Answer,
    pinned: Sequence[Hit],
    look_up: Callable[[Sequence[Found]], Sequence[Hit]],
) -> Answer:
    """Return the answer to a query after what was decided about it; what ranks lower moves up."""
    left = choices.excluded.union(choices.pinned)
    hits = [hit for hit in answer.hits if hit.file.id not in left]
    more = [found for found in answer.more if found.file not in left]
    room = len(answer.hits) - len(hits)
    shown = renumbered((*pinned, *hits, *look_up(more[:room])))
    return Answer(shown, tuple(more[room:]), answer.best)


class KeptQueries(SavedQueries):
    """The saved queries, with what was decided about files in terms of the catalogue as it is now."""

    def __init__(self, state: State, catalog: Catalog) -> None:
        super().__init__(state)
        self._following = SavedQueries(state.patient(0))
        self._catalog = catalog

    def resolved(self, name: str) -> Choices:
        """Return the files of the choices that are in the index; a renamed file is followed."""
        decided = self.choices(name)
        found = self._files(decided)
        for choice, row in found:
            now = Choice(row.path, row.hash or choice.hash, choice.pinned, choice.name)
            if now != choice:
                self._follow(name, choice.path, now)
        pinned = dict.fromkeys(row.id for choice, row in found if choice.pinned)
        excluded = frozenset(row.id for choice, row in found if not choice.pinned)
        return Choices(excluded.difference(pinned), tuple(pinned))

    def _follow(self, name: str, path: str, now: Choice) -> None:
        with suppress(StoreBusy):  # who looks need not wait; it is followed by whoever looks next
            self._following.follow(name, path, now)

    def _files(self, decided: Sequence[Choice]) -> list[tuple[Choice, FileRow]]:
        """Return the choices with their files: what is at the path, else what has the content.

        A file that is there and not in the index, which may be new, is not lost.
        """
        at = {choice.path: self._catalog.file_at(choice.path) for choice in decided}
        missing = (choice for choice in decided if at[choice.path] is None and choice.hash)
        lost = {choice.hash for choice in missing if not os.path.lexists(choice.path)}
        moved = {row.hash: row for row in reversed(self._catalog.with_content(lost))} if lost else {}
        pairs = ((choice, at[choice.path] or moved.get(choice.hash)) for choice in decided)
        return [(choice, row) for choice, row in pairs if row is not None]

    def pins(self, name: str) -> dict[str, str]:
        """Return the paths of the pinned files by the names that their links were given."""
        return {choice.name: choice.path for choice in self.choices(name) if choice.pinned}

    def pin(self, name: str, path: str, link: str) -> None:
        """Have a file first in a saved query from now on, also one that was left out of it.

        Raises NotPermitted for a file that is not below a source folder.
        """
        row = self._catalog.file_at(path)
        if row is None and not any(is_below(path, root) for root in self._catalog.sources()):
            raise NotPermitted(f"{path} is not in a folder that is indexed")
        if row is None and not os.path.isfile(path):
            raise NoSuchEntry(path)
        self.choose(name, Choice(path, row.hash if row else b"", True, link))

    def take_out(self, name: str, path: str) -> None:
        """Unpin a pinned file; leave any other out from now on."""
        if path in self.pins(name).values():
            self.undo(name, path)
            return
        row = self._catalog.file_at(path)
        self.choose(name, Choice(path, row.hash if row else b"", False))

    def listing(self, name: str, *, pinned: bool) -> str:
        """Return the paths of the files that are pinned, or left out, one a line."""
        decided = (choice for choice in self.choices(name) if choice.pinned == pinned)
        return "".join(f"{shown_line(choice.path)}\n" for choice in decided)
