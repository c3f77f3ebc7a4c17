"""Whether a file still is what it was when its hash was checked.

`FILE.verified` beside a file holds its SHA-256, size and modification time, so that 1.1 GB is not
read again at every start.  May be called from any process and thread: stamps are replaced
atomically.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

from semfs.errors import ModelDamaged

log = logging.getLogger(__name__)


def matches(path: Path, *, size: int, sha256: str, again: bool = False) -> bool:
    """Tell whether a file has this size and hash, and remember it if it has.

    An empty `sha256` leaves it at the size; `again` reads every byte whatever is remembered.
    """
    if path.stat().st_size != size:
        return False
    if not sha256 or (not again and _remembered(path) == sha256):
        return True
    if sha256_of(path) != sha256:
        return False
    write(path, sha256)
    return True


def check(path: Path, *, again: bool = False) -> None:
    """Check a file against the hash that was written down when it came here.

    Raises ModelDamaged.
    """
    recorded = _read(path)
    if recorded is None:
        raise ModelDamaged(f"{path} was never checked: run 'semfs model pull' for it again")
    if again or _remembered(path) is None:
        if sha256_of(path) != recorded[0]:
            raise ModelDamaged(f"{path} has changed since it was made: run 'semfs model pull' for it again")
        write(path, recorded[0])


def write(path: Path, sha256: str) -> None:
    """Remember that a file with this size and time has this hash."""
    seen = path.stat()
    stamp = _stamp(path)
    fresh = stamp.with_name(f"{stamp.name}.{os.getpid()}")
    try:
        fresh.write_text(f"{sha256} {seen.st_size} {seen.st_mtime_ns}\n", "ascii")
        fresh.replace(stamp)
    except OSError as error:  # a models folder that is shared read-only still works, only slower
        log.info("cannot remember that %s was checked: %s", path, error)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def _read(path: Path) -> tuple[str, int, int] | None:
    try:
        sha256, size, mtime = _stamp(path).read_text("ascii").split()
        return sha256, int(size), int(mtime)
    except (OSError, ValueError):
        return None


def _remembered(path: Path) -> str | None:
    """Return the hash that was checked if the file has not changed since."""
    recorded = _read(path)
    seen = path.stat()
    if recorded is None or recorded[1:] != (seen.st_size, seen.st_mtime_ns):
        return None
    return recorded[0]
