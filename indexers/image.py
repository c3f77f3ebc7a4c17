"""Pictures: a camera writes down when, by what and of what it took them (EXIF); text in them is for OCR."""

from __future__ import annotations

import logging
import re
import struct

from semfs.indexers.base import MOST_SCANS, Picture
from semfs.indexers.dates import parse_date
from semfs.indexers.source import begin, open_file
from semfs.model import Document, Kind, Section

log = logging.getLogger(__name__)

TAKEN = ("EXIF DateTimeOriginal", "EXIF DateTimeDigitized", "Image DateTime")  # the last is of an edit
TITLE = ("Image XPTitle", "Image ImageDescription")
AUTHOR = ("Image Artist", "Image XPAuthor")
WORDS = ("Image ImageDescription", "Image XPTitle", "Image XPSubject", "Image XPKeywords", "Image XPComment")
CAMERA = ("Image Make", "Image Model")
DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)")  # EXIF's own way, in the camera's local time
# What begins a picture that can be opened; raw pictures of cameras begin as TIFF and cannot.
DRAWN = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|BM|P[1-6]\s|\xff\x4f\xff\x51|\0\0\0\x0cjP"
    rb"|RIFF....WEBP|....ftyp(?:heic|heix|mif1|avif)",
    re.DOTALL,
)
# What exifread raises at tags that break the rules.
BROKEN = (
    ValueError, LookupError, ArithmeticError, AssertionError, TypeError, AttributeError, NotImplementedError,
    struct.error,
)  # fmt: skip
RAW = (".cr2", ".nef", ".arw", ".dng", ".raw")


class Image:
    """Read what a picture says about itself, without its pixels."""

    name = "image"
    kind = Kind.IMAGE

    def read(self, path: str) -> Document:
        tags = _tags(path)
        words = dict.fromkeys(filter(None, (tags.get(name) for name in WORDS)))
        camera = _camera(*(tags.get(name, "") for name in CAMERA))
        lines = [*words, *([f"Camera: {camera}"] if camera else [])]
        dates = (parse_date(DATE.sub(r"\1-\2-\3", tags.get(name, ""), count=1)) for name in TAKEN)
        return Document(
            (Section("\n".join(lines)),) if lines else (),
            title=next((tags[name] for name in TITLE if tags.get(name)), ""),
            author=next((tags[name] for name in AUTHOR if tags.get(name)), ""),
            created=next((date for date in dates if date is not None), None),
            scans=((1,),) if DRAWN.match(begin(path, 16)) and not path.lower().endswith(RAW) else (),
        )

    def picture(self, path: str, number: int) -> Picture:
        """Return one of the pages of a picture; most have one."""
        from semfs.indexers.pictures import open_picture

        with open_file(path) as file:
            image, pages = open_picture(path, file, number)
        return Picture(image, number if pages > 1 else None, min(pages, MOST_SCANS))


def _tags(path: str) -> dict[str, str]:
    import exifread
    from exifread.core.exceptions import ExifError

    logging.getLogger("exifread").disabled = True  # that most pictures have no EXIF is no warning
    with open_file(path) as file:
        try:
            tags = exifread.process_file(file, details=False, extract_thumbnail=False)
        except (ExifError, *BROKEN) as error:
            log.info("the tags of %s cannot be read: %r", path, error)
            return {}  # the picture may be whole all the same
    return {name: str(tag).strip(" \0") for name, tag in tags.items()}


def _camera(make: str, model: str) -> str:
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}".strip()
