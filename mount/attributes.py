"""Extended attributes of hits and of the directories that list them; pure.

The kernel refuses names in `user.` on symbolic links without asking: a link's are `semfs.score`
and so on, and the card in `.query/hits` carries the same ones as `user.semfs.score`.
"""

from __future__ import annotations

from collections.abc import Mapping

from semfs.model import Hit, SearchResult, Step
from semfs.search.scope import written

LONGEST = 32768  # bytes of a value; the kernel takes 65,536 in all

Attributes = Mapping[str, bytes]


def of_hit(hit: Hit) -> Attributes:
    """Return what there is to say of a hit, without a namespace."""
    passage = hit.passage
    values = {
        "rank": str(hit.rank),
        "score": f"{hit.score:g}",
        "why": hit.why,
        "title": hit.file.title,
        "passage": passage.text if passage else "",
        "place": hit.place,
    }
    return {f"semfs.{name}": _value(text) for name, text in values.items() if text}


def of_query(steps: tuple[Step, ...], known: SearchResult | None) -> Attributes:
    """Return what a directory asks, and once it was opened what came of it."""
    values = {"query": " / ".join(map(written, steps))}
    if known is not None:
        values |= {"hits": str(len(known.hits)), "took_ms": f"{known.took_ms:g}"}
    return in_user({f"semfs.{name}": _value(text) for name, text in values.items()})


def in_user(attributes: Attributes) -> Attributes:
    """Return the attributes with the names that regular files and directories may have."""
    return {f"user.{name}": value for name, value in attributes.items()}


def _value(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:LONGEST].decode("utf-8", "ignore").encode()
