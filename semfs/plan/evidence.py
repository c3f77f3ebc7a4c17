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


def words(latin: str, other: str = "") -> re.Pattern[str]:
    """Match beginnings of words, and characters of scripts that have no space between words."""
    pattern = rf"\b(?:{latin})" + (f"|{other}" if other else "")
    return re.compile(pattern, re.IGNORECASE)


KIND_WORDS: dict[str, re.Pattern[str]] = {
    Kind.TEXT: words(r"text ?files?|txt\b|textdatei", "文本文件"),
    Kind.CODE: words(r"code|source|scripts?\b|programs?\b|quelltext|skript", "代码|源码|脚本"),
    Kind.MARKDOWN: words(r"markdown|md\b"),
    Kind.HTML: words(r"html|web ?pages?|webseite", "网页"),
    Kind.PDF: words(r"pdf", "pdf"),
    Kind.DOCUMENT: words(r"docx?\b|word\b|odt\b|rtf\b|documents?\b|dokument", "文档"),
    Kind.SPREADSHEET: words(r"spreadsheet|excel|xlsx?\b|ods\b|tabellen?\b|workbook", "表格|电子表"),
    Kind.PRESENTATION: words(r"presentation|slides?\b|powerpoint|pptx?\b|präsentation|folien", "幻灯|演示"),
    Kind.EBOOK: words(r"e-?books?|epub|books?\b|buch|bücher", "电子书"),
    Kind.EMAIL: words(r"e-?mails?|mails?\b|inbox|mailbox", "邮件"),
    Kind.DATA: words(r"csv|json|data\b|daten\b", "数据"),
    Kind.IMAGE: words(r"images?\b|photos?|pictures?|screenshots?|bild|foto", "图片|照片"),
    Kind.AUDIO: words(r"audio|music|songs?\b|recordings?|musik|aufnahme", "音频|录音|音乐"),
    Kind.VIDEO: words(r"videos?\b|movies?\b|films?\b|clips?\b", "视频|电影"),
    Kind.ARCHIVE: words(r"archives?\b|zip|tar\b|archiv", "压缩"),
}

OPTION_WORDS: dict[str, re.Pattern[str]] = {
    "when": words(
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
    "folder": words(
        r"folder|director(?:y|ies)|in (?:the )?\S+/|under\b|inside|ordner|verzeichnis", "文件夹|目录"
    ),
    "size": words(r"\d+(?:[.,]\d+)? ?(?:[kmg]i?b?|bytes?|kilobytes?|megabytes?|gigabytes?)\b", r"\d+ ?字节"),
}

_COMPUTES = re.compile(
    r"\[\s*\[?\s*[-+]?\d"  # [1, 2] and [[1, 2]]
    r"|\d\s*[*/^×÷=]\s*[-(]?\d"  # 3*4
    r"|[\d)a-z²³]\s*\+\s*[\d(]"  # x^2 + 3
    r"|\d\s*%\s*(?:of|von|de)\s*\d"  # 17 % of 2340
    r"|(?:\d[\d.]*\s*[,;]\s*){3}[-+]?\d"  # 3, 5, 8, 13
    r"|(?:how many|number of|wie ?viele|anzahl der)\s+(?:days|weeks|months|tage|wochen|monate)\b.*\d"
    r"|\d.*(?:多少|几)(?:天|周|个月)"
    r"|\b(?:weekday|day of the week|wochentag)\b.*\d|\d.*(?:\b(?:weekday|wochentag)\b|星期几|周几)"
    r"|\d\s*(?:days?|weeks?|months?|years?|tage?|wochen?|monate?|jahre?)\s+(?:after|before|nach|vor)\b.*\d",
    re.IGNORECASE | re.DOTALL,
)
_COMMANDS = re.compile(
    r"^\W*(?:please |bitte )?(?:compute|calculate|solve|work out|berechne|rechne|löse|bestimme|请?计算|求)",
    re.IGNORECASE,
)

_PROGRAMS = words(
    r"comput|calculat|program|python|script|code|solve|convert|matri|prime|fibonacci|statistic|deviation|"
    r"correlat|weekday|berechne|rechne|löse",
    r"\d|计算|矩阵|质数",
)

_QUOTES = re.compile(r"""["“”„«»「『]|(?<!\w)['‘‚]\w|:\s*\S+\s+\S""")

_ASKS = re.compile(
    r"^(?:who|whom|whose|what|when|where|why|wer|wen|wem|wessen|was|wann|wo|warum)\b.*[?？]$"
    # Of something single: "which of them" and "which invoices" choose among files.
    r"|^(?:which (?!of\b|\w+s\b)|welche[rsmn]? (?!von\b|der\b|dieser\b|\w+(?:en|er|e|s)\b)).*[?？]$"
    r"|^wie (?:hoch|lange?|teuer|groß|heiß(?:t|en))\b.*[?？]$"
    r"|(?:谁|什么|何时|哪里|为什么|吗|多少).*[?？]$",
    re.IGNORECASE | re.DOTALL,
)
_WORKED_OUT = words(
    r"total|sum\b|sums\b|average|mean\b|median|percent|how m|most\b|least\b|largest|biggest|highest|lowest|"
    r"smallest|cheapest|weekday|wochentag|number of|count|difference|compare|each|per\b|by\b|list|table|"
    r"summe|gesamt|durchschnitt|mittel|anzahl|meiste|größte|höchste|niedrigste|je\b|pro\b|tabelle|liste",
    "总|平均|合计|最|每|多少(?![?？]?$)|列出",
)
_CHOOSES = words(r"which of|welche (?:von|der|dieser)", "哪些")
_SUMMARIZES = words(r"summar|fass\w* .*zusammen|zusammenfass", "总结|摘要|概括")

# What a request plainly wants, and the operators that small models write for it all the
# same.  The first that matches counts, and none where something is to be worked out.
_INTENTS = (
    (_ASKS, frozenset({"extract", "summarize", "table", "classify", "keep", "python", "translate"})),
    (_CHOOSES, frozenset({"extract", "summarize", "table", "classify", "answer", "translate"})),
    (_SUMMARIZES, frozenset({"extract", "table", "classify", "answer"})),
)

YEAR = re.compile(r"(?:19|20)\d\d[.,]?")
STORED = words(
    r"files?\b|documents?\b|folders?\b|director(?:y|ies)|spreadsheets?\b|csv|xlsx?\b|pdfs?\b|invoices?\b|receipts?\b"
    r"|dateien?\b|dokumente?\b|ordner|verzeichnis|rechnung(?:en)?\b|tabellen?\b",
    "文件|文档|表格|发票|收据",
)

_SEVERAL = words(r"and\b|und\b|also\b|auch\b", "[,;，；、]|和|以及")


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


def evidence(request: str) -> Evidence:
    """Look through a request; an hour or a date written with slashes is no formula."""
    without_dates = re.sub(r"\d+[/:]\d+[/:]\d+|\d+:\d\d", " ", request)
    kinds = tuple(kind for kind, words in KIND_WORDS.items() if words.search(request))
    options = {name for name, words in OPTION_WORDS.items() if words.search(request)}
    if kinds:
        options.add("kind")
    computes = _COMPUTES.search(without_dates) is not None or _commands(request)
    return Evidence(
        options=frozenset(options),
        kinds=kinds,
        computes=computes,
        programs=_PROGRAMS.search(request) is not None,
        quotes=_QUOTES.search(request) is not None,
        wide=any(letter >= "\u2e80" for letter in request),
        unfit=_unfit(request.strip()),
        several=_SEVERAL.search(request) is not None,
    )


def _commands(request: str) -> bool:
    """Whether a request orders a computation with a number of its own, and names nothing that is stored."""
    own = [item for item in re.findall(r"\d+", request) if not YEAR.fullmatch(item)]
    return bool(own) and _COMMANDS.search(request) is not None and not STORED.search(request)


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
