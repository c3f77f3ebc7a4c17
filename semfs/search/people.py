"""Authors and senders in plain words, in six languages: "from Anna", "von Anna", "王伟写的".

"from X" may be a time, a folder or the matter as well, so that a name is only taken if some
file of the catalogue has an author or sender of that name, which a callable is asked.
"""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters
from semfs.search.kinds import FOLLOWING
from semfs.search.reading import AUTHOR, CUT, MARK, TAGGED, Reading, words

_WORD: Final = rf"(?:{MARK}+|[^\W\d_][\w.'’&@+-]{{0,60}})"
_NAME: Final = rf"(?P<name>{_WORD}(?: {_WORD}){{0,3}})"
_BY: Final = (
    "from|by|written by|sent by|authored by|created by"
    "|von|vom|geschrieben von|gesendet von|verfasst von"
    "|de|d'|du|par|écrite?s? par|envoyée?s? par|de la part de"
    "|por|escrit[oa]s? por|enviad[oa]s? por|de parte de"
)
_SPACED = re.compile(rf"(?<!\S)(?:{_BY})(?:(?<=') ?| )(?={_NAME})", re.IGNORECASE)
_STUCK_NAME: Final = rf"[^\s{CUT}{MARK}\W的来自由]{{2,12}}?"
_STUCK_FROM: Final = "来自|作者是?|发件人是?"
_WROTE: Final = (
    "所?写的?|撰写的|发的|发来的|寄来的|发送的|[がの]書いた|から送られた|からの|からきた|が送った|著の"
)
_STUCK = re.compile(
    rf"(?:(?:{_STUCK_FROM}|由) ?)?(?P<name>{_STUCK_NAME}) ?(?:{_WROTE})"
    rf"|(?:{_STUCK_FROM}) ?(?P<from>{_STUCK_NAME})(?:的|$)"
)
# What programs write down as the author where nobody has said who it is.
_NOBODY = words("user users administrator admin test unknown anonymous author owner sample info root")
_TAG = re.compile(
    rf"(?<!\S)(?:author|by|from|sender|autor|auteur|作者|发件人):(?P<name>{_WORD})", re.IGNORECASE
)


def take_tagged(reading: Reading) -> None:
    for match in _TAG.finditer(reading.left):
        name = reading.named(match.span("name")).replace("_", " ")
        _take(reading, match.span(), name, TAGGED)


def take(reading: Reading) -> None:
    """Take the longest name of an author that follows such a word."""
    for match in _SPACED.finditer(reading.left):
        end = match.end("name")
        while end > match.start("name"):
            name = reading.named((match.start("name"), end)).rstrip(".,")
            if len(name) > 1 and _ends(name, reading.left[end:]) and reading.is_author(name):
                _take(reading, (match.start(), end), name, AUTHOR)
                return
            end = reading.left.rfind(" ", match.start("name"), end)
    if not reading.left.isascii():
        _take_stuck(reading)


def _ends(name: str, after: str) -> bool:
    """Say whether a name may end here: "from test results" has none, though files may be by "Test"."""
    if name.casefold() in _NOBODY:
        return False
    following = after.split(maxsplit=1)
    return (
        not following
        or name[0].isupper()
        or following[0][0] in (CUT, MARK)
        or following[0].casefold() in FOLLOWING
    )


def _take_stuck(reading: Reading) -> None:
    for match in _STUCK.finditer(reading.left):
        name = match["name"] or match["from"]
        if reading.is_author(name):
            _take(reading, match.span(), name, AUTHOR)
            return


def _take(reading: Reading, span: tuple[int, int], name: str, doubt: int) -> None:
    reading.take(span, f"author {name}", Filters(author=name), doubt=doubt, content=doubt != TAGGED)
