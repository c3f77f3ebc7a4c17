"""Understand what a person typed: filters in plain words, exclusions, phrases, and the words that remain.

Pure: whether a word names a folder or an author is asked of callables.  What is in quotes is
never taken for a filter, and a filter is taken only where it stands as one: "PDFs from 2023"
lists the PDFs of that year, "parse PDFs with python" and "PEP 2023" are left as they are.
Each sort of filter has its own rules: `kinds`, `times`, `sizes`, `places`, `people`,
`languages`, `exclusion`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import partial, reduce
from typing import Any, Final

from semfs.model import Filters, Query, Understood
from semfs.search import exclusion, kinds, languages, people, places, sizes, times
from semfs.search.manner import is_question, is_sentence, is_task
from semfs.search.reading import IsName, Reading, nobody, normalised, remaining

# Characters. A name of a directory has 1024 bytes; what is longer is a text to be compared, not a wish.
_LONGEST: Final = 2000
_MOST_WAYS: Final = 6  # in which filters are left aside, each at most two searches

_EMPTY: Final = Filters()
_FIELDS: Final = tuple(field.name for field in fields(Filters))

Look = Callable[[Reading], None]
_TAGGED: Final[Sequence[Look]] = (
    times.take_tagged,
    kinds.take_tagged,
    places.take_tagged,
    languages.take_tagged,
    people.take_tagged,
)


def parse(
    text: str,
    *,
    now: datetime,
    is_folder: IsName = nobody,
    is_author: IsName = nobody,
    is_recipient: IsName = nobody,
    inside: Reading | None = None,
) -> Query:
    """Return the query as it is understood; never raises.

    One `inside` of another is what that one excludes: it excludes nothing itself.
    """
    if len(text) > _LONGEST:
        return Query(text, " ".join(text.replace("\0", " ").split()))
    reading = Reading(normalised(text), now, is_folder, is_author, is_recipient)
    left = reading.left
    reading.of_mail = inside.of_mail if inside else people.names_mail(left)
    of_files = kinds.begins_with_kind(left)
    looks: list[Look] = [*_TAGGED]
    if of_files or not (is_question(left) or is_sentence(left)):
        looks += _looks(task=is_task(left) and not of_files, inner=None if inside else _inner(reading))
    for look in looks:
        look(reading)
    return _query(text, reading.text, reading.taken)


def _looks(*, task: bool, inner: exclusion.Parse | None) -> Iterator[Look]:
    """Yield the rules in their order: what has plain ends goes first, what needs the others' last.

    Where something is to be done, only what can hardly be a part of it is taken.
    """
    if not task:
        yield sizes.take
    yield partial(times.take, task=task)
    if inner is not None:
        yield partial(exclusion.take, parse=inner, only_filters=task)
    yield partial(places.take, task=task)
    if not task:
        yield languages.take
        yield people.take
    yield kinds.take
    if not task:
        yield places.take_bare
    yield times.take_bare


def _inner(reading: Reading) -> exclusion.Parse:
    return lambda words: parse(
        words,
        now=reading.now,
        is_folder=reading.is_folder,
        is_author=reading.is_author,
        is_recipient=reading.is_recipient,
        inside=reading,
    )


def _query(given: str, text: str, taken: Iterable[Understood]) -> Query:
    understood = tuple(sorted(taken, key=lambda item: item.span))
    left, phrases = remaining(text, understood)
    filters = merged(item.filters for item in understood)
    return Query(given, left, filters, phrases, tuple(map(str, understood)), understood)


def merged(several: Iterable[Filters]) -> Filters:
    """Return all of the filters as one; where two say different things, the first counts."""
    return reduce(_both, several, Filters())


def _both(first: Filters, second: Filters) -> Filters:
    """Kinds are a union, exclusions add up."""
    chosen: dict[str, Any] = {
        name: mine if mine != getattr(_EMPTY, name) else getattr(second, name)
        for name in _FIELDS
        for mine in (getattr(first, name),)
    }
    chosen["kinds"] = first.kinds | second.kinds
    chosen["suffixes"] = first.suffixes | second.suffixes
    chosen["excluded"] = tuple(dict.fromkeys((*first.excluded, *second.excluded)))
    return Filters(**chosen)


def loosened(query: Query) -> Iterator[tuple[Query, Query]]:
    """Yield the query with some of its filters left aside, the least first.

    One filter at a time, then more and more of them, always the most doubtful first; each way
    without the words of those filters, and with those that may be about the matter.  Exclusions
    are kept: who says "not" means it.
    """
    doubtful = sorted((item for item in query.understood if item.doubt), key=lambda item: -item.doubt)
    alone = [[item] for item in doubtful]
    together = [doubtful[:count] for count in range(2, len(doubtful) + 1)]
    for aside in (*alone, *together)[:_MOST_WAYS]:
        content = [item for item in aside if item.content]
        yield _without(query, aside, searched=()), _without(query, aside, searched=content)


def _without(query: Query, aside: Sequence[Understood], *, searched: Sequence[Understood]) -> Query:
    """Leave filters aside, the words of some of them going back to what is searched."""
    kept = [item for item in query.understood if item not in aside]
    gone = [item for item in aside if item not in searched]
    text = normalised(query.given)
    left, phrases = remaining(text, sorted([*kept, *gone], key=lambda item: item.span))
    filters = merged(item.filters for item in kept)
    return replace(
        query,
        text=left,
        filters=filters,
        phrases=phrases,
        notes=tuple(map(str, kept)),
        understood=tuple(kept),
        relaxed=tuple(sorted(aside, key=lambda item: item.span)),
    )
