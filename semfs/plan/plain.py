"""Requests that leave nothing to decide, and their plans.  Pure.

A model that is asked for such a plan can only lose something of the request on the way, and
costs seconds.
"""

from __future__ import annotations

import re

from semfs.plan.evidence import STORED, YEAR, words
from semfs.plan.language import quote

# A story with its own numbers that asks for another one, as in a school book: nothing is looked for.
_QUANTITY = re.compile(
    r"\d[\d.,/]*%?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|"
    r"fifty|hundred|half|twice|double|triple|third|quarter|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|"
    r"zwölf|zwanzig|dreißig|hundert|halb\w*|doppelt\w*|\w+mal)\b|[一二两三四五六七八九十百千半]+(?=[^\W\d_])",
    re.IGNORECASE,
)
_ASKS_A_NUMBER = words(
    r"how (?:many|much|long|far|old|tall|big|fast|often)\b|what(?: is|'s| are| was| were| will| would"
    r"| fraction| percent\w*)\b|wie ?(?:viele?|lange?|weit|alt|groß|oft|hoch|schnell|teuer)\b",
    "多少|几",
)
_OF_A_TABLE = re.compile(r"([^\s:/]+\.(?:csv|tsv|xlsx?|xlsm|ods))\s?[:：]\s?(.+)", re.IGNORECASE)
_OPEN, _CLOSE = '["“”„«「『]', '["“”»」』]'
_TRANSLATED = tuple(
    re.compile(rf"\W*{before}\s*{_OPEN}(.+){_CLOSE}\s*{after}\W*", re.IGNORECASE)
    for before, after in (
        (r"(?:please )?translate(?: the \w+)?:?", r"(?:in)?to (\w+)"),
        (r"(?:bitte )?übersetze(?: (?:den|das|die) \w+)?:?", r"(?:ins?|auf) (\w+)"),
        (r"请?(?:把|将|翻译)?", r"(?:翻译|译)(?:成|为)?(\w+)"),
    )
)
_OTHER_TASK = words(r"translat|summar|classif|convert|übersetz|fasse|wandle", "翻译|总结|转换")
_MONTH = "jan|feb|mär|maer|apr|mai|jun|jul|aug|sep|okt|nov|dez"  # after "3.", which is a day in German
_SENTENCE = re.compile(
    rf"[.!?](?=\s+\S)(?!\s+(?:{_MONTH})|\s\d)|\bif\b|\bwenn\b|[:;]\s|[。！？；，]|如果", re.IGNORECASE
)


def plain_plan(request: str) -> str:
    """Return the plan of a request that has only one, "" for any other."""
    line = " ".join(request.split())
    if asked := _asked_of(line):
        file, question = map(quote, asked)
        return f'files = find({file})\nreply = answer(files, {question})\nsave(reply, "answer.md")\n'
    if given := _translated(line):
        text, language = map(quote, given)
        return f'text = translate({text}, {language})\nsave(text, "text.md")\n'
    if is_problem(request):
        return f'result = python({quote(line)})\nsave(result, "result.txt")\n'
    return ""


def _asked_of(request: str) -> tuple[str, str] | None:
    """Return the file and the question of a request such as "staff.csv: who is from Ulm?"."""
    found = _OF_A_TABLE.fullmatch(" ".join(request.split()))
    return (found[1], found[2]) if found and not _OTHER_TASK.match(found[2]) else None


def _translated(request: str) -> tuple[str, str] | None:
    """Return the text and the language of a request such as 'translate "Good night" into Italian'."""
    line = " ".join(request.split())
    found = next(filter(None, (pattern.fullmatch(line) for pattern in _TRANSLATED)), None)
    return (found[1], found[2]) if found else None


def is_problem(request: str) -> bool:
    """Whether a request tells a story with two quantities at least and asks for one."""
    quantities = [item for item in _QUANTITY.findall(request) if not YEAR.fullmatch(item)]
    asks = len(quantities) > 1 and _ASKS_A_NUMBER.search(request) and _SENTENCE.search(request)
    return bool(asks) and not STORED.search(request)
