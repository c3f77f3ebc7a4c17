"""What web pages say about themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from semfs.indexers.html import Html


def created(path: Path, html: str) -> str:
    path.write_text(html, "utf-8")
    moment = Html().read(str(path)).created
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).date().isoformat()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<meta name="date" content="2023-06-30">', "2023-06-30"),
        ('<meta property="article:published_time" content="2023-06-30T08:00:00Z">', "2023-06-30"),
        ('<meta itemprop="datePublished" content="2023-06-30">', "2023-06-30"),
        ('<meta name="dc.date" content="?"><meta name="DCTERMS.created" content="2023-06-30">', "2023-06-30"),
        (
            '<article><time datetime="2023-06-30">today</time><time datetime="2024-01-01"></time>',
            "2023-06-30",
        ),
        (
            '<article><time datetime="2024-01-01"></time></article><time pubdate datetime="2023-06-30">',
            "2023-06-30",
        ),
        ('<nav><time datetime="2024-01-01">next event</time></nav>', ""),
        ("<p>2023-06-30</p>", ""),
    ],
)
def test_a_page_says_when_it_was_published(tmp_path: Path, html: str, expected: str) -> None:
    assert created(tmp_path / "a.html", f"<html><body>{html}<p>text</p></body></html>") == expected
