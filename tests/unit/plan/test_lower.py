"""Steps: numbers, what they wait for, lanes."""

from __future__ import annotations

from semfs.plan.check import check
from semfs.plan.lower import Source, Step, StepId, code_task, lower
from semfs.plan.operators import OPERATORS, Lane, Type
from semfs.plan.optimise import optimise
from semfs.plan.parse import parse


def steps(text: str) -> tuple[Step, ...]:
    return lower(check(parse(text), OPERATORS))


def test_steps_know_what_they_wait_for_and_where_they_run() -> None:
    find, extract, table, save = steps(
        'f = find("x", when="2023")\nrows = extract(f, n="number")\n'
        't = table("select sum(n) s from rows", rows)\nsave(t, "t.csv")'
    )
    assert (find.id, find.lane, find.maps, find.argument("when")) == (1, Lane.IO, False, "2023")
    assert (extract.lane, extract.maps, extract.inputs) == (
        Lane.MODEL,
        True,
        (Source("files", StepId(1), "f"),),
    )
    assert [(item.name, item.text) for item in extract.columns] == [("n", "number")]
    assert table.sources("rows") == (Source("rows", StepId(2), "rows"),)
    assert (save.name, save.argument("name"), save.result) == ("", "t.csv", Type.NOTHING)
    assert save.text == 'save(t, "t.csv")'


def test_a_step_maps_only_over_files() -> None:
    text, files = steps('a = summarize("words")\nb = summarize(find("x"))')[0::2]
    assert (text.maps, files.maps) == (False, True)


def test_a_quoted_text_in_place_of_a_value_is_an_argument() -> None:
    (step,) = steps('translate("Good morning", "German")')
    assert (step.argument("value"), step.sources("value")) == ("Good morning", ())


def test_the_task_of_a_program_carries_the_request() -> None:
    assert code_task("multiply A and B", "A=[[1]], B=[[2]]: product").endswith("A=[[1]], B=[[2]]: product")
    assert code_task("2+2", "") == "2+2"
    assert code_task("2+2", "2+2\n") == "2+2"


def test_steps_of_one_reading_know_each_other() -> None:
    text = 'f = find("x")\nc = classify(f, "a, b")\nsave(c, "c.csv")\ns = summarize(f)\n'
    find, classify, summarize, *_ = lower(optimise(check(parse(text), OPERATORS)).program)
    assert (find.together, find.shares) == ((), False)
    assert (classify.together, classify.shares) == ((2, 3), True)
    assert (summarize.together, summarize.shares) == ((2, 3), True)
