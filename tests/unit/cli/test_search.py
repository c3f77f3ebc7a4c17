"""What a search prints is text, whatever the files are called and hold."""

from __future__ import annotations

from semfs.cli.search import _line


def test_a_name_cannot_speak_to_the_terminal() -> None:
    passage = {"text": "red \x1b[31m text", "page": 2, "place": "page 2"}
    hit = {"rank": 1, "path": "/d/a\x1b]0;x\x07\nb", "passage": passage}
    assert _line(hit) == "  1  /d/a\ufffd]0;x\ufffd\ufffdb  (page 2)\n     red \ufffd[31m text"
