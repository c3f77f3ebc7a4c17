"""The pictures inside of Office documents, OpenDocument files and books, which are all packed as zip."""

from __future__ import annotations

import io
import re
import zipfile

from semfs.errors import ExtractError
from semfs.indexers.base import MOST_SCANS, Picture
from semfs.indexers.source import load, member, open_zip
from semfs.model import Route

# What `pictures` can open, by its name: it is not unpacked to look at its beginning.
DRAWN = re.compile(r"\.(?:png|jpe?g|jpe|gif|bmp|tiff?|webp|jp2|avif|heic)$", re.I)
# Where pictures lie; others are thumbnails of the whole. A book has them anywhere.
FOLDERS = ("word/media/", "ppt/media/", "xl/media/", "Pictures/")
LARGEST = 100_000_000  # bytes unpacked, as index.max_file_mb is for files
NUMBERS = re.compile(r"(\d{1,9})")


class Illustrated:
    """What indexers of such formats have in common: pictures are numbered, from 1, by their names."""

    folders: tuple[str, ...] = FOLDERS

    def scans(self, archive: zipfile.ZipFile) -> tuple[Route, ...]:
        """Return the pictures, so far without opening any."""
        return tuple((number,) for number, _ in enumerate(self._names(archive), 1))

    def picture(self, path: str, number: int) -> Picture:
        """Return one of them."""
        from semfs.indexers.pictures import open_picture

        data = load(path)
        archive = open_zip(path, data)
        names = self._names(archive)
        content = member(archive, names[number - 1], path) if number <= len(names) else None
        if content is None:
            raise ExtractError(path, "it is no longer what it was")
        image, _ = open_picture(path, io.BytesIO(content))
        return Picture(image, self.page_of(names[number - 1], path, data))

    def page_of(self, name: str, path: str, data: bytes) -> int | None:
        """Return the slide that a picture is on, None where there are none."""
        return None

    def _names(self, archive: zipfile.ZipFile) -> list[str]:
        names = {
            item.filename
            for item in archive.infolist()
            if DRAWN.search(item.filename)
            and item.filename.startswith(self.folders)
            and item.file_size <= LARGEST
        }
        return sorted(names, key=_in_order)[:MOST_SCANS]


def _in_order(name: str) -> list[tuple[int, str]]:
    """Put image10.png behind image9.png."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in NUMBERS.split(name)]
