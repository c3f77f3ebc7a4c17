"""An inverted index by tantivy; the only file that knows it.

An `Inverted` may be asked from any thread; a `Writing` belongs to one, and there is one of them.  Where
files are damaged either raises what `is_trouble` knows.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semfs.model import FileId, PassageId
from semfs.store.expression import All, Expression, Phrase

if TYPE_CHECKING:
    import tantivy

_SMALL: Final = 1000  # files: so many are part of the query, more are picked from the results
_DEEPEST: Final = 50_000  # results looked at for such a pick
_MOST_BEGINNINGS: Final = 200  # terms that begin alike
_HEAP: Final = 20_000_000

Row = tuple[PassageId, FileId, float]


def made_by() -> str:
    """Return the version of what the files are written by; another one may not read them."""
    return version("tantivy")


def is_trouble(error: BaseException) -> bool:
    """Say whether the index failed; where tantivy panics that is no Exception."""
    return isinstance(error, (OSError, ValueError)) or type(error).__name__ == "PanicException"


class Inverted:
    """The index in a folder."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        import tantivy

        opened = tantivy.Index(_schema(), path=str(folder)) if create else tantivy.Index.open(str(folder))
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        opened.register_tokenizer("terms", spaces)
        opened.config_reader(reload_policy="manual")
        self._index = opened

    def reload(self) -> None:
        """Ask what was committed last from now on."""
        self._index.reload()

    def snapshot(self) -> Snapshot:
        """Return the index as it is now, whatever is committed meanwhile."""
        return Snapshot(self._index.searcher(), self._index.schema)

    def writing(self) -> Writing:
        """Return the one that writes; it takes memory and a thread.

        What a predecessor that was killed had not committed goes first: deletions get the same file names.
        """
        writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        writer.garbage_collect_files()
        return Writing(writer, self._index.schema)


class Writing:
    """Change the index; nothing is seen of it before `commit`."""

    def __init__(self, writer: Any, schema: tantivy.Schema) -> None:
        self._writer = writer
        self._schema = schema

    def add(self, passage: PassageId, file: FileId, words: str) -> None:
        """Add a passage with its terms, spaces between them."""
        import tantivy

        document = tantivy.Document()
        document.add_unsigned("passage", passage)
        document.add_unsigned("file", file)
        document.add_text("words", words)
        self._writer.add_document(document)

    def delete(self, passages: list[PassageId]) -> None:
        """Take passages out, by set: a number given as a term is taken as signed, and nothing is deleted."""
        import tantivy

        query = tantivy.Query.term_set_query(self._schema, "passage", passages)
        self._writer.delete_documents_by_query(query)

    def commit(self) -> None:
        self._writer.commit()

    def settle(self) -> None:
        """Wait until what is small has been merged; nothing can be written after that."""
        self._writer.wait_merging_threads()


class Snapshot:
    """Answer questions."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._searcher = searcher
        self._schema = schema

    @property
    def passages(self) -> int:
        """How many there are."""
        return int(self._searcher.num_docs)

    def newest(self) -> PassageId:
        """Return the highest passage, 0 if there is none."""
        import tantivy

        everything = tantivy.Query.all_query()
        hits = self._searcher.search(everything, 1, count=False, order_by_field="passage").hits
        return PassageId(int(hits[0][0]) if hits else 0)

    def frequency(self, term: str) -> int:
        """Return in how many passages a term stands."""
        return self._searcher.doc_freq("words", term)

    def match(self, asked: Expression, *, limit: int, within: frozenset[FileId] | None) -> list[Row] | None:
        """Return passages, best first; `limit` -1 is all.  None if too few of the best are in `within`."""
        import tantivy

        query = self._query(asked)
        if within is None:
            return self._rows(query, limit)
        if len(within) <= _SMALL:
            files = tantivy.Query.term_set_query(self._schema, "file", list(within))
            must = tantivy.Occur.Must
            among = tantivy.Query.boolean_query(
                [(must, query), (must, tantivy.Query.const_score_query(files, 0.0))]
            )
            return self._rows(among, limit)
        depth = 8 * limit
        while 0 < depth <= _DEEPEST:
            rows = self._rows(query, depth)
            picked = [row for row in rows if row[1] in within]
            if len(picked) >= limit or len(rows) < depth:
                return picked[:limit]
            depth *= 8
        return None

    def _rows(self, query: tantivy.Query, limit: int) -> list[Row]:
        if limit < 0:
            limit = self._searcher.num_docs
        if not limit:
            return []
        hits = self._searcher.search(query, limit, count=False).hits
        places = [place for _, place in hits]
        passages = self._searcher.fast_field_values("passage", places)
        files = self._searcher.fast_field_values("file", places)
        return [
            (PassageId(int(passage or 0)), FileId(int(file or 0)), float(score))
            for (score, _), passage, file in zip(hits, passages, files, strict=True)
        ]

    def _query(self, asked: Expression) -> tantivy.Query:
        import tantivy

        if isinstance(asked, Phrase):
            if asked.begins:
                return self._beginning(asked.terms[-1])
            if len(asked.terms) > 1:
                return tantivy.Query.phrase_query(self._schema, "words", list(asked.terms))
            return tantivy.Query.term_query(self._schema, "words", asked.terms[0], "freq")
        occur = tantivy.Occur.Must if isinstance(asked, All) else tantivy.Occur.Should
        return tantivy.Query.boolean_query([(occur, self._query(part)) for part in asked.parts])

    def _beginning(self, begin: str) -> tantivy.Query:
        """Match any of the terms that begin so, by the best of them."""
        import tantivy

        terms = self._searcher.terms_with_prefix("words", begin, limit=_MOST_BEGINNINGS)
        return tantivy.Query.disjunction_max_query(
            [tantivy.Query.term_query(self._schema, "words", term, "freq") for term, _ in terms]
        )


def _schema() -> tantivy.Schema:
    import tantivy

    fields = tantivy.SchemaBuilder()
    fields.add_unsigned_field("passage", indexed=True, fast=True)
    fields.add_unsigned_field("file", indexed=True, fast=True)
    fields.add_text_field("words", tokenizer_name="terms", index_option="position")
    return fields.build()
