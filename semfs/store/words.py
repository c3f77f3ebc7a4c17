"""The words of a large catalogue once more, in an index by tantivy; the only file that knows it.

A cache of the catalogue beside its own full text, which becomes slow from some ten thousand
passages on: FTS5 reads every posting of every word of a query, tantivy only those that may
change the best few.  `WordWriter` belongs to the ingest process and follows the catalogue;
`WordIndex` reads in any thread of any process.  What is damaged, or of another catalogue, is not
used, and written anew; meanwhile the catalogue's full text answers.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from semfs.model import FileId, PassageId
from semfs.store.analysis import analyse
from semfs.store.expression import All, Expression, Phrase, read
from semfs.store.segments import Sizes, damaged, shrunk, sizes

if TYPE_CHECKING:
    import tantivy

    from semfs.store.catalog import CatalogWriter
    from semfs.store.rows import Terms

log = logging.getLogger(__name__)

VERSION: Final = 1
FEWEST: Final = 5_000  # passages; below, FTS5 answers in 1 ms and a second index is not worth its memory
_TOLERATED: Final = (1000, 0.02)  # passages, and share, that may be missing: they come within a second
_ABOUT: Final = "about.json"
_BORDER: Final = "_"  # stands between headings and text; no term is that
_SMALL: Final = 1000  # files: so many are part of the query, more are picked from the results
_DEEPEST: Final = 50_000  # results looked at for such a pick
_MOST_BEGINNINGS: Final = 200  # terms that begin alike
_HEAP: Final = 20_000_000
_COMMIT_S: Final = 0.7  # between two commits
_STEP_S: Final = 0.2  # of work, after which the caller has its turn
_FED: Final = 200  # passages read at once
_MOST_OFFERED: Final = 8_000  # passages, 8 MB; of more the text is analysed once more
_IDLE_S: Final = 60.0  # before the writer's memory and threads are given back
_RETRY_S: Final = 60.0  # after it could not write
_FAILURES: Final = 3  # one after another, and an index is given up

Row = tuple[PassageId, FileId, float]
Whole = tuple[str, int]  # a catalogue's identity and the number of its passages
T = TypeVar("T")


def _schema() -> tantivy.Schema:
    import tantivy

    fields = tantivy.SchemaBuilder()
    fields.add_unsigned_field("passage", indexed=True, fast=True)
    fields.add_unsigned_field("file", indexed=True, fast=True)
    fields.add_text_field("words", tokenizer_name="terms", index_option="position")
    return fields.build()


def _open(folder: Path, *, create: bool = False) -> tantivy.Index:
    import tantivy

    index = tantivy.Index(_schema(), path=str(folder)) if create else tantivy.Index.open(str(folder))
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", spaces)
    index.config_reader(reload_policy="manual")
    return index


def _about(identity: str) -> dict[str, object]:
    return {"version": VERSION, "catalog": identity, "tantivy": version("tantivy")}


def _read_about(folder: Path) -> object:
    try:
        return json.loads((folder / _ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return None


class WordIndex:
    """Find passages by their words."""

    def __init__(self, folder: Path, *, fewest: int = FEWEST) -> None:
        self._folder = folder
        self._fewest = fewest
        self._failures = 0
        self._lock = threading.Lock()  # of what follows
        self._opened: tuple[object, str] = ((), "")
        self._committed: object = ()
        self._index: tantivy.Index | None = None
        self._sizes: Sizes = {}

    def match(
        self, expression: str, *, limit: int, within: frozenset[FileId] | None, of: Callable[[], Whole]
    ) -> list[Row] | None:
        """Return the best passages, or None if the catalogue must be asked itself.

        `limit` -1 is all.  `of` tells whose index it must be, and how large.
        """
        asked = read(expression)
        if asked is None:
            return None
        return self._ask(of, lambda searcher, index: _match(searcher, index, asked, limit, within))

    def frequency(self, term: str, *, of: Callable[[], Whole]) -> int | None:
        """Return in how many passages a term stands, or None if the catalogue must be asked itself."""
        if term.endswith("*"):
            return None
        return self._ask(of, lambda searcher, _: searcher.doc_freq("words", term))

    def _ask(
        self, of: Callable[[], Whole], question: Callable[[tantivy.Searcher, tantivy.Index], T]
    ) -> T | None:
        if not _stamp(self._folder / _ABOUT):
            return None
        identity, passages = of()
        if passages < self._fewest // 2:
            return None  # and do not load what is not needed
        try:
            index = self._current(identity)
            if index is None:
                return None
            searcher = index.searcher()
            if searcher.num_docs < passages - max(_TOLERATED[0], _TOLERATED[1] * passages):
                return None
            answer = question(searcher, index)
        except BaseException as error:
            if not _is_trouble(error):
                raise
            self._failed(error)
            return None
        self._failures = 0
        return answer

    def _current(self, identity: str) -> tantivy.Index | None:
        """Return the index as it was last committed, or None if it is not of this catalogue."""
        with self._lock:
            made = (_stamp(self._folder / _ABOUT), identity)
            if made != self._opened:
                self._opened, self._index, self._committed = made, None, ()
                if made[0] and _read_about(self._folder) == _about(identity):
                    self._index = _open(self._folder)
            if self._index is not None:
                committed = _stamp(self._folder / "meta.json")
                if committed != self._committed:
                    self._index.reload()
                    self._committed, self._sizes = committed, sizes(self._folder)
                elif short := shrunk(self._sizes):
                    self._failures = _FAILURES
                    raise OSError(f"{short} was cut short")
            return self._index

    def _failed(self, error: BaseException) -> None:
        """Have the writer make a new one, unless it may have been the question."""
        self._failures += 1
        if self._index is not None and self._failures < _FAILURES:
            log.info("%s did not answer: %s", self._folder, error)
            return
        log.warning("%s cannot be used and is written again: %s", self._folder, error)
        with self._lock, suppress(OSError):
            self._index, self._failures = None, 0
            (self._folder / _ABOUT).unlink(missing_ok=True)


def _is_trouble(error: BaseException) -> bool:
    """Say whether tantivy failed; where it panics that is no Exception."""
    return isinstance(error, (OSError, ValueError)) or type(error).__name__ == "PanicException"


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


# -- from expressions to rows


def _match(
    searcher: tantivy.Searcher,
    index: tantivy.Index,
    asked: Expression,
    limit: int,
    within: frozenset[FileId] | None,
) -> list[Row] | None:
    import tantivy

    query = _query(index.schema, searcher, asked)
    if within is None:
        return _rows(searcher, query, limit)
    if len(within) <= _SMALL:
        files = tantivy.Query.term_set_query(index.schema, "file", list(within))
        must = tantivy.Occur.Must
        among = tantivy.Query.boolean_query(
            [(must, query), (must, tantivy.Query.const_score_query(files, 0.0))]
        )
        return _rows(searcher, among, limit)
    depth = 8 * limit
    while 0 < depth <= _DEEPEST:
        rows = _rows(searcher, query, depth)
        picked = [row for row in rows if row[1] in within]
        if len(picked) >= limit or len(rows) < depth:
            return picked[:limit]
        depth *= 8
    return None


def _rows(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[Row]:
    if limit < 0:
        limit = searcher.num_docs
    if not limit:
        return []
    hits = searcher.search(query, limit, count=False).hits
    places = [place for _, place in hits]
    passages = searcher.fast_field_values("passage", places)
    files = searcher.fast_field_values("file", places)
    return [
        (PassageId(int(passage or 0)), FileId(int(file or 0)), float(score))
        for (score, _), passage, file in zip(hits, passages, files, strict=True)
    ]


def _query(schema: tantivy.Schema, searcher: tantivy.Searcher, asked: Expression) -> tantivy.Query:
    import tantivy

    if isinstance(asked, Phrase):
        if asked.begins:
            return _beginning(schema, searcher, asked.terms[-1])
        if len(asked.terms) > 1:
            return tantivy.Query.phrase_query(schema, "words", list(asked.terms))
        return tantivy.Query.term_query(schema, "words", asked.terms[0], "freq")
    occur = tantivy.Occur.Must if isinstance(asked, All) else tantivy.Occur.Should
    return tantivy.Query.boolean_query([(occur, _query(schema, searcher, part)) for part in asked.parts])


def _beginning(schema: tantivy.Schema, searcher: tantivy.Searcher, begin: str) -> tantivy.Query:
    """Match any of the terms that begin so, by the best of them."""
    import tantivy

    terms = searcher.terms_with_prefix("words", begin, limit=_MOST_BEGINNINGS)
    return tantivy.Query.disjunction_max_query(
        [tantivy.Query.term_query(schema, "words", term, "freq") for term, _ in terms]
    )


# -- following the catalogue


class WordWriter:
    """Keep the index equal to the catalogue; for the one thread of the ingest process."""

    def __init__(self, folder: Path, *, fewest: int = FEWEST) -> None:
        self._folder = folder
        self._fewest = fewest
        self._index: tantivy.Index | None = None
        self._writer: Any = None
        self._last = PassageId(0)  # the newest that the index has
        self._offered: dict[PassageId, str] = {}  # what is to be indexed of newer ones, as it was analysed
        self._gone: list[PassageId] = []  # to be told to the catalogue at the next commit
        self._uncommitted = 0
        self._committed_at = 0.0
        self._retry_at = 0.0
        self.behind = False  # whether there is something left to do at once

    def offer(self, passages: Sequence[PassageId], terms: Sequence[Terms]) -> None:
        """Be told the words of passages that were stored, so that they need not be analysed again."""
        if len(self._offered) < _MOST_OFFERED:
            self._offered.update(zip(passages, (_words(*each) for each in terms), strict=False))

    def follow(self, catalog: CatalogWriter) -> None:
        """Do what there is to do, for a fraction of a second; sqlite's errors are the caller's."""
        now = time.monotonic()
        self.behind = False
        if now < self._retry_at or (self._index is None and catalog.passage_count() < self._fewest):
            return
        try:
            self._follow(catalog, now)
        except BaseException as error:
            if not _is_trouble(error):
                raise
            log.warning("cannot write %s; searches by words are slower: %s", self._folder, error)
            self._retry_at = now + _RETRY_S
            self.close()

    def timeout(self) -> float:
        """Return in how many seconds `follow` has something to do even if nothing changes."""
        if self.behind:
            return 0.0
        if self._uncommitted:
            return max(self._committed_at + _COMMIT_S - time.monotonic(), 0.0)
        return 3600.0

    def settle(self) -> None:
        """Wait until what is small has been merged."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
        self.close()

    def close(self) -> None:
        """Give back memory and threads; what is not committed is done another time."""
        self._writer = self._index = None
        self._offered.clear()
        self._gone, self._uncommitted = [], 0

    def _follow(self, catalog: CatalogWriter, began: float) -> None:
        if self._index is None or not (self._folder / _ABOUT).exists():
            self._open(catalog.identity())
        self._drop(catalog)
        while not self.behind:
            fed = self._feed(catalog)
            if not fed:
                break
            self.behind = time.monotonic() - began > _STEP_S
        now = time.monotonic()
        if self._uncommitted and now - self._committed_at >= _COMMIT_S:
            self._commit(catalog, now)
        elif self._writer is not None and not self._uncommitted and now - self._committed_at > _IDLE_S:
            self._writer = None

    def _open(self, identity: str) -> None:
        """Open the index, or make one where there is none that can be used."""
        self.close()
        if _read_about(self._folder) == _about(identity):
            try:
                if reason := damaged(self._folder, whole=False):
                    raise OSError(reason)
                self._index = _open(self._folder)
                self._last = _newest(self._index)
                return
            except BaseException as error:
                if not _is_trouble(error):
                    raise
                log.warning("%s is damaged and written again: %s", self._folder, error)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._index, self._last = _open(self._folder, create=True), PassageId(0)
        beside = self._folder / f"{_ABOUT}.new"
        beside.write_text(json.dumps(_about(identity)), "utf-8")
        os.replace(beside, self._folder / _ABOUT)

    def _drop(self, catalog: CatalogWriter) -> None:
        """Take out passages that the catalogue has no longer."""
        gone = catalog.forgotten(after=self._gone[-1] if self._gone else PassageId(0), limit=10 * _FED)
        if gone:
            self._delete(gone)
        self._gone += gone
        self._uncommitted += len(gone)

    def _delete(self, passages: list[PassageId]) -> None:
        import tantivy

        assert self._index is not None
        # Not by term: a number given so is taken as signed, and nothing is deleted.
        query = tantivy.Query.term_set_query(self._index.schema, "passage", passages)
        self._ready().delete_documents_by_query(query)

    def _feed(self, catalog: CatalogWriter) -> int:
        """Add what is newer than what there is; return how many."""
        import tantivy

        rows = self._after(catalog)
        for passage, file, words in rows:
            document = tantivy.Document()
            document.add_unsigned("passage", passage)
            document.add_unsigned("file", file)
            document.add_text("words", words)
            self._ready().add_document(document)
            self._last = passage
        self._uncommitted += len(rows)
        return len(rows)

    def _after(self, catalog: CatalogWriter) -> list[tuple[PassageId, FileId, str]]:
        """Return what is newer than what there is, as far as it is indexed in one go."""
        newer = catalog.passages_after(self._last, limit=_FED)
        if all(passage in self._offered for passage, _ in newer):
            return [(passage, file, self._offered.pop(passage)) for passage, file in newer]
        for passage, _ in newer:
            self._offered.pop(passage, None)
        return [
            (passage, file, _words(analyse(text, language), analyse(heading, language)))
            for passage, file, text, heading, language in catalog.texts_after(self._last, limit=_FED)
        ]

    def _ready(self) -> Any:
        if self._writer is None:
            assert self._index is not None
            self._writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        return self._writer

    def _commit(self, catalog: CatalogWriter, now: float) -> None:
        self._ready().commit()
        if self._gone:
            with catalog.transaction():
                catalog.told_forgotten(self._gone)
        self._gone, self._uncommitted, self._committed_at = [], 0, now


def _words(text: str, heading: str) -> str:
    """Return what is indexed: a heading counts twice, and no phrase goes beyond its end."""
    return " ".join(filter(None, (*((heading, _BORDER, heading, _BORDER) if heading else ()), text)))


def _newest(index: tantivy.Index) -> PassageId:
    import tantivy

    searcher = index.searcher()
    hits = searcher.search(tantivy.Query.all_query(), 1, count=False, order_by_field="passage").hits
    return PassageId(int(hits[0][0]) if hits else 0)
