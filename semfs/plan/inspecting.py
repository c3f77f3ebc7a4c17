"""Requests about files themselves, not about what stands in them, and their plans.  Pure.

"how large is lease.pdf?", "Welche Datei ist neuer, a.txt oder b.txt?", "how many files of each kind?"
"""

from __future__ import annotations

import re
from typing import Final

from semfs.plan.language import quote

_NAME: Final = r"[^\s/:：,，?？\"]+\.[A-Za-z][A-Za-z0-9]{1,4}(?![A-Za-z0-9])"
_FILE: Final = rf"[\"“„]?(?P<file>{_NAME})[\"”“]?"
_BOTH: Final = rf"(?P<file>{_NAME}),? (?:or|oder) (?P<other>{_NAME})"


def _any(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_OF_ONE: Final = _any(
    rf"(?:how (?:large|big) is|(?:what is )?(?:the )?(?:file )?size of) (?:the file )?{_FILE}",
    rf"when was (?:the file )?{_FILE} (?:last )?(?:modified|changed|saved|edited)",
    rf"wie groß ist (?:die datei )?{_FILE}",
    rf"wann wurde (?:die datei )?{_FILE} (?:zuletzt )?(?:geändert|gespeichert|bearbeitet)",
    rf"(?:文件)?{_FILE}(?:文件)?(?:有多大|多大|的大小(?:是多少)?|(?:是)?(?:什么时候|何时)(?:最后)?(?:修改|保存)的?)",
)
# What is asked of two files, and what they are ordered by.
_ORDERS: Final = {
    "size desc": "larger|bigger|größer|更大|大",
    "size": "smaller|kleiner|更小|小",
    "modified desc": "newer|more recent|neuer|jünger|更新|新",
    "modified": "older|älter|更旧|旧",
}
_OF_TWO: Final = tuple(
    (order, pattern)
    for order, words in _ORDERS.items()
    for pattern in _any(
        rf"which (?:file |one )?is (?:{words})[,:]? {_BOTH}",
        rf"(?:welche (?:datei )?|was )ist (?:{words})[,:]? {_BOTH}",
        rf"(?P<file>{_NAME}) ?(?:和|与) ?(?P<other>{_NAME}) ?(?:哪个|哪一个)(?:文件)?(?:{words})",
    )
)
_OF_EACH_KIND: Final = _any(
    r"(?:how many files are there|how many files|count (?:all |the )?files|number of files)"
    r" (?:of each|by|per|for each|in each) (?:kind|type|format)",
    r"(?:wie viele dateien(?: gibt es)?|anzahl der dateien|zähle die dateien) (?:je|pro|nach|von jede[rm]) "
    r"(?:art|typ|dateityp|format)",
    r"(?:每种|各种)(?:文件)?(?:类型|格式)?(?:的)?(?:文件)?(?:各?有)?多少个?(?:文件)?",
)


def inspecting_plan(request: str) -> str:
    """Return the plan of a request about files themselves, "" for any other."""
    line = " ".join(request.split()).strip(" .?!。？！")
    if found := _first(_OF_ONE, line):
        return (
            f"files = find({quote(found['file'])})\n"
            'about = table("select file, size, modified from files", files)\nsave(about, "about.csv")\n'
        )
    for order, pattern in _OF_TWO:
        if found := pattern.fullmatch(line):
            return _compared(found["file"], found["other"], order)
    if _first(_OF_EACH_KIND, line):
        sql = quote("select kind, count(*) n from files group by kind order by n desc")
        return f'files = find("")\ncount = table({sql}, files)\nsave(count, "count.csv")\n'
    return ""


def _first(patterns: tuple[re.Pattern[str], ...], line: str) -> re.Match[str] | None:
    return next(filter(None, (pattern.fullmatch(line) for pattern in patterns)), None)


def _compared(one: str, other: str, order: str) -> str:
    """Return the plan that gives one of two files, and nothing where one is not there."""
    sql = quote(
        "select file, size, modified from (select * from a union all select * from b)"
        " where (select count(*) from a) > 0 and (select count(*) from b) > 0"
        f" order by {order} limit 1"
    )
    return (
        f"a = find({quote(one)})\nb = find({quote(other)})\n"
        f'about = table({sql}, a, b)\nsave(about, "about.csv")\n'
    )
