"""Open the catalogue for writing: alone, and with a new one in the place of one that is damaged."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from semfs.errors import CatalogDamaged, StoreError
from semfs.store.catalog import CatalogWriter

logger = logging.getLogger(__name__)

ASIDE = ".damaged-"
CLEAN = "clean"


@contextlib.contextmanager
def exclusive(path: Path, *, patience: float, stop: Callable[[], bool]) -> Iterator[None]:
    """Hold the lock of the one writer; wait `patience` seconds for a predecessor to end.

    Raises StoreError where another process keeps it.
    """
    until = time.monotonic() + patience
    with path.open("w") as file:
        while not _locked(file.fileno()):
            if stop() or time.monotonic() > until:
                raise StoreError(str(path), "another semfs process indexes for this mount")
            time.sleep(0.1)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_catalog(path: Path, *, embedder: str) -> CatalogWriter:
    """Open or create the catalogue; check it if it was not closed properly, and replace it if it is bad."""
    try:
        return _checked(path, embedder)
    except CatalogDamaged as error:
        logger.warning("%s; it is set aside and built again", error)
        set_aside(path)
        return _checked(path, embedder)


def _checked(path: Path, embedder: str) -> CatalogWriter:
    existed = path.exists()
    catalog = CatalogWriter(path, embedder=embedder)
    try:
        if existed and catalog.meta(CLEAN) == "0":
            logger.info("the catalogue was not closed properly: checking it")
            catalog.check()
        catalog.set_meta(CLEAN, "0")
    except BaseException:
        catalog.close()
        raise
    return catalog


def close_catalog(catalog: CatalogWriter) -> None:
    """Close it so that the next opening need not check it."""
    try:
        catalog.beat("")
        catalog.set_meta(CLEAN, "1")
    finally:
        catalog.close()


def set_aside(path: Path) -> None:
    """Rename a damaged catalogue, for whoever wants to know why; only the latest is kept."""
    for old in path.parent.glob(f"{path.name}{ASIDE}*"):
        old.unlink()
    for suffix in ("-wal", "-shm"):  # first: a log that is left over would be replayed into the successor
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.rename(path.with_name(f"{path.name}{ASIDE}{int(time.time())}"))
