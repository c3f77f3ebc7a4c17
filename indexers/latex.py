"""LaTeX: sections by their commands, the text without comments and markup, line for line."""

from __future__ import annotations

import re
import unicodedata

from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.outline import Headings, line_sections
from semfs.indexers.source import load
from semfs.model import Document, Kind

LEVELS = {
    "part": 1, "chapter": 2, "section": 3, "subsection": 4, "subsubsection": 5, "paragraph": 6,
    "frametitle": 6,
}  # fmt: skip
TITLE = re.compile(rf"\s*\\({'|'.join(LEVELS)})\*?\s{{0,9}}(?:\[[^\]]{{0,300}}\])?\s{{0,9}}\{{")
FIELD = re.compile(r"\\(title|author|date)\s{0,9}(?:\[[^\]]{0,300}\])?\s{0,9}\{")
BODY = re.compile(r"\\begin\s{0,9}\{document\}")
COMMENT = re.compile(r"(?<!\\)%.*")
# A mark that is a letter ends at a brace or a blank: others are the beginning of a command, such as \\cite.
ACCENT = re.compile(r"""\\(?:([`'^"~=.])\s*|([uvHcr])(?:\s+|(?=\{)))(?:\{\\?(\w)\}|\\?(\w))""")
MARKS = "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u030a"
COMBINING = dict(zip("`'^\"~=.uvHcr", MARKS, strict=True))
LETTERS = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L)\b\s?(?:\{\})?")
LETTER = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł",
}  # fmt: skip
MACHINERY = re.compile(  # commands whose argument is no text
    r"\\(?:begin|end|label|ref|eqref|pageref|cref|includegraphics|usepackage|documentclass|bibliographystyle|"
    r"vspace|hspace|setlength|input|include|bibliography|newcommand|renewcommand|pagestyle)\*?"
    r"(?:\[[^\]]{0,300}\])?\{[^{}]{0,300}\}"
)
COMMAND = re.compile(r"\\(?:[a-zA-Z]+\*?|[\\,;:!@/ ])(?:\[[^\[\]]{0,300}\])?")
ESCAPED = re.compile(r"\\([%&$#_{}])")
BRACES = re.compile(r"(?<!\0)[{}]")
VERBATIM = re.compile(r"\\(begin|end)\{(verbatim|lstlisting|minted)\*?\}")
LANGUAGE = re.compile(
    r"\\usepackage\[([^\]]{0,300})\]\{babel\}|\\setmainlanguage(?:\[[^\]]{0,300}\])?\{(\w+)\}"
)
LANGUAGES = {
    "english": "en", "american": "en", "british": "en", "german": "de", "ngerman": "de", "french": "fr",
    "francais": "fr", "spanish": "es", "italian": "it", "portuguese": "pt", "brazil": "pt", "dutch": "nl",
    "polish": "pl", "russian": "ru", "czech": "cs", "swedish": "sv", "danish": "da", "finnish": "fi",
}  # fmt: skip
LONGEST_LINE = 5_000  # characters; longer ones were written by a program and are kept as they are
FIELD_WITHIN = 500  # characters in which a title or an author ends


class Latex:
    """Read LaTeX."""

    name = "latex"
    kind = Kind.TEXT

    def read(self, path: str) -> Document:
        text = decode(load(path))
        lines = text.split("\n")
        body = next((index + 1 for index, line in enumerate(lines) if BODY.search(line[:LONGEST_LINE])), 0)
        fields = dict(_fields(lines))
        headings = Headings()
        shown, listed = _shown(lines, body)
        starts = []
        for index in range(body, len(lines)):
            found = TITLE.match(lines[index][:LONGEST_LINE])
            if found is not None and index not in listed:
                title = plain(_argument(lines, index, found.end()))
                starts.append((index, headings.enter(LEVELS[found[1]], title)))
        return Document(
            line_sections(shown, starts),
            title=fields.get("title") or next((heading for _, heading in starts if heading), ""),
            author=fields.get("author", ""),
            created=parse_date(fields.get("date", "")),
            language=_language(lines[:body]),
        )


def plain(line: str) -> str:
    """Return what a reader sees of a line, mathematics as it is written."""
    if "\\" not in line and "{" not in line and "%" not in line and "~" not in line:
        return line
    line = COMMENT.sub("", line)
    line = ACCENT.sub(_accented, line)
    line = LETTERS.sub(lambda found: LETTER[found[1]], line)
    line = MACHINERY.sub("", line)
    line = ESCAPED.sub(lambda found: "\0" + found[1], line)  # tidied away at last, so that no brace is lost
    line = line.replace("\\-", "")
    line = COMMAND.sub(" ", line).replace("~", " ")
    line = BRACES.sub("", line).replace("\0", "")
    return " ".join(line.split()) if line.strip() else ""


def _shown(lines: list[str], body: int) -> tuple[list[str], set[int]]:
    """Return as many lines, those of the preamble empty, and the indexes of those in listings."""
    shown = [""] * body
    listed: set[int] = set()
    verbatim = False
    for index, line in enumerate(lines[body:], start=body):
        if mark := VERBATIM.search(line[:LONGEST_LINE]):
            verbatim = mark[1] == "begin"
            shown.append("")
        elif verbatim:
            listed.add(index)
            shown.append(line)
        else:
            shown.append(line if len(line) > LONGEST_LINE else plain(line))
    return shown, listed


def _fields(lines: list[str]) -> list[tuple[str, str]]:
    """Return title, author and date wherever they are set."""
    return [
        (found[1], plain(_argument(lines, index, found.end()).replace("\\and", ",")))
        for index, line in enumerate(lines)
        if "\\" in line and (found := FIELD.search(line[:LONGEST_LINE]))
    ][::-1]  # so that the first one counts


def _argument(lines: list[str], index: int, start: int) -> str:
    """Return what stands between an open brace and the one that closes it."""
    text = " ".join([lines[index][start : start + FIELD_WITHIN], *lines[index + 1 : index + 6]])[
        :FIELD_WITHIN
    ]
    depth = 1
    for end, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return text[:end]
    return text


def _accented(found: re.Match[str]) -> str:
    mark, letter = found[1] or found[2], found[3] or found[4]
    return unicodedata.normalize("NFC", letter + COMBINING[mark])


def _language(preamble: list[str]) -> str:
    for line in preamble:
        if found := LANGUAGE.search(line[:LONGEST_LINE]):
            options = re.split(r"[,\s=]+", found[1] or found[2])
            known = [LANGUAGES[option] for option in options if option in LANGUAGES]
            return known[-1] if known else ""  # babel's main language is the last one
    return ""
