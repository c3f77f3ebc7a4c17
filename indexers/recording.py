"""Sound and films: there is no text, but tags say what it is and who made it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from semfs.indexers.dates import parse_date, timestamp
from semfs.indexers.source import open_file
from semfs.model import Document, Kind, Section

SAID = ("title", "artist", "album", "composer", "genre", "comment")  # attributes of TinyTag
LYRICS = "lyrics"
EPOCH = datetime(1904, 1, 1, tzinfo=UTC)  # of QuickTime, from which MP4 comes
FARTHEST = 1 << 60  # bytes; further no file can be read
MOST_BOXES = 64  # at the top of an MP4 file; there are about four


class Sound:
    """Read the tags of a recording."""

    name = "audio"
    kind = Kind.AUDIO

    def read(self, path: str) -> Document:
        from tinytag import TinyTag, UnsupportedFormatError

        with open_file(path) as file:
            recorded = _recorded(file)
            file.seek(0)
            try:
                tag = TinyTag.get(path, file_obj=file, duration=False)
            except UnsupportedFormatError:
                return Document((), created=recorded)
        said = [getattr(tag, name) for name in SAID] + tag.other.get(LYRICS, [])
        lines = dict.fromkeys(text for text in said if text)
        return Document(
            (Section("\n".join(lines)),) if lines else (),
            title=tag.title or "",
            author=tag.artist or "",
            created=parse_date(tag.year or "") or recorded,
        )


class Film(Sound):
    """Read the tags of a film."""

    name = "video"
    kind = Kind.VIDEO


def _recorded(file: BinaryIO) -> float | None:
    """Return when an MP4 or QuickTime file says that it was recorded: telephones write nothing else."""
    for _ in range(MOST_BOXES):
        head = file.read(16)
        if len(head) < 16:
            return None
        size, name = struct.unpack(">I4s", head[:8])
        if name == b"moov":
            return _moment(head[8:] + file.read(32))
        if size == 1:
            size = struct.unpack(">Q", head[8:])[0]
        if not 8 <= size < FARTHEST:
            return None
        file.seek(size - 16, 1)
    return None


def _moment(movie: bytes) -> float | None:
    """Return the time of creation from the header that a film's description begins with."""
    if len(movie) < 24 or movie[4:8] != b"mvhd":
        return None
    seconds: int = struct.unpack_from(">Q" if movie[8] == 1 else ">I", movie, 12)[0]
    if not seconds:
        return None
    try:
        return timestamp(EPOCH + timedelta(seconds=seconds))
    except OverflowError:
        return None
