"""What an indexer is: one class for one format, given a path, making a Document.

Indexers run in extraction processes with limits on time and memory; they may be slow and
may die, but they never write to standard output, which belongs to the worker's protocol.
People add their own through the entry point group `semfs.indexers`, where the name of an
entry point is the suffix that it serves, without the dot: `org = my_package:OrgIndexer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from semfs.model import Document, Kind

if TYPE_CHECKING:
    from PIL import Image

MOST_SCANS = 1000  # pictures of one file that are recognised: an hour's work
ENCRYPTED = "encrypted: needs a password"


class Indexer(Protocol):
    """Read one format."""

    name: str
    kind: Kind

    def read(self, path: str) -> Document:
        """Return what the file says; raise ExtractError with a reason fit for a user, or Unsupported."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """What a reader makes of one of its pictures; `image` is None where it is too small for text."""

    image: Image.Image | None
    page: int | None = None  # as in Recognised
    pages: int = 1


class Pictured(Indexer, Protocol):
    """Read a format that has pictures, or pages that are; its documents number them (`Document.scans`)."""

    def picture(self, path: str, number: int) -> Picture:
        """Return one for the recognition of its text, upright and in RGB."""
        ...
