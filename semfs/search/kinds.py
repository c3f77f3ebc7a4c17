"""Where a word for a kind of file stands as a filter: "PDFs about tax", "税务照片", "invoices as PDF"."""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters, Kind
from semfs.search.kind_words import BEFORE, PLURAL, SINGULAR, UNSPACED, Wanted
from semfs.search.manner import is_task
from semfs.search.reading import CUT, KIND, MARK, TAGGED, Reading, words
from semfs.store.analysis import is_unspaced


def one_of(words: object) -> str:
    """Return a pattern for any of these words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]


# What stands before a kind and says nothing: "show me all the …".
_LEADING: Final = (
    "show list find give get search see open any all every each me my our the of some please can you could"
    " which what"
    " zeige zeig finde suche gib liste mir alle allen sämtliche meine unsere die der das den bitte welche"
    " montre montrez trouve trouvez cherche liste donne moi toutes tous les des mes nos le la quels quelles"
    " muestra muéstrame busca encuentra dame lista todos todas los las mis nuestras el la cuáles qué"
)
LEADS: Final = rf"(?:(?:{one_of(_LEADING.split())}|montre-moi|donne-moi)[ ]){{0,6}}"
# What goes on behind a kind or a name.
FOLLOWING = words(
    "about on of from with without that which in containing mentioning mention contain by for over under"
    " larger bigger"
    " smaller before after since between during dated modified created sent written last this yesterday"
    " today except excluding not"
    " über von vom mit ohne aus zu zum zur im in für die vor nach seit zwischen außer letzte letzten letzter"
    " gestern"
    " sur de du des d' avec sans dans pour en depuis avant après entre sauf qui contenant"
    " sobre del con sin en para desde antes después entre excepto que"
)
_FOLLOWS: Final = rf"(?=\s*$|\s*[{MARK}{CUT}]|\s+(?:{one_of(FOLLOWING)})(?!\w)|\s+(?:\S+ )?(?:19|20)\d\d\s*$)"
_SPACED: Final = {**SINGULAR, **PLURAL}
_AND: Final = r"\s*(?:,|&|\b(?:and|or|und|oder|et|ou|y|o)\b)\s*"
_ANY: Final = rf"(?:{one_of(_SPACED)})"
_FIRST = re.compile(rf"^\s*{LEADS}(?P<kinds>{_ANY}(?:{_AND}{_ANY}){{0,4}}){_FOLLOWS}", re.IGNORECASE)
_END: Final = rf"(?=[\s,;，、；]*(?:$|{CUT}))"
_LAST = re.compile(rf"^(?:[^\s{MARK}{CUT}]+ ){{1,2}}(?P<kind>{one_of(PLURAL)}){_END}", re.IGNORECASE)
_FIRST_WORDS = re.compile(rf"^\s*{LEADS}(?P<kind>{one_of(PLURAL)})(?!\w)", re.IGNORECASE)
_BEFORE = re.compile(rf"^\s*{LEADS}(?P<kind>{one_of(BEFORE)})\s+(?=\w{{3,}}(?:s|en)(?!\w))", re.IGNORECASE)
# "facturas en pdf", "Rechnungen als PDF"; "factures pdf" has the format after its noun.
_FORMATS: Final = {**BEFORE, "csv": PLURAL["csvs"], "word": PLURAL["word files"]}
_AS = re.compile(
    rf"(?<!\S)(?:(?:as|als|en|in|im|au format|formato) )?(?P<kind>{one_of(_FORMATS)})"
    rf"(?:[ -]?format| files?)?{_END}",
    re.IGNORECASE,
)
_TAG = re.compile(r"(?<!\S)(?:(?:kind|type|ext|format):|\*\.)(?P<kind>[\w.]+)", re.IGNORECASE)

_STUCK: Final = one_of(UNSPACED)
_STUCK_ALONE = re.compile(
    rf"(?:^|(?<=[{CUT}\s]))(?:所有的?|全部的?|すべての|全ての)?(?P<kind>{_STUCK})(?=\s|{CUT}|$)",
    re.IGNORECASE,
)
_STUCK_LAST = re.compile(rf"(?:的|の|に関する|についての|{CUT})\s*(?P<kind>{_STUCK}){_END}", re.IGNORECASE)
_STUCK_SHORT = re.compile(rf"^[^\s{CUT}{MARK}a-zA-Z]{{1,4}}(?P<kind>{_STUCK}){_END}", re.IGNORECASE)
# "发送邮件" is to send one.
_STUCK_TASKS: Final = re.compile(
    "^(?:发送|发|写|收|读取|读|打开|下载|上传|转换|制作|创建|新建|编辑|合并|压缩|处理|解析|删除|复制|保存|打印|恢复|加密|拍|看|做"
    "|送信|作成|変換|編集|削除|保存|印刷)"
)


def begins_with_kind(text: str) -> bool:
    """Say whether a query opens by naming a kind: "which PDFs …", "emails where …"."""
    match = _FIRST_WORDS.match(text)
    return match is not None and bool(PLURAL.get(match["kind"].casefold()))


def take_tagged(reading: Reading) -> None:
    for match in _TAG.finditer(reading.left):
        wanted = by_name(match["kind"])
        if wanted is not None:
            _take(reading, match.span(), wanted, TAGGED)


def take(reading: Reading) -> None:
    """Take one word for a kind where it stands as a filter."""
    found = (
        _head(reading)
        or _found(_BEFORE.match(reading.left), BEFORE)
        or _tail(reading)
        or _unspaced(reading.left, reading.text)
    )
    if found is not None:
        _take(reading, *found)


Found = tuple[tuple[int, int], Wanted]


def _head(reading: Reading) -> Found | None:
    match = _FIRST.match(reading.left)
    if match is None:
        return None
    named = [_SPACED.get(word.casefold()) for word in re.split(_AND, match["kinds"], flags=re.IGNORECASE)]
    known = [wanted for wanted in named if wanted is not None]
    return (match.span(), Wanted.either(known)) if known else None


def _tail(reading: Reading) -> Found | None:
    if is_task(reading.left):
        return None
    return _found(_LAST.match(reading.left), PLURAL) or _found(_AS.search(reading.left), _FORMATS, whole=True)


def _unspaced(left: str, text: str) -> Found | None:
    if not is_unspaced(text):
        return None
    found = _found(_STUCK_LAST.search(left) or _STUCK_ALONE.search(left), UNSPACED)
    if found is None and not _STUCK_TASKS.match(left):
        found = _found(_STUCK_SHORT.match(left), UNSPACED)
    return found


def _found(match: re.Match[str] | None, words: dict[str, Wanted], *, whole: bool = False) -> Found | None:
    if match is None:
        return None
    wanted = words.get(match["kind"].casefold())
    return (match.span() if whole else match.span("kind"), wanted) if wanted is not None else None


def _take(reading: Reading, span: tuple[int, int], wanted: Wanted, doubt: int = KIND) -> None:
    asked = Filters(kinds=wanted.kinds, suffixes=wanted.suffixes)
    reading.take(span, wanted, asked, doubt=doubt, content=doubt != TAGGED)


def by_name(word: str) -> Wanted | None:
    """Return what `kind:WORD` asks for: a kind, a word for one, or a suffix."""
    word = " ".join(word.casefold().split())
    if word in {kind.value for kind in Kind}:
        return Wanted(kinds=frozenset({Kind(word)}))
    tables = (PLURAL, SINGULAR, UNSPACED, BEFORE)
    found = next((table[word] for table in tables if word in table), None) or PLURAL.get(word + "s")
    if found is not None:
        return found
    bare = word.removeprefix("*").removeprefix(".")
    return Wanted(suffixes=frozenset({f".{bare}"})) if bare.isalnum() and len(bare) <= 8 else None
