"""Open what indexers read: regular files only, never a device or a FIFO, never a zip bomb."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import BinaryIO

from semfs.errors import ExtractError
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.charset import decode

MAX_UNPACKED = 500_000_000  # bytes; the largest honest office file seen unpacks to some 60 MB
MAX_RATIO = 200  # unpacked to packed; XML of ordinary spreadsheets stays below 60
RATIO_FROM = 10_000_000  # bytes; below it a high ratio harms nobody
MAX_MEMBERS = 50_000


# What is inside of another file has a path of its own, which stands for these bytes while it is read.
_standing: ContextVar[tuple[str, bytes] | None] = ContextVar("standing", default=None)


@contextmanager
def standing_in(path: str, data: bytes) -> Iterator[None]:
    """Let a path that is not on the disk stand for these bytes in all that reads through this module."""
    token = _standing.set((path, data))
    try:
        yield
    finally:
        _standing.reset(token)


def _inside(path: str) -> bytes | None:
    """Return the bytes that a path stands for, None if it is on the disk."""
    standing = _standing.get()
    return standing[1] if standing is not None and standing[0] == path else None


@contextmanager
def on_disk(path: str) -> Iterator[str]:
    """Give a path that anybody can open, for readers that do not go through this module.

    What is inside of another file is given as a file in memory, which goes with the process.
    """
    data = _inside(path)
    if data is None:
        yield path
        return
    descriptor = os.memfd_create("member")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        yield f"/proc/self/fd/{descriptor}"


def open_file(path: str) -> BinaryIO:
    """Open a regular file for reading; raise ExtractError in plain words if that cannot be done."""
    data = _inside(path)
    if data is not None:
        return io.BytesIO(data)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ExtractError(path, (error.strerror or "cannot be opened").lower()) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ExtractError(path, "not a regular file")
    return os.fdopen(descriptor, "rb")


def load(path: str) -> bytes:
    """Return the whole content of a regular file."""
    data = _inside(path)
    if data is not None:
        return data
    with open_file(path) as file:
        try:
            return file.read()
        except OSError as error:
            raise ExtractError(path, (error.strerror or "cannot be read").lower()) from error


def load_lines(path: str) -> list[str]:
    """Return the lines of a text, whatever it is encoded in."""
    return decode(load(path)).split("\n")


def begin(path: str, size: int) -> bytes:
    """Return the first bytes of a regular file."""
    with open_file(path) as file:
        try:
            return file.read(size)
        except OSError as error:
            raise ExtractError(path, (error.strerror or "cannot be read").lower()) from error


def open_zip(path: str, data: bytes) -> zipfile.ZipFile:
    """Open packed content, refusing bombs by what its directory declares."""
    archive = zip_directory(path, data)
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS:
        raise ExtractError(path, f"refused: it has {len(members)} parts, a sign of a bomb")
    if unpacked > MAX_UNPACKED:
        raise ExtractError(path, f"refused: it would unpack to {unpacked // 1_000_000} MB")
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(1, len(data)):
        raise ExtractError(path, f"refused: it unpacks to {unpacked // max(1, len(data))} times its size")
    return archive


def zip_directory(path: str, data: bytes) -> zipfile.ZipFile:
    """Open packed content to see what it has, whatever that would unpack to."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ExtractError(path, "damaged: its zip directory cannot be read") from error


def member(archive: zipfile.ZipFile, name: str, path: str) -> bytes | None:
    """Return one member's content, None if there is none of that name."""
    try:
        return archive.read(name)
    except KeyError:
        return None
    except NotImplementedError as error:
        raise ExtractError(path, f"its part {name} is packed in an unknown way") from error
    except RuntimeError as error:  # zipfile's word for "encrypted"
        raise ExtractError(path, ENCRYPTED) from error
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError) as error:
        raise ExtractError(path, f"damaged: its part {name} cannot be unpacked") from error
