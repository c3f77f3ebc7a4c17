"""A reading process for histories: the real one, with one indexer that takes everything for text."""

from __future__ import annotations

from semfs.index.extract import serve
from semfs.model import Document, Kind, Section


class Texts:
    """An indexer of plain text."""

    def kind_of(self, path: str) -> Kind:
        return Kind.TEXT

    def read(self, path: str) -> tuple[Kind, Document]:
        with open(path, encoding="utf-8", errors="replace") as file:
            return Kind.TEXT, Document([Section(file.read(), line=1)])


if __name__ == "__main__":
    serve(Texts())
