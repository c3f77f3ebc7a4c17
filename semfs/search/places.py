"""Folders in plain words, in six languages: "in folder sales", "im Ordner Steuern", "在合同文件夹里".

Whether there is a folder of a name is asked of a callable; a word that only stands where a
folder could ("notes in archive") is one if there is.
"""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters
from semfs.search.reading import BARE_FOLDER, CUT, FOLDER, MARK, TAGGED, Reading, words

_NAME: Final = rf"(?:{MARK}+|[\w.+&'~-]+(?:/[\w.+&'-]+)*)"
_STUCK: Final = r"[^\s\ue001的在の、，。]{1,30}?"
_FOLDER: Final = "folder|directory|dir|ordner|verzeichnis|dossier|répertoire|carpeta|directorio"
_WITHIN: Final = "里面|[里中下内]|の中"
_STUCK_FOLDER: Final = "文件夹|目录|資料夾|フォルダー?"
_IN: Final = "in|from|inside|under|within|im|aus|aus dem|in dem|unter|dans|de|du|sous|en|desde"
_THE: Final = "the|my|dem|den|meinem|le|mon|la|mi|el"

_TAG = re.compile(rf"(?<!\S)(?:folder|in|dir|ordner|dossier|carpeta):(?P<name>{_NAME})/?", re.IGNORECASE)
_NAMED: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\S)(?:{_IN}) (?P<the>(?:{_THE}) )?(?P<word>{_FOLDER})s? (?P<name>{_NAME})/?",
        rf"(?<!\S)(?:{_IN}) (?P<the>(?:{_THE}) )?(?P<name>{_NAME})[ -](?P<word>{_FOLDER})(?!\S)",
        rf"(?<!\S)(?:{_IN}) (?:(?:{_THE}) )?~?/?(?P<name>{_NAME})/(?!\S)",
        rf"(?:在|来自)? ?(?P<name>{_STUCK}) ?(?P<word>{_STUCK_FOLDER})(?:{_WITHIN})?(?:的|の|に|にある)?",
    )
]
_BARE: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\S)(?:in|inside|under|im|aus|dans|en) (?:(?:{_THE}) )?(?P<name>{_NAME})(?=[ {CUT}]*$)",
        rf"(?:^|(?<=[{CUT}\s]))在 ?(?P<name>{_STUCK}) ?(?:里面|里|中|下)(?:的|$)",
        rf"(?:^|(?<=[{CUT}\s]))(?P<name>{_STUCK})の中(?:の|に|$)",
    )
]
# Words that say nothing else; "in directory python" may be about programs.
_CERTAIN = words(
    "folder ordner verzeichnis dossier répertoire carpeta directorio 文件夹 資料夾 フォルダ フォルダー"
)


def take_tagged(reading: Reading) -> None:
    for match in _TAG.finditer(reading.left):
        _take(reading, match, TAGGED)


def take(reading: Reading, *, task: bool = False) -> None:
    """Take what says that it is a folder, if it says so plainly or there is one of that name.

    A task may be about folders, so there must be one.
    """
    for pattern in _NAMED:
        match = pattern.search(reading.left)
        if match is not None and (
            (not task and _is_plain(match)) or reading.is_folder(_name(reading, match))
        ):
            _take(reading, match, FOLDER)
            return


def take_bare(reading: Reading) -> None:
    """Take "in archive" for a folder if it ends the query and there is one of that name."""
    for pattern in _BARE:
        match = pattern.search(reading.left)
        if match is not None and reading.is_folder(_name(reading, match)):
            _take(reading, match, BARE_FOLDER)
            return


def _is_plain(match: re.Match[str]) -> bool:
    """Say whether it can only be a folder."""
    found = match.groupdict()
    return found.get("word") is None or bool(found.get("the")) or found["word"].casefold() in _CERTAIN


def _take(reading: Reading, match: re.Match[str], doubt: int) -> None:
    name = _name(reading, match)
    reading.take(match.span(), f"folder {name}", Filters(folder=name), doubt=doubt, content=doubt != TAGGED)


def _name(reading: Reading, match: re.Match[str]) -> str:
    return reading.named(match.span("name")).strip("/")
