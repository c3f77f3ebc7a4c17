"""Which indexer reads which file.  Importing this imports no parser.

A Registry may be used from many threads; `read` is for extraction processes, because a
parser may hang, die or take all memory.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from semfs.errors import ExtractError, Unsupported
from semfs.indexers.base import Indexer, Picture, Pictured
from semfs.indexers.charset import tidy
from semfs.indexers.detect import HEAD, detect
from semfs.indexers.formats import Format, by_name, suffix_of
from semfs.indexers.source import begin, load, on_disk
from semfs.model import Document, Kind, Recognised, Route, Section

log = logging.getLogger(__name__)

GROUP = "semfs.indexers"
MOST_RECIPIENTS = 5_000  # characters; who is in a list of hundreds is not looked for by name
HEADING_CHARACTERS = 300  # a path of headings longer than this helps nobody


def default_registry() -> Registry:
    """Return the registry of all formats that are built in or installed."""
    return Registry()


class Registry:
    """Find and run the indexer for a file."""

    def kind_of(self, path: str) -> Kind:
        """Return what the name alone says; never touches the file."""
        if entry := self._installed.get(suffix_of(path)):
            try:
                return _load(entry, path).kind
            except ExtractError as error:
                log.warning("%s", error)
                self._installed.pop(suffix_of(path), None)  # one warning is enough
        named = by_name(path)
        return named.kind if named else Kind.OTHER

    def read(self, path: str) -> tuple[Kind, Document]:
        """Return the kind that the content shows, and the document.

        Raises Unsupported for what has no text by design and ExtractError for what cannot
        be read; the reason is fit for a user.
        """
        if entry := self._installed.get(suffix_of(path)):
            installed = _load(entry, path)
            with on_disk(path) as place:
                return installed.kind, _run(installed, place, f"a .{entry.name} file")
        format = _format(path)
        if not format.reader:
            raise Unsupported(path, f"not read: it is {format.words}")
        if format.tagged:
            return format.kind, _tags(format, path)
        return format.kind, _run(_built_in(format), path, format.words)

    def recognise(self, path: str, route: Route) -> Recognised:
        """Return the text in one picture of `Document.scans`; seconds of work.

        Raises ExtractError as `read` does.
        """
        format = _format(path)
        indexer = _built_in(format)
        number, inside = route[0], route[1:]
        with _in_plain_words(path, indexer, format.words):
            if inside:
                from semfs.indexers.members import sought

                found = sought(path, number, indexer.read, partial(self.recognise, route=inside))
                return replace(found, heading=_line(found.heading))
            if not hasattr(indexer, "picture"):
                raise Unsupported(path, f"no picture to be recognised: it is {format.words}")
            return self.said_in(cast(Pictured, indexer).picture(path, number))

    def said_in(self, picture: Picture) -> Recognised:
        """Return the text in a picture that has been opened."""
        from semfs.indexers.ocr import recognise

        text = recognise(picture.image) if picture.image else ""
        return Recognised(tidy(text).strip(), picture.page, picture.pages)

    @cached_property
    def _installed(self) -> dict[str, EntryPoint]:
        return {entry.name.lower(): entry for entry in entry_points(group=GROUP)}


def _format(path: str) -> Format:
    format = detect(path, begin(path, HEAD), partial(load, path))
    if format is not None:
        return format
    named = by_name(path)
    if named is not None and named.tagged:
        return named
    if named is None or not named.reader:
        raise Unsupported(path, f"not read: it is {named.words if named else 'a binary file'}")
    raise ExtractError(path, f"damaged or of another format: the content is not {named.words}")


def _built_in(format: Format) -> Indexer:
    module, name, *arguments = format.reader.split(":")
    return cast(Indexer, getattr(import_module(f"semfs.indexers.{module}"), name)(*arguments))


def _tags(format: Format, path: str) -> Document:
    """Return what a file without text says about itself; one that says nothing has nothing to read."""
    try:
        document = _run(_built_in(format), path, format.words)
    except ExtractError as error:
        raise Unsupported(path, f"not read: it is {format.words}") from error
    if document == Document(()):
        raise Unsupported(path, f"not read: it is {format.words}")
    return document


def _load(entry: EntryPoint, path: str) -> Indexer:
    try:
        return cast(Indexer, entry.load()())
    except (ImportError, AttributeError, TypeError) as error:
        raise ExtractError(path, f"its indexer {entry.value} cannot be loaded: {error}") from error


def _run(indexer: Indexer, path: str, words: str) -> Document:
    try:
        with _in_plain_words(path, indexer, words):
            return _tidied(indexer.read(path))
    except Unsupported as error:
        raise Unsupported(path, error.reason, about=error.about and _tidied(error.about)) from error


@contextmanager
def _in_plain_words(path: str, indexer: Indexer, words: str) -> Iterator[None]:
    """Turn whatever a parser raises into an ExtractError."""
    try:
        yield
    except ExtractError:
        raise
    except MemoryError as error:
        raise ExtractError(path, "needs more memory than one file may use") from error
    except RecursionError as error:
        raise ExtractError(path, "damaged: nested too deeply") from error
    except Exception as error:
        log.info("the indexer %s failed", indexer.name, exc_info=True)
        raise ExtractError(path, f"damaged: cannot be read as {words}") from error
    except BaseException as error:
        # A panic in a parser written in Rust arrives as an exception outside of Exception.
        if type(error).__name__ != "PanicException":
            raise
        log.info("the indexer %s failed", indexer.name, exc_info=True)
        raise ExtractError(path, f"damaged: cannot be read as {words}") from error


def _tidied(document: Document) -> Document:
    sections = tuple(
        Section(text, _line(section.heading), section.page, section.line)
        for section in document.sections
        if (text := tidy(section.text)).strip()
    )
    return Document(
        sections,
        _line(document.title),
        _line(document.author),
        document.created,
        document.language[:2].lower() if document.language[:2].isalpha() else "",
        " ".join(tidy(document.recipients).split())[:MOST_RECIPIENTS],
        document.incomplete,
        tuple(document.scans),
    )


def _line(text: str) -> str:
    return " ".join(tidy(text).split())[:HEADING_CHARACTERS]
