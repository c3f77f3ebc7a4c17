"""Make numbers, dates and file names out of what a document or a model wrote.  Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

NUMBER = re.compile(r"\d+(?:[.,'’]\d+|[ \u00a0\u202f]\d{3}(?!\d))*")
MINUS = re.compile(r"(?<![\w.,)])[-−]\s?[^\w\s]{0,3}\s?$")  # not "2023-09" nor "10-20"
OPENED, CLOSED = re.compile(r"\([^\w\s]?\s?$"), re.compile(r"\s?[^\w\s]?\)")  # "(12.00)" of bookkeepers
SUFFIX = re.compile(r"\s?([^\W\d_]+)")
FACTORS = {"k": 1e3, "thousand": 1e3, "tsd": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9,
           "billion": 1e9, "mrd": 1e9, "万": 1e4, "亿": 1e8}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero gennaio",
            "february feb februar février fevrier febrero febbraio",
            "march mar märz maerz mrz mars marzo",
            "april apr avril abril aprile",
            "may mai mayo maggio",
            "june jun juni juin junio giugno",
            "july jul juli juillet julio luglio",
            "august aug août aout agosto",
            "september sep sept septembre septiembre settembre",
            "october oct oktober okt octobre octubre ottobre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre decembre diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}


def number(text: str) -> float | None:
    """Return the first number of a text: "1.234,50 €" is 1234.5, "(12)" is -12; None if there is none."""
    found = numbers(text)
    return float(found[0]) if found else None


def numbers(text: str) -> list[str]:
    """Return every number of a text in the form of JSON, each once: "1.234,50 €" gives "1234.50".

    A single separator followed by exactly three digits separates thousands, unless
    the number starts with 0.
    """
    return list(dict.fromkeys(plain for _, _, plain in number_places(text)))


def number_places(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each number of a text begins and ends, and the number in the form of JSON."""
    text = folded(text)
    for found in NUMBER.finditer(text):
        yield found.start(), found.end(), _plain(found, text)


def folded(text: str) -> str:
    """Return the text with figures and signs in their plain forms, each where it was."""
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) == len(text):
        return plain
    forms = ((letter, unicodedata.normalize("NFKC", letter)) for letter in text)
    return "".join(form if len(form) == 1 else letter for letter, form in forms)


def _plain(found: re.Match[str], text: str) -> str:
    digits = _point(re.sub(r"[ \u00a0\u202f'’]", "", found[0]))
    whole, point, decimals = digits.partition(".")
    plain = (whole.lstrip("0") or "0") + point + decimals
    suffix = SUFFIX.match(text, found.end())
    if suffix and suffix[1].casefold() in FACTORS:
        plain = f"{float(plain) * FACTORS[suffix[1].casefold()]:.15g}"
    before = text[max(0, found.start() - 6) : found.start()]
    after = text[found.end() : found.end() + 6]
    bracketed = OPENED.search(before) and CLOSED.match(after)
    return f"-{plain}" if bracketed or MINUS.search(before) else plain


def _point(digits: str) -> str:
    """Return the digits with a point where the decimals begin."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark = digits[last]
    both = "." in digits and "," in digits
    several = digits.count(mark) > 1
    thousands = len(digits) - last - 1 == 3 and not digits.startswith("0")
    if (several or thousands) and not (both and not several):
        return re.sub(r"[.,]", "", digits)
    return re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]


def day(text: str) -> str | None:
    """Return the first date of a text as YYYY-MM-DD; None if there is none.

    With figures only, the day comes first, as in most countries, unless that is no date.
    """
    found = days(text)
    return next(iter(found.values()), None)


def days(text: str) -> dict[str, str]:
    """Return every date of a text, as it is written and as YYYY-MM-DD, in order of their places."""
    plain = folded(text)
    return {plain[start:end]: date for start, end, date in day_places(text)}


def day_places(text: str) -> list[tuple[int, int, str]]:
    """Return where each date of a text begins and ends, and the date, in order."""
    text = folded(text)
    places: dict[int, tuple[int, str]] = {}
    for pattern, order in _DATES:
        for found in pattern.finditer(text):
            parts = dict(zip(order, found.groups(), strict=True))
            result = _date(parts["y"], parts["m"], parts["d"])
            if result is None and order == "dmy":
                result = _date(parts["y"], parts["d"], parts["m"])
            if result is not None:
                places.setdefault(found.start(), (found.end(), result))
    return [(start, end, date) for start, (end, date) in sorted(places.items())]


_DATES = (
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), "ymd"),
    (re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"), "ymd"),
    (re.compile(r"(?<!\d)(\d{1,2})[-/.]\s?(\d{1,2})[-/.]\s?(\d{4}|\d{2})(?!\d)"), "dmy"),
    (
        re.compile(
            r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er)?[.\s-]+(?:of\s+|de\s+)?([^\W\d_]{3,})[.,\s-]+(\d{4})(?!\d)"
        ),
        "dmy",
    ),
    (re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?[,\s]+(\d{4})(?!\d)"), "mdy"),
)  # fmt: skip


def _date(year: str, month: str, day: str) -> str | None:
    y = int(year)
    m = int(month) if month.isdigit() else MONTHS.get(month.casefold(), 0)
    if len(year) == 2:
        y += 2000 if y < 70 else 1900
    try:
        return date(y, m, int(day)).isoformat()
    except ValueError:
        return None


def file_name(name: str) -> str:
    """Return a name that is safe to create: one component, no leading dot, at most 200 bytes."""
    name = unicodedata.normalize("NFC", name)
    name = "".join("_" if c in "/\\" or unicodedata.category(c)[0] == "C" else c for c in name)
    name = name.strip().lstrip(".") or "result"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > 16:
        stem, dot, suffix = name, "", ""
    room = 200 - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + suffix
