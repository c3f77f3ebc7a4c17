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
from semfs.plan.operators import Operator, Parameter


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
        r"yesterday|since|before|after|until|between|during|recent|older|q[1-4]\b|"
        r"spring\b|summer|autumn|fall\b|winter|"
        r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|mai|okt|dez)\b|"
        r"january?|february?|march\b|märz|april|june|july|juni|juli|august|"
        r"september|o[ck]tober|november|de[cz]ember|"
        r"letzte|vorige|vergangene|diese[rsnm]? (?:woche|monat|jahr)|heute|gestern|seit|"
        r"(?:vor|nach|bis) (?:\w+ )?(?:\d|heute|gestern|weihnacht|ostern)|"
        r"frühling|sommer|herbst",
        "年|月|周|星期|天|最近|以来|之前|之后",
    ),
    "folder": words(
        r"folder|director(?:y|ies)|in (?:the )?\S+/|under\b|inside|ordner|verzeichnis", "文件夹|目录"
    ),
    "limit": words(
        r"newest|latest|most recent|oldest|earliest|largest|biggest|smallest|first \d|neuest|jüngst|ältest"
        r"|größt|kleinst",
        "最新|最旧|最早|最大|最小|前\\d",
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
    r"|\d\s*(?:hours?|minutes?|days?|weeks?|months?|years?|stunden?|minuten?|tagen?|tage|wochen?|monaten?|monate"
    r"|jahren?|jahre)\s+(?:after|before|nach|vor)\b.*\d"
    r"|\d.*(?<!\d)\d{1,3}\s*(?:天|周|个?月|年|小时|分钟)(?:之?后|之?前|以后|以前)?是|后的?第?\s*\d+\s*天是",
    re.IGNORECASE | re.DOTALL,
)
# Words of arithmetic: with a number of the request's own, and nothing stored, there is nothing to look for.
_MATHS = words(
    r"(?:square|cube) root|root of \d|factorial|primes?\b|fibonacci|gcd\b|lcm\b"
    r"|(?:greatest|least|lowest|highest) common|divisors?\b|divisible|to the power|squared\b|cubed\b"
    r"|logarithm|hypotenuse|modulo|remainder"
    r"|roman numeral|leap year|celsius|fahrenheit|convert \d|per ?cent of \d|binomial|permutations?|variance"
    r"|standard deviation|(?:divided|multiplied) by|\d+ (?:plus|minus|times|mal|geteilt durch|hoch) \d"
    r"|(?:sum|product|average|mean|median|range) of (?:the )?(?:first|numbers|digits|integers|even|odd|\d)"
    r"|(?:area|volume|perimeter|circumference|surface)\b.*(?:radius|diameter|sides?|edges?|base|by)\b.*\d"
    r"|\d+ (?:minutes|hours|minuten|stunden) (?:after|before|nach|vor) \d"
    r"|derivative|polynomial|quadratic|dot product|cross product|how old .*\d{4}.*\d{4}"
    r"|(?:quadrat|kubik)?wurzel (?:aus|von)|fakultät|primzahl|(?:größte|kleinste)[rns]? gemeinsame|quersumme"
    r"|teilbar|schaltjahr|römisch\w* zahl|prozent von \d|varianz|standardabweichung"
    r"|(?:summe|produkt|mittelwert|durchschnitt|median) (?:von|aus|der) (?:\d|ersten|zahlen)|skalarprodukt"
    r"|wie alt .*\d{4}.*\d{4}"
    r"|(?:binary|binär|hexadecimal|hexadezimal|octal|oktal)\w*\b.*\d|\d.*\b(?:binary|binär|hexade|octal|oktal)",
    "平方根|立方根|阶乘|质数|素数|斐波那契|最大公约数|最小公倍数|次方|平方|对数|二进制|十六进制|罗马数字|闰年|华氏|摄氏"
    "|换算|百分之|除以|乘以|加上|减去|余数|概率|方差|标准差|半径|方程|矩阵|向量|行列式|平均数|平均值|中位数|之和",
)
# Of these a year may be asked: "is 2024 a leap year?"
_OF_A_YEAR = words(
    r"leap|schaltjahr|roman|römisch|binary|binär|hexade|octal|oktal|root|wurzel|primes?\b|primzahl|divi|teilbar|digits"
    r"|quersumme",
    "闰年|罗马|进制|平方|质数|素数|除以",
)
_A_FILE = re.compile(r"\w\.(?:csv|tsv|xlsx?|ods|pdf|docx?|odt|txt|md|rst|html?|eml|json|py)\b", re.IGNORECASE)
_OURS = words(r"our|my|we\b|us\b|unser|mein|wir\b", "我们|我的")
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
# Amounts are compared by SQL: a model that reads "over 1000 euros" says yes to 470.
_COMPARES = words(
    r"(?:over|above|under|below|(?:more|less|higher|lower) than|at least|at most"
    r"|über|unter|(?:mehr|weniger) als"
    r"|mindestens|höchstens) (?:[€$£] ?\d"
    r"|\d[\d.,]* ?(?:[€$£]|(?:euros?|eur|dollars?|pounds?|francs?|franken)\b))",
    r"(?:超过|高于|大于|低于|少于|至少)\s?\d[\d.,]*\s?(?:元|欧元|美元|块)",
)
_SUMMARIZES = words(r"summar|fass\w* .*zusammen|zusammenfass", "总结|摘要|概括")

# What a request plainly wants, and the operators that small models write for it all the
# same.  The first that matches counts, and none where something is to be worked out.
_INTENTS = (
    (_COMPARES, frozenset({"answer", "summarize", "keep", "classify"})),
    (_ASKS, frozenset({"extract", "summarize", "table", "classify", "keep", "python", "translate"})),
    (_CHOOSES, frozenset({"extract", "summarize", "table", "classify", "answer", "translate"})),
    (_SUMMARIZES, frozenset({"extract", "table", "classify", "answer"})),
)

# Characters of a request that are looked through.  The patterns here take the square of the time: 1.5 s for
# 1,500 digits with spaces, minutes for 16,000.
LOOKED_AT = 1500
YEAR = re.compile(r"(?:19|20)\d\d[.,]?")
STORED = words(
    r"files?\b|documents?\b|folders?\b|director(?:y|ies)|spreadsheets?\b|csv|xlsx?\b|pdfs?\b|invoices?\b|receipts?\b"
    r"|dateien?\b|dokumente?\b|ordner|verzeichnis|rechnung(?:en)?\b|tabellen?\b",
    "文件|文档|表格|发票|收据",
)

# What says that rows lie in files as they are: "the column price of all price lists".
_ROWS = words(
    r"csv|tsv|xlsx?\b|ods\b|excel|spreadsheet|sheets?\b|columns?\b|rows?\b|tabellen?\b|spalten?\b|zeilen?\b",
    "表格|电子表|列(?!出)|行",
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
    stored: bool  # it may be about rows that lie in files
    unfit: frozenset[str]  # operators that do not serve what it plainly wants
    several: bool  # it may want more than one result


def evidence(request: str) -> Evidence:
    """Look through a request; an hour or a date written with slashes is no formula."""
    request = request[:LOOKED_AT]
    without_dates = re.sub(r"\d+[/:]\d+[/:]\d+|\d+:\d\d", " ", request)
    kinds = tuple(kind for kind, words in KIND_WORDS.items() if words.search(request))
    options = {name for name, words in OPTION_WORDS.items() if words.search(request)}
    if kinds:
        options.add("kind")
    formula = _COMPUTES.search(without_dates) and ("[" in request or not STORED.search(request))
    computes = bool(formula) or _commands(request) or _calculates(request)
    return Evidence(
        options=frozenset(options),
        kinds=kinds,
        computes=computes,
        programs=_PROGRAMS.search(request) is not None,
        quotes=_QUOTES.search(request) is not None,
        stored=_ROWS.search(request) is not None,
        wide=any(letter >= "\u2e80" for letter in request),
        unfit=_unfit(request.strip()),
        several=_SEVERAL.search(request) is not None,
    )


def _commands(request: str) -> bool:
    """Whether a request orders a computation with a number of its own, and names nothing that is stored."""
    own = [item for item in re.findall(r"\d+", request) if not YEAR.fullmatch(item)]
    return bool(own) and _COMMANDS.search(request) is not None and not STORED.search(request)


def _calculates(request: str) -> bool:
    """Whether a request has words of arithmetic and numbers of its own, and names nothing that is stored."""
    numbers = re.findall(r"\d+", request)
    own = [item for item in numbers if not YEAR.fullmatch(item)]
    said = _MATHS.search(request) and (own or (numbers and _OF_A_YEAR.search(request)))
    stored = STORED.search(request) or _A_FILE.search(request) or _OURS.search(request)
    return bool(said) and not stored


def offered(known: Sequence[Operator], seen: Evidence) -> tuple[Operator, ...]:
    """Return the operators, and the options of `find`, that there is a reason for."""
    return tuple(_with_options(item, seen) for item in known if _has_reason(item, seen))


def _unfit(request: str) -> frozenset[str]:
    compares = _COMPARES.search(request) is not None
    if not compares and (_WORKED_OUT.search(request) or _COMPUTES.search(request)):
        return frozenset()
    return next((unfit for words, unfit in _INTENTS if words.search(request)), frozenset())


def _has_reason(operator: Operator, seen: Evidence) -> bool:
    if operator.name == "python" and not (seen.computes or seen.programs):
        return False
    if operator.name == "load" and not seen.stored:
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
