"""Times that come again, in words: "weekdays 8:00", "first monday of the month 9am", "täglich um 7 Uhr".

Pure.  English, German and Chinese, as in queries; a cron expression can be written itself.  What is
not understood to the last word is refused, with examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from semfs.errors import BadRequest
from semfs.jobs.when import When

EXAMPLES = (
    '"weekdays 8:00", "daily 7:30", "monday and thursday 18:00", "1st of the month 6am", '
    '"last friday of the month 17:00", "every 15 minutes" or, as in cron, "0 8 * * 1-5"'
)


def understand(phrase: str) -> When:
    """Return what a phrase says; raise BadRequest with what is not understood, and examples."""
    text = " ".join(phrase.lower().split())
    try:
        if len(text.split()) == 5 and _CRON.fullmatch(text):
            return When((text,))
        return _read(text)
    except BadRequest as error:
        raise BadRequest(f"every={phrase!r}: {error}; write it like {EXAMPLES}") from None


def _read(text: str) -> When:
    for pattern, words in _CHINESE:
        text = pattern.sub(words, text)
    rest = _Rest(re.sub(r"[,;&、，和]", " ", text))
    often = _interval(rest)
    times = sorted(set(_times(rest)))
    days = list(_days(rest))
    if left := rest.left():
        raise BadRequest(f"{left!r} is not understood")
    if often and times:
        raise BadRequest("say either how often or at what time, not both")
    if often:
        return When(tuple(f"{often} {day}" for day in days or ["* * *"]))
    if not days:
        raise BadRequest("say on which days")
    if not times:
        raise BadRequest("say at what time")
    return When(tuple(f"{minute} {hour} {day}" for hour, minute in times for day in days))


class _Rest:
    """What has not been understood yet."""

    def __init__(self, text: str) -> None:
        self._text = f" {' '.join(text.split())} "

    def take(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield what matches, and take it away."""
        while match := pattern.search(self._text):
            before, after = self._text[: match.start()], self._text[match.end() :]
            self._text = f"{before.rstrip()} {after.lstrip()}"
            yield match

    def left(self) -> str:
        """Return the words that mean something and were not taken."""
        return " ".join(word for word in self._text.split() if word not in _FILLING)


_CRON = re.compile(r"[\d*/,#\-a-z]*[\d*] [\d*/,#\-a-z ]+")
_ENGLISH = "and at on every each the of in month monthly weekly year yearly -"
_GERMAN = "und um am jeden jede jedes im des der den dem monat monats monatlich wöchentlich jahr jährlich uhr"
_FILLING = frozenset(word for words in (_ENGLISH, _GERMAN) for word in words.split())

# Chinese is written without spaces: what it says is put into the words below.
_CHINESE: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"每(\d+)分钟"), r" every \1 minutes "),
    (re.compile(r"每(\d+)小时"), r" every \1 hours "),
    (re.compile(r"每个?小时"), " hourly "),
    (re.compile(r"每个?工作日"), " weekdays "),
    (re.compile(r"每个?周末"), " weekend "),
    (re.compile(r"每天|每日"), " daily "),
    (re.compile(r"每个?月(\d+)[日号]"), r" \1th of the month "),
    (
        re.compile(r"每?(?:周|星期|礼拜)([一二三四五六日天]+)"),
        lambda match: "".join(f" {_CHINESE_DAYS[day]} " for day in match[1]),
    ),
    (
        re.compile(r"(上午|早上|下午|晚上)?(\d{1,2})[点时](半|\d{1,2}分?)?"),
        lambda match: _chinese_time(match),
    ),
)
_CHINESE_DAYS: dict[str, str] = {
    letter: day
    for letters, day in {
        "一": "monday",
        "二": "tuesday",
        "三": "wednesday",
        "四": "thursday",
        "五": "friday",
        "六": "saturday",
        "日天": "sunday",
    }.items()
    for letter in letters
}


def _chinese_time(match: re.Match[str]) -> str:
    hour = int(match[2]) + 12 * (match[1] in ("下午", "晚上") and int(match[2]) < 12)
    minutes = 30 if match[3] == "半" else int((match[3] or "0").rstrip("分"))
    return f" {hour}:{minutes:02} "


# -- how often

_HOURLY = re.compile(r"\b(?:hourly|every hour|stündlich|jede stunde)\b")
_OFTEN = re.compile(r"\b(?:every|alle) (\d+) (minutes?|minuten|hours?|stunden)\b")


def _interval(rest: _Rest) -> str:
    """Return minutes and hours of cron, "" if it is not said how often a day."""
    for _ in rest.take(_HOURLY):
        return "0 *"
    for match in rest.take(_OFTEN):
        count, whole = int(match[1]), 60 if match[2].startswith("min") else 24
        if not count or whole % count:
            fit = ", ".join(str(n) for n in range(1, whole) if whole % n == 0)
            raise BadRequest(f"{match[0]!r}: {whole} must be a multiple of it, so one of {fit}")
        return f"*/{count} *" if whole == 60 else f"0 */{count}"
    return ""


# -- at what time

_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})[:.h](\d{2})(?!\d)\s*([ap]\.?m\b\.?)?(?:\s*uhr\b)?")
_HOUR = re.compile(r"(?<![\d.:])(\d{1,2})\s*(?:([ap]\.?m)\b\.?|uhr\b|o'clock\b|h\b)(?:\s*(\d{2})\b)?")
_AT = re.compile(r"\b(?:at|um) (\d{1,2})(?= |$)")
_NAMED = re.compile(r"\b(?:(noon|midday|mittags?)|midnight|mitternachts?)\b")


def _times(rest: _Rest) -> Iterator[tuple[int, int]]:
    """Yield hours and minutes."""
    for match in rest.take(_CLOCK):
        yield _time(match[0], match[1], match[2], match[3])
    for match in rest.take(_HOUR):
        yield _time(match[0], match[1], match[3], match[2])
    for match in rest.take(_AT):
        yield _time(match[0], match[1], None, None)
    for match in rest.take(_NAMED):
        yield (12 if match[1] else 0), 0


def _time(words: str, hour: str, minute: str | None, half: str | None) -> tuple[int, int]:
    hours, minutes = int(hour), int(minute or 0)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + 12 * half.startswith("p")
    elif half or hours > 23:
        raise BadRequest(f"{words.strip()!r} is no time of day")
    if minutes > 59:
        raise BadRequest(f"{words.strip()!r} is no time of day")
    return hours, minutes


# -- on which days, as the last three fields of cron

_NAMES = {
    "1": "monday mondays mon montag montags mo",
    "2": "tuesday tuesdays tue tues dienstag dienstags di",
    "3": "wednesday wednesdays wed mittwoch mittwochs mi",
    "4": "thursday thursdays thu thurs donnerstag donnerstags do",
    "5": "friday fridays fri freitag freitags fr",
    "6": "saturday saturdays sat samstag samstags sonnabend sonnabends sa",
    "7": "sunday sundays sun sonntag sonntags so",
}
_DAYS = {name: number for number, names in _NAMES.items() for name in names.split()}
_MONTHS = {
    name: number
    for number, names in {
        1: "january jan januar jänner",
        2: "february feb februar",
        3: "march mar märz",
        4: "april apr",
        5: "may mai",
        6: "june jun juni",
        7: "july jul juli",
        8: "august aug",
        9: "september sep sept",
        10: "october oct oktober okt",
        11: "november nov",
        12: "december dec dezember dez",
    }.items()
    for name in names.split()
}
_PLACES = {
    name: place
    for place, names in {
        "#1": "first 1st erster erste ersten",
        "#2": "second 2nd zweiter zweite zweiten",
        "#3": "third 3rd dritter dritte dritten",
        "#4": "fourth 4th vierter vierte vierten",
        "L": "last letzter letzte letzten",
    }.items()
    for name in names.split()
}


def _any(names: dict[str, str] | dict[str, int]) -> str:
    return "(" + "|".join(sorted(names, key=len, reverse=True)) + ")"


_DAY, _MONTH, _PLACE = _any(_DAYS), _any(_MONTHS), _any(_PLACES)
_OF = r"(?: (?:of|in|im|des))?(?: (?:the|each|every|jedes))? (?:month|monats?)\b"
_LAST_DAY = re.compile(rf"\b(?:last|letzter|letzten) (?:(day|tag)|(?:weekday|workday|werktag)){_OF}")
_NTH = re.compile(rf"\b{_PLACE} {_DAY}{_OF}")
_DATE = re.compile(
    rf"\b(?:{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b|(\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of)? {_MONTH}\b)"
)
_NUMBERED = re.compile(r"\b(?:day (\d{1,2})\b|(\d{1,2})(?:(?:st|nd|rd|th)\b|\.))")
_RANGE = re.compile(rf"\b{_DAY} ?(?:-|–|to|through|bis) ?{_DAY}\b")
_WEEKDAYS = re.compile(r"\b(?:every |each )?(?:(?:week|work|business ?)days?|werktags?|werktage)\b")
_WEEKEND = re.compile(r"\b(?:weekends?|wochenenden?)\b")
_ONE = re.compile(rf"\b{_DAY}\b")
_DAILY = re.compile(r"\b(?:daily|(?:every|each) day|täglich|jeden tag)\b")


def _days(rest: _Rest) -> Iterator[str]:
    """Yield day of the month, month and day of the week."""
    for match in rest.take(_LAST_DAY):
        yield "L * *" if match[1] else "LW * *"
    for match in rest.take(_NTH):
        place = _PLACES[match[1]]
        yield f"* * {_DAYS[match[2]]}{place}"
    for match in rest.take(_DATE):
        month, day = (match[1], match[2]) if match[1] else (match[4], match[3])
        yield f"{int(day)} {_MONTHS[month]} *"
    for match in rest.take(_NUMBERED):
        yield f"{int(match[1] or match[2])} * *"
    if week := "".join(sorted(_week(rest))):
        together = len(week) > 2 and week in "1234567"
        yield f"* * {week[0]}-{week[-1]}" if together else f"* * {','.join(week)}"
    for _ in rest.take(_DAILY):
        yield "* * *"


def _week(rest: _Rest) -> set[str]:
    """Return days of the week."""
    found: set[str] = set()
    for match in rest.take(_RANGE):
        first, last = int(_DAYS[match[1]]), int(_DAYS[match[2]])
        found |= {str((first + more - 1) % 7 + 1) for more in range((last - first) % 7 + 1)}
    for _ in rest.take(_WEEKDAYS):
        found |= set("12345")
    for _ in rest.take(_WEEKEND):
        found |= set("67")
    return found | {_DAYS[match[1]] for match in rest.take(_ONE)}
