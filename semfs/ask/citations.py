"""Give each statement of an answer its source, while the answer is being written; pure.

A `Citer` takes the model's pieces of text and gives back finished statements.  Numbers that
are no passage's are removed; a statement without a number gets that of the passage that holds
its words; one that no passage bears out is left out.  Sources are numbered in the order in
which they are first cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from semfs.search.lexical import telling

_CITED = re.compile(r"\s*[\[(](?:passages?\s+)?(\d{1,3}(?:\s*(?:,|and|;)\s*\d{1,3})*)[\])]", re.IGNORECASE)
# A statement ends with its mark, with the numbers behind it, before white space; or with its line.
_END = re.compile(
    r"(?:[.!?](?:[\"'”’)*]*)|[。！？])(?:\s*\[[^\]\n]{1,24}\])*[.]?(?=\s+[^\s\[])|\n+(?=[^\s\[])"
)
_TEXTS = r"(?:files?|passages?|documents?|texts?|context|information)"
_REFUSES = re.compile(
    rf"^\W*(?:(?:the|these|your|none of the|no) )?(?:provided |given )?{_TEXTS}\b[^.]{{0,40}}?"
    r"\b(?:do|does|did) ?n[o']t\b"
    r"|\b(?:not|nothing|never|nowhere)\b (?:\w+ ){0,3}?(?:mentioned|given|provided|stated|specified|found"
    r"|said|available|described|included|listed|discussed|known)\b[^.]{0,20}?\b(?:in|by|from) "
    rf"(?:any of )?(?:the |these |your )?(?:provided |given |above )?{_TEXTS}\b"
    rf"|^\W*(?:none of|no) [^.]{{0,20}}{_TEXTS} (?:say|mention|contain|provide)"
    r"|^\W*(?:there is no|i (?:do not|don't|cannot|can't)) ",
    re.IGNORECASE,
)
_CLEAR: Final = 0.5  # share of a statement's own words that its source must have
_SOME: Final = 0.2  # the same where the model has named the source itself
_BARE: Final = frozenset(
    telling("yes no true false correct never always")
)  # answers without words of their own
_SHORTEST: Final = 12  # letters; what is shorter is an abbreviation or a list's number


class Citer:
    """Turn pieces of text into statements with numbers; one for each answer."""

    def __init__(self, question: str, passages: Sequence[str]) -> None:
        self._asked = frozenset(telling(question))
        self._passages = [frozenset(telling(text)) for text in passages]
        # A question in another language than its passages shares no word with them, and so does
        # its answer: the model's own numbers are all there is to go by.
        self._foreign = not any(self._asked & passage for passage in self._passages)
        self._held = ""
        self._numbers: dict[int, int] = {}  # passage -> number of the source
        self.refused = False

    @property
    def cited(self) -> list[int]:
        """Return the passages (from 0) that were cited, in the order of their numbers."""
        return list(self._numbers)

    def feed(self, piece: str) -> Iterable[str]:
        """Take what the model wrote and yield the statements that it completes."""
        self._held += piece
        start = 0
        for match in _END.finditer(self._held):
            if match.end() - start >= _SHORTEST:
                yield from self._statement(self._held[start : match.end()])
                start = match.end()
        self._held = self._held[start:]

    def finish(self) -> Iterable[str]:
        """Yield what is left when the model has ended."""
        yield from self._statement(self._held)
        self._held = ""

    def _statement(self, text: str) -> Iterable[str]:
        bare = _CITED.sub("", text)
        if not bare.strip(" \t\r\n.-*#"):
            return
        if _REFUSES.search(bare.strip()):
            self.refused = True
            return
        sources = self._sources(bare, _named(text))
        if not sources:
            return
        if not self._numbers:
            bare = bare.lstrip()
        numbers = "".join(f"[{self._number(source)}]" for source in sources)
        body = bare.rstrip()
        yield f"{body} {numbers}{bare[len(body) :]}"

    def _number(self, passage: int) -> int:
        return self._numbers.setdefault(passage, len(self._numbers) + 1)

    def _sources(self, statement: str, named: Sequence[int]) -> list[int]:
        """Return the passages that bear a statement out, those that the model named first."""
        words = frozenset(telling(statement))
        own = words - self._asked or words
        shares = [len(own & passage) / len(own) if own else 0.0 for passage in self._passages]
        if _invents_number(words - self._asked, self._passages):
            return []
        valid = [number - 1 for number in named if 1 <= number <= len(self._passages)]
        trusted = self._foreign or not words - self._asked - _BARE
        believed = [passage for passage in valid if trusted or shares[passage] >= _SOME]
        if believed:
            return believed
        best = max(range(len(shares)), key=lambda place: (shares[place], -place), default=0)
        return [best] if shares and shares[best] >= _CLEAR else []


def _named(text: str) -> list[int]:
    """Return the numbers in brackets, each once."""
    found = (int(number) for match in _CITED.finditer(text) for number in re.findall(r"\d+", match[1]))
    return list(dict.fromkeys(found))


def _invents_number(words: frozenset[str], passages: Sequence[frozenset[str]]) -> bool:
    numbers = {word for word in words if word.isdecimal() and len(word) > 1}
    return any(not any(number in passage for passage in passages) for number in numbers)
