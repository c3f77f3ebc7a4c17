"""Turn a query into FTS5 expressions over analysed words; pure.

Terms come from `store.analysis` only, which yields letters, digits and `_`; they are quoted
all the same, so that no input can be FTS5 syntax.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from semfs.store.analysis import analyse, is_unspaced, query_terms, whole_name

# The question's own words, which say nothing about what is looked for.
_STOP_WORDS: Final = frozenset(
    query_terms(
        "a an and any are as at be been but by can could did do does for from get had has have he her his how"
        " i if in into is it its may me must my no not of on or our she should so some than that the their"
        " them then there these they this those to was we were what when where which who whom whose why will"
        " with would you your"
    )
)
_MOST_TERMS = 24  # longer queries keep their rarest terms; each costs one posting list
_COMMON = 0.5  # a term in more than this share of the passages is dropped if rarer ones are left
_IDENTIFIER: Final = re.compile(
    r"\b[^\W\d_]{2,}[ -]\d[\w.-]*"  # PEP 484, INV-2023-001
    r"|\b\w*[^\W_]_[^\W_]\w*"  # foo_bar
    r"|\b\w*[a-z][A-Z]\w*"  # fooBar
    r"|\b(?=\w*[^\W\d])\w*\d\w*"  # a1b2, iso8601
    r"|\b[\w-]+\.[a-z][a-z0-9]{0,4}\b"  # report.pdf
)


@dataclass(frozen=True, slots=True)
class Term:
    """An index term of the query with its inverse document frequency."""

    word: str
    idf: float


@dataclass(frozen=True, slots=True)
class Words:
    """What the full text is asked for; an empty expression matches nothing and is not sent."""

    terms: tuple[Term, ...]
    phrases: tuple[str, ...]  # FTS5 expressions of what was quoted
    identifiers: tuple[str, ...]  # FTS5 expressions of what looks like a name or number of something
    name: str  # FTS5 expression of the whole query as a file name

    @property
    def any_of(self) -> str:
        return " OR ".join(_quoted(term.word) for term in self.terms)

    @property
    def rarer_half(self) -> str:
        """Match any of the terms that carry the meaning: those that are rarer than the others."""
        rarest = sorted(self.terms, key=lambda term: -term.idf)
        return " OR ".join(_quoted(term.word) for term in rarest[: (len(rarest) + 1) // 2])

    @property
    def weight(self) -> float:
        """Return the sum of idf: the BM25 score of a passage of mean length with each term once."""
        return sum(term.idf for term in self.terms)


def understand(text: str, phrases: Sequence[str], *, frequency: Callable[[str], int], passages: int) -> Words:
    """Return what to look up; `frequency` gives the number of passages that hold a term."""
    given = query_terms(text)
    asked = [word for word in given if word not in _STOP_WORDS] or given
    terms = [Term(word, _idf(frequency(word), passages)) for word in asked[: 4 * _MOST_TERMS]]
    telling = [term for term in terms if term.idf > _idf(int(_COMMON * passages), passages)]
    kept = set(sorted(telling or terms, key=lambda term: -term.idf)[:_MOST_TERMS])
    whole = whole_name(text)
    return Words(
        terms=tuple(term for term in terms if term in kept),
        phrases=tuple(filter(None, map(phrase, phrases))),
        identifiers=tuple(dict.fromkeys(filter(None, map(phrase, _IDENTIFIER.findall(text))))),
        name=_quoted(whole) if whole else "",
    )


def phrase(text: str) -> str:
    """Return an expression for these words one after the other, '' if there are none."""
    return _quoted(analyse(text))


def holds(text: str, quoted: str) -> bool:
    """Say whether a text has a quoted phrase as it stands, but for case and white space."""
    return _plain(quoted) in _plain(text)


def telling(text: str) -> list[str]:
    """Return the index terms of a text that are not a question's own words, each once."""
    return [word for word in query_terms(text) if word not in _STOP_WORDS]


def covers(name: str, text: str) -> float:
    """Return the share of a query's telling words that stand in a name, 0 to 1."""
    asked = telling(text)
    if not asked:
        return 0.0
    there = set(analyse(name.replace("_", " ")).split())
    share = sum(word in there for word in asked) / len(asked)
    return share if not is_unspaced(text) or share == 1.0 else share / 2


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _quoted(words: str) -> str:
    return f'"{words}"' if words else ""


def _idf(frequency: int, passages: int) -> float:
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5)) if frequency <= passages else 0.0
