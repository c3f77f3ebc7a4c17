"""Resolve times in plain words against the present: "last March", "before 2020", "Q3 2024".

Pure and without a model.  A phrase means a half-open span of local time.  Files lie in the
past, so that "March" is the latest March that has begun.  Weeks begin on Monday.  The words
of a language are tables; the rules use only the tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from semfs.search.spans import Span, begun, day_span, ended, month_span, moved, plain, unit_at, year_of


def _numbered(names: str, *, first: int = 1) -> dict[str, int]:
    """Return word -> number for groups separated by spaces, spellings by `/`."""
    return {word: first + number for number, group in enumerate(names.split()) for word in group.split("/")}


MONTHS: Final = _numbered(
    "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug"
    " september/sept/sep october/oct november/nov december/dec"
)
WEEKDAYS: Final = _numbered(
    "monday/mon tuesday/tue/tues wednesday/wed thursday/thu/thurs friday/fri saturday/sat sunday/sun", first=0
)
SEASONS: Final = _numbered(
    "winter spring summer autumn/fall", first=0
)  # the month they end in: 0, 3, 6, 9 on
NUMBERS: Final = {"a": 1, "an": 1} | _numbered(
    "one two three four five six seven eight nine ten eleven twelve"
)
ORDINALS: Final = _numbered("first/1st second/2nd third/3rd fourth/4th")
UNITS: Final = {
    form: unit
    for unit in ("day", "week", "weekend", "month", "quarter", "year", "decade")
    for form in (unit, unit + "s")
}
SHIFTS: Final = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1}
DAYS: Final = {
    "today": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "tonight": 0,
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "the day before yesterday": -2,
    "day before yesterday": -2,
}
PARTS: Final = {  # thirds of a span, as (first, last)
    "early": (0, 1),
    "start of": (0, 1),
    "beginning of": (0, 1),
    "mid": (1, 2),
    "middle of": (1, 2),
    "late": (2, 3),
    "end of": (2, 3),
}
HALVES: Final = {"h1": 0, "h2": 6, "first half of": 0, "second half of": 6}


def span(phrase: str, now: datetime) -> tuple[float | None, float | None] | None:
    """Return (since, until) in seconds since the epoch, or None if the phrase is no time."""
    found = resolve(phrase, now)
    return found.seconds() if found else None


@lru_cache(maxsize=1024)  # several rules ask for the same rest: without it a long phrase takes hours
def resolve(phrase: str, now: datetime) -> Span | None:
    """Return what a phrase means, or None if it is no time or an impossible date."""
    words = re.sub(r"(?<=[a-z]),|,(?= )", " ", phrase.casefold().replace("–", "-").strip(" .,;:?!"))
    words = " ".join(words.split())
    for pattern, meaning in _RULES:
        match = pattern.fullmatch(words)
        if match is not None:
            try:
                found = meaning({k: v for k, v in match.groupdict().items() if v is not None}, now)
            except (ValueError, OverflowError):  # 30 February, the year 0
                found = None
            if found is not None:
                return found
    return None


Groups = Mapping[str, str]
Rule = Callable[[Groups, datetime], Span | None]


# -- what the rules mean


def _one_day(g: Groups, now: datetime) -> Span:
    day = int(re.sub(r"\D", "", g["day"]))
    month = MONTHS.get(g["month"]) or int(g["month"])
    return begun(now, lambda year: day_span(date(year, month, day)), g.get("year"))


def _slashed(g: Groups, now: datetime) -> Span:
    """Read 03/25/2024 with the month first where it can be one, otherwise with the day first."""
    first, second, year = int(g["a"]), int(g["b"]), year_of(g["year"])
    return day_span(date(year, first, second) if first <= 12 else date(year, second, first))


def _month(g: Groups, now: datetime) -> Span:
    month = MONTHS.get(g["month"]) or int(g["month"])
    return begun(now, lambda year: month_span(year, month), g.get("year"))


def _quarter(g: Groups, now: datetime) -> Span:
    number = ORDINALS.get(g["quarter"]) or int(g["quarter"])
    return begun(now, lambda year: month_span(year, 3 * number - 2, 3), _given_year(g, now))


def _half(g: Groups, now: datetime) -> Span:
    return begun(now, lambda year: month_span(year, HALVES[g["half"]] + 1, 6), _given_year(g, now))


def _given_year(g: Groups, now: datetime) -> str | None:
    if "shift" in g:
        return f"{now.year + SHIFTS[g['shift']]:04}"
    return g.get("year")


def _season(g: Groups, now: datetime) -> Span:
    first = 3 * SEASONS[g["season"]]  # winter 2024 begins in December 2023
    return begun(now, lambda year: month_span(year, first, 3), _given_year(g, now))


def _week(g: Groups, now: datetime) -> Span:
    year = _given_year(g, now)
    return begun(now, lambda y: day_span(date.fromisocalendar(y, int(g["week"]), 1), 7), year)


def _decade(g: Groups, now: datetime) -> Span:
    return month_span(year_of(g["year"]), 1, 120)


def _shifted(g: Groups, now: datetime) -> Span:
    """Return "last week", "this year", "next Friday", "last March", "last summer"."""
    shift, what = SHIFTS[g["shift"]], g["what"]
    if what in UNITS:
        return unit_at(UNITS[what], shift, now)
    if what in WEEKDAYS:
        week = unit_at("week", shift, now).since
        assert week is not None
        return day_span(week.date() + timedelta(days=WEEKDAYS[what]))
    if what in MONTHS:
        return ended(shift, now, lambda year: month_span(year, MONTHS[what]))
    return ended(shift, now, lambda year: month_span(year, 3 * SEASONS[what], 3))


def _several(g: Groups, now: datetime) -> Span | None:
    """Return "the last 3 months": up to this moment, or from tomorrow on."""
    shift, unit = SHIFTS[g["shift"]], UNITS[g["unit"]]
    count = NUMBERS.get(g["count"]) or int(g["count"])
    if shift < 0:
        return Span(moved(now, unit, -count), plain(now))
    tomorrow = moved(now, "day", 1)
    return Span(tomorrow, moved(tomorrow, unit, count)) if shift > 0 else None


def _ago(g: Groups, now: datetime) -> Span:
    """Return "3 days ago" as the day, "two months ago" as the month."""
    unit, count = UNITS[g["unit"]], NUMBERS.get(g["count"]) or int(g["count"])
    if unit in ("month", "quarter", "year", "decade"):
        return unit_at(unit, -count, now)
    start = moved(now, unit, -count)
    return day_span(start.date()) if unit == "day" else unit_at("week", 0, start)


def _weekday(g: Groups, now: datetime) -> Span:
    back = (now.weekday() - WEEKDAYS[g["weekday"]]) % 7
    return day_span(now.date() - timedelta(days=back))


def _part(g: Groups, now: datetime) -> Span | None:
    whole = resolve(g["rest"], now)
    if whole is None or whole.since is None or whole.until is None:
        return None
    third = (whole.until - whole.since) / 3
    first, last = PARTS[g["part"]]
    days = [datetime.combine((whole.since + n * third).date(), time()) for n in (first, last)]
    return Span(days[0], whole.until if last == 3 else days[1], whole.relative)


def _since(g: Groups, now: datetime) -> Span | None:
    found = resolve(g["rest"], now)
    return Span(found.since, None, found.relative) if found and found.since else None


def _after(g: Groups, now: datetime) -> Span | None:
    found = resolve(g["rest"], now)
    return Span(found.until, None, found.relative) if found and found.until else None


def _before(g: Groups, now: datetime) -> Span | None:
    found = resolve(g["rest"], now)
    return Span(None, found.since, found.relative) if found and found.since else None


def _until(g: Groups, now: datetime) -> Span | None:
    found = resolve(g["rest"], now)
    return Span(None, found.until, found.relative) if found and found.until else None


def _between(g: Groups, now: datetime) -> Span | None:
    """Return "May to July 2023" from the first day to the last; the second follows the first."""
    year = re.search(r"\b\d{4}$", g["last"])
    words = f"{g['first']} {year[0]}" if year and not re.search(r"\d{3}", g["first"]) else g["first"]
    first = resolve(words, now) or resolve(g["first"], now)
    if first is None or first.since is None:
        return None
    last = resolve(g["last"], now)
    if last is not None and last.until is not None and last.until <= first.since and not last.relative:
        last = resolve(g["last"], first.since + timedelta(days=364))
    if last is None or last.until is None or last.until <= first.since:
        return None
    return Span(first.since, last.until, first.relative or last.relative)


def _whole(g: Groups, now: datetime) -> Span:
    return month_span(year_of(g["year"]), 1, 12)


def _near(g: Groups, now: datetime) -> Span:
    return unit_at("day", DAYS[g["day"]], now)


# -- the rules, tried in order


def _any(words: Mapping[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_YEAR = r"(?P<year>(?:1[5-9]|20|21)\d\d)"
_OF_YEAR = rf"(?:(?: of| in)? (?:(?P<shift>last|this|next) year)|(?: of| in)?[ /-]?{_YEAR})"
_MONTH = rf"(?P<month>{_any(MONTHS)})\.?"
_DAY = r"(?P<day>\d{1,2}(?:st|nd|rd|th)?)"
_COUNT = rf"(?P<count>\d{{1,3}}|{_any(NUMBERS)})"
_UNIT = rf"(?P<unit>{_any(UNITS)})"
_SHIFT = rf"(?P<shift>{_any(SHIFTS)})"


def _relative(meaning: Rule) -> Rule:
    def marked(g: Groups, now: datetime) -> Span | None:
        found = meaning(g, now)
        return Span(found.since, found.until, True) if found else None

    return marked


_RULES: Final[list[tuple[re.Pattern[str], Rule]]] = [
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"between (?P<first>.+?)(?: and | to |-)(?P<last>.+)", _between),
        (r"(?:from )?(?P<first>.+?)(?: to | till | until | through |(?<=\w) - | ?~ ?)(?P<last>.+)", _between),
        (r"(?:from )?(?P<first>\d{4})-(?P<last>\d{4})", _between),
        (r"(?:since|from|starting|beginning)(?: on| in)? (?P<rest>.+?)(?: on| onwards?)", _since),
        (r"(?:since|starting|beginning|not before)(?: on| in)? (?P<rest>.+)", _since),
        (r"(?:after|later than|newer than) (?P<rest>.+)", _after),
        (r"(?:before|earlier than|older than|prior to) (?P<rest>.+)", _before),
        (r"(?:until|till|up to|by) (?P<rest>.+)", _until),
        (r"(?:the )?(?P<rest>.+) or (?:later|newer)", _since),
        (r"(?:in |on |during |from |of |at )(?P<rest>.+)", lambda g, now: resolve(g["rest"], now)),
        (rf"(?:the )?(?P<part>{_any(PARTS)})[ -](?P<rest>.+)", _part),
        (rf"(?P<day>{_any(DAYS)})", _relative(_near)),
        (r"(?:the )?year (?P<year>\d{4})", _whole),
        (_YEAR, _whole),
        (r"(?:the )?(?P<year>'?\d0|(?:1[5-9]|20)\d0) ?'?s", _decade),
        (r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})", _one_day),
        (r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", _one_day),
        (r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2})[-/](?P<year>\d{4}|\d\d)", _slashed),
        (rf"(?:the )?{_DAY}(?: of|-|/)? ?{_MONTH}(?:,|-|/| of| in)?(?: ?{_YEAR})?", _one_day),
        (rf"{_YEAR}[-/ ]{_MONTH}[-/ ]{_DAY}", _one_day),
        (rf"{_MONTH}[-/ ](?:the )?{_DAY}(?:,|-|/| of| in)?(?: ?{_YEAR})?", _one_day),
        (r"(?P<year>\d{4})[-/](?P<month>0[1-9]|1[0-2])", _month),
        (r"(?P<month>0?[1-9]|1[0-2])/(?P<year>\d{4})", _month),
        (rf"(?:the month of )?{_MONTH}(?:(?: of| in|,|-|/)? ?{_YEAR})?", _month),
        (rf"{_YEAR}[-/ ]{_MONTH}", _month),
        (rf"q(?P<quarter>[1-4])(?:{_OF_YEAR})?", _quarter),
        (rf"{_YEAR}[- /]?q(?P<quarter>[1-4])", _quarter),
        (rf"(?:the )?(?P<quarter>{_any(ORDINALS)}) quarter(?:{_OF_YEAR})?", _quarter),
        (rf"(?:the )?(?P<half>{_any(HALVES)})(?:{_OF_YEAR})?", _half),
        (rf"{_YEAR}[- /]?(?P<half>h1|h2)", _half),
        (rf"(?:the )?(?P<season>{_any(SEASONS)})(?:{_OF_YEAR})?", _season),
        (rf"{_YEAR} (?P<season>{_any(SEASONS)})", _season),
        (rf"(?:the )?week (?P<week>\d{{1,2}})(?:{_OF_YEAR})?", _week),
        (rf"(?:within |in )?(?:the )?{_SHIFT} {_COUNT} {_UNIT}", _relative(_several)),
        (
            rf"(?:the )?{_SHIFT} (?P<what>{_any(UNITS)}|{_any(WEEKDAYS)}|{_any(MONTHS)}|{_any(SEASONS)})",
            _relative(_shifted),
        ),
        (rf"{_COUNT} {_UNIT} ago", _relative(_ago)),
        (rf"(?P<weekday>{_any(WEEKDAYS)})", _relative(_weekday)),
    )
]
