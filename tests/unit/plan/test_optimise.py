"""What each pass does, and that none changes what is saved."""

from __future__ import annotations

import pytest

from semfs.plan.check import check
from semfs.plan.examples import EXAMPLES, Example
from semfs.plan.fuse import fuse_extractions, one_reading, share_beginnings
from semfs.plan.operators import OPERATORS
from semfs.plan.optimise import Pass, optimise
from semfs.plan.parse import parse
from semfs.plan.program import Program, Together
from semfs.plan.push import filters_into_find, limits_into_find
from semfs.plan.tidy import drop_dead, drop_file_column, drop_unread_columns, merge_equal, save_last


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


def test_a_currency_that_an_amount_has_beside_it_is_not_extracted() -> None:
    text = 'f = find("x")\nr = extract(f, fee="money", fee_currency="text")\n'
    assert after(drop_file_column, text) == 'f = find("x")\nr = extract(f, fee="money")\n'


def test_where_nothing_but_the_file_is_asked_for_no_model_reads_it() -> None:
    text = 'f = find("x")\nr = extract(f, file="text")\n'
    assert after(drop_file_column, text) == 'f = find("x")\nr = table("select file from f", f)\n'


def test_equal_calls_run_once() -> None:
    text = (
        'a = find("x")\nb = find("x")\ns = summarize(a)\nt = summarize(b)\nsave(s, "a.md")\nsave(t, "b.md")\n'
    )
    merged = 'a = find("x")\ns = summarize(a)\nsave(s, "a.md")\nsave(s, "b.md")\n'
    assert after(merge_equal, text) == merged


def test_rows_whose_name_sql_uses_are_taken_from_the_equal_ones() -> None:
    text = (
        'f = find("x")\na = extract(f, n="number")\nb = extract(f, n="number")\n'
        't = table("select sum(n) from a", a)\nu = table("select max(n) from b", b)\n'
    )
    copied = 'b = table("select * from a", a)'
    assert after(merge_equal, text) == text.replace('b = extract(f, n="number")', copied)


def test_a_name_that_sql_uses_is_not_merged_away() -> None:
    text = 'a = find("x")\nb = find("x")\nt = table("select count(*) from a, b", a, b)\n'
    assert after(merge_equal, text) == text


def test_a_condition_on_the_kind_becomes_a_filter() -> None:
    text = 'f = find("x", when="2023")\nk = keep(f, "is a PDF")\nsave(k, "a.txt")\n'
    assert after(filters_into_find, text) == 'k = find("x", kind="pdf", when="2023")\nsave(k, "a.txt")\n'


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
    assert after(filters_into_find, text) == text


@pytest.mark.parametrize(
    ("condition", "filter"),
    [
        ("is an e-mail", None),
        ("was modified in 2023", 'when="in 2023"'),
        ("last changed since March 2024", 'when="since March 2024"'),
        ("was changed by Anna", None),
        ("larger than 2 MB", 'size="larger than 2 MB"'),
        ("is larger than life", None),
        ("is in the folder work/tax", 'folder="work/tax"'),
    ],
)
def test_conditions_on_time_size_and_folder_are_filters_too(condition: str, filter: str | None) -> None:
    text = f'f = find("x")\nk = keep(f, "{condition}")\n'
    assert after(filters_into_find, text) == (f'k = find("x", {filter})\n' if filter else text)


def test_a_filter_is_pushed_through_conditions_that_the_model_must_judge() -> None:
    text = 'f = find("x")\nk = keep(f, "asks for money")\nl = keep(k, "is a PDF")\nsave(l, "l.txt")\n'
    pushed = 'f = find("x", kind="pdf")\nl = keep(f, "asks for money")\nsave(l, "l.txt")\n'
    assert after(filters_into_find, text) == pushed


def test_a_limit_is_not_exchanged_with_a_condition() -> None:
    text = 'f = find("x", limit="3")\nk = keep(f, "is a PDF")\n'
    assert after(filters_into_find, text) == text


LIMITED = 'f = find("x")\nr = extract(f, n="number")\nt = table("{sql}", r)\n'


def test_where_any_rows_will_do_only_so_many_files_are_read() -> None:
    text = LIMITED.format(sql="select n from r limit 5")
    pushed = text.replace('find("x")', 'find("x", limit="5 readable")')
    assert after(limits_into_find, text) == pushed


@pytest.mark.parametrize(
    "sql",
    [
        "select n from r order by n limit 5",
        "select max(n) from r limit 1",
        "select n from r where n > 3 limit 5",
        "select distinct n from r limit 5",
        "select n from r",
        "select n from r limit 5 offset 2",
    ],
)
def test_a_select_that_needs_all_rows_reads_all_files(sql: str) -> None:
    text = LIMITED.format(sql=sql)
    assert after(limits_into_find, text) == text


def test_columns_that_no_select_reads_are_not_extracted() -> None:
    text = (
        'f = find("x")\nr = extract(f, shop="text", n="number", day="date")\n'
        't = table("select shop, sum(n) from r group by shop", r)\n'
    )
    assert after(drop_unread_columns, text) == text.replace(', day="date"', "")


@pytest.mark.parametrize(
    "last", ['t = table("select * from r", r)\n', 'save(r, "r.csv")\n', 'p = python("add", r)\n']
)
def test_columns_of_rows_that_are_wanted_whole_stay(last: str) -> None:
    text = f'f = find("x")\nr = extract(f, shop="text", n="number")\n{last}'
    assert after(drop_unread_columns, text) == text


def test_extractions_from_the_same_files_are_one_and_each_takes_its_columns() -> None:
    text = 'f = find("x")\na = extract(f, n="number", end="date")\nb = extract(f, n="number", who="text")\n'
    assert after(fuse_extractions, text) == (
        'f = find("x")\n'
        'a_and_b = extract(f, n="number", end="date", who="text")\n'
        'a = table("select file, n, \\"end\\" from a_and_b", a_and_b)\n'
        'b = table("select file, n, who from a_and_b", a_and_b)\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        'f = find("x")\na = extract(f, n="number")\nb = extract(f, n="text")\n',
        'f = find("x")\ng = find("y")\na = extract(f, n="number")\nb = extract(g, m="text")\n',
        'f = find("x")\na = extract(f, n="money")\nb = extract(f, n_currency="text")\n',
    ],
)
def test_extractions_that_do_not_fit_together_stay(text: str) -> None:
    assert after(fuse_extractions, text) == text


def test_calls_that_map_over_the_same_files_share_one_reading() -> None:
    given = program(
        'f = find("x")\nc = classify(f, "a, b")\nt = table("select * from c", c)\ns = summarize(f)\n'
        'q = answer(f, "why?")\n'
    )
    read, note = one_reading(given)
    assert [call.name for call in read.calls] == ["f", "c", "s", "t", "q"]
    assert (read.readings, note) == ((Together(("c", "s")),), "c, s read the same files")
    shared, _ = share_beginnings(read)
    assert shared.readings == (Together(("c", "s"), shares=True),)


def test_a_lone_reader_shares_nothing() -> None:
    given = program('f = find("x")\ns = summarize(f)\n')
    assert one_reading(given) == share_beginnings(given) == (given, "")


def test_dead_calls_are_dropped_and_programs_are_not() -> None:
    text = 'a = find("x")\nb = find("y")\np = python("write a file", b)\ns = summarize("z")\n'
    assert after(drop_dead, text) == 'b = find("y")\np = python("write a file", b)\n'


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.request)
def test_good_plans_are_left_as_they_are(example: Example) -> None:
    plan = example.plan
    assert str(optimise(program(plan)).program) == plan


def test_explain_shows_the_plan_before_and_after_each_pass_that_changed_it() -> None:
    text = optimise(program('f = find("x")\nk = keep(f, "is a PDF")\ns = summarize(k)\n')).explain()
    assert text == (
        "as written\n"
        '    f = find("x")\n'
        '    k = keep(f, "is a PDF")\n'
        "    s = summarize(k)\n"
        "\n"
        "save the last value: s was not saved, so it is saved as summary.md\n"
        '    f = find("x")\n'
        '    k = keep(f, "is a PDF")\n'
        "    s = summarize(k)\n"
        '  + save(s, "summary.md")\n'
        "\n"
        "push filters into find: a condition on kind is a filter of find and needs no model\n"
        '  - f = find("x")\n'
        '  - k = keep(f, "is a PDF")\n'
        '  + k = find("x", kind="pdf")\n'
        "    s = summarize(k)\n"
        '    save(s, "summary.md")\n'
        "\n"
        "nothing to do for: drop columns that are there anyway, merge equal calls, push limits into find,"
        " drop dead calls, drop columns that nothing reads, fuse extractions, read files once,"
        " share beginnings\n"
    )


def test_explain_says_what_is_read_together() -> None:
    given = program(
        'f = find("x")\nc = classify(f, "a, b")\ns = summarize(f)\nsave(c, "c.csv")\nsave(s, "s.md")\n'
    )
    text = optimise(given).explain()
    assert "read files once: c, s read the same files\n" in text
    assert "  + # one reading, beginning with the document: c, s\n    c = classify" in text
