"""The page semfs-plan.5 says what the declarations and the passes say."""

from __future__ import annotations

import re
from pathlib import Path

from semfs.plan.manual import BEGIN, END, renewed, section
from semfs.plan.operators import EXTENSIONS, Type
from semfs.plan.optimise import PASSES
from semfs.plan.parse import MOST_LINES

PAGE = (Path(__file__).parents[3] / "man" / "semfs-plan.5").read_text("utf-8")


def part(name: str) -> str:
    return PAGE.split(f".Sh {name}\n")[1].split(".Sh ")[0]


def test_the_operators_on_the_page_are_those_of_the_declarations() -> None:
    """`python -m semfs.plan.manual man/semfs-plan.5` makes it so."""
    assert part("OPERATORS") == section()


def test_the_section_can_be_put_into_a_page_anew() -> None:
    assert renewed(f"a\n{BEGIN}old\n{END}b\n") == f"a\n{BEGIN}{section()}{END}b\n"


def test_the_page_has_a_line_for_each_pass() -> None:
    assert part("PASSES").count(".It\n") == len(PASSES)


def test_the_page_gives_the_forms_and_the_length_that_the_code_has() -> None:
    forms = part("TYPES").partition(".Li save\n")[2]
    written = [re.findall(r"\w+", line) for line in re.findall(r"^\.Li (.*)$", forms, re.MULTILINE)]
    assert written == [list(EXTENSIONS[type]) for type in (Type.TEXT, Type.ROWS, Type.FILES)]
    assert re.search(rf"at most {MOST_LINES} lines", PAGE)
