"""What is not wanted, in six languages: "without England", "not in archive", "außer PDFs", "不包括税".

What is excluded is read as a query of its own: if all of it is understood ("in archive",
"PDFs", "by Anna") the files that pass it are left out, otherwise it is a matter, and the
files about it are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from semfs.model import Filters, Query
from semfs.search.reading import CUT, MARK, Reading

Parse = Callable[[str], Query]

# Words before what is excluded; a line a language.
_SURE: Final = (
    r"(?:but )?not (?:about|on|regarding|related to)|excluding|except(?: for)?|other than|apart from"
    r"|but (?:not|no|without)"
    r"|(?:aber |jedoch )?nicht (?:über|zu|zum)|außer|ausgenommen|abgesehen von|aber (?:nicht|keine?n?|ohne)"
    r"|(?:mais )?pas (?:sur|à propos de|au sujet de)|sauf|excepté|hormis|à l'exception de|mais pas|mais sans"
    r"|(?:pero )?no (?:sobre|acerca de)|excepto|salvo|a excepción de|menos los|menos las|pero no|pero sin"
)
_PLAIN: Final = r"without|ohne|sans|sin"
# These exclude only what is a filter: "not in archive", "no spreadsheets"; "no effect" is the matter.
_FILTER_ONLY: Final = r"not|no|non|nicht|keine?n?|pas|aucune?|ningún|ninguna"
# "All exceptions except one" tells a program what to do, "not about typing" cannot.
_PLAINLY: Final = re.compile(
    "(?:but |aber |mais |pero )?(?:not about|nicht über|pas sur|no sobre)", re.IGNORECASE
)
# "But not with the Acme contract", "sauf celles de 2022": what says nothing.
_ARTICLE: Final = (
    r"(?:(?:with|mit|avec|con) )?"
    r"(?:(?:any|the|all|those|the ones|der|die|das|den|dem|alle|les|la|le|l'|des|celles|ceux|los|las|el|lo)"
    r" ?(?<=[ ']))?"
)
_BEGINS: Final = rf"(?<![^\s,;{CUT}])(?<!\bor )(?<!\boder )(?<!\bou )"  # "with or without" is both
_SPACED = re.compile(
    rf"{_BEGINS}(?P<word>{_SURE}|(?P<plain>{_PLAIN})|(?P<filter>{_FILTER_ONLY}))\s+"
    rf"(?P<whole>{_ARTICLE}(?P<what>[^{CUT},;]+))",
    re.IGNORECASE,
)
_MINUS = re.compile(
    rf"(?<=[\S] )-(?P<what>\*\.\w+|[A-Z]{{2,}}|[^\W\d_](?:[\w.:/*]|-(?=\w)){{2,60}}|{MARK}+)(?=[\s{CUT}]*$)"
)
_STUCK: Final = [
    re.compile(pattern)
    for pattern in (
        rf"除(?:了|去)?(?P<what>[^{CUT}，,；;（）()]{{1,30}}?)(?:之外|以外|外)(?:的|，|,|\s|$)",
        rf"(?:但|而)?(?:不包括|不包含|不含|(?<!^)排除|不是关于|不关于)(?:关于|有关)?"
        rf"(?P<what>[^{CUT}，,；;（）()\s]{{1,30}}?)(?:的|$|(?=[\s，,；;{CUT}]))",
        rf"(?:^|(?<=[\s、，（(の{CUT}]))(?P<what>[^{CUT}\s、，のをは（）()]{{1,30}}?)(?:以外の|以外|を除いた|を除く|を除いて|を含まない|なしの)",
    )
]
_MOST: Final = 8  # exclusions in one query; each that is a matter costs a search
_LONGEST: Final = 6  # words of what is excluded; longer, it is a sentence
# "to print without moving the cursor" says how, "rugby without England" says what.
_DOING: Final = re.compile(
    r"^(?:\w+ing|zu|it|them|that|this|being|having|ever|much|doubt|question|all|any)(?!\w)", re.IGNORECASE
)


def take(reading: Reading, parse: Parse, *, only_filters: bool = False) -> None:
    """Take every exclusion, what is excluded ending with its clause or where a filter stands."""
    _take_minus(reading, parse, only_filters)
    at = 0
    while (match := _SPACED.search(reading.left, at)) is not None:
        at = match.end("word")
        nested = _SPACED.search(reading.left, match.start("what"), match.end())
        end = nested.start() if nested is not None else match.end()
        what = reading.text[match.start("what") : end].strip()
        if len(what.split()) > _LONGEST or (match["plain"] and (_DOING.match(what) or not match.start())):
            continue
        only = (only_filters and not _PLAINLY.match(match["word"])) or match["filter"] is not None
        if _take(reading, (match.start(), end), what, parse, only):
            at = end
    if not reading.left.isascii():
        for pattern in _STUCK:
            while (match := pattern.search(reading.left)) is not None:
                if not _take(reading, match.span(), match["what"], parse, only_filters):
                    break


def _take_minus(reading: Reading, parse: Parse, only_filters: bool) -> None:
    """Take "-word" and "-kind:pdf" at the end; elsewhere they are a program's options or dashes."""
    while (match := _MINUS.search(reading.left)) is not None:
        what = reading.text[slice(*match.span("what"))]
        if not _take(reading, match.span(), what, parse, only_filters):
            return


def _take(reading: Reading, span: tuple[int, int], what: str, parse: Parse, only_filters: bool) -> bool:
    """Take it if it can be read; an exclusion is never left aside, so it has no doubt."""
    if sum(not item.doubt for item in reading.taken) >= _MOST:
        return False
    inner = parse(what.strip(" .?!"))
    if inner.filters and not inner.text:
        asked = Filters(excluded=(inner.filters,))
        reading.take(span, f"not {', '.join(item.meaning for item in inner.understood)}", asked)
        return True
    matter = inner.given.strip()
    if only_filters or not any(map(str.isalnum, matter)):
        return False
    reading.take(span, f"not about {matter}", without=matter)
    return True
