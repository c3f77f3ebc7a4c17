"""Names in the tree: how a file's own name becomes one of a listing, and inodes.  Pure.

A name is at most 255 bytes of UTF-8 in NFC without controls or "/".  Names are compared in
NFC; the file itself is reached through the link's target, which keeps the original bytes.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from semfs.model import shown

LONGEST = 255  # bytes of one component on the file systems that results are copied to
LONGEST_SUFFIX = 32  # bytes; a longer "extension" is part of a sentence
ROOT = 1  # inode of the mount's root

# Controls, line separators, and the marks that make text run backwards in a terminal.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f/\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_RANKED = re.compile(r"(\d{2,18})_")


def matched(name: str) -> str:
    """Return the form of a name that is compared, and that a query is made of."""
    return unicodedata.normalize("NFC", shown(name))


def showable(name: str) -> str:
    """Return a name without anything that a listing cannot show; never empty, "." or ".."."""
    clean = _UNSHOWABLE.sub("_", matched(name))
    return "_" if clean in ("", ".", "..") else clean


def cut(name: str, limit: int = LONGEST) -> str:
    """Shorten a name to `limit` bytes on a character boundary, keeping its extension."""
    if len(name.encode()) <= limit:
        return name
    stem, suffix = os.path.splitext(name)
    if len(suffix.encode()) > min(LONGEST_SUFFIX, limit - 1):
        stem, suffix = name, ""
    room = limit - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + suffix


def ranked(paths: Sequence[str]) -> list[str]:
    """Return the names of a ranked listing: "01_Budget 2024.xlsx"; the rank makes them unique."""
    return [ranked_as(rank, path, of=len(paths)) for rank, path in enumerate(paths, start=1)]


def ranked_as(rank: int, path: str, *, of: int) -> str:
    """Return one name of a ranked listing that has so many."""
    width = max(2, len(str(of)))
    return cut(f"{rank:0{width}}_{showable(os.path.basename(path))}")


def rank_of(name: str) -> int:
    """Return the rank in a name of a ranked listing, 0 if it looks like none."""
    found = _RANKED.match(name)
    return int(found[1]) if found else 0


def is_ranked(name: str) -> bool:
    """Whether a name looks like one of a ranked listing, so that it cannot be a query."""
    return _RANKED.match(name) is not None


def distinct(names: Iterable[str], *, suffix: str = "") -> list[str]:
    """Return showable names with `suffix`, later ones numbered where two would be the same."""
    given: set[str] = set()
    result = []
    for name in names:
        stem, number = showable(name), 1
        candidate = cut(stem, LONGEST - len(suffix)) + suffix
        while candidate in given:
            number += 1
            mark = f" ({number})"
            candidate = cut(stem, LONGEST - len(mark) - len(suffix)) + mark + suffix
        given.add(candidate)
        result.append(candidate)
    return result


def inode(parent: int, name: str) -> int:
    """Return a number that is the same whenever the mount is: from the parent's and the name."""
    digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8, key=parent.to_bytes(8, "big"))
    return max(int.from_bytes(digest.digest(), "big") >> 1, ROOT + 1)  # 63 bits: some keep it signed
