"""What a search prints is text, whatever the files are called and hold."""

from __future__ import annotations

import pytest

from semfs.cli.search import LONGEST, _line, component
from semfs.errors import BadRequest


def test_a_name_cannot_speak_to_the_terminal() -> None:
    passage = {"text": "red \x1b[31m text", "page": 2, "place": "page 2"}
    hit = {"rank": 1, "path": "/d/a\x1b]0;x\x07\nb", "passage": passage}
    assert _line(hit) == "  1  /d/a\ufffd]0;x\ufffd\ufffdb  (page 2)\n     red \ufffd[31m text"


def test_words_may_be_as_long_as_a_name_in_the_mount() -> None:
    assert component(["ü" * (LONGEST // 2)]) == "ü" * (LONGEST // 2)
    with pytest.raises(BadRequest, match="at most 1024 bytes"):
        component(["ü" * (LONGEST // 2), "x"])
