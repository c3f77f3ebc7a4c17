"""A query while it is being understood: its words, and which of them mean something already.

The text never changes.  A second string of the same length has `CUT` in place of what was
understood and `MARK` in place of what is quoted, so that rules see where they may look and
every place in it is a place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from semfs.model import Filters, Understood

MARK: Final = "\ue000"
CUT: Final = "\ue001"

IsName = Callable[[str], bool]

_QUOTED: Final = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»|「[^」]*」')

# How sure it is that words are meant as a filter: where nothing passes, the most doubtful goes first.
TAGGED, SIZE, TIME, KIND, FOLDER, YEAR, LANGUAGE, RECIPIENT, AUTHOR, BARE_FOLDER = range(1, 11)


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def nobody(name: str) -> bool:
    return False


@dataclass(slots=True)
class Reading:
    """What is left of a text, and what was understood so far."""

    text: str
    now: datetime
    is_folder: IsName = nobody
    is_author: IsName = nobody
    is_recipient: IsName = nobody
    of_mail: bool = False  # the whole query is one for mail
    left: str = ""
    taken: list[Understood] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = _QUOTED.sub(lambda match: MARK * len(match[0]), self.text)

    def take(
        self,
        span: tuple[int, int],
        meaning: object,
        filters: Filters | None = None,
        *,
        without: str = "",
        doubt: int = 0,
        content: bool = False,
    ) -> None:
        """Blot words out and note what they mean."""
        start, end = span
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        said = self.text[start:end]
        asked = filters or Filters()
        self.taken.append(Understood(said, str(meaning), asked, without, (start, end), doubt, content))
        self.left = blotted(self.left, (start, end))

    def named(self, span: tuple[int, int]) -> str:
        """Return the words of a span without quotation marks."""
        return unquoted(self.text[slice(*span)])


def normalised(text: str) -> str:
    """Return the text as places in it are counted: composed, white space single, no marks of ours."""
    plain = unicodedata.normalize("NFC", text).replace("\0", " ").replace(MARK, " ").replace(CUT, " ")
    return " ".join(plain.split())


def blotted(text: str, span: tuple[int, int]) -> str:
    start, end = span
    return f"{text[:start]}{CUT * (end - start)}{text[end:]}"


def phrases(text: str, left: str) -> tuple[str, ...]:
    """Return what is quoted in the text, as far as it is left."""
    found = (match for match in _QUOTED.finditer(text) if CUT not in left[slice(*match.span())])
    return tuple(phrase for match in found if (phrase := match[0][1:-1].strip()))


def unquoted(text: str) -> str:
    return " ".join(_QUOTED.sub(lambda match: f" {match[0][1:-1]} ", text).split())


def remaining(text: str, understood: Sequence[Understood]) -> tuple[str, tuple[str, ...]]:
    """Return the words that are left when these are taken out, and the phrases among them."""
    left = text
    for item in understood:
        left = blotted(left, item.span)
    pieces = re.split(f"{CUT}+", left)
    last = len(pieces) - 1
    if not last:
        return unquoted(text), phrases(text, left)
    tidied = [_tidy(piece, after=place > 0, before=place < last) for place, piece in enumerate(pieces)]
    return unquoted(" ".join(filter(None, tidied))).rstrip(_STOPS), phrases(text, left)


# The small words that a filter leaves behind beside the place where it stood.
_SMALL = words(
    "about on of from with that which in containing mentioning by and are is was were the all my to for as at"
    " von vom über zu zum zur mit aus und die der das den dem im in am an auf für alle meine meinen als"
    " de du des d' l' sur avec le la les dans et en au aux par mes"
    " del con sobre el los las y e en mis que"
)
# The same in scripts that do not part words.
_STUCK: Final = "的|和|与|关于|有关|在|里|中|下|の|に|を|は|が|で|と|に関する|についての|からの|から"
_STUCK_FIRST: Final = re.compile("^(?:关于|有关|關於|有關)")
_STUCK_AFTER: Final = re.compile(f"^(?:(?:修改|创建|编辑|保存|收到|拍摄|更新)过?的|{_STUCK}|['’]s\\b)+")
_STUCK_BEFORE: Final = re.compile(f"(?:{_STUCK})+$")
_STOPS: Final = " ,;:.?!()、，。；：？！（）"


def _tidy(piece: str, *, after: bool, before: bool) -> str:
    """Drop small words and stops at the edges of a piece at which something was taken out."""
    piece = _STUCK_FIRST.sub("", piece)
    if after:
        piece = _STUCK_AFTER.sub("", piece.lstrip(_STOPS))
    if before:
        piece = _STUCK_BEFORE.sub("", piece.rstrip(_STOPS))
    left = piece.split()
    while after and left and left[0].casefold() in _SMALL:
        left.pop(0)
    while before and left and left[-1].casefold() in _SMALL:
        left.pop()
    return " ".join(left)
