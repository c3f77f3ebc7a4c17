"""Bytes to text: byte order marks, UTF-8, what the file declares, then a guess."""

from __future__ import annotations

import codecs
import re
import unicodedata

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 65_536  # bytes that the guess looks at: enough to be sure, and 0.1 s at most
DECLARED = re.compile(rb"""(?:charset|encoding|coding)\s*[:=]\s*["']?\s*([-\w.]+)""", re.IGNORECASE)
DECLARED_WITHIN = 2048  # bytes from the beginning, as in HTML's rule
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
WIDE_SAMPLE = 1024  # bytes; in so many that are no text, at least one sign is not assigned
BLANKS = frozenset(" \n\u3000\u3001\u3002")  # any text has one, and none if read the wrong way round
SPACING = "\t\n\r\f"
NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})  # controls, signs that are not assigned, or not on their own
JAPANESE = re.compile(rb"\x1b\$[@B]")  # ISO-2022-JP, in seven bits, begins its signs with it
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
FOREIGN = re.compile(rb"[\x80-\xff]")


def decode(data: bytes, declared: str = "") -> str:
    """Return the text with newlines as `\\n`, whatever encoding it is in; never fails."""
    return tidy(_decode(data, declared))


def tidy(text: str) -> str:
    """Drop control characters and lone surrogates, and make every line end in `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = CONTROLS.sub("", text)
    return text.encode("utf-8", "replace").decode("utf-8")


def unmarked(data: bytes) -> str:
    """Return which of UTF-16 and UTF-32 bytes without a mark are in, "" if they are no text in these."""
    head = data[:WIDE_SAMPLE]
    return next((encoding for encoding in WIDE if _is_text_in(encoding, head)), "") if b"\0" in head else ""


def _is_text_in(encoding: str, head: bytes) -> bool:
    width = 4 if "32" in encoding else 2
    text = head[: len(head) // width * width].decode(encoding, "ignore")
    if len(head) - len(text.encode(encoding)) > width or BLANKS.isdisjoint(text):
        return False
    return not any(unicodedata.category(sign) in NO_TEXT and sign not in SPACING for sign in text)


def _decode(data: bytes, declared: str) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := unmarked(data):
        return data.decode(wide, "replace")
    if JAPANESE.search(data[:SAMPLE]):
        return data.decode("iso2022_jp_ext", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    named = next((name for name in (declared, _declared(data)) if name and _known(name)), "")
    try:
        return data.decode(named or _guess(data) or "cp1252", "replace")
    except UnicodeError:  # idna and punycode do not replace
        return data.decode("cp1252", "replace")


def _declared(data: bytes) -> str:
    found = DECLARED.search(data[:DECLARED_WITHIN])
    encoding = found[1].decode("ascii", "replace") if found else ""
    # What is left here is not UTF-8, whatever it says of itself.
    return "" if encoding.lower().replace("-", "") == "utf8" else encoding


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _guess(data: bytes) -> str:
    import chardet

    # Words of ASCII say nothing: begin at the first byte that is none.
    found = FOREIGN.search(data)
    first = found.start() if found else 0
    sample = data[max(0, first - SAMPLE // 2) : first + SAMPLE // 2]
    best = chardet.detect(sample)["encoding"]
    return best if best and _known(best) and _has_blanks_of(best, sample) else ""


def _has_blanks_of(encoding: str, sample: bytes) -> bool:
    """Say whether words may be parted as they are in this encoding: EBCDIC is guessed for damaged ASCII."""
    blank = " ".encode(encoding)
    return blank == b" " or sample.count(blank) > sample.count(b" ")
