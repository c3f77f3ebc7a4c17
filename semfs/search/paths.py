"""Names that somebody typed in the tree: which file or folder of the index they mean, if any."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from semfs.errors import StoreError
from semfs.store.analysis import whole_name
from semfs.store.catalog import Catalog

_SUFFIX: Final = re.compile(r"[^\s.]\.[A-Za-z][A-Za-z0-9]{0,5}$")  # "report.pdf", not "vs. others" or "2.5"
_NAMES: Final = 50  # files of equal words that are compared with a name


def paths_of(parts: Sequence[str], sources: Sequence[str]) -> Iterator[str]:
    """Yield what the components may mean, the likeliest first.

    They are below a source folder, or begin with the name of one, or with the root.
    """
    for form in _forms(parts):
        yield from (f"{source.rstrip('/')}/{form}" for source in sources)
        first, _, rest = form.partition("/")
        yield from (f"{source}/{rest}" for source in sources if rest and os.path.basename(source) == first)
        yield f"/{form}"


class Paths:
    """Look names up in the catalogue, which is empty while it cannot be read; any thread may call."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def file(self, parts: Sequence[str]) -> str | None:
        """Return the path of the indexed file that the components of a path mean, if any."""
        with suppress(StoreError):
            rows = (self._catalog.file_at(path) for path in paths_of(parts, self._catalog.sources()))
            return next((row.path for row in rows if row is not None), None)
        return None

    def is_folder(self, parts: Sequence[str]) -> bool:
        """Say whether they mean a folder that indexed files lie in."""
        with suppress(StoreError):
            return any(map(self._catalog.is_folder, paths_of(parts, self._catalog.sources())))
        return False

    def may_be_file(self, name: str) -> bool:
        """Say whether a name is rather a file's than words to search for."""
        if _SUFFIX.search(name):
            return True
        whole = whole_name(name)
        if not whole:
            return False
        with suppress(StoreError):
            found = self._catalog.match_names(f'"{whole}"', limit=_NAMES)
            rows = self._catalog.files(file for file, _ in found).values()
            return any(unicodedata.normalize("NFC", os.path.basename(row.path)) == name for row in rows)
        return False


def _forms(parts: Sequence[str]) -> list[str]:
    """Return the path as it was typed, and in the normal forms that it may be kept in."""
    path = "/".join(parts)
    return list(dict.fromkeys((path, *(unicodedata.normalize(form, path) for form in ("NFC", "NFD")))))
