"""Pictures: there is no text, but a camera writes down when, by what and of what it took them (EXIF)."""

from __future__ import annotations

import logging
import re

from semfs.indexers.dates import parse_date
from semfs.indexers.source import open_file
from semfs.model import Document, Kind, Section

TAKEN = ("EXIF DateTimeOriginal", "EXIF DateTimeDigitized", "Image DateTime")  # the last is of an edit
TITLE = ("Image XPTitle", "Image ImageDescription")
AUTHOR = ("Image Artist", "Image XPAuthor")
WORDS = ("Image ImageDescription", "Image XPTitle", "Image XPSubject", "Image XPKeywords", "Image XPComment")
CAMERA = ("Image Make", "Image Model")
DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)")  # EXIF's own way, in the camera's local time


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
        )


def _tags(path: str) -> dict[str, str]:
    import exifread

    logging.getLogger("exifread").disabled = True  # that most pictures have no EXIF is no warning
    with open_file(path) as file:
        tags = exifread.process_file(file, details=False, extract_thumbnail=False)
    return {name: str(tag).strip(" \0") for name, tag in tags.items()}


def _camera(make: str, model: str) -> str:
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}".strip()
