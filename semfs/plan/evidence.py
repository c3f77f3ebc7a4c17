"""What the words of a request give reason for.  Pure.

Small models add a kind or a time that nobody asked for.  So the grammar of a request
offers an option of `find` only if something in the request could mean it; whether it
does, the model says.  The words are English, German and Chinese; for other languages the
option is missing and its words stay in what is looked for.  In the same way a program is
offered only to a request with a number or a word of computing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from semfs.model import Kind
from semfs.plan.operators import Operator, Parameter, told


def _words(latin: str, other: str = "") -> re.Pattern[str]:
    """Match beginnings of words, and characters of scripts that have no space between words."""
    pattern = rf"\b(?:{latin})" + (f"|{other}" if other else "")
    return re.compile(pattern, re.IGNORECASE)


KIND_WORDS: dict[str, re.Pattern[str]] = {
    Kind.TEXT: _words(r"text ?files?|txt\b|textdatei", "文本文件"),
    Kind.CODE: _words(r"code|source|scripts?\b|programs?\b|quelltext|skript", "代码|源码|脚本"),
    Kind.MARKDOWN: _words(r"markdown|md\b"),
    Kind.HTML: _words(r"html|web ?pages?|webseite", "网页"),
    Kind.PDF: _words(r"pdf", "pdf"),
    Kind.DOCUMENT: _words(r"docx?\b|word\b|odt\b|rtf\b|documents?\b|dokument", "文档"),
    Kind.SPREADSHEET: _words(r"spreadsheet|excel|xlsx?\b|ods\b|tabellen?\b|workbook", "表格|电子表"),
    Kind.PRESENTATION: _words(r"presentation|slides?\b|powerpoint|pptx?\b|präsentation|folien", "幻灯|演示"),
    Kind.EBOOK: _words(r"e-?books?|epub|books?\b|buch|bücher", "电子书"),
    Kind.EMAIL: _words(r"e-?mails?|mails?\b|inbox|mailbox", "邮件"),
    Kind.DATA: _words(r"csv|json|data\b|daten\b", "数据"),
    Kind.IMAGE: _words(r"images?\b|photos?|pictures?|screenshots?|bild|foto", "图片|照片"),
    Kind.AUDIO: _words(r"audio|music|songs?\b|recordings?|musik|aufnahme", "音频|录音|音乐"),
    Kind.VIDEO: _words(r"videos?\b|movies?\b|films?\b|clips?\b", "视频|电影"),
    Kind.ARCHIVE: _words(r"archives?\b|zip|tar\b|archiv", "压缩"),
}

OPTION_WORDS: dict[str, re.Pattern[str]] = {
    "when": _words(
        r"(?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./]|last|past|previous|this (?:week|month|year|quarter)|today|"
        r"yesterday|since|before|after|until|between|during|recent|newest|latest|old|q[1-4]\b|"
        r"spring\b|summer|autumn|fall\b|winter|"
        r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|mai|okt|dez)\b|"
        r"january?|february?|march\b|märz|april|june|july|juni|juli|august|"
        r"september|o[ck]tober|november|de[cz]ember|"
        r"letzte|vorige|vergangene|diese[rsnm]? (?:woche|monat|jahr)|heute|gestern|seit|vor\b|nach\b|bis\b|"
        r"frühling|sommer|herbst",
        "年|月|周|星期|天|最近|以来|之前|之后",
    ),
    "folder": _words(
        r"folder|director(?:y|ies)|in (?:the )?\S+/|under\b|inside|ordner|verzeichnis", "文件夹|目录"
    ),
    "size": _words(r"\d+(?:[.,]\d+)? ?(?:[kmg]i?b?|bytes?|kilobytes?|megabytes?|gigabytes?)\b", r"\d+ ?字节"),
}

_COMPUTES = re.compile(
    r"\[\s*\[?\s*[-+]?\d"  # [1, 2] and [[1, 2]]
    r"|\d\s*[*/^×÷=]\s*[-(]?\d"  # 3*4
    r"|[\d)a-z²³]\s*\+\s*[\d(]"  # x^2 + 3
    r"|\d\s*%\s*(?:of|von|de)\s*\d"  # 17 % of 2340
    r"|(?:\d[\d.]*\s*[,;]\s*){3}[-+]?\d"  # 3, 5, 8, 13
    r"|(?:how many|number of|wie ?viele|anzahl der)\s+(?:days|weeks|months|tage|wochen|monate)\b.*\d"
    r"|\d.*(?:多少|几)(?:天|周|个月)",
    re.IGNORECASE,
)

_PROGRAMS = _words(
    r"comput|calculat|program|python|script|code|solve|convert|matri|prime|fibonacci|statistic|deviation|"
    r"correlat|weekday|berechne|rechne|löse",
    r"\d|计算|矩阵|质数",
)

_QUOTES = re.compile(r"""["“”„«»「『]|(?<!\w)['‘‚]\w|:\s*\S+\s+\S""")

_ASKS = re.compile(
    r"^(?:who|whom|whose|what|when|where|why|wer|wen|wem|wessen|was|wann|wo|warum)\b.*[?？]$"
    r"|(?:谁|什么|何时|哪里|为什么|吗).*[?？]$",
    re.IGNORECASE | re.DOTALL,
)
_WORKED_OUT = _words(
    r"total|sum\b|sums\b|average|mean\b|median|percent|how m|most\b|least\b|largest|biggest|highest|lowest|"
    r"smallest|cheapest|number of|count|difference|compare|each|per\b|by\b|list|table|"
    r"summe|gesamt|durchschnitt|mittel|anzahl|meiste|größte|höchste|niedrigste|je\b|pro\b|tabelle|liste",
    "总|平均|合计|最|每|多少|列出",
)
_CHOOSES = _words(r"which of|welche (?:von|der|dieser)", "哪些")
_SUMMARIZES = _words(r"summar|fass\w* .*zusammen|zusammenfass", "总结|摘要|概括")

# What a request plainly wants, and the operators that small models write for it all the
# same.  The first that matches counts, and none where something is to be worked out.
_INTENTS = (
    (_ASKS, frozenset({"extract", "summarize", "table", "classify", "keep", "python", "translate"})),
    (_CHOOSES, frozenset({"extract", "summarize", "table", "classify", "answer", "translate"})),
    (_SUMMARIZES, frozenset({"extract", "table", "classify", "answer"})),
)

# A story with its own numbers that asks for another one, as in a school book: nothing is looked for.
_QUANTITY = re.compile(
    r"\d[\d.,/]*%?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|"
    r"fifty|hundred|half|twice|double|triple|third|quarter|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|"
    r"zwölf|zwanzig|dreißig|hundert|halb\w*|doppelt\w*|\w+mal)\b|[一二两三四五六七八九十百千半]+(?=[^\W\d_])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d[.,]?")
_ASKS_A_NUMBER = _words(
    r"how (?:many|much|long|far|old|tall|big|fast|often)\b|what(?: is|'s| are| was| were| will| would"
    r"| fraction| percent\w*)\b|wie ?(?:viele?|lange?|weit|alt|groß|oft|hoch|schnell|teuer)\b",
    "多少|几",
)
_STORED = _words(
    r"files?\b|documents?\b|folders?\b|director(?:y|ies)|spreadsheets?\b|csv|xlsx?\b|pdfs?\b|invoices?\b|receipts?\b"
    r"|dateien?\b|dokumente?\b|ordner|verzeichnis|rechnung(?:en)?\b|tabellen?\b",
    "文件|文档|表格|发票|收据",
)
_OF_A_TABLE = re.compile(r"([^\s:/]+\.(?:csv|tsv|xlsx?|xlsm|ods))\s?[:：]\s?(.+)", re.IGNORECASE)
_OTHER_TASK = _words(r"translat|summar|classif|convert|übersetz|fasse|wandle", "翻译|总结|转换")
_MONTH = "jan|feb|mär|maer|apr|mai|jun|jul|aug|sep|okt|nov|dez"  # after "3.", which is a day in German
_SENTENCE = re.compile(
    rf"[.!?](?=\s+\S)(?!\s+(?:{_MONTH})|\s\d)|\bif\b|\bwenn\b|[。！？；，]|如果", re.IGNORECASE
)

_SEVERAL = _words(r"and\b|und\b|also\b|auch\b", "[,;，；、]|和|以及")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a request gives reason for."""

    options: frozenset[str]  # of find
    kinds: tuple[str, ...]
    computes: bool  # it brings its own numbers, as lists or as a formula
    programs: bool  # it has a number or a word of computing at all
    quotes: bool  # it brings a text of its own, in quotes
    wide: bool  # it has characters of East Asian scripts
    unfit: frozenset[str]  # operators that do not serve what it plainly wants
    several: bool  # it may want more than one result
    asked_of: tuple[str, str] | None  # a table by its file's name, and what is asked of it
    problem: bool  # it is a word problem, which a program solves and no file


def evidence(request: str) -> Evidence:
    """Look through a request; an hour or a date written with slashes is no formula."""
    without_dates = re.sub(r"\d+[/:]\d+[/:]\d+|\d+:\d\d", " ", request)
    kinds = tuple(kind for kind, words in KIND_WORDS.items() if words.search(request))
    options = {name for name, words in OPTION_WORDS.items() if words.search(request)}
    if kinds:
        options.add("kind")
    computes = _COMPUTES.search(without_dates) is not None
    return Evidence(
        options=frozenset(options),
        kinds=kinds,
        computes=computes,
        programs=_PROGRAMS.search(request) is not None,
        quotes=_QUOTES.search(request) is not None,
        wide=any(letter >= "\u2e80" for letter in request),
        unfit=_unfit(request.strip()),
        several=_SEVERAL.search(request) is not None,
        asked_of=_asked_of(request),
        problem=_is_problem(request),
    )


def _asked_of(request: str) -> tuple[str, str] | None:
    """Return the file and the question of a request such as "staff.csv: who is from Ulm?"."""
    found = _OF_A_TABLE.fullmatch(" ".join(request.split()))
    return (found[1], found[2]) if found and not _OTHER_TASK.match(found[2]) else None


def _is_problem(request: str) -> bool:
    """Whether a request tells a story with two quantities at least and asks for one."""
    quantities = [item for item in _QUANTITY.findall(request) if not _YEAR.fullmatch(item)]
    asks = len(quantities) > 1 and _ASKS_A_NUMBER.search(request) and _SENTENCE.search(request)
    return bool(asks) and not _STORED.search(request)


def offered(known: Sequence[Operator], seen: Evidence) -> tuple[Operator, ...]:
    """Return the operators, and the options of `find`, that there is a reason for."""
    return tuple(_with_options(item, seen) for item in told(known) if _has_reason(item, seen))


def _unfit(request: str) -> frozenset[str]:
    if _WORKED_OUT.search(request) or _COMPUTES.search(request):
        return frozenset()
    return next((unfit for words, unfit in _INTENTS if words.search(request)), frozenset())


def _has_reason(operator: Operator, seen: Evidence) -> bool:
    if operator.name == "python" and not (seen.computes or seen.programs):
        return False
    return operator.name not in seen.unfit


def _with_options(operator: Operator, seen: Evidence) -> Operator:
    if operator.name != "find":
        return operator
    wanted = tuple(_narrowed(item, seen) for item in operator.parameters if _wanted(item, seen))
    return replace(operator, parameters=wanted)


def _wanted(parameter: Parameter, seen: Evidence) -> bool:
    return parameter.required or parameter.name in seen.options


def _narrowed(parameter: Parameter, seen: Evidence) -> Parameter:
    return replace(parameter, choices=seen.kinds) if parameter.name == "kind" else parameter
