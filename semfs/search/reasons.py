"""Why a file is shown, and why nothing is; pure."""

from __future__ import annotations

from typing import Final

from semfs.model import Coverage, Found, Query
from semfs.search import nothing
from semfs.search.fusion import Match, Ranked
from semfs.search.retrieve import Looked
from semfs.store.analysis import analyse, words_of

# A file that only its meaning has found is left out below this.
_UNRELATED: Final = 0.15
_MEANT: Final = 2.0  # deviations above chance from which a hit's meaning counts as a reason


def left_aside(query: Query) -> str:
    return f"nothing passes every filter and matches, so left aside: {'; '.join(map(str, query.relaxed))}"


def nothing_found(query: Query, likely: float, looked: Looked) -> str:
    """Say why a directory is empty."""
    missing = frozenset(form for term in looked.words.terms if not term.seen for form in term.forms)
    words = [word for word in words_of(query.text) if missing.intersection(analyse(word).split())]
    unseen = f"; no file has the words {', '.join(dict.fromkeys(words))}" if words else ""
    return (
        f"nothing found: the best passage is what was asked for with a probability of {likely:.2f}, less than"
        f" {nothing.THRESHOLD}{unseen}"
    )


def partly_built(coverage: Coverage) -> str:
    dealt_with = coverage.indexed + coverage.failed + coverage.skipped
    return (
        f"the index is being built: {dealt_with} of {coverage.files} files read,"
        f" {coverage.embedded} of {coverage.passages} passages can be found by meaning"
    )


def with_names(scored: list[tuple[float, Match]], looked: Looked) -> list[tuple[float, Match]]:
    """Add what the files' names say, and order anew."""
    added = [(score + looked.bonus.get(match.file, 0.0), match) for score, match in scored]
    return sorted(added, key=lambda item: -item[0])


def is_close(match: Match) -> bool:
    return match.words > 0 or (match.cosine or 0.0) >= _UNRELATED


def reasoned(item: Ranked, looked: Looked) -> Ranked | None:
    """Return the file with its passage if that is a reason to show it, without if its name is, or None."""
    if item.best is None or is_close(item.best):
        return item
    name = looked.bonus.get(item.file, 0.0)
    return Ranked(item.file, name, None) if name > 0 else None


def as_found(item: Ranked) -> Found:
    return Found(item.file, round(item.score, 4), item.best.passage if item.best else None, _why(item))


def _why(item: Ranked) -> str:
    if item.best is None:
        return "name"
    reasons = ["words"] if item.best.words > 0 else []
    if (item.best.z or 0.0) >= _MEANT or not reasons:
        reasons.append("meaning")
    return "+".join(reasons)
