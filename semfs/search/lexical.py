"""Turn a query into FTS5 expressions over analysed words; pure.

A word of the query is looked up in the forms that the languages of the index give it, one of
which is enough.  Terms come from `store.analysis` only, which yields letters, digits and `_`;
they are quoted all the same, so that no input can be FTS5 syntax.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from semfs.search.compounds import COMPOUNDING, parts
from semfs.search.stopwords import language_of, stop_words, written_in
from semfs.store.analysis import (
    analyse,
    is_unspaced,
    phrase_terms,
    query_groups,
    query_terms,
    quoted,
    whole_name,
    words_of,
)

_LONGEST = 10_000  # characters of a query: what is longer is a pasted text, and its beginning says enough
_MOST_TERMS = 24  # longer queries keep the terms of most weight; each costs one posting list
# A word that is asked three times counts three times: .05 nDCG@10 and more on long queries (CISI .30
# to .37, CACM .43 to .49 by words alone), nothing on short ones. Each time costs the posting list anew.
_MOST_COUNTED = 3
_COUNTED = 1000  # words of the query among which repetitions are counted
_MOST_FORMS = 3  # of a word; the most frequent are kept
_SHORTEST_COMPOUND = 9  # letters
_MOST_COMPOUNDS = 4  # of a query; each costs some fifty looks at frequencies
_COMMON = 0.5  # a term in more than this share of the passages is dropped if rarer ones are left
_UNKNOWN: Final = "en"  # how texts are analysed whose language is not known
_IDENTIFIER: Final = re.compile(
    r"\b[^\W\d_]{2,}[ -]\d[\w.-]*"  # PEP 484, INV-2023-001
    r"|\b\w*[^\W_]_[^\W_]\w*"  # foo_bar
    r"|\b\w*[a-z][A-Z]\w*"  # fooBar
    r"|\b(?=\w*[^\W\d])\w*\d\w*"  # a1b2, iso8601
    r"|\b[\w-]+(?:[.@:/]+[\w-]+)+"  # report.pdf, os.path.join, anna@example.org, 3.11.2
    r"|\b\d+(?:-\d+)+\b"  # 2024-05-01
    r"|(?<!\S)--[\w-]+"  # --dry-run
)
_READ = 1000  # characters in which identifiers are looked for: to find none takes the square of it
_THING: Final = re.compile(r"\S+|[^\W\d_]{2,}[ -]\d[\w.-]*")
_AROUND: Final = "\"'“”«»「」()[]<>,;!?。！？ \t\n"


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the query: the index terms that it may be, and the inverse document frequency of all of them.

    A form that ends in `*` stands for all terms that begin so.
    """

    forms: tuple[str, ...]
    idf: float
    count: int = 1  # how often it is asked
    seen: bool = True  # it stands in a passage of the index

    @property
    def expression(self) -> str:
        return " OR ".join(map(quoted, self.forms))


@dataclass(frozen=True, slots=True)
class Words:
    """What the full text is asked for; an empty expression matches nothing and is not sent."""

    terms: tuple[Term, ...]
    phrases: tuple[str, ...]  # FTS5 expressions of what was quoted
    identifiers: tuple[str, ...]  # FTS5 expressions of what looks like a name or number of something
    name: str  # the whole query as the one term of a file's name
    thing: str = ""  # the whole query if it is one thing typed as it stands, '' otherwise
    typed: str = ""  # FTS5 expression of that in a text
    typed_name: str = ""  # and in a file's name or title
    asked: tuple[tuple[str, ...], ...] = ()  # the forms of every telling word, also of those not looked up
    language: str = ""  # of the query, '' where its words do not decide

    @property
    def any_of(self) -> str:
        """Match any of the terms; BM25 counts a term as often as it stands here."""
        repeated = (t.expression for time in range(_MOST_COUNTED) for t in self.terms if t.count > time)
        return " OR ".join(repeated)

    @property
    def all_of(self) -> str:
        return " AND ".join(f"({term.expression})" for term in self.terms)

    @property
    def unseen(self) -> float:
        """Return the share of the weight that words have which stand nowhere, 0 to 1."""
        return sum(term.idf for term in self.terms if not term.seen) / (self.weight or 1.0)

    @property
    def rarer_half(self) -> str:
        """Match any of the terms that carry the meaning: those that are rarer than the others."""
        rarest = sorted(self.terms, key=lambda term: -term.idf)
        return " OR ".join(term.expression for term in rarest[: (len(rarest) + 1) // 2])

    @property
    def called(self) -> str:
        """Match the names that are or begin with the whole query, the former first."""
        return f"{quoted(self.name)} OR {quoted(self.name + '*')}" if self.name else ""

    def is_name(self, name: str) -> bool:
        """Say whether the query is a file's name, with or without its extension."""
        stem = name.rpartition(".")[0] or name
        return self.name in (whole_name(name), whole_name(stem))

    @property
    def weight(self) -> float:
        """Return the sum of idf: the BM25 score of a passage of mean length with each term once."""
        return sum(term.idf for term in self.terms)


def understand(
    text: str,
    phrases: Sequence[str],
    *,
    frequency: Callable[[str], int],
    passages: int,
    languages: Sequence[str] = (),
) -> Words:
    """Return what to look up.

    `frequency` gives the number of passages that hold a term; `languages` are those that the
    index holds, the most frequent first.
    """
    text, phrases = text[:_LONGEST], [words[:_LONGEST] for words in phrases]
    given = words_of(text)
    held = tuple(dict.fromkeys([*languages, _UNKNOWN]))
    language = language_of(given, held) or written_in(text, held)
    # Where the question's own words tell its language, other stemmers only find other words.
    forms = (language, _UNKNOWN) if language else held
    asked = _telling(given, language, forms)
    counts = Counter(group for word in given[:_COUNTED] for group in query_groups([word], forms))
    looked_up = [*asked[: 4 * _MOST_TERMS], *_parts(given, language, held, frequency)]
    terms = [_term(group, counts[group], frequency, passages) for group in dict.fromkeys(looked_up)]
    telling = [term for term in terms if term.idf > _idf(int(_COMMON * passages), passages)]
    kept = set(sorted(telling or terms, key=lambda term: -term.count * term.idf)[:_MOST_TERMS])
    thing = thing_of(text)
    return Words(
        terms=tuple(term for term in terms if term in kept),
        phrases=tuple(filter(None, (phrase(words, held) for words in phrases))),
        identifiers=tuple(
            dict.fromkeys(filter(None, (phrase(words, forms) for words in _IDENTIFIER.findall(text[:_READ]))))
        ),
        name=whole_name(text),
        thing=thing,
        typed=phrase(thing, forms),
        typed_name=phrase(thing.replace("_", " "), forms),
        asked=tuple(asked),
        language=language,
    )


def thing_of(text: str) -> str:
    """Return what the whole query names if that is one thing, '' if it is a plain word or several words.

    One thing is what has no space in it, as `os.path.join`, or a word with a number, as PEP 484.
    """
    thing = text.strip(_AROUND).rstrip(".:")
    if len(thing) > _READ or not _THING.fullmatch(thing):
        return ""
    plain = thing.isalpha() and not is_unspaced(thing) and not _IDENTIFIER.fullmatch(thing)
    return "" if plain else thing


def phrase(text: str, languages: Iterable[str] = ("",)) -> str:
    """Return an expression for these words one after the other, '' if there are none."""
    forms = dict.fromkeys(phrase_terms(text, language) for language in languages)
    return " OR ".join(filter(None, map(quoted, forms)))


def holds(text: str, quoted: str) -> bool:
    """Say whether a text has a quoted phrase as it stands, but for case and white space."""
    return _plain(quoted) in _plain(text)


def telling(text: str) -> list[str]:
    """Return the index terms of an English text that are not a question's own words, each once."""
    return [form for group in _telling(words_of(text), _UNKNOWN, (_UNKNOWN,)) for form in group]


def covers(name: str, words: Words, language: str = "") -> float:
    """Return the share of a query's telling words that stand in a name, 0 to 1.

    `language` is that of the file; a name may be in it or in English.
    """
    if not words.asked or not name:
        return 0.0
    spaced = name.replace("_", " ")
    there = {term for form in {"", language} for term in analyse(spaced, form).split()}
    beginnings, bigrams = _kinds_of(words.asked)
    held = sum(not there.isdisjoint(group) for group in words.asked)
    held += sum(any(term.startswith(begin) for term in there) for begin in beginnings)
    share = min(held / len(words.asked), 1.0)
    return share if not bigrams or share == 1.0 else share / 2


@lru_cache(maxsize=16)
def _kinds_of(asked: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], bool]:
    """Return what terms may begin with (forms `x*`), and whether there are terms without spaces between."""
    forms = [form for group in asked for form in group]
    return tuple(form.removesuffix("*") for form in forms if form.endswith("*")), any(map(is_unspaced, forms))


def _telling(words: Sequence[str], language: str, forms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the forms of the words that are not a question's own, or of all if there is no other."""
    own = stop_words(language or _UNKNOWN)
    groups = query_groups((word for word in words if word.casefold() not in own), forms)
    return groups or query_groups(words, forms)


def _parts(
    words: Sequence[str], language: str, held: Sequence[str], frequency: Callable[[str], int]
) -> list[tuple[str, ...]]:
    """Return the parts of compounds that stand nowhere as they are."""
    language = language or held[0]
    if language not in COMPOUNDING:
        return []

    def known(word: str) -> bool:
        return any(map(frequency, query_terms(word, language)))

    unknown = [word for word in words[:_MOST_TERMS] if len(word) >= _SHORTEST_COMPOUND and not known(word)]
    cut = [part for word in unknown[:_MOST_COMPOUNDS] for part in parts(word, known)]
    return query_groups(cut, (language,))


def _term(forms: tuple[str, ...], asked: int, frequency: Callable[[str], int], passages: int) -> Term:
    counts = {form: frequency(form) for form in forms}
    kept = tuple(sorted(forms, key=lambda form: -counts[form])[:_MOST_FORMS])
    found = min(sum(counts[form] for form in kept), passages)
    return Term(kept, _idf(found, passages), min(max(asked, 1), _MOST_COUNTED), seen=found > 0)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _idf(frequency: int, passages: int) -> float:
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5)) if frequency <= passages else 0.0
