"""Requests that leave nothing to decide, and their plans.  Pure.

A model that is asked for such a plan can only lose something of the request on the way, and
costs seconds.
"""

from __future__ import annotations

import re

from semfs.plan.evidence import STORED, YEAR, evidence, words
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
    r"| fraction| percent\w*)\b|(?:what|calculate|determine|find) (?:the )?(?:total )?(?:speed|distance"
    r"|amount|number|price|cost|age|length|height|weight|time|share|part|profit|sum|value)\b|(?:berechne|bestimme)\b"
    r"|wie ?(?:viele?|lange?|weit|alt|groß|oft|hoch|schnell|teuer)\b",
    "多少|几|(?<!要)求",
)
_FORMS = r"\.(?:csv|tsv|xlsx?|xlsm|ods)(?![A-Za-z0-9_])"
_TABLE = rf"(?:[A-Za-z0-9][\w.+&-]*{_FORMS}|[^\s:/\"'“”„«»，。？！?（）()]+{_FORMS})"
_OF_A_TABLE = re.compile(rf"({_TABLE})\s?[:：]\s?(.+)", re.IGNORECASE)
_NAMES_A_TABLE = re.compile(_TABLE, re.IGNORECASE | re.ASCII)
_CONVERTED = tuple(
    re.compile(
        rf"\W*{before}\s?(?P<file>{_TABLE})\s?{between}\s?(?P<form>csv|json|markdown|md|parquet)(?![a-z]).*",
        re.IGNORECASE,
    )
    for before, between in (
        (r"(?:please )?(?:convert|turn|export|save|rewrite|show)(?: the)?", "(?:in)?(?:to|as)(?: an?)?"),
        (
            r"(?:bitte )?(?:konvertiere|wandle|exportiere|speichere)(?: die)?(?: datei)?",
            "(?:in|nach|als|zu)(?: eine?)?",
        ),
        ("请?(?:把|将)?", "(?:转换?为|转换?成|导出为|保存为|变成)"),
    )
)
_TEXT = "(?:[\"“”„«「『](?P<text>.+)[\"“”»」』]|['‘‚](?P<single>.+)['’‘])"
_REST = r"[\"“”„«「『]?(?P<text>.+?)[\"“”»」』]?"
_LANGUAGE = r"(?P<language>[^\W\d_]+(?: [^\W\d_]+)?)"
_TRANSLATED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:please )?translate(?: the (?:\w+ )?\w+)?:? {_TEXT} (?:in)?to {_LANGUAGE}\W*",
        rf"(?:please )?translate(?: the \w+)? (?:in)?to {_LANGUAGE}: ?{_REST}",
        rf"(?:how (?:do you|does one|would you|to) say|what is) {_TEXT} in {_LANGUAGE}\W*",
        rf"(?:bitte )?übersetze(?: (?:den|das|die) \w+)?:? {_TEXT} (?:ins?|auf) {_LANGUAGE}\W*",
        rf"(?:bitte )?übersetze(?: (?:den|das|die) \w+)? (?:ins?|auf) {_LANGUAGE}: ?{_REST}",
        rf"(?:wie sagt man|was (?:heißt|bedeutet)|wie heißt) {_TEXT} (?:auf|in|im) {_LANGUAGE}\W*",
        rf"请?(?:把|将|翻译)? ?(?:这?句子|这句话)?[:：]? ?{_TEXT} ?(?:翻译|译)(?:成|为)?(?P<language>\w+)\W*",
        rf"请?(?:翻译|译)(?:成|为)(?P<language>\w+)[:：] ?{_REST}",
        rf"{_TEXT} ?用(?P<language>\w+?)(?:怎么说|如何说|怎么讲)\W*",
    )
)
_OTHER_TASK = words(r"translat|summar|classif|convert|übersetz|fasse|wandle|konvert", "翻译|总结|转换")
_READS = words(r"translat|summar|classif|übersetz|fasse", "翻译|总结")
_MONTH = "jan|feb|mär|maer|apr|mai|jun|jul|aug|sep|okt|nov|dez"  # after "3.", which is a day in German
_SENTENCE = re.compile(
    rf"[.!?](?=\s+\S)(?!\s+(?:{_MONTH})|\s\d)|\bif\b|\bwenn\b|[:;]\s|[。！？；，]|如果", re.IGNORECASE
)


def plain_plan(request: str) -> str:
    """Return the plan of a request that has only one, "" for any other."""
    line = " ".join(request.split())
    if given := _converted(line):
        file, name = map(quote, given)
        own = quote("select * exclude (file) from rows")
        return f"files = find({file})\nrows = load(files)\nown = table({own}, rows)\nsave(own, {name})\n"
    if asked := _asked_of(line):
        file, question = map(quote, asked)
        return f'files = find({file})\nreply = answer(files, {question})\nsave(reply, "answer.md")\n'
    if given := _translated(line):
        text, language = map(quote, given)
        return f'text = translate({text}, {language})\nsave(text, "text.md")\n'
    if is_problem(request):
        return f'result = python({quote(line)})\nsave(result, "result.txt")\n'
    return ""


def computing_plan(request: str) -> str:
    """Return the plan of a request that brings all that it is computed from, "" for any other."""
    line = " ".join(request.split())
    if not evidence(line).computes or _READS.search(line):
        return ""
    return f'result = python({quote(line)})\nsave(result, "result.txt")\n'


def _converted(request: str) -> tuple[str, str] | None:
    """Return the table and the result of a request such as "convert staff.xlsx to CSV"."""
    found = next(filter(None, (pattern.fullmatch(request) for pattern in _CONVERTED)), None)
    if found is None:
        return None
    form = found["form"].lower().replace("markdown", "md")
    return found["file"], f"{found['file'].rpartition('.')[0][:60]}.{form}"


def _asked_of(request: str) -> tuple[str, str] | None:
    """Return the file and the question of a request such as "staff.csv: who is from Ulm?".

    A request that names a table and does nothing else with it is the question itself.
    """
    if found := _OF_A_TABLE.fullmatch(request):
        return (found[1], found[2]) if not _OTHER_TASK.match(found[2]) else None
    named = set(_NAMES_A_TABLE.findall(request))
    return (named.pop(), request) if len(named) == 1 and not _OTHER_TASK.search(request) else None


def _translated(request: str) -> tuple[str, str] | None:
    """Return the text and the language of a request such as 'translate "Good night" into Italian'."""
    found = next(filter(None, (pattern.fullmatch(request) for pattern in _TRANSLATED)), None)
    if found is None:
        return None
    return found["text"] or found.groupdict().get("single") or "", found["language"]


def is_problem(request: str) -> bool:
    """Whether a request tells a story with two quantities at least and asks for one."""
    quantities = [item for item in _QUANTITY.findall(request) if not YEAR.fullmatch(item)]
    asks = len(quantities) > 1 and _ASKS_A_NUMBER.search(request) and _SENTENCE.search(request)
    return bool(asks) and not STORED.search(request) and "[[" not in request
