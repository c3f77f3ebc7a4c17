"""The ingest process: keep the catalogue equal to the folders.

`run` is its main function and returns when it is told to stop (SIGTERM, SIGINT) or when its
parent has gone.  One thread does everything and owns the CatalogWriter: it scans, hands files
to the pool of reading processes, stores what they answer, then has passages embedded, and
waits for changes.  What it does not know after a crash is in the catalogue: a file is PENDING
until its text is stored, a passage waits until its vector is.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import semfs
from semfs.config import Config, Index, data_dir, models_dir, runtime_dir
from semfs.errors import CatalogDamaged, DiskFull, StoreError
from semfs.index import child
from semfs.index.folders import Folders
from semfs.index.looking import Looking
from semfs.index.meaning import Meaning
from semfs.index.opening import REBUILT, close_catalog, exclusive, open_catalog, set_aside
from semfs.index.order import Lane, Work, turn
from semfs.index.pacing import Pacing
from semfs.index.pool import Pool
from semfs.index.priority import Standing, stand_back
from semfs.index.reading import Reading
from semfs.index.recognising import Recognising
from semfs.index.scan import Changes
from semfs.index.telling import Telling
from semfs.index.verify import Verification
from semfs.model import FileStatus, Kind
from semfs.store.catalog import CatalogWriter
from semfs.store.following import WordWriter
from semfs.store.looks import Looks
from semfs.store.words import FEWEST

logger = logging.getLogger(__name__)

FULL_DISK_S = 30.0
PREDECESSOR_S = 15.0  # for the ingest process of a mount that was killed to notice that
LONGEST_WAIT_S = 1.0  # so that the parent's death is noticed
STOPPING = (signal.SIGTERM, signal.SIGINT)


def run(
    *,
    name: str,
    sources: Sequence[str],
    reader_command: Sequence[str],
    config: Config,
    kind_of: Callable[[str], Kind] = lambda path: Kind.OTHER,
    embed_command: Sequence[str] = (),
    fewest_words: int = FEWEST,
) -> None:
    """Keep the catalogue of the mount `name` equal to `sources` until told to stop.

    `kind_of` says what kind a file is before it is read; `embed_command` starts the
    embedding process where it is not to be `python -m semfs.index.embedding`; from `fewest_words`
    passages on their words are also kept beside the catalogue.
    """
    stand_back(Standing.SOON)
    folder = data_dir(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "catalog.db"
    folders = Folders(sources, config.index, never=(folder.parent, models_dir(), runtime_dir()))
    embed_command = embed_command or [
        sys.executable,
        "-P",
        "-m",
        "semfs.index.embedding",
        config.index.embedder,
    ]
    with Bell() as bell, exclusive(folder / "ingest.lock", patience=PREDECESSOR_S, stop=bell.stopped):
        damage = ""
        while not bell.stopped():
            catalog = open_catalog(path, embedder=config.index.embedder)
            if damage:
                catalog.set_meta(REBUILT, damage)
            words = WordWriter(folder / "words", fewest=fewest_words)
            ingest = Ingest(
                catalog, folders, words, reader_command, embed_command, config.index, kind_of, bell
            )
            try:
                with ingest:
                    ingest.work()
            except CatalogDamaged as error:
                damage = error.reason
                set_aside(path, damage)


class Bell:
    """Wakes the thread that waits, and knows whether it is to stop."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._parent = os.getppid()
        self._told = False

    def __enter__(self) -> Bell:
        self._before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._out)
        os.close(self._in)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._told = True
        self.ring()

    def stopped(self) -> bool:
        return self._told or os.getppid() != self._parent

    def fileno(self) -> int:
        return self._out

    def ring(self) -> None:
        """Wake the thread that waits; from any thread."""
        with contextlib.suppress(BlockingIOError):  # it has been rung often enough
            os.write(self._in, b"\0")

    def quiet(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._out, 4096)


class Stopped(Exception):
    """The process was told to stop in the middle of a scan."""


class Ingest:
    """The loop; a context manager that owns the catalogue and ends the children."""

    def __init__(
        self,
        catalog: CatalogWriter,
        folders: Folders,
        words: WordWriter,
        reader_command: Sequence[str],
        embed_command: Sequence[str],
        limits: Index,
        kind_of: Callable[[str], Kind],
        bell: Bell,
    ) -> None:
        self._catalog = catalog
        self._folders = folders
        self._bell = bell
        self._pool = Pool(reader_command, limits)
        self._words = words
        self._meaning = Meaning(catalog, embed_command)
        self._reading = Reading(
            catalog,
            self._pool,
            most_bytes=limits.max_file_mb << 20,
            offer=words.offer,
            fresh=self._meaning.saved.note,
        )
        self._looks = Looks(catalog.path.parent)
        self._pacing = Pacing(limits)
        self._recognising = Recognising(
            catalog, reader_command, wanted=limits.ocr, doubtful=self._reading.doubtful
        )
        self._telling = Telling(catalog, self._notices)
        self._looking = Looking(
            catalog,
            folders,
            kind_of,
            rescan_s=float(limits.rescan_seconds),
            wake=bell.ring,
            breathe=self._breathe,
            changed=self._expect,
            saved=self._reading.hurry,
        )
        self._limits = limits
        self._verification = Verification(catalog.path, bell.ring)
        self._rebuilt = catalog.meta(REBUILT)  # what was wrong with the predecessor
        self._full_until = 0.0
        self._sweep = True

    def __enter__(self) -> Ingest:
        return self

    def __exit__(self, *_: object) -> None:
        self._looking.close()
        self._meaning.close()
        self._looks.close()
        self._words.close()
        self._verification.stop()
        with contextlib.suppress(StoreError):  # then the next start makes up for it
            self._recognising.release()
            self._reading.close()
        with contextlib.suppress(StoreError):
            close_catalog(self._catalog)

    def work(self) -> None:
        """Go on until told to stop; raises CatalogDamaged."""
        with contextlib.suppress(Stopped):
            self._with_room(self._begin)
            while not self._bell.stopped():
                child.wait(self._children(), self._bell.fileno(), self._timeout())
                self._bell.quiet()
                self._with_room(self.step)

    def _with_room(self, step: Callable[[], None]) -> None:
        """Do a step; where the disk is full, do nothing for a while and then go on where it was."""
        if time.monotonic() < self._full_until:
            return
        try:
            step()
        except (DiskFull, OSError) as error:
            if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            logger.warning("the disk is full; indexing goes on in %d s if there is room then", FULL_DISK_S)
            self._full_until = time.monotonic() + FULL_DISK_S

    def _begin(self) -> None:
        """Note what this run is about; files that failed under other limits get another chance."""
        limits = self._limits
        reading = f"{semfs.__version__} {limits.max_file_mb} {limits.file_seconds} {limits.file_memory_mb}"
        with self._catalog.transaction():
            if self._catalog.meta("reading") not in ("", reading):
                self._catalog.read_again(FileStatus.FAILED, FileStatus.SKIPPED)
            self._catalog.set_meta("reading", reading)
            self._catalog.set_meta("ocr", "1" if limits.ocr else "")
            self._catalog.set_meta("sources", json.dumps(self._folders.roots))
        self._telling.tell("scanning")
        self._verification.start()

    def step(self) -> None:
        """Do whatever there is to do now, without waiting for anything."""
        self._doubt()
        self._looking.look(self._reading.doubtful)
        self._work()
        self._clean_up()
        self._telling.tell(self._activity(), self._reading.current() or self._recognising.current())

    def _doubt(self) -> None:
        """Raise CatalogDamaged where somebody has found the catalogue to be."""
        if self._verification.found:
            raise CatalogDamaged(str(self._catalog.path), self._verification.found)
        if self._catalog.suspected():
            raise CatalogDamaged(str(self._catalog.path), "what was looked up in it is malformed")

    def _work(self) -> None:
        """Let readers, embedder and recogniser go on, each with what its turn is."""
        self._reading.avoid(self._looking.silent())
        self._pacing.look(self._catalog, [child.pid for child in self._children()])
        self._reading.advance(bulk=self._pacing.allows())
        self._words.follow(self._catalog)
        self._meaning.looked.note(self._looks.take())
        spent = self._meaning.take()
        self._meaning.give(self._next_vectors)
        self._recognising.advance(free=self._is_free())
        self._pacing.worked(spent + self._reading.spent() + self._recognising.spent())

    def _next_vectors(self) -> Work | None:
        waiting = self._reading.waiting() + self._meaning.waiting()
        return turn(Lane.EMBEDDER, waiting, bulk=self._pacing.allows())

    def _is_free(self) -> bool:
        """Return whether nothing is to be done but to recognise text."""
        if self._reading.busy() or self._meaning.busy:
            return False
        waiting = [*self._reading.waiting(), Work.SCANS]
        waiting += [] if self._meaning.trouble else self._meaning.waiting()
        return turn(Lane.RECOGNISER, waiting, bulk=self._pacing.allows()) is Work.SCANS

    def _children(self) -> list[child.Child]:
        return [*self._pool.children, *self._meaning.children, *self._recognising.children]

    def _activity(self) -> str:
        if self._pacing.reason:
            return f"paused: {self._pacing.reason}"
        if self._reading.busy():
            return "reading"
        if self._meaning.busy:
            return "embedding"
        return "recognising" if self._recognising.busy else "watching"

    def _expect(self, changes: Changes) -> None:
        """See that nothing of what has changed, or is elsewhere, is stored as it was read before."""
        others = {id for id, _ in (*changes.changed, *changes.moved)}
        self._reading.outdate(others.union(changes.removed))
        self._sweep = self._sweep or bool(changes.removed)

    def _breathe(self, current: str = "") -> None:
        """Show that we are alive in the middle of something long; raises Stopped."""
        if self._bell.stopped():
            raise Stopped
        self._work()
        if time.monotonic() >= self._telling.due:
            self._telling.tell("scanning", current)

    def _clean_up(self) -> None:
        if self._reading.busy() or self._meaning.busy:  # what is read takes the place of what was there
            return
        if self._sweep or self._catalog.unswept:
            with self._catalog.transaction():
                self._catalog.sweep()
                self._words.sweep(self._catalog)
                if self._rebuilt:
                    self._catalog.set_meta(REBUILT, "")
            self._rebuilt, self._sweep = "", False

    # -- telling

    def _notices(self) -> Iterator[str]:
        if self._rebuilt:
            yield f"the index was damaged ({self._rebuilt}): it is built again, and finds more and more"
        yield from self._looking.notices()
        if self._meaning.trouble:
            yield f"files are found by their words only: {self._meaning.trouble}"
        if self._pool.resting:
            yield "no files are read, as the reading processes do not start: see the log"

    def _timeout(self) -> float:
        now = time.monotonic()
        if now < self._full_until:
            return min(self._full_until - now, LONGEST_WAIT_S)
        times = (
            self._telling.due - now,
            self._looking.timeout(),
            self._pool.timeout(),
            self._reading.timeout(),
            self._meaning.timeout(),
            self._recognising.timeout(),
            self._words.timeout(),
            self._pacing.timeout(),
            LONGEST_WAIT_S,
        )
        return min(times)
