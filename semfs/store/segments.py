"""Whether the files of an index by tantivy are whole.

Every file of a segment ends with a footer: JSON with the CRC-32 of what is before it, the length of
that JSON, and a magic number.  The files are mapped by whoever reads them, who holds a lease of each.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from semfs.store.leases import Lease

_END = struct.Struct("<II")  # length of the JSON, magic number
_MAGIC = 1337
_LONGEST_FOOTER = 10_000
_READ = 1 << 20

Leases = Mapping[str, Lease]


def leases(folder: Path, known: Leases) -> Leases:
    """Return leases of the committed files by path, the `known` ones again; raises OSError or ValueError."""
    return {path: known.get(path) or Lease(path) for path in _committed(folder)}


def broken(held: Leases) -> str:
    """Return a file that somebody else writes to, "" if there is none."""
    return next((path for path, lease in held.items() if not lease.whole()), "")


def damaged(folder: Path, *, whole: bool, go_on: Callable[[], None] = lambda: None) -> str:
    """Return a file that is damaged and how, "" if there is none.

    Without `whole` only the ends are looked at; else all is read, and `go_on` called between.
    """
    try:
        for path in _committed(folder):
            with open(path, "rb") as file:
                if reason := _fault(file.fileno(), whole, go_on):
                    return f"{os.path.basename(path)} {reason}"
    except FileNotFoundError:
        return ""  # the segment was merged into another meanwhile
    except (OSError, ValueError, KeyError, TypeError) as error:
        return str(error)
    return ""


def _committed(folder: Path) -> Iterator[str]:
    about = json.loads((folder / "meta.json").read_text("utf-8"))
    segments = {str(segment["segment_id"]).replace("-", "") for segment in about["segments"]}
    with os.scandir(folder) as entries:
        yield from sorted(entry.path for entry in entries if entry.name.split(".")[0] in segments)


def _fault(file: int, whole: bool, go_on: Callable[[], None]) -> str:
    size = os.fstat(file).st_size
    length, magic = _END.unpack(os.pread(file, _END.size, max(size - _END.size, 0)).ljust(_END.size, b"\0"))
    body = size - _END.size - length
    if magic != _MAGIC or length > _LONGEST_FOOTER or body < 0:
        return "has no end"
    footer = json.loads(os.pread(file, length, body))
    if not whole:
        return ""
    return "" if crc_of(file, body, go_on) == footer["crc"] else "is not as it was written"


def crc_of(file: int, size: int, go_on: Callable[[], None]) -> int:
    """Return the CRC-32 of the first `size` bytes of an open file."""
    crc, place = 0, 0
    while place < size and (data := os.pread(file, min(_READ, size - place), place)):
        crc = zlib.crc32(data, crc)
        place += len(data)
        go_on()
    return crc
