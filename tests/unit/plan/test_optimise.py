"""What each pass does, and that none changes what is saved."""

from __future__ import annotations

import pytest

from semfs.plan.check import check
from semfs.plan.examples import EXAMPLES, Example
from semfs.plan.operators import OPERATORS
from semfs.plan.optimise import (
    Pass,
    drop_dead,
    drop_file_column,
    kind_into_find,
    merge_equal,
    optimise,
    save_last,
)
from semfs.plan.parse import parse
from semfs.plan.program import Program


def program(text: str) -> Program:
    return check(parse(text), OPERATORS, within=True)


def after(step: Pass, text: str) -> str:
    changed, note = step(program(text))
    assert bool(note) == (str(changed) != text)
    return str(changed)


def test_the_last_value_is_saved() -> None:
    assert after(save_last, 'f = find("x")\n') == 'f = find("x")\nsave(f, "files.txt")\n'


def test_the_name_of_the_last_value_is_not_taken_twice() -> None:
    text = 'f = find("x")\nsave(f, "summary.md")\ns = summarize(f)\n'
    assert after(save_last, text).endswith('save(s, "summary-2.md")\n')


def test_a_last_value_that_is_saved_already_is_not_saved_again() -> None:
    text = 'save(summarize(find("x")), "a.md")'
    assert after(save_last, str(program(text))) == str(program(text))


def test_the_column_that_every_row_has_is_not_extracted() -> None:
    text = 'f = find("x")\nr = extract(f, file="text", n="number")\n'
    assert after(drop_file_column, text) == 'f = find("x")\nr = extract(f, n="number")\n'


def test_extracting_nothing_but_the_file_stays() -> None:
    text = 'f = find("x")\nr = extract(f, file="text")\n'
    assert after(drop_file_column, text) == text


def test_equal_calls_run_once() -> None:
    text = (
        'a = find("x")\nb = find("x")\ns = summarize(a)\nt = summarize(b)\nsave(s, "a.md")\nsave(t, "b.md")\n'
    )
    merged = 'a = find("x")\ns = summarize(a)\nsave(s, "a.md")\nsave(s, "b.md")\n'
    assert after(merge_equal, text) == merged


def test_a_name_that_sql_uses_is_not_merged_away() -> None:
    text = 'a = find("x")\nb = find("x")\nt = table("select count(*) from a, b", a, b)\n'
    assert after(merge_equal, text) == text


def test_a_condition_on_the_kind_becomes_a_filter() -> None:
    text = 'f = find("x", when="2023")\nk = keep(f, "is a PDF")\nsave(k, "a.txt")\n'
    assert after(kind_into_find, text) == 'k = find("x", kind="pdf", when="2023")\nsave(k, "a.txt")\n'


@pytest.mark.parametrize(
    "text",
    [
        'f = find("x")\nk = keep(f, "is a signed PDF")\n',
        'f = find("x", kind="html")\nk = keep(f, "is a PDF")\n',
        'f = find("x")\nk = keep(f, "is a PDF")\ns = summarize(f)\n',
        'f = hits()\nk = keep(f, "is a PDF")\n',
        'f = find("x")\nk = keep(f, "is a letter")\n',
    ],
)
def test_a_condition_that_says_more_or_files_used_elsewhere_stay(text: str) -> None:
    assert after(kind_into_find, text) == text


def test_dead_calls_are_dropped_and_programs_are_not() -> None:
    text = 'a = find("x")\nb = find("y")\np = python("write a file", b)\ns = summarize("z")\n'
    assert after(drop_dead, text) == 'b = find("y")\np = python("write a file", b)\n'


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.request)
def test_good_plans_are_left_as_they_are(example: Example) -> None:
    plan = example.plan
    assert str(optimise(program(plan)).program) == plan


def test_explain_shows_the_plan_before_and_after_each_pass_that_changed_it() -> None:
    text = optimise(program('f = find("x")\nk = keep(f, "is a PDF")\n')).explain()
    assert text == (
        "as written\n"
        '    f = find("x")\n'
        '    k = keep(f, "is a PDF")\n'
        "\n"
        "save the last value: k was not saved, so it is saved as files.txt\n"
        '    f = find("x")\n'
        '    k = keep(f, "is a PDF")\n'
        '    save(k, "files.txt")\n'
        "\n"
        "push filters into find: a condition on the kind of file is a filter of find and needs no model\n"
        '    k = find("x", kind="pdf")\n'
        '    save(k, "files.txt")\n'
        "\n"
        "nothing to do for: drop columns that are there anyway, merge equal calls, drop dead calls\n"
    )
