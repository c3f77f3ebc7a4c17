"""Drawings in SVG say what is written in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.errors import Unsupported
from semfs.indexers.registry import default_registry
from semfs.model import Document, Kind, Section

DRAWING = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg"><title>Pump station</title><style>text { fill: red }</style>
<g><desc>The inlet is on the left</desc><text>Valve <tspan>A3</tspan></text><path d="M0 0L9 9"/>
<text>Valve <tspan>A3</tspan></text></g></svg>"""


def read(path: Path, content: str) -> tuple[Kind, Document]:
    path.write_text(content)
    return default_registry().read(str(path))


@pytest.mark.parametrize("name", ["plan.svg", "plan"])
def test_a_drawing_is_found_by_its_labels(tmp_path: Path, name: str) -> None:
    document = Document((Section("Pump station\nThe inlet is on the left\nValve A3"),), title="Pump station")

    assert read(tmp_path / name, DRAWING) == (Kind.IMAGE, document)


def test_a_drawing_without_words_is_found_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Unsupported) as raised:
        read(tmp_path / "a.svg", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')

    assert raised.value.reason == "not read: it is a drawing"
