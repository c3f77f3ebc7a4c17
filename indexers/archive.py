"""Archives (zip, tar, 7z, rar) and single compressed files, through libarchive; members are documents.

Nothing is written: members are unpacked one after the other into memory.  Only regular files
count; links, devices and folders do not.  What is left out of a folder, keys and passwords above all,
is left out of an archive too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_char_p, c_void_p, cast
from functools import partial
from typing import Any

from semfs.errors import ExtractError, Unsupported
from semfs.index.ignore import is_left_out
from semfs.indexers.base import ENCRYPTED
from semfs.indexers.charset import decode
from semfs.indexers.members import MOST_BYTES, Members, members_of
from semfs.indexers.source import load
from semfs.model import Document, Kind

# What libarchive is asked to read. "all" would have filters that run programs of the system.
FORMATS = ("zip", "tar", "7zip", "rar", "rar5")
FILTERS = ("gzip", "bzip2", "xz", "lzma", "zstd", "compress")
BLOCK = 1 << 16  # bytes unpacked at a time
LIBRARY = "libarchive.so.13"  # named, as looking for it starts ldconfig
RAW_NAME = "data"  # libarchive's name for what was compressed without one
REASONS = (  # words of libarchive, and ours
    ("encrypt", ENCRYPTED),
    ("passphrase", ENCRYPTED),
    ("too many filters", "refused: it is packed again and again"),
    ("truncated", "damaged: it is cut off"),
)
SUFFIXES = {".tgz": ".tar", ".svgz": ".svg"}  # of compressed files that lose more than their last suffix


class Archive:
    """Read what is inside of an archive."""

    name = "archive"
    kind = Kind.ARCHIVE

    def read(self, path: str) -> Document:
        data = load(path)
        with members_of(path, len(data)) as members:
            _read(path, data, members)
            return members.document()


def _read(path: str, data: bytes, members: Members) -> None:
    library = _library(path)
    try:
        with _opened(library, data, FORMATS) as archive:
            _unpack(library, path, archive, members)
            return
    except library.ArchiveError as error:
        if not _is_unknown(error):
            raise ExtractError(path, _words(error)) from error
    try:
        with _opened(library, data, ("raw",)) as archive:  # one file, compressed
            if not archive.filter_names:
                raise ExtractError(path, "damaged: cannot be read as an archive")
            _unpack(library, path, archive, members, called=_stem(path))
    except library.ArchiveError as error:
        raise ExtractError(path, _words(error)) from error


def _library(path: str) -> Any:
    os.environ.setdefault("LIBARCHIVE", LIBRARY)
    try:
        import libarchive  # type: ignore[import-untyped]
    except (ImportError, OSError, AttributeError) as error:
        reason = "the system library libarchive is missing (sudo apt install libarchive13)"
        raise Unsupported(path, f"not read: {reason}") from error
    logging.getLogger("libarchive").disabled = True  # a name in an odd encoding is no warning
    return libarchive


@contextmanager
def _opened(library: Any, data: bytes, formats: tuple[str, ...]) -> Iterator[Any]:
    """Open content in memory for these formats below any of the filters."""
    ffi = library.ffi
    pointer = ffi.read_new()
    try:
        for name in FILTERS:
            ffi.get_read_filter_function(name)(pointer)
        for name in formats:
            ffi.get_read_format_function(name)(pointer)
        ffi.read_open_memory(pointer, cast(c_char_p(data), c_void_p), len(data))
        yield library.read.ArchiveRead(pointer)
    finally:
        ffi.read_free(pointer)


def _unpack(library: Any, path: str, archive: Any, members: Members, *, called: str = "") -> None:
    """Read the regular files of an archive; what is broken in the middle is read up to there."""
    begun = False
    try:
        for entry in archive:
            begun = True
            size = max(entry.size or 0, 0)
            if not entry.isreg or entry.linkpath:
                continue
            if not members.room(size):
                return
            name = _name(library, entry) if not called or entry.pathname != RAW_NAME else called
            if is_left_out(name):
                members.unpacking(size)  # that is what passing it by costs
                continue
            members.add(name, partial(_content, library, path, entry, size, members), size=size)
    except library.ArchiveError as error:
        if not begun:
            raise
        members.stop(_words(error))


def _content(library: Any, path: str, entry: Any, size: int, members: Members) -> bytes:
    """Return what a member holds; a declared size is not believed, but held against it."""
    if size > MOST_BYTES:
        members.unpacking(size)  # that is what passing it by costs
        raise ExtractError(path, f"larger than {MOST_BYTES // 1_000_000} MB")
    data = bytearray()
    try:
        for block in entry.get_blocks(BLOCK):
            data += block
            members.unpacking(len(block))
            if len(data) > MOST_BYTES:
                raise ExtractError(path, f"larger than {MOST_BYTES // 1_000_000} MB")
    except library.ArchiveError as error:
        raise ExtractError(path, _words(error)) from error
    return bytes(data)


def _name(library: Any, entry: Any) -> str:
    """Return a member's name; where the archive does not say in which encoding it is, as a guess."""
    raw = library.ffi.entry_pathname(entry._entry_p)
    return decode(raw) if raw else entry.pathname or ""


def _stem(path: str) -> str:
    """Return what a compressed file is called without being compressed."""
    stem, suffix = os.path.splitext(os.path.basename(path))
    return stem + SUFFIXES.get(suffix.lower(), "")


def _is_unknown(error: Any) -> bool:
    return "unrecognized" in str(error.msg).lower()


def _words(error: Any) -> str:
    """Return what libarchive says in words for a user."""
    said = str(error.msg).lower()
    return next((words for sign, words in REASONS if sign in said), "damaged: cannot be unpacked")
