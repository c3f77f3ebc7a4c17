"""The words that people use for kinds of files; a table, so that another language is another table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from semfs.model import Kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a word for a kind asks for; empty means any file at all."""

    kinds: frozenset[Kind] = frozenset()
    suffixes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        named = sorted(f"kind {kind}" for kind in self.kinds) + sorted(self.suffixes)
        return " or ".join(named) or "any file"


def _table(*rows: tuple[str, str]) -> dict[str, Wanted]:
    """Return word -> what it asks for; words separated by `/`, targets (kinds, suffixes) by spaces."""
    table = {}
    for words, targets in rows:
        parts = targets.split()
        wanted = Wanted(
            frozenset(Kind(part) for part in parts if part[0] != "."),
            frozenset(part for part in parts if part[0] == "."),
        )
        table.update(dict.fromkeys(words.split("/"), wanted))
    return table


# Many of them: at the head of a query they are a filter, and at the end of a short one.
PLURAL: Final = _table(
    ("files/documents/docs/everything/things", ""),
    ("pdfs/pdf files/pdf documents/pdf", "pdf"),
    ("spreadsheets/spreadsheet files", "spreadsheet .csv"),
    ("excel files/excel sheets/excel spreadsheets", ".xlsx .xls .xlsm .xlsb"),
    ("word files/word documents/word docs", ".docx .doc .docm"),
    ("csvs/csv files", ".csv .tsv"),
    ("json files", ".json .jsonl .ndjson"),
    ("xml files", ".xml"),
    ("yaml files", ".yaml .yml"),
    ("data files", "data"),
    ("emails/e-mails/mails/email messages/mail messages", "email"),
    ("slides/slide decks/slideshows/presentations/powerpoints/powerpoint files", "presentation"),
    ("ebooks/e-books/epubs/epub files", "ebook"),
    ("markdown files/markdown documents", "markdown"),
    ("text files/plain text files/txt files", "text"),
    ("html files/html pages/web pages/webpages", "html"),
    ("source files/code files/source code/scripts", "code"),
    ("python files/python scripts/python source files", ".py .pyi"),
    ("javascript files", ".js .mjs .cjs .jsx"),
    ("shell scripts", ".sh .bash .zsh"),
    ("photos/photographs/pictures/images/image files/screenshots", "image"),
    ("jpegs/jpgs/jpeg files/jpg files", ".jpg .jpeg"),
    ("pngs/png files", ".png"),
    ("videos/video files/movies", "video"),
    ("audio files/sound files/mp3s/voice memos", "audio"),
    ("archives/zip files/zips/tarballs", "archive"),
)
# One of them: a filter only where "about", "from", "with" … follows.
SINGULAR: Final = _table(
    ("file/document", ""),
    ("pdf file/pdf document", "pdf"),
    ("spreadsheet", "spreadsheet .csv"),
    ("excel file/excel sheet", ".xlsx .xls .xlsm .xlsb"),
    ("word file/word document", ".docx .doc .docm"),
    ("csv file", ".csv .tsv"),
    ("email/e-mail/mail", "email"),
    ("presentation/slide deck/powerpoint", "presentation"),
    ("ebook/e-book", "ebook"),
    ("photo/photograph/picture/screenshot", "image"),
    ("video", "video"),
)
# The name of a format before what it holds, "pdf invoices": a filter only before a plural, and only
# names that nobody writes about ("json parsers" and "html pages" may be the topic).
BEFORE: Final = _table(
    ("pdf", "pdf"),
    ("docx", ".docx"),
    ("xlsx", ".xlsx"),
    ("excel", ".xlsx .xls .xlsm .xlsb"),
    ("pptx", ".pptx"),
    ("powerpoint", "presentation"),
    ("epub", ".epub"),
    ("rtf", ".rtf"),
    ("odt", ".odt"),
)


def by_name(word: str) -> Wanted | None:
    """Return what `kind:WORD` asks for: a kind, a word for one, or a suffix."""
    word = word.casefold()
    if word in {kind.value for kind in Kind}:
        return Wanted(kinds=frozenset({Kind(word)}))
    found = PLURAL.get(word) or PLURAL.get(word + "s") or SINGULAR.get(word)
    if found is not None:
        return found
    bare = word.removeprefix("*").removeprefix(".")
    return Wanted(suffixes=frozenset({f".{bare}"})) if bare.isalnum() and len(bare) <= 8 else None
