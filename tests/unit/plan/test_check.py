"""Names, parameters and types."""

from __future__ import annotations

import pytest

from semfs.errors import PlanTypeError
from semfs.plan.check import check
from semfs.plan.examples import EXAMPLES, Example, nearest
from semfs.plan.operators import OPERATORS, Operator, Type
from semfs.plan.parse import parse
from semfs.plan.program import Program


def checked(text: str, *, within: bool = False) -> Program:
    return check(parse(text), OPERATORS, within=within)


INVOICES = """\
invoices = find("invoices", kind="pdf", when="2023")
rows = extract(invoices, vendor="text", amount="number", date="date")
totals = table("select vendor, sum(amount) total from rows group by vendor order by total desc", rows)
save(totals, "totals.csv")
"""


def test_the_plan_of_the_design_is_valid_and_canonical() -> None:
    assert str(checked(INVOICES)) == INVOICES


def test_canonical_text_of_a_program_checks_to_the_same_program() -> None:
    program = checked(
        'r = python("sum", values=x)\n'.replace(", values=x", "") + 'save(name="r.txt", value=r)'
    )
    assert checked(str(program)) == program


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.request)
def test_every_example_of_the_model_is_a_valid_canonical_plan(example: Example) -> None:
    plan, within = example.plan, example.within
    assert str(checked(plan, within=within)) == plan


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_every_operator_has_an_example_that_parses(operator: Operator) -> None:
    line = parse(operator.example).lines[0]
    assert line.operator == operator.name


def test_a_value_without_a_name_is_given_one() -> None:
    assert str(checked('find("x")')) == 'find_1 = find("x")\n'


def test_a_quoted_text_may_stand_for_text() -> None:
    call = checked('translate("Good morning", "German")').calls[0]
    assert (call.setting("value"), call.inputs) == ("Good morning", ())


def test_hits_exist_in_a_query_directory() -> None:
    assert checked("hits()", within=True).calls[0].result is Type.FILES


def test_a_kind_may_be_given_in_other_words() -> None:
    assert checked('f = find("x", kind="Fotos")').calls[0].settings[1].text == "Fotos"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('f = fnd("x")', "did you mean 'find'?"),
        ('f = delete("x")', "operators find, hits"),
        ("hits()", "query directory"),
        ('f = find("x", knd="pdf")', "has no 'knd'; did you mean 'kind'?"),
        ('f = find("x", kind="pdfs")', "did you mean 'pdf'?"),
        ("f = find()", "needs query"),
        ('f = find("a", "pdf", "2023", "x", "y", "3", "z")', "too many values"),
        ('f = find("a", query="b")', "query is given twice"),
        ('k = keep(f, "x")', "'f' is not defined above; nothing is"),
        ('files = find("x")\nk = keep(file, "y")', "did you mean 'files'?"),
        ('f = find("x")\nf = keep(f, "y")', "'f' is already defined"),
        ('f = find("x")\nk = keep(f, f)', "must be a quoted text"),
        ('f = find("x")\nk = keep(f, " ")', "condition must not be empty"),
        ('k = keep("x", "y")', "files must be files, not a quoted text"),
        ('f = find("x")\ns = summarize(f)\na = answer(s, "who?")', "takes files, and s is text"),
        ('f = find("x")\nr = extract(f)', "needs a column"),
        ('f = find("x")\nr = extract(f, a="string")', "must be one of text, number, date or money"),
        ('f = find("x")\nr = extract(f, Name="text")', "a-z, 0-9 and _"),
        ('f = find("x")\ns = save(f, "a.txt")', "gives no value"),
        ('f = find("x")\nsave(f, "a.txt")\nsave(f, "A.txt")', "two values are saved as"),
        ('f = find("x")\nt = table("delete from f", f)', "must be one SELECT"),
        ('f = find("x")\nt = table("select * from g", f)', "the table 'g'"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(text: str, words: str) -> None:
    with pytest.raises(PlanTypeError) as caught:
        checked(text)
    assert words in caught.value.reason
    assert caught.value.line == text.count("\n", 0, text.rindex("\n") + 1) + 1 if "\n" in text else 1


@pytest.mark.parametrize(
    "name",
    ["../x.md", "a/b.md", ".x.md", "x", ".md", "x.exe", "a\n.md", "x\x00.md", "ü" * 120 + ".md", "x.csv.exe"],
)
def test_a_bad_file_name_is_refused(name: str) -> None:
    with pytest.raises(PlanTypeError):
        checked(f's = summarize("x")\nsave(s, {name!r})')


@pytest.mark.parametrize("name", ["x.md", "Übersicht 2023.txt", "总结.md", "X.MD", "a.b.csv"])
def test_a_good_file_name_is_accepted(name: str) -> None:
    assert checked(f's = summarize("x")\nsave(s, {name!r})').saved == {name}


def test_rows_are_not_saved_as_html() -> None:
    with pytest.raises(PlanTypeError, match=r"rows cannot be saved as 'a.html'.*'a.csv'"):
        checked('f = find("x")\nr = classify(f, "a, b")\nsave(r, "a.html")')


def test_the_nearest_examples_share_words_with_the_request() -> None:
    assert nearest("summarize the notes", 1)[0].request.startswith("summarize")
