"""Requests that list, count or measure files by what `find` itself knows of them, and their plans.  Pure.

"the three newest letters", "Wie viele PDF-Dateien liegen im Ordner Steuern?", "列出所有演示文稿".
Only where nothing of the request is left over: whatever else it says is for the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from semfs.plan.evidence import KIND_WORDS
from semfs.plan.language import quote

# -- what is to be done with the files: words around them, in English, German and Chinese

_PLEASE: Final = r"(?:(?:please|bitte|请|can you|could you) ?)?"
_ALL: Final = r"(?:(?:all|the|every|of|my|our|alle|die|der|aller|sämtliche[rn]?|meine[rn]?|unsere[rn]?) )*"
_ARE: Final = r"(?:are|is|do (?:i|we) have|exist|lie)(?: there)?"
_LIEGEN: Final = r"(?:gibt es|liegen|sind|befinden sich|habe ich|haben wir|existieren)"
_MEASURE: Final = r"(?:个|份|封|张|篇|本|部)?"
_LIST: Final = tuple(
    rf"{_PLEASE}{pattern}"
    for pattern in (
        rf"(?:list|show|find|give|name)(?: me)? {_ALL}(?P<what>.+)",
        rf"(?:which|what) (?P<what>[^,]+?) {_ARE}(?P<rest>(?: .+)?)",
        rf"(?:liste|zeige?|finde|nenne|suche)(?: mir)?(?: bitte)? {_ALL}(?P<what>.+?)(?: auf| an| heraus)?",
        rf"welche (?P<what>[^,]+?) {_LIEGEN}(?P<rest>(?: .+)?)",
        r"(?:列出|显示|找出|列举|找到)(?:所有的?|全部的?)?(?P<what>.+)",
    )
)
_COUNT: Final = tuple(
    rf"{_PLEASE}{pattern}"
    for pattern in (
        rf"how many (?P<what>[^,]+?)(?: {_ARE}(?P<rest>(?: .+)?))?",
        rf"(?:count|(?:what is )?the number of|number of) {_ALL}(?P<what>.+)",
        rf"wie ?viele (?P<what>[^,]+?)(?: {_LIEGEN}(?P<rest>(?: .+)?))?",
        rf"(?:zähle|(?:wie (?:hoch|groß) ist )?die anzahl|anzahl) {_ALL}(?P<what>.+)",
        rf"(?P<rest>.*?)(?:一共|总共)?有(?:多少|几){_MEASURE}(?P<what>.+)",
        rf"(?P<what>.+?)(?:一共|总共)?有(?:多少|几){_MEASURE}",
        r"(?:统计|数一数|计算)(?P<what>.+?)的?(?:数量|个数|总数)",
    )
)
_SIZE: Final = (
    rf"(?:what is )?(?:the )?total size of {_ALL}(?P<what>.+)",
    rf"how (?:large|big) are {_ALL}(?P<what>.+?)(?: together| in total| altogether)",
    rf"(?:wie groß ist die |die )?gesamtgröße {_ALL}(?P<what>.+)",
    rf"wie groß sind {_ALL}(?P<what>.+?) (?:zusammen|insgesamt)",
    r"(?P<what>.+?)的?(?:总大小|总共多大|一共多大)(?:是多少)?",
)


def _matching(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


# What is done, with what the plan does after the files are found.
_FRAMES: Final = (
    (
        _matching(*_COUNT),
        'count = table("select count(*) n from files", files)\nsave(count, "count.csv")\n',
    ),
    (
        _matching(*_SIZE),
        'size = table("select sum(size) bytes from files", files)\nsave(size, "size.csv")\n',
    ),
    (_matching(*_LIST), 'save(files, "files.txt")\n'),
)

# -- so many of them, in an order that `find` knows

_ORDERS: Final = {
    "newest": r"newest|latest|most recent|neueste[nr]?|jüngste[nr]?|aktuellste[nr]?|最新",
    "oldest": r"oldest|earliest|älteste[nr]?|frühesten?|最旧|最早|最老",
    "largest": r"largest|biggest|größte[nr]?|最大",
    "smallest": r"smallest|kleinste[nr]?|最小",
}
_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        (
            "one eine 一",
            "two zwei 两 二",
            "three drei 三",
            "four vier 四",
            "five fünf 五",
            "six sechs 六",
            "seven sieben 七",
            "eight acht 八",
            "nine neun 九",
            "ten zehn 十",
            "eleven elf 十一",
            "twelve zwölf 十二",
        ),
        start=1,
    )
    for word in words.split()
} | {"fifteen": 15, "fünfzehn": 15, "十五": 15, "twenty": 20, "zwanzig": 20, "二十": 20}
_HOW_MANY: Final = rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_ORDER: Final = "|".join(f"(?P<{name}>{words})" for name, words in _ORDERS.items())
_ASKED: Final = (
    r"(?:(?:what|which) (?:are|is) |list |show(?: me)? |find |give me "
    r"|(?:wie heißen|welche sind|was ist|was sind) "
    r"|liste |zeige?(?: mir)? |finde |列出|显示|找出|哪个是)?(?:the |my |our |die |das |den |meine )?"
)
_FIRST: Final = _matching(
    rf"{_PLEASE}{_ASKED}(?:{_HOW_MANY} )?(?:{_ORDER}) (?P<what>.+?)(?: auf)?",
    rf"{_PLEASE}{_ASKED}(?:{_ORDER}) {_HOW_MANY} (?P<what>.+?)(?: auf)?",
    rf"{_PLEASE}{_ASKED}(?P<rest>(?:.*[里中下]面?的?)?)(?:{_ORDER})的?(?:前?{_HOW_MANY}{_MEASURE})?(?P<what>.+?)(?:是哪个)?",
    rf"{_PLEASE}{_ASKED}(?:{_HOW_MANY}{_MEASURE})(?:{_ORDER})的?(?P<what>.+)",
)
# Papers that have a date: of these the newest ones may be asked for without a word for a kind of file.
_PAPERS: Final = re.compile(
    r"letters?|invoices?|receipts?|bills?|notes?|reports?|contracts?|minutes|drafts?|offers?|protocols?"
    r"|briefe?|rechnung(?:en)?|quittung(?:en)?|belege?|notiz(?:en)?|berichte?|vertr[aä]ge?|protokolle?|angebote?"
    r"|信|信件|发票|收据|笔记|报告|合同|会议纪要",
    re.IGNORECASE,
)

# -- which files: words that are an option of `find`

_FOLDERS: Final = _matching(
    r"(?:^| )(?:in|inside|under|from|im|unter|aus)(?: the| my| dem| den)? "
    r"(?:folder|directory|ordner|verzeichnis) [\"'“„]?(?P<text>[\w./&+-]+)[\"'”“]?",
    r"(?:^| )(?:in|inside|under|from|im|unter|aus)(?: the| my| dem| den)? (?P<text>[\w./&+-]+)"
    r"(?: folder| directory|-ordner|-verzeichnis)(?!\w)",
    r"(?:^| )(?:in|inside|under|im|unter) (?P<text>[\w.&+-]+(?:/[\w.&+-]+)+)/?",
    r"在?(?:文件夹|目录) ?(?P<text>[\w./&+-]+?) ?(?:里面|[里中下内])的?",
    r"在? ?(?P<text>[\w./&+-]+?) ?(?:文件夹|目录)(?:里面|[里中下内])?的?",
)
_AMOUNT: Final = r"\d+(?:[.,]\d+)? ?(?:[kmg]i?b|bytes?|(?:kilo|mega|giga)bytes?)"
_SIZES: Final = _matching(
    r"(?:^| )(?:that are |which are |die )?"
    r"(?P<text>(?:over|above|under|below|(?:larger|bigger|smaller|more|less) than|über|unter"
    rf"|(?:größer|kleiner) als) {_AMOUNT})"
    r"(?: sind)?",
    rf"(?P<text>(?:大于|超过|小于|少于|不到) ?{_AMOUNT})的?",
)
_TIMES: Final = _matching(
    r"(?:^| )(?:from|of|in|aus|von|(?:vom|aus dem|im) jahr)(?: the year)? (?P<text>(?:19|20)\d\d)(?!\d)",
    r"(?:^| )(?:from |of |aus |von )?(?:the )?(?P<text>(?:last|this) (?:week|month|year))",
    r"(?:^| )(?P<text>(?:since|before|after|seit|vor|nach) (?:\w+ )?(?:19|20)\d\d)(?!\d)",
    r"(?P<text>(?:19|20)\d\d年)的?",
)
_TOPICS: Final = _matching(
    r" (?:about|regarding|concerning|mentioning|(?:that )?mention|on the topic of|über|zum thema) "
    r"(?P<text>.+)",
    r"(?:关于|有关|提到)(?P<text>.+?)的(?=[^的]+$)",
)
_ARTICLE: Final = re.compile(r"^(?:(?:the|all|die|das|den|alle|der) |(?:所有|全部)的?)", re.IGNORECASE)
# Formats that are no kind of their own, but which `find` knows by this word.
_FORMATS: Final = re.compile(
    r"pdf|csv|tsv|json|xml|yaml|epub|docx|odt|rtf|xlsx|xls|ods|excel|word|pptx|odp|zip|html|svg|png|jpe?g|gif|tiff?"
    r"|mp3|wav|flac|msg|mbox|doc|ppt",
    re.IGNORECASE,
)
_FILES: Final = (
    r"(?:files?|documents?|books?|sheets?|spreadsheets?|presentations?|messages?|pages?|images?|pictures?|archives?"
    r"|dateien?|dokumente?n?|文件|文档|图片|表格|电子书)"
)
_FORMAT: Final = re.compile(rf"(?P<word>{_FORMATS.pattern})(?:s|[ -]?{_FILES})?", re.IGNORECASE)
_ANY: Final = re.compile("files?|documents?|dateien?|dokumente?|文件|文档", re.IGNORECASE)
_KINDS: Final = {
    kind: re.compile(rf"(?:{words.pattern})[\w-]*(?: ?{_FILES})?", re.IGNORECASE)
    for kind, words in KIND_WORDS.items()
}


@dataclass(frozen=True, slots=True)
class _Left:
    """What of a request is not understood yet, and the options that are."""

    words: str
    options: tuple[tuple[str, str], ...] = ()

    def taken(self, name: str, patterns: tuple[re.Pattern[str], ...]) -> _Left:
        """Take the first words that mean an option."""
        found = next(filter(None, (pattern.search(self.words) for pattern in patterns)), None)
        if found is None:
            return self
        words = f"{self.words[: found.start()]} {self.words[found.end() :]}"
        return _Left(" ".join(words.split()), (*self.options, (name, found["text"].strip())))


def listing_plan(request: str) -> str:
    """Return the plan of a request that lists, counts or measures files, "" for any other."""
    line = " ".join(request.split()).strip(" .?!。？！").strip()
    return _some(line) or _all(line)


def _all(line: str) -> str:
    for patterns, then in _FRAMES:
        for pattern in patterns:
            if found := pattern.fullmatch(line):
                call = _find(_what(found))
                if call:
                    return f"files = {call}\n{then}"
    return ""


def _some(line: str) -> str:
    """Return the plan for some files that are first in an order; one, where no number is named."""
    for pattern in _FIRST:
        if found := pattern.fullmatch(line):
            order = next(name for name in _ORDERS if found[name])
            count = found["count"]
            if count is None and _several(found["what"]):
                continue
            number = 1 if count is None else int(count) if count.isdecimal() else _NUMBERS[count.lower()]
            call = _find(_what(found), limit=f"{number} {order}")
            if call:
                return f'files = {call}\nsave(files, "files.txt")\n'
    return ""


def _several(what: str) -> bool:
    """Whether a noun is a plural, so that a number is missing."""
    return re.match(r"[\w -]*?(?:s|ien|en)\b", what) is not None


def _what(found: re.Match[str]) -> str:
    parts = found.groupdict()
    return f"{parts['what']} {parts.get('rest') or ''}".strip()


def _find(words: str, *, limit: str = "") -> str:
    """Return the call that finds what the words say, "" if something of them is not understood."""
    left = _Left(words).taken("folder", _FOLDERS).taken("size", _SIZES)
    left = left.taken("query", _TOPICS).taken("when", _TIMES)
    options = {name: _ARTICLE.sub("", text) if name == "query" else text for name, text in left.options}
    noun = _ARTICLE.sub("", left.words)
    kind = _kind(noun)
    if kind is None:
        by_date = limit.endswith(("newest", "oldest"))
        if not (by_date and "query" not in options and _PAPERS.fullmatch(noun)):
            return ""
        options["query"] = noun
    elif kind:
        options["kind"] = kind
    given = [
        f"{name}={quote(options[name])}" for name in ("kind", "when", "folder", "size") if name in options
    ]
    given += [f"limit={quote(limit)}"] if limit else []
    return f"find({', '.join([quote(options.get('query', '')), *given])})"


def _kind(noun: str) -> str | None:
    """Return the kind of files that a noun means, "" for any file, None if it means something else."""
    if _ANY.fullmatch(noun):
        return ""
    if found := _FORMAT.fullmatch(noun):
        return found["word"].lower()
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(noun)), None)
