"""What `.query/` shows of a search: its hits as data, its passages to read, how it was understood; pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from semfs.model import Filters, Hit, Query, SearchResult, shown

_QUOTED = 1500  # characters of a passage in passages.md; passages are shorter but for odd ones


def hits_jsonl(result: SearchResult) -> str:
    """Return one JSON object a line for each hit."""
    return "".join(shown(json.dumps(_hit(hit), ensure_ascii=False)) + "\n" for hit in result.hits)


def passages_md(result: SearchResult) -> str:
    """Return the best passage of each hit as Markdown."""
    title = " / ".join(query.given for query in result.queries)
    lines = [f"# {_one_line(title)}", ""]
    lines += [f"> {notice}\n" for notice in result.notices]
    if not result.hits:
        lines.append("Nothing was found.")
    for hit in result.hits:
        lines += [f"## {hit.rank}. {_one_line(_path(hit))}", "", _reason(hit), ""]
        if hit.passage is not None:
            lines += [_quote(hit.passage.text), ""]
    return shown("\n".join(lines).rstrip()) + "\n"


def explain_json(result: SearchResult) -> str:
    """Return how the query was understood and what became of it."""
    coverage = result.coverage
    explained = {
        "queries": [_query(query) for query in result.queries],
        "hits": len(result.hits),
        "best_score": round(result.best_score, 4),
        "threshold": result.threshold,
        "coverage": asdict(coverage) | {"complete": coverage.complete},
        "notices": list(result.notices),
        "took_ms": result.took_ms,
    }
    return shown(json.dumps(explained, ensure_ascii=False, indent=2)) + "\n"


def _hit(hit: Hit) -> dict[str, Any]:
    row, passage = hit.file, hit.passage
    found: dict[str, Any] = {
        "rank": hit.rank,
        "path": _path(hit),
        "score": hit.score,
        "why": hit.why,
        "kind": row.kind.value,
        "size": row.size,
        "modified": _time(row.mtime),
    }
    given = {
        "title": row.title,
        "author": row.author,
        "recipients": row.recipients,
        "created": _time(row.created),
    }
    found |= {key: value for key, value in given.items() if value}
    if passage is not None:
        place = {"heading": passage.heading or None, "page": passage.page, "line": passage.line}
        place["place"] = hit.place or None
        found["passage"] = {"text": passage.text} | {k: v for k, v in place.items() if v is not None}
    return found


def _query(query: Query) -> dict[str, Any]:
    return {
        "given": query.given,
        "text": query.text,
        "phrases": list(query.phrases),
        "filters": _filters(query.filters),
        "understood": list(query.notes),
        "without": [item.without for item in query.understood if item.without],
        "relaxed": [str(item) for item in query.relaxed],
    }


def _filters(filters: Filters) -> dict[str, Any]:
    """Return the filters that are set, times as local dates."""
    values = {
        "kinds": sorted(filters.kinds),
        "suffixes": sorted(filters.suffixes),
        "folder": filters.folder,
        "since": _time(filters.since),
        "until": _time(filters.until),
        "min_size": filters.min_size,
        "max_size": filters.max_size,
        "author": filters.author,
        "recipient": filters.recipient,
        "language": filters.language,
        "excluded": [_filters(excluded) for excluded in filters.excluded],
    }
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _reason(hit: Hit) -> str:
    parts = [_one_line(hit.file.title), hit.why, hit.place]
    if hit.passage is not None and hit.passage.heading not in hit.place:
        parts.append(hit.passage.heading)
    return f"*{' · '.join(filter(None, parts))}*"


def _quote(text: str) -> str:
    cut = text if len(text) <= _QUOTED else text[:_QUOTED] + " …"
    return "\n".join(f"> {line}".rstrip() for line in cut.splitlines())


def _path(hit: Hit) -> str:
    return hit.file.path


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _time(moment: float | None) -> str | None:
    """Return a local time in ISO 8601, or None where it is unknown or no date can be made of it."""
    if moment is None:
        return None
    try:
        return datetime.fromtimestamp(moment, UTC).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None
