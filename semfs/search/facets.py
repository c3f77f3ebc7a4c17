"""Narrow a result by what its files are: kind, year, folder, language; pure.

A file may have no value of a facet, and of `folder` it has several: a file in reports/2024 is
also one in reports.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from semfs.model import FileRow, Hit, Kind, shown

Roots = Sequence[str]  # the source folders


def _kind(row: FileRow, roots: Roots) -> tuple[str, ...]:
    return (row.kind.value,)


def _year(row: FileRow, roots: Roots) -> tuple[str, ...]:
    """Give the year of the document's own date, else that of its last change."""
    for moment in (row.created, row.mtime):
        try:
            if moment is not None:
                return (f"{datetime.fromtimestamp(moment).year:04}",)
        except (ValueError, OverflowError, OSError):
            continue  # a date that no calendar has
    return ()


def _folder(row: FileRow, roots: Roots) -> tuple[str, ...]:
    """Give the folders above it, the outermost first; where there are several sources, theirs too."""
    root = next((root for root in roots if is_below(row.path, root)), None)
    if root is None:
        return ()
    above = root.rstrip("/") if len(roots) == 1 else root.rstrip("/").rpartition("/")[0]
    parts = row.path.removeprefix(above + "/").split("/")[:-1]
    return tuple(_name("/".join(parts[:count])) for count in range(1, len(parts) + 1))


def _language(row: FileRow, roots: Roots) -> tuple[str, ...]:
    return (row.language,) if row.language else ()


FACETS: Final[dict[str, Callable[[FileRow, Roots], tuple[str, ...]]]] = {
    "kind": _kind,
    "year": _year,
    "folder": _folder,
    "language": _language,
}
NESTED: Final = "folder"  # the facet whose values lie in each other

_FORMS: Final[dict[str, Callable[[str], bool]]] = {
    "kind": lambda value: value in {kind.value for kind in Kind},
    "year": lambda value: len(value) == 4 and value.isascii() and value.isdecimal(),
    "folder": bool,
    "language": lambda value: 2 <= len(value) <= 8 and value.isascii() and value.islower(),
}


def may_be(facet: str, value: str) -> bool:
    """Say whether the facet could have such a value at all."""
    return facet in _FORMS and _FORMS[facet](value)


def counts(hits: Iterable[Hit], facet: str, *, roots: Roots) -> dict[str, int]:
    """Return how many files have each value, the most frequent first, equal ones by name."""
    values = FACETS[facet]
    counter = Counter(value for hit in hits for value in values(hit.file, roots))
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def narrowed(hits: Iterable[Hit], facet: str, value: str, *, roots: Roots) -> list[Hit]:
    """Return the hits that have this value, in their order."""
    values, wanted = FACETS[facet], _name(value)
    return [hit for hit in hits if wanted in values(hit.file, roots)]


def is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _name(path: str) -> str:
    return unicodedata.normalize("NFC", shown(path))
