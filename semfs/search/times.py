"""Where a time in plain words stands as a filter: "photos from summer 2023", not "elections in 1985"."""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters
from semfs.search import dates
from semfs.search.reading import CUT, MARK, TAGGED, TIME, YEAR, Reading, remaining, words
from semfs.search.spans import Span, plain

_LEADS = words("in from since before after during between until on of dated")
_VERB_BEFORE = words("modified changed created written edited saved sent taken received made")
_CONTENT_BEFORE = words("for about the")  # "the plan for this year" is about its content
_AFTER = words("in from about on with by over under that which and not without except")
_LONGEST: Final = 9  # words
_TAG = re.compile(r"(?<!\S)(since|after|before|until|when):(\S+)", re.IGNORECASE)


def take_tagged(reading: Reading) -> None:
    for match in _TAG.finditer(reading.left):
        lead = "" if match[1].casefold() == "when" else f"{match[1]} "
        _take(reading, match.span(), dates.resolve(lead + match[2].replace("_", " "), reading.now), TAGGED)


def take(reading: Reading) -> None:
    """Take the longest piece that is a time and stands as a filter."""
    spans = [match.span() for match in re.finditer(r"\S+", reading.left)]
    read = [reading.left[start:end].casefold() for start, end in spans]
    for first in range(len(read)):
        lead = read[first] in _LEADS
        if not lead and first and read[first - 1] in _CONTENT_BEFORE:
            continue
        verb = first > 0 and read[first - 1] in _VERB_BEFORE
        for last in range(min(len(read), first + _LONGEST), first + lead, -1):
            found = dates.resolve(" ".join(read[first:last]), reading.now)
            if found is None or not (verb or _is_filter(found, read, first, last)):
                continue
            if _take(reading, (spans[first - verb][0], spans[last - 1][1]), found, _doubt(found)):
                return


def _is_filter(found: Span, read: list[str], first: int, last: int) -> bool:
    """Say whether a time at these words is about the files, and not about what is in them."""
    if not found.relative:
        return read[first] in _LEADS
    certain = last - first > 1 or read[first] in dates.DAYS  # "yesterday", "last week", not "May"
    ends = last == len(read) or read[last] in _AFTER or read[last].startswith((CUT, MARK))
    return certain and (first == 0 or ends)


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
