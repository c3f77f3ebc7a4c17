"""Saved queries: which of the index's files somebody left out of one, or pinned in it; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from semfs.model import FileId

# What file managers call a folder until it is given a name: it asks nothing yet.
_UNTITLED: Final = re.compile(
    "(?:new folder|untitled folder|new directory|neuer ordner|unbenannter ordner|nouveau dossier"
    "|dossier sans (?:nom|titre)|nueva carpeta|carpeta sin (?:nombre|título)|nuova cartella"
    "|cartella senza (?:nome|titolo)|nova pasta|pasta sem (?:nome|título)|nieuwe map|naamloze map"
    "|nowy folder|nowy katalog|新建文件夹|未命名文件夹|新しいフォルダー?|無題のフォルダー?"
    "|名称未設定フォルダ)"
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
