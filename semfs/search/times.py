"""Where a time in plain words stands as a filter: "photos from summer 2023", not "elections in 1985"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from semfs.model import Filters
from semfs.search import dates
from semfs.search.dates import Found
from semfs.search.kinds import begins_with_kind
from semfs.search.reading import CUT, MARK, TAGGED, TIME, YEAR, Reading, remaining, words
from semfs.search.spans import Span, plain
from semfs.store.analysis import is_unspaced

# What is done to files: any time beside it is theirs, "modified Monday".
_VERBS = words(
    "modified changed created written edited saved sent taken received made"
    " geändert erstellt geschrieben bearbeitet gespeichert gesendet verschickt empfangen aufgenommen"
    " modifié modifiés modifiées créé créés créées écrit écrits écrites envoyé envoyés reçus prises"
    " modificado modificados creado creados escrito escritos enviado enviados recibidos tomadas"
)
_LEADS = words("from of in dated von vom aus im de du en del")
# "The plan for this year" is about its content, and what follows "not" is excluded.
_NOT_AFTER = words(
    "for about the those ones not except no für über der die das den nicht außer ohne"
    " pour sur le la les celles ceux pas sauf sans para sobre el los las no excepto sin"
)
# Words that may go on behind a relative time in the middle of a query.
_GOES_ON = words(
    "in from about on with by over under that which and not without except"
    " im von vom mit über und ohne außer dans de du sur avec et sans sauf en del con sobre y sin excepto"
)
_WITHIN = words("in im en")
_SHORT: Final = 3  # letters of abbreviated months and weekdays
_PARTING: Final = f" ,.;:!?()'’\"{CUT}{MARK}"
_YEAR: Final = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)")
_NAMED: Final = re.compile(r"[^\W\d_]{2}\d")  # Oct3/4 is a gene
_BRIEF: Final = 4  # words
_BEHIND: Final = ("的", "の")
_TAG = re.compile(r"(?<!\S)(since|after|before|until|when):(\S+)", re.IGNORECASE)


def take_tagged(reading: Reading) -> None:
    for match in _TAG.finditer(reading.left):
        lead = "" if match[1].casefold() == "when" else f"{match[1]} "
        _take(reading, match.span(), dates.resolve(lead + match[2].replace("_", " "), reading.now), TAGGED)


def take(reading: Reading, *, task: bool = False) -> None:
    """Take the first time that stands as a filter; in a task it ends the query."""
    of_files = begins_with_kind(reading.left)
    for found in dates.find(reading.left, reading.now):
        time = _led(found, reading.left)
        if not _stands_alone(time, reading.left) or (task and reading.left[time.end :].strip(f" {CUT}")):
            continue
        before = _last(reading.left[: time.start])
        verb = before in _VERBS
        if not verb and before in _NOT_AFTER:
            continue
        if verb or (of_files and (time.sure or time.led)) or _is_filter(time, reading.left):
            start = time.start - len(before) - 1 if verb else time.start
            if _take(reading, (max(start, 0), time.end), time.span, _doubt(time.span)):
                return


def _stands_alone(found: Found, text: str) -> bool:
    """Say whether a time is not a part of a longer name: T2DM, S100A8, GEF-H1, version 1.3.dev0."""
    said = text[found.start : found.end].strip()
    if is_unspaced(said):
        return True
    before, after = text[: found.start][-1:], text[found.end :][:1]
    figures = said.removeprefix(said.split()[0]).strip() if found.led else said
    return (
        said[:1].isalnum()
        and (not before or before in _PARTING or is_unspaced(before))
        and (not after or after in _PARTING or is_unspaced(after))
        and (any(map(str.isalpha, figures)) or _YEAR.search(figures) is not None)
        and said.casefold() != "to date"
        and not _NAMED.search(said)
    )


def _led(found: Found, text: str) -> Found:
    """Return the time with the word that leads it in."""
    before = text[: found.start].rstrip()
    word = _last(before)
    if found.led or word not in _LEADS:
        return found
    return replace(found, start=len(before) - len(word), led=True)


def _last(text: str) -> str:
    said = text.rsplit(maxsplit=1)
    return said[-1].casefold() if said else ""


def _is_filter(found: Found, text: str) -> bool:
    """Say whether a time is about the files, and not about what is in them."""
    said = text[found.start : found.end].rstrip()
    if said.endswith(_BEHIND):
        return True
    if not found.span.relative:
        # "The heatwave of 2003" is about that year, "reports of 2023" are from it.
        about = said.casefold().startswith("of ") and len(text.split()) > _BRIEF
        return found.led and (found.sure or _is_said(said)) and not (about or _is_any_year(said))
    after = text[found.end :].split(maxsplit=1)
    goes_on = not after or after[0].casefold() in _GOES_ON or after[0][0] in (CUT, MARK)
    return found.sure and (found.start == 0 or goes_on)


def _is_said(words: str) -> bool:
    """Say whether a month, a season or a year alone is no other word: "from 2023", not "a set", "de mar"."""
    last = words.split()[-1]
    return not last.isalpha() or not last.isascii() or len(last) > _SHORT or last[0].isupper()


def _is_any_year(said: str) -> bool:
    """Say whether it comes every year: "pruning roses in winter" is no matter of when a file was written."""
    first = said.split()[0].casefold()
    return first in _WITHIN and not any(letter.isdigit() for letter in said)


def take_bare(reading: Reading) -> None:
    """Take "photos 2023" for a time: nothing but a kind and a time was given."""
    left, quoted = remaining(reading.text, reading.taken)
    if reading.taken and left and not quoted:
        start = reading.text.find(left)
        found = dates.resolve(left, reading.now)
        if start >= 0 and found is not None:
            _take(reading, (start, start + len(left)), found, _doubt(found))


def _doubt(found: Span) -> int:
    return TIME if found.relative else YEAR


def _take(reading: Reading, span: tuple[int, int], found: Span | None, doubt: int) -> bool:
    if found is None or (found.since is not None and found.since > plain(reading.now)):
        return False  # no file is from the future
    since, until = found.seconds()
    content = doubt == YEAR  # "1985" may stand in the text, "last week" does not
    reading.take(span, found, Filters(since=since, until=until), doubt=doubt, content=content)
    return True
