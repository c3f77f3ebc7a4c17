"""Keep the words beside the catalogue (`words`) equal to it; for the one thread of the ingest process."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from semfs.model import FileId, PassageId
from semfs.store.analysis import analyse
from semfs.store.catalog import CatalogWriter
from semfs.store.inverted import Inverted, Writing, is_trouble
from semfs.store.rows import Terms
from semfs.store.segments import damaged
from semfs.store.words import ABOUT, FEWEST, about, read_about

log = logging.getLogger(__name__)

_BORDER: Final = "_"  # stands between headings and text; no term is that
_COMMIT_S: Final = 0.7  # between two commits
_STEP_S: Final = 0.2  # of work, after which the caller has its turn
_FED: Final = 200  # passages read at once
_MOST_OFFERED: Final = 8_000  # passages, 8 MB; of more the text is analysed once more
_IDLE_S: Final = 60.0  # before the writer's memory and threads are given back
_RETRY_S: Final = 60.0  # after it could not write


class WordWriter:
    """Follow the catalogue."""

    def __init__(self, folder: Path, *, fewest: int = FEWEST) -> None:
        self._folder = folder
        self._fewest = fewest
        self._index: Inverted | None = None
        self._writer: Writing | None = None
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
        if now < self._retry_at or not (self._is_there() or catalog.passage_count() >= self._fewest):
            return
        try:
            self._follow(catalog, now)
        except BaseException as error:
            if not is_trouble(error):
                raise
            log.warning("cannot write %s; searches by words are slower: %s", self._folder, error)
            self._retry_at = now + _RETRY_S
            self.close()

    def sweep(self, catalog: CatalogWriter) -> None:
        """Drop what is noted to be gone where no index has it; inside a transaction."""
        if not self._is_there():
            catalog.told_forgotten(catalog.forgotten(after=PassageId(0), limit=-1))

    def _is_there(self) -> bool:
        """Say whether there is an index, which is in use also when only few passages are left."""
        return self._index is not None or (self._folder / ABOUT).exists()

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
            self._writer.settle()
        self.close()

    def close(self) -> None:
        """Give back memory and threads; what is not committed is done another time."""
        self._writer = self._index = None
        self._offered.clear()
        self._gone, self._uncommitted = [], 0

    def _follow(self, catalog: CatalogWriter, began: float) -> None:
        if self._index is None or not (self._folder / ABOUT).exists():
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
        if read_about(self._folder) == about(identity):
            try:
                if reason := damaged(self._folder, whole=False):
                    raise OSError(reason)
                self._index = Inverted(self._folder)
                self._last = self._index.snapshot().newest()
                return
            except BaseException as error:
                if not is_trouble(error):
                    raise
                log.warning("%s is damaged and written again: %s", self._folder, error)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._index, self._last = Inverted(self._folder, create=True), PassageId(0)
        beside = self._folder / f"{ABOUT}.new"
        beside.write_text(json.dumps(about(identity)), "utf-8")
        os.replace(beside, self._folder / ABOUT)

    def _drop(self, catalog: CatalogWriter) -> None:
        """Take out passages that the catalogue has no longer."""
        gone = catalog.forgotten(after=self._gone[-1] if self._gone else PassageId(0), limit=10 * _FED)
        if gone:
            self._ready().delete(gone)
        self._gone += gone
        self._uncommitted += len(gone)

    def _feed(self, catalog: CatalogWriter) -> int:
        """Add what is newer than what there is; return how many."""
        rows = self._after(catalog)
        for passage, file, words in rows:
            self._ready().add(passage, file, words)
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

    def _ready(self) -> Writing:
        if self._writer is None:
            assert self._index is not None
            self._writer = self._index.writing()
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
