"""PowerPoint presentations (PPTX), a section a slide, with the speaker's notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, cast

from pptx.exc import PackageNotFoundError, PythonPptxError
from pptx.opc.package import PartFactory
from pptx.package import Package
from pptx.parts.presentation import PresentationPart
from pptx.slide import Slide

from semfs.errors import ExtractError
from semfs.indexers.media import Illustrated
from semfs.indexers.outline import Outline
from semfs.indexers.source import load, open_zip
from semfs.indexers.xml import properties
from semfs.model import Document, Kind

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
VARIANTS = (  # main parts besides the plain presentation's: shows and templates, with and without macros
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
    "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
)
for variant in VARIANTS:
    PartFactory.part_type_for.setdefault(variant, PresentationPart)


class Slides(Illustrated):
    """Read a presentation."""

    name = "pptx"
    kind = Kind.PRESENTATION

    def read(self, path: str) -> Document:
        data = load(path)
        archive = open_zip(path, data)
        outline = Outline()
        for number, slide in enumerate(_open(path, data), start=1):
            outline.page(number)
            _slide(slide, outline)
        about = properties(archive, path)
        return Document(
            outline.sections(),
            about.title or outline.first_heading,
            about.author,
            about.created,
            about.language,
            scans=self.scans(archive),
        )

    def page_of(self, name: str, path: str, data: bytes) -> int | None:
        """Return the first slide that shows a picture."""
        slides = enumerate(_open(path, data), start=1)
        return next((number for number, slide in slides if f"/{name}" in _parts(slide)), None)


def _open(path: str, data: bytes) -> Iterable[Slide]:
    try:
        main = Package.open(io.BytesIO(data)).main_document_part
    except (PackageNotFoundError, PythonPptxError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ExtractError(path, "damaged: cannot be read as a presentation") from error
    if not isinstance(main, PresentationPart):
        raise ExtractError(path, "damaged: it holds no slides")
    return cast(Iterable[Slide], main.presentation.slides)


def _parts(slide: Slide) -> set[str]:
    """Return the names of the parts that a slide refers to."""
    return {str(to.target_part.partname) for to in slide.part.rels.values() if not to.is_external}


def _slide(slide: Slide, outline: Outline) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        outline.heading(1, title.text_frame.text.replace("\v", " "))
    for shape in slide.shapes:
        if title is None or shape.shape_id != title.shape_id:
            for text in _paragraphs(shape._element):
                outline.add(text)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None and notes.text:
        outline.add("Notes: " + notes.text.replace("\v", "\n"))


def _paragraphs(element: Any) -> Iterator[str]:
    """Yield paragraphs of a shape, of a group of shapes, and rows of a table."""
    rows = list(element.iter(f"{A}tr"))
    for row in rows:
        yield " | ".join(" ".join(map(_words, cell.iter(f"{A}p"))) for cell in row.iter(f"{A}tc")).rstrip(
            " |"
        )
    if not rows:
        yield from filter(str.strip, map(_words, element.iter(f"{A}p")))


def _words(paragraph: Any) -> str:
    return "".join(
        "\n" if node.tag == f"{A}br" else node.text or "" for node in paragraph.iter(f"{A}t", f"{A}br")
    )
