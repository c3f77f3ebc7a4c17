"""Understand what a person typed: filters in plain words, phrases, and the words that remain.

Pure: whether a word names a folder is asked of a callable.  What is in quotes is never taken
for a filter, and a filter is taken only where it stands as one: "PDFs from 2023" lists the
PDFs of that year, "parse PDFs with python" and "PEP 2023" are left as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from semfs.model import Filters, Query
from semfs.search import dates, kinds
from semfs.search.spans import Span, plain

IsFolder = Callable[[str], bool]


def _split(words: str) -> list[str]:
    return words.split()


_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»|「([^」]*)」')
_MARK = "\ue000"  # stands for a phrase while filters are looked for
_CUT = "\ue001"  # stands for what was taken out

_UNITS: Final = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "": 1.0}
_LONG_UNITS: Final = {"bytes": "", "byte": "", "kilobytes": "k", "megabytes": "m", "gigabytes": "g"}
_AMOUNT: Final = r"(?P<n>\d+(?:[.,]\d+)?)\s*(?P<u>(?:[kmgt]i?)?b|[kmgt]|bytes?|(?:kilo|mega|giga)bytes)(?!\w)"
_OVER: Final = r"(?:over|above|at least|>=?|(?:larger|bigger|greater|more) than|larger:|size:>)"
_UNDER: Final = r"(?:under|below|at most|<=?|(?:smaller|less) than|smaller:|size:<)"
_SIZE = re.compile(rf"(?<!\w)(?:(?P<over>{_OVER})|{_UNDER})\s*{_AMOUNT}", re.IGNORECASE)

_NAME: Final = r"[\w.+&'-]+(?:/[\w.+&'-]+)*"
_INSIDE: Final = r"(?<!\S)(?<!not )(?:in|from|inside|under|within) (?:the |my )?"
_FOLDERS: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\S)(?:folder|in|dir):(?P<name>{_NAME})/?",
        rf"{_INSIDE}(?:folder|directory|dir) (?P<name>{_NAME})/?",
        rf"{_INSIDE}(?P<name>{_NAME}) (?:folder|directory)(?!\S)",
        rf"{_INSIDE}~?/?(?P<name>{_NAME})/(?!\S)",
    )
]
_BARE_FOLDER = re.compile(
    rf"(?<!\S)(?<!not )(?:in|inside|under) (?:the |my )?(?P<name>{_NAME})(?=[ \ue001]*$)", re.IGNORECASE
)

_LEADS: Final = r"(?:(?:show|list|find|give|all|any|me|my|the|of) )*"
_FOLLOWS: Final = (
    r"(?=\s*$|\s*[\ue000\ue001]|\s+(?:about|on|of|from|with|that|which|in|containing|mentioning|by|for"
    r"|over|under|larger|bigger|smaller|before|after|since|between|during|dated|modified|created|last"
    r"|this|yesterday|today)(?!\w)|\s+(?:\S+ )?(?:19|20)\d\d\s*$)"
)


def _words(table: dict[str, kinds.Wanted]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


_MANY: Final = _words(kinds.PLURAL)
_KIND_FIRST = re.compile(rf"^\s*{_LEADS}(?P<kind>{_MANY}|{_words(kinds.SINGULAR)}){_FOLLOWS}", re.IGNORECASE)
_KIND_LAST = re.compile(rf"^(?:\S+ ){{1,2}}(?P<kind>{_MANY})(?=\s*$|\s*\ue001)", re.IGNORECASE)
_KIND_BEFORE = re.compile(
    rf"^\s*{_LEADS}(?P<kind>{_words(kinds.BEFORE)})\s+(?=\w{{3,}}s(?!\w))", re.IGNORECASE
)
_KIND_TAG = re.compile(r"(?<!\S)(?:(?:kind|type|ext|format):|\*\.)(?P<kind>[\w.]+)", re.IGNORECASE)
# "merge pdfs" asks how to do it, "tax pdfs" for the files.
_VERBS: Final = frozenset(
    _split(
        "add build check combine compare convert copy count create delete download edit export extract fetch"
        " format generate get how import join list load make merge open parse print process python read"
        " remove rename save send show sort split upload using view with write"
    )
)

_TIME_LEADS: Final = frozenset(_split("in from since before after during between until on of dated"))
_VERB_BEFORE_TIME: Final = frozenset(
    _split("modified changed created written edited saved sent taken received made")
)
_CONTENT_BEFORE: Final = frozenset(_split("for about the"))  # "the plan for this year" is about its content
_AFTER_TIME: Final = frozenset(_split("in from about on with by over under that which and"))
# "Who signed a treaty in 1985?" is about 1985, whenever its file was written.
_QUESTION = re.compile(
    r"^(?:in \S+ )?(?:who|whom|whose|what|when|where|which|why|how|did|does|do|is|are|was|were|can)\b|\?\s*$",
    re.IGNORECASE,
)
_LONGEST_TIME = 9  # words
_TIME_TAG = re.compile(r"(?<!\S)(since|after|before|until|when):(\S+)", re.IGNORECASE)

_LEFT_OVER: Final = frozenset(
    _split("about on of from with that which in containing mentioning by and are is were was the all my")
)


@dataclass(slots=True)
class _Reading:
    """What is left of a text, and what was understood so far."""

    text: str
    now: datetime
    is_folder: IsFolder
    filters: Filters = Filters()
    notes: list[str] = field(default_factory=list)

    def take(self, start: int, end: int, meaning: object, **fields: object) -> None:
        """Cut a piece out of the text and note what it means."""
        words = self.text[start:end].strip()
        self.notes.append(f"{words}: {meaning}")
        self.filters = replace(self.filters, **fields)  # type: ignore[arg-type]
        self.text = f"{self.text[:start]} {_CUT} {self.text[end:]}"


def parse(text: str, *, now: datetime, is_folder: IsFolder = lambda name: False) -> Query:
    """Return the query as it is understood; never raises."""
    given = unicodedata.normalize("NFC", text).replace("\0", " ")
    phrases: list[str] = []

    def keep(match: re.Match[str]) -> str:
        phrases.append(" ".join(next(part for part in match.groups() if part is not None).split()))
        return f" {_MARK} "

    plain = given.replace(_MARK, " ").replace(_CUT, " ")
    reading = _Reading(" ".join(_QUOTED.sub(keep, plain).split()), now, is_folder)
    for look in (_sizes, _tagged_times, _tagged_kinds, _folders, _times, _kinds, _bare_folder, _bare_time):
        look(reading)
    left = _tidy(reading.text) if reading.notes else reading.text
    for phrase in phrases:
        left = left.replace(_MARK, phrase, 1)
    found = tuple(phrase for phrase in phrases if phrase)
    return Query(text, " ".join(left.split()), reading.filters, found, tuple(reading.notes))


def _tidy(text: str) -> str:
    """Drop the small words that a filter leaves behind at either end of a piece."""
    pieces = []
    for piece in text.split(_CUT):
        words = piece.split()
        while words and words[0].casefold() in _LEFT_OVER:
            words.pop(0)
        while words and words[-1].casefold() in _LEFT_OVER:
            words.pop()
        pieces.append(" ".join(words))
    return " ".join(piece for piece in pieces if piece)


def _sizes(reading: _Reading) -> None:
    while match := _SIZE.search(reading.text):
        unit = match["u"].casefold()
        unit = _LONG_UNITS.get(unit, unit.removesuffix("b"))
        size = int(float(match["n"].replace(",", ".")) * _UNITS.get(unit, 1.0))
        if match["over"]:
            reading.take(*match.span(), f"at least {size} bytes", min_size=size)
        else:
            reading.take(*match.span(), f"at most {size} bytes", max_size=size)


def _tagged_kinds(reading: _Reading) -> None:
    for match in reversed(list(_KIND_TAG.finditer(reading.text))):
        wanted = kinds.by_name(match["kind"])
        if wanted is not None:
            _take_kind(reading, match, wanted)


def _kinds(reading: _Reading) -> None:
    match = _KIND_FIRST.match(reading.text) or _KIND_BEFORE.match(reading.text)
    if match is None:
        match = _KIND_LAST.match(reading.text)
        if match is None or match[0].split()[0].casefold() in _VERBS:
            return
    word = match["kind"].casefold()
    table = kinds.BEFORE if match.re is _KIND_BEFORE else {**kinds.SINGULAR, **kinds.PLURAL}
    _take_kind(reading, match, table[word])


def _take_kind(reading: _Reading, match: re.Match[str], wanted: kinds.Wanted) -> None:
    start = match.start("kind") if match.re is _KIND_LAST else match.start()
    reading.take(
        start,
        match.end(),
        wanted,
        kinds=reading.filters.kinds | wanted.kinds,
        suffixes=reading.filters.suffixes | wanted.suffixes,
    )


def _folders(reading: _Reading) -> None:
    for pattern in _FOLDERS:
        match = pattern.search(reading.text)
        if match is not None and not reading.filters.folder:
            reading.take(*match.span(), f"folder {match['name']}", folder=match["name"])


def _bare_folder(reading: _Reading) -> None:
    """Take "in archive" for a folder if it ends the query and there is one of that name."""
    match = _BARE_FOLDER.search(reading.text)
    if match is not None and not reading.filters.folder and reading.is_folder(match["name"]):
        reading.take(*match.span(), f"folder {match['name']}", folder=match["name"])


def _tagged_times(reading: _Reading) -> None:
    for match in reversed(list(_TIME_TAG.finditer(reading.text))):
        lead = "" if match[1].casefold() == "when" else f"{match[1]} "
        _take_time(reading, *match.span(), dates.resolve(lead + match[2].replace("_", " "), reading.now))


def _times(reading: _Reading) -> None:
    """Take the longest piece that is a time and stands as a filter."""
    spans = [match.span() for match in re.finditer(r"\S+", reading.text)]
    words = [reading.text[start:end].casefold() for start, end in spans]
    for first in range(len(words)):
        lead = words[first] in _TIME_LEADS
        if not lead and first and words[first - 1] in _CONTENT_BEFORE:
            continue
        verb = first > 0 and words[first - 1] in _VERB_BEFORE_TIME
        for last in range(min(len(words), first + _LONGEST_TIME), first + lead, -1):
            found = dates.resolve(" ".join(words[first:last]), reading.now)
            if found is None or not _is_filter(found, words, first, last, verb, reading.text):
                continue
            if _take_time(reading, spans[first - verb][0], spans[last - 1][1], found):
                return


def _is_filter(found: Span, words: list[str], first: int, last: int, verb: bool, text: str) -> bool:
    """Say whether a time at these words is about the files, and not about what is in them."""
    if verb:
        return True
    if found.relative:
        certain = last - first > 1 or words[first] in dates.DAYS  # "yesterday", "last week", not "May"
        ends = last == len(words) or words[last] in _AFTER_TIME or words[last].startswith((_CUT, _MARK))
        return certain and (first == 0 or ends)
    return words[first] in _TIME_LEADS and not _QUESTION.search(text)


def _bare_time(reading: _Reading) -> None:
    """Take "photos 2023" for a time: nothing but a kind and a time was given."""
    left = _tidy(reading.text)
    if reading.notes and left and _MARK not in left:
        start = reading.text.find(left)
        found = dates.resolve(left, reading.now)
        if start >= 0:
            _take_time(reading, start, start + len(left), found)


def _take_time(reading: _Reading, start: int, end: int, found: Span | None) -> bool:
    if found is None or (found.since is not None and found.since > plain(reading.now)):
        return False  # no file is from the future
    since, until = found.seconds()
    filters = reading.filters
    reading.take(start, end, found, since=filters.since or since, until=filters.until or until)
    return True
