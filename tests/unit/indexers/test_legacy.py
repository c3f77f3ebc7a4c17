"""Old Office files: what their reader finds becomes sections."""

from __future__ import annotations

from typing import Any

import pytest

from semfs.indexers.legacy import _add
from semfs.indexers.outline import Outline


def text(*words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": word} for word in words]}


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (text("spring ", "tide"), "spring tide"),
        ({"type": "text_box", "content": [text("a"), text("b")]}, "a\nb"),
        (
            {
                "type": "table",
                "rows": [{"cells": [{"content": [text("Acme"), text("Ltd")]}, {"content": [text("12")]}]}],
            },
            "Acme Ltd | 12",
        ),
        (
            {
                "type": "list",
                "items": [{"content": [text("a")], "nested": {"items": [{"content": [text("b")]}]}}],
            },
            "- a\n- b",
        ),
        ({"type": "footnote", "id": 1, "content": [text("see below")]}, "see below"),
        ({"type": "image", "data": "AAAA"}, ""),
        (
            {
                "type": "paragraph",
                "content": [{"type": "text", "text": "a"}, {"type": "line_break"}, {"text": "b"}],
            },
            "a\nb",
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_elements_become_text(element: dict[str, Any], expected: str) -> None:
    outline = Outline()
    _add(element, outline)

    assert "\n".join(section.text for section in outline.sections()) == expected


def test_headings_stand_above_what_follows() -> None:
    outline = Outline()
    for element in ({"level": 1, **text("Budget"), "type": "heading"}, text("12")):
        _add(element, outline)

    assert [(section.heading, section.text) for section in outline.sections()] == [("Budget", "Budget\n12")]
