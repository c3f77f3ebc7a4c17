"""Open the catalogue for writing: alone, and with a new one in the place of one that is damaged."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from semfs.errors import CatalogDamaged, StoreError
from semfs.store.catalog import UNFINISHED, CatalogWriter, create, drop_logs
from semfs.store.connection import suspicion

logger = logging.getLogger(__name__)

ASIDE = ".damaged-"
REBUILT = "rebuilt"  # in `meta`: what was wrong with the predecessor, until all is read


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
    """Open or create the catalogue; replace it if it is seen at once to be bad, as `verify` sees the rest."""
    if os.path.lexists(path) and not (path.is_file() and path.stat().st_size):
        return _anew(path, embedder, "it is empty" if path.is_file() else "it is no file")
    for unfinished in path.parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    try:
        create(path)
        return CatalogWriter(path, embedder=embedder)
    except CatalogDamaged as error:
        return _anew(path, embedder, error.reason)


def _anew(path: Path, embedder: str, reason: str) -> CatalogWriter:
    set_aside(path, reason)
    create(path)
    catalog = CatalogWriter(path, embedder=embedder)
    catalog.set_meta(REBUILT, reason)
    return catalog


def close_catalog(catalog: CatalogWriter) -> None:
    """Say that nothing is done any more, and close it."""
    try:
        catalog.beat("")
    finally:
        catalog.close()


def set_aside(path: Path, reason: str) -> None:
    """Rename a damaged catalogue, for whoever wants to know why; only the latest is kept.

    To be called when no connection of this process is open: closing one deletes the log by its name.
    """
    logger.warning("%s: %s; it is set aside and built again", path, reason)
    for old in path.parent.glob(f"{path.name}{ASIDE}*"):
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    drop_logs(path)
    suspicion(path).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):  # somebody has deleted it
        path.rename(path.with_name(f"{path.name}{ASIDE}{int(time.time())}"))
