"""Which files are about a matter that a query excludes, and which only mention it.

"rugby without England" takes out what is about England and puts what mentions it behind the
rest.  A long file that has the word once is not about it; a short one mostly is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from semfs.model import FileId, Understood
from semfs.search.retrieve import Looked, Retriever

LOWERED: Final = 0.3  # of the score of a file that mentions what is excluded
_SHARE: Final = 1 / 3  # of a file's passages that have the words: then it is about them
# Or a passage of it means the matter, far above chance, and more than it means what is looked for.
_SAME_MATTER: Final = (0.45, 3.5)  # cosine, deviations
_NEARER: Final = 0.05


@dataclass(frozen=True, slots=True)
class Excluded:
    """Files that have to do with what is not wanted."""

    about: frozenset[FileId]
    mention: frozenset[FileId]  # and are not about it

    def notice(self, item: Understood) -> str:
        """Say what became of them, for `explain.json`."""
        left_out = f"{len(self.about)} left out"
        behind = f", {len(self.mention)} that mention it put behind the others" if self.mention else ""
        return f"{item.words}: {left_out}{behind}"


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
    named = catalog.match_names(all_of, limit=-1, within=files) if all_of else []
    mentions = Counter(file for _, file, _ in rows)
    sizes = catalog.passage_counts(mentions)
    strict = item.words.startswith("-")
    about = {file for file, count in mentions.items() if strict or count >= _SHARE * sizes.get(file, 1)}
    about |= {file for file, _ in named} | _meant(looked, wanted)
    spared: set[FileId] = set()
    for expression in retriever.words("", (item.words,)).phrases if not strict else ():
        spared |= {file for _, file, _ in catalog.match_passages(expression, limit=-1, within=files)}
    about -= spared
    return Excluded(frozenset(about), frozenset(mentions) - about - spared)


def _meant(looked: Looked, wanted: Mapping[FileId, float]) -> set[FileId]:
    cosine, deviations = _SAME_MATTER
    return {
        match.file
        for match in looked.matches.values()
        if (match.cosine or 0.0) >= cosine
        and (match.z or 0.0) >= deviations
        and (match.cosine or 0.0) > wanted.get(match.file, 0.0) + _NEARER
    }
