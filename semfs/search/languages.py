"""Languages in plain words, in six languages: "in German", "auf Deutsch", "中文的", "German letters"."""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters
from semfs.search.kind_words import PLURAL, UNSPACED
from semfs.search.kinds import LEADS, one_of
from semfs.search.reading import CUT, LANGUAGE, MARK, TAGGED, Reading, words


def _table(*rows: tuple[str, str, str, str]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return name -> code, adjective -> code, name without spaces -> code; spellings separated by `/`."""
    names: dict[str, str] = {}
    adjectives: dict[str, str] = {}
    stuck: dict[str, str] = {}
    for code, named, described, unspaced in rows:
        names |= dict.fromkeys(named.split("/"), code)
        adjectives |= dict.fromkeys(described.split("/"), code)
        stuck |= dict.fromkeys(unspaced.split("/"), code)
    return names, adjectives, stuck


NAMES, ADJECTIVES, STUCK = _table(
    (
        "en",
        "english/englisch/anglais/inglés",
        "english/englische/englischen/anglaises/anglais/ingleses/inglesas/en inglés/en anglais",
        "英文/英语/英語",
    ),
    (
        "de",
        "german/deutsch/allemand/alemán",
        "german/deutsche/deutschen/allemandes/allemands/alemanes/alemanas",
        "德文/德语/德語/ドイツ語",
    ),
    (
        "fr",
        "french/französisch/français/francés",
        "french/französische/französischen/françaises/français/franceses/francesas",
        "法文/法语/法語/フランス語",
    ),
    (
        "es",
        "spanish/spanisch/espagnol/español/castellano",
        "spanish/spanische/spanischen/espagnoles/espagnols/españoles/españolas",
        "西班牙文/西班牙语/西班牙語/スペイン語",
    ),
    (
        "zh",
        "chinese/chinesisch/chinois/chino",
        "chinese/chinesische/chinesischen/chinoises/chinois/chinos/chinas",
        "中文/汉语/漢語/中国語",
    ),
    (
        "ja",
        "japanese/japanisch/japonais/japonés",
        "japanese/japanische/japanischen/japonaises/japonais/japoneses/japonesas",
        "日文/日语/日語/日本語",
    ),
    (
        "it",
        "italian/italienisch/italien/italiano",
        "italian/italienische/italienischen/italiennes/italiens/italianos/italianas",
        "意大利文/意大利语/イタリア語",
    ),
    (
        "pt",
        "portuguese/portugiesisch/portugais/portugués",
        "portuguese/portugiesische/portugiesischen/portugaises/portugais/portugueses",
        "葡萄牙文/葡萄牙语/ポルトガル語",
    ),
    (
        "ru",
        "russian/russisch/russe/ruso",
        "russian/russische/russischen/russes/rusos/rusas",
        "俄文/俄语/俄語/ロシア語",
    ),
    (
        "ko",
        "korean/koreanisch/coréen/coreano",
        "korean/koreanische/koreanischen/coréens/coréennes/coreanos/coreanas",
        "韩文/韩语/韓語/韓国語",
    ),
    (
        "nl",
        "dutch/niederländisch/néerlandais/neerlandés",
        "dutch/niederländische/niederländischen/néerlandais/neerlandeses",
        "荷兰文/荷兰语/オランダ語",
    ),
)
# What is written in a language rather than comes from a country, beside the kinds of files.
_WRITINGS: Final = (
    "letters texts articles messages documents notes books pages"
    " briefe texte artikel nachrichten dokumente notizen bücher seiten"
    " lettres textes messages livres cartas textos artículos mensajes libros"
)
_WRITTEN: Final = one_of({*PLURAL, *_WRITINGS.split()})
_NEXT: Final = one_of(words("about from with by on over über von vom mit aus sur de du avec sobre del con"))
_END: Final = rf"(?=[ .,]*$|\s*[{MARK}{CUT}]|\s+(?:{_NEXT})(?!\w))"
_WRITTEN_IN: Final = "written|geschrieben|verfasst|écrite?s?|escrit[oa]s?"
_IN = re.compile(
    rf"(?<!\S)(?:(?:{_WRITTEN_IN}) )?(?:in|auf|en) (?P<name>{one_of(NAMES)})(?: language)?{_END}",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(rf"^\s*{LEADS}(?P<name>{one_of(ADJECTIVES)}) (?=(?:{_WRITTEN})(?!\w))", re.IGNORECASE)
_AFTER = re.compile(rf"^\s*{LEADS}(?:{one_of(PLURAL)}) (?P<name>{one_of(ADJECTIVES)}){_END}", re.IGNORECASE)
_BEFORE_KIND: Final = rf"(?={one_of(UNSPACED)})"
_UNSPACED = re.compile(
    rf"(?:^|(?<=[{CUT}\s的の]))[用以]?(?P<name>{one_of(STUCK)})(?:[书撰]?写的|で書かれた|の|的|{_BEFORE_KIND})"
)
_PLACES: Final = ((_IN, NAMES), (_ADJECTIVE, ADJECTIVES), (_AFTER, ADJECTIVES), (_UNSPACED, STUCK))
_TAG = re.compile(r"(?<!\S)(?:lang|language|sprache|langue|idioma):(?P<name>\w+)", re.IGNORECASE)
_CODES: Final = frozenset(NAMES.values())


def take_tagged(reading: Reading) -> None:
    for match in _TAG.finditer(reading.left):
        word = match["name"].casefold()
        code = NAMES.get(word, word if len(word) == 2 and word.isascii() else None)
        if code is not None:
            _take(reading, match.span(), code, TAGGED)


def take(reading: Reading) -> None:
    for pattern, codes in _PLACES:
        match = pattern.search(reading.left)
        code = codes.get(match["name"].casefold()) if match is not None else None
        if match is not None and code is not None:
            span = match.span("name") if pattern is _AFTER else match.span()
            _take(reading, span, code, LANGUAGE)
            return


def _take(reading: Reading, span: tuple[int, int], code: str, doubt: int) -> None:
    reading.take(span, f"language {code}", Filters(language=code), doubt=doubt, content=doubt != TAGGED)
