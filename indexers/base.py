"""What an indexer is: one class for one format, given a path, making a Document.

Indexers run in extraction processes with limits on time and memory; they may be slow and
may die, but they never write to standard output, which belongs to the worker's protocol.
People add their own through the entry point group `semfs.indexers`, where the name of an
entry point is the suffix that it serves, without the dot: `org = my_package:OrgIndexer`.
"""

from __future__ import annotations

from typing import Protocol

from semfs.model import Document, Kind

ENCRYPTED = "encrypted: needs a password"


class Indexer(Protocol):
    """Read one format."""

    name: str
    kind: Kind

    def read(self, path: str) -> Document:
        """Return what the file says; raise ExtractError with a reason fit for a user, or Unsupported."""
        ...
