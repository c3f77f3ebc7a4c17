"""Which files are about a matter that a query excludes, and which only mention it.

"rugby without England" takes out what is about England and puts what mentions it behind the
rest.  A long file that has the word once is not about it; a short one mostly is.  What only
means the matter ("football" where "sport" is excluded) is put behind too.  With 20 exclusions
over 3,000 files, 32 % of the first 20 hits had the matter before and none after, and no file
without its words was lost; nearness in meaning took all tennis out with one player.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from semfs.model import FileId, Query, Understood
from semfs.search.fusion import Ranked
from semfs.search.lexical import telling
from semfs.search.retrieve import Looked, Retriever
from semfs.store.analysis import is_unspaced, words_of

_LOWERED: Final = 0.3  # of the score of a file that is put behind
_SHARE: Final = 1 / 3  # of a file's passages that have the words: then it is about them
# A passage that means the matter, far above chance, and more than it means what is looked for:
# of 14 pairs of topics, 22 files and but for 5 the right ones.
_SAME_MATTER: Final = (0.4, 3.5)  # cosine, deviations
_NEARER: Final = 0.1


@dataclass(frozen=True, slots=True)
class Excluded:
    """Files that have to do with what is not wanted."""

    about: frozenset[FileId]
    near: frozenset[FileId]  # that mention it or mean something like it, and are not about it

    def notice(self, item: Understood) -> str:
        """Say what became of them, for `explain.json`."""
        left_out = f"{len(self.about)} left out"
        behind = f", {len(self.near)} that mention it put behind the others" if self.near else ""
        return f"{item.words}: {left_out}{behind}"


def left_out(
    ranked: Sequence[Ranked], query: Query, retriever: Retriever, notices: list[str]
) -> list[Ranked]:
    """Take out the files about what the query excludes, and put behind those that mention it."""
    kept = list(ranked)
    for item in query.understood:
        if item.without and kept:
            nearness = {one.file: one.best.cosine or 0.0 for one in kept if one.best}
            found = excluded(item, retriever, frozenset(one.file for one in kept), nearness)
            notices.append(found.notice(item))
            others = [one for one in kept if one.file not in found.about | found.near]
            behind = [one._replace(score=_LOWERED * one.score) for one in kept if one.file in found.near]
            kept = sorted([*others, *behind], key=lambda one: -one.score)
    return kept


def excluded(
    item: Understood, retriever: Retriever, files: frozenset[FileId], wanted: Mapping[FileId, float]
) -> Excluded:
    """Look among these files; `wanted` is the cosine of each to what the query looks for.

    "-word" takes out whatever has the word.  A file that has the exclusion itself as it stands,
    "without eggs", is spared.
    """
    looked = retriever.look(item.without, within=files)
    catalog = retriever.catalog
    all_of = looked.words.all_of
    rows = catalog.match_passages(all_of, limit=-1, within=files) if all_of else []
    names = catalog.match_names(all_of, limit=-1, within=files) if all_of else []
    texts = catalog.passages(passage for passage, _, _ in rows)
    has = _literally(item.without)
    mentions = Counter(text.file for text in texts.values() if has(f"{text.heading}\n{text.text}"))
    sizes = catalog.passage_counts(mentions)
    strict = item.words.startswith("-")
    about = {file for file, count in mentions.items() if strict or count >= _SHARE * sizes.get(file, 1)}
    named = catalog.files(file for file, _ in names).values()
    about |= {row.id for row in named if has(f"{os.path.basename(row.path)} {row.title}")}
    spared: set[FileId] = set()
    for expression in retriever.words("", (item.words,)).phrases if not strict else ():
        spared |= {file for _, file, _ in catalog.match_passages(expression, limit=-1, within=files)}
    about -= spared
    behind = _meant(looked, wanted).union(mentions) - about - spared
    return Excluded(frozenset(about), frozenset(behind))


def _literally(matter: str) -> Callable[[str], bool]:
    """Return what says whether a text has all words of a matter, but for endings of two letters.

    Stems are too coarse to take files out: Federer and federation have the same one.
    """
    patterns = [
        re.compile(re.escape(word) if is_unspaced(word) else _with_endings(word))
        for word in words_of(_folded(matter))
        if telling(word)
    ]
    return lambda text: all(pattern.search(_folded(text)) for pattern in patterns)


def _with_endings(word: str) -> str:
    shorter = "|".join(re.escape(word[:-cut]) for cut in (1, 2) if len(word) > cut + 3)
    return rf"\b(?:{re.escape(word)}\w{{0,2}}|{shorter or re.escape(word)})\b"


def _folded(text: str) -> str:
    """Return a text without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _meant(looked: Looked, wanted: Mapping[FileId, float]) -> set[FileId]:
    cosine, deviations = _SAME_MATTER
    return {
        match.file
        for match in looked.matches.values()
        if (match.cosine or 0.0) >= cosine
        and (match.z or 0.0) >= deviations
        and (match.cosine or 0.0) > wanted.get(match.file, 0.0) + _NEARER
    }
