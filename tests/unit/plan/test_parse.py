"""The concrete syntax: what is a plan, what is not, and that the canonical text round-trips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.errors import PlanSyntaxError
from semfs.plan.language import Argument, Line, Name, Plan, Quoted
from semfs.plan.parse import LONGEST, MOST_LINES, parse

NAMES = st.from_regex(r"v[a-z0-9_]{0,6}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ARGUMENTS = st.builds(Argument, st.builds(Quoted, TEXTS) | st.builds(Name, NAMES))
KEYWORDS = st.lists(NAMES, unique=True, max_size=3)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        positional = draw(st.lists(ARGUMENTS, max_size=3))
        keywords = [Argument(Quoted(draw(TEXTS)), word) for word in draw(KEYWORDS)]
        lines.append(Line(draw(NAMES), (*positional, *keywords), draw(NAMES | st.just(""))))
    return Plan(tuple(lines))


@given(plans())
def test_canonical_text_parses_to_the_same_plan(plan: Plan) -> None:
    assert parse(str(plan)) == plan


@given(st.text(max_size=200))
def test_any_text_is_a_plan_or_a_syntax_error(text: str) -> None:
    try:
        plan = parse(text)
    except PlanSyntaxError:
        return
    assert parse(str(plan)) == plan


def test_nested_calls_become_lines_in_the_order_of_evaluation() -> None:
    plan = parse('save(summarize(find("x")), "y.md")')
    assert str(plan) == 'find_1 = find("x")\nsummarize_1 = summarize(find_1)\nsave(summarize_1, "y.md")\n'


def test_a_fresh_name_is_never_one_that_the_plan_uses() -> None:
    plan = parse('find_1 = find("a")\nsave(summarize(find("b")), "y.md")')
    assert [line.target for line in plan.lines] == ["find_1", "find_2", "summarize_1", ""]


def test_comments_and_blank_lines_are_allowed() -> None:
    assert parse('# why\n\nf = find("x")  # all of them\n') == parse('f = find("x")')


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 0, 0, "empty"),
        ("# nothing", 0, 0, "empty"),
        ("import os", 1, 1, "only calls"),
        ('f = find("x")\nfor a in f: save(a)', 2, 1, "only calls"),
        ("f = g", 1, 1, "name = operator"),
        ('f += find("x")', 1, 1, "name = operator"),
        ('F = find("x")', 1, 1, "a-z"),
        ("f = os.system('x')", 1, 5, "name of an operator"),
        ("f = find(12)", 1, 10, "12 must be quoted"),
        ("f = find(['a'])", 1, 10, "quoted text, a name or a call"),
        ('f = find(f"{x}")', 1, 10, "quoted text, a name or a call"),
        ("f = find(**x)", 1, 12, "** is not allowed"),
        ('f = find("Müller", 3)', 1, 20, "3 must be quoted"),
        ('f = find("x', 1, 10, "has no end"),
        ('f = find("x"', 1, 9, "never closed"),
        ('f = find("\\ud800")', 1, 10, "half a character"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_its_place(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(PlanSyntaxError) as caught:
        parse(text)
    assert words in caught.value.reason
    assert (line, column) == (caught.value.line, caught.value.column)


@pytest.mark.parametrize(
    "text",
    [
        'f = find("' + "x" * LONGEST + '")',
        'f = find("x")\n' * (MOST_LINES + 1),
        "a(" * 9 + ")" * 9,
        "(" * 5000,
        "f = find('\x00')",
        "f = find(" + "-" * 50000 + "1)",
    ],
)
def test_a_plan_beyond_the_limits_is_refused(text: str) -> None:
    with pytest.raises(PlanSyntaxError):
        parse(text)


def test_nothing_is_read_beyond_the_most_steps() -> None:
    with pytest.raises(PlanSyntaxError, match="more than 64 steps"):
        parse('f = find("x")\n' * (MOST_LINES + 1) + "import os\n")
