"""Planning with a scripted model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from semfs.errors import PlanningFailed
from semfs.model import Priority, Prompt, Sampling
from semfs.plan.language import quote
from semfs.plan.operators import OPERATORS
from semfs.plan.planner import instructions, write_plan

GOOD = 'files = find("notes")\nsave(files, "files.txt")\n'
BAD = 'files = keep(notes, "x")\n'


class Scripted:
    """A model that answers from a queue and keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[Prompt] = []
        self.samplings: list[Sampling] = []

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = Sampling(),  # noqa: B008
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        self.prompts.append(prompt)
        self.samplings.append(sampling)
        answer = self.answers.pop(0)
        yield answer[:5]
        yield answer[5:]


def test_a_valid_plan_takes_one_call_under_the_grammar() -> None:
    engine = Scripted(GOOD)
    assert str(write_plan("list the notes", engine)) == GOOD
    assert engine.samplings[0].grammar.startswith("root ::=")
    assert engine.samplings[0].temperature == 0


@pytest.mark.parametrize("piece", ["1 ", "list a", "有多少", "a.", '"x" ', "days from "])
def test_a_long_request_is_not_looked_through_for_long(piece: str) -> None:
    """The patterns take the square of the time: this would not end."""
    assert str(write_plan(piece * (65536 // len(piece)), Scripted(GOOD))) == GOOD


TOTALS = (
    'files = find("invoices")\nrows = extract(files, vendor="text", amount="number")\n'
    't = table("select vendor, sum(amount) total from rows group by vendor", rows)\nsave(t, "t.csv")\n'
)


@pytest.mark.parametrize(
    ("request_", "sql"),
    [
        ("total of the invoices", "select sum(amount) total from rows"),
        ("2023年发票的总金额", "select sum(amount) total from rows"),
        ("total of the invoices by vendor", "select vendor, sum(amount) total from rows group by vendor"),
        ("Gesamtsumme je Anbieter", "select vendor, sum(amount) total from rows group by vendor"),
    ],
)
def test_a_total_is_grouped_only_by_what_the_request_names(request_: str, sql: str) -> None:
    assert write_plan(request_, Scripted(TOTALS)).call("t").setting("sql") == sql


def test_the_model_sees_the_error_of_its_first_plan() -> None:
    engine = Scripted(BAD, GOOD)
    assert str(write_plan("list the notes", engine)) == GOOD
    assert "'notes' is not defined above" in engine.prompts[1].user
    assert BAD.strip() in engine.prompts[1].user


def test_without_a_valid_plan_it_fails_with_what_was_tried_and_an_example() -> None:
    with pytest.raises(PlanningFailed) as caught:
        write_plan("summarize the notes", Scripted(*[BAD] * 3))
    assert str(caught.value).count(BAD.strip()) == 1
    assert "'notes' is not defined above" in str(caught.value)
    assert "summary = summarize(files)" in str(caught.value)


def test_the_instructions_are_the_same_for_every_request() -> None:
    engine = Scripted(GOOD, GOOD, 'save(files, "files.txt")\n')
    write_plan("list the notes", engine)
    write_plan("A=[[1,2]]: transpose", engine)
    write_plan("list these", engine, within=True)
    assert {prompt.system for prompt in engine.prompts} == {instructions(OPERATORS)}


def test_the_plan_of_a_query_directory_begins_with_its_hits() -> None:
    engine = Scripted('save(files, "files.txt")\n')
    plan = write_plan("list these", engine, within=True)
    assert str(plan) == 'files = hits()\nsave(files, "files.txt")\n'


def test_lines_of_a_request_are_joined_so_that_it_stays_one_request() -> None:
    engine = Scripted(GOOD)
    write_plan("list\n# the notes\n", engine)
    assert engine.prompts[0].user == "# list # the notes"


@pytest.mark.parametrize(
    "request_text",
    [
        "two matrices A=[[1,2],[3,4]] and B=[[5,6],[7,8]]: multiply them",
        "u = [1.5, 2]: norm",
        "what is 17% of 2340?",
        "solve x^2 - 5x + 6 = 0",
        "12 * 3.5",
        "mean of 3, 5, 8, 13, 21",
        "how many days are between 2024-02-10 and 2024-05-01?",
    ],
)
def test_a_request_with_its_own_numbers_is_computed(request_text: str) -> None:
    plan = write_plan(request_text, Scripted())
    assert [str(call) for call in plan.calls] == [
        f"result = python({quote(request_text)})",
        'save(result, "result.txt")',
    ]


def test_a_computation_that_is_only_a_part_begins_the_plan_of_the_model() -> None:
    engine = Scripted('r = python("x")\nsave(r, "r.txt")\n')
    request = "translate the result of [1, 2] + [3, 4] into words"
    assert write_plan(request, engine).calls[0].setting("task") == request
    assert 'first ::= "result = " op-python' in engine.samplings[0].grammar


@pytest.mark.parametrize(
    "request_text",
    [
        "total of the 2023 invoices by vendor",
        "files from 2023-01-05, larger than 1.5 MB",
        "compare Q1 and Q2 + summarize",
        "the invoices of 2021, 2022 and 2023",
        "summarize notes 1 [draft]",
        "how many emails came in 2023?",
        "meetings on 3/4/2024 at 10:30",
    ],
)
def test_a_request_with_years_and_sizes_is_not(request_text: str) -> None:
    engine = Scripted(GOOD)
    write_plan(request_text, engine)
    assert 'first ::= "files = " op-find' in engine.samplings[0].grammar


def test_a_word_problem_is_a_program_without_asking_the_model() -> None:
    story = "Ann has 12 apples and buys 3 bags of 4. How many has she now?"
    assert str(write_plan(story, Scripted())) == f'result = python("{story}")\nsave(result, "result.txt")\n'


@pytest.mark.parametrize(
    "request_",
    [
        "Which of the 12 contracts signed after 2020 mention 30 days?",
        "In the 3 invoices of May, how much did we pay for 2 chairs?",
        "how many emails did Anna answer?",
    ],
)
def test_what_asks_for_files_is_no_word_problem(request_: str) -> None:
    assert str(write_plan(request_, Scripted(GOOD))) == GOOD


def test_a_question_to_a_named_table_is_answered_from_it() -> None:
    assert str(write_plan("staff.csv: who is from Ulm?", Scripted())) == (
        'files = find("staff.csv")\nreply = answer(files, "who is from Ulm?")\nsave(reply, "answer.md")\n'
    )
    assert str(write_plan("staff.csv: translate it into German", Scripted(GOOD))) == GOOD


@pytest.mark.parametrize(
    ("request_", "file"),
    [
        ("sum of the amount column of expenses.csv by category", "expenses.csv"),
        ("Durchschnittspreis in preise.xlsx", "preise.xlsx"),
        ("expenses.csv里金额的总和是多少?", "expenses.csv"),
    ],
)
def test_a_request_that_names_a_table_is_the_question_to_it(request_: str, file: str) -> None:
    found, answer, _ = write_plan(request_, Scripted()).calls
    assert (found.setting("query"), answer.setting("question")) == (file, request_)


def test_two_tables_are_left_to_the_model() -> None:
    assert str(write_plan("compare a.csv and b.csv", Scripted(GOOD))) == GOOD


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ("convert staff.xlsx to CSV", "staff.csv"),
        ("Wandle staff.ods in eine JSON-Datei um", "staff.json"),
        ("把staff.xlsx转换成csv文件", "staff.csv"),
    ],
)
def test_a_table_is_converted_without_asking_the_model(request_: str, name: str) -> None:
    _, load, _, save = write_plan(request_, Scripted()).calls
    assert (load.operator.name, save.setting("name")) == ("load", name)


@pytest.mark.parametrize(
    "request_",
    [
        "is 2024 a leap year?",
        "Was ist die Quadratwurzel aus 529?",
        "2的10次方是多少?",
        "convert 5 miles to kilometres",
    ],
)
def test_arithmetic_in_words_is_computed(request_: str) -> None:
    assert write_plan(request_, Scripted()).calls[0].operator.name == "python"


@pytest.mark.parametrize(
    "request_",
    [
        "what percentage of our budget of 30000 did marketing spend?",
        "which invoices were issued 3 days before 2024-01-01?",
        "average of the 2023 invoices",
    ],
)
def test_arithmetic_about_what_is_stored_is_not(request_: str) -> None:
    assert str(write_plan(request_, Scripted(GOOD))) == GOOD


@pytest.mark.parametrize(
    "request_",
    [
        "delete all emails",
        "please rename the report",
        "Sende den Bericht an Anna",
        "请删除所有PDF文件",
        "把报告发送给李明",
    ],
)
def test_what_no_plan_can_do_is_refused(request_: str) -> None:
    with pytest.raises(PlanningFailed, match="changes, deletes and sends nothing"):
        write_plan(request_, Scripted())


@pytest.mark.parametrize("request_", ["pay slips of 2023", "send me the invoices", "支付方式是什么?"])
def test_words_that_could_be_a_deed_are_not_refused(request_: str) -> None:
    assert str(write_plan(request_, Scripted(GOOD))) == GOOD


def test_what_is_removed_from_numbers_of_the_request_is_computed() -> None:
    assert write_plan("remove duplicates from [1, 1, 2]", Scripted()).calls[0].operator.name == "python"


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        ('translate "Good night" into Italian', 'translate("Good night", "Italian")'),
        ("Übersetze den Satz „Guten Tag“ ins Englische.", 'translate("Guten Tag", "Englische")'),
        ('把"我喜欢读书"翻译成英文', 'translate("我喜欢读书", "英文")'),
        ("how do you say 'good morning' in French?", 'translate("good morning", "French")'),
        ("Was heißt „Zug“ auf Englisch?", 'translate("Zug", "Englisch")'),
        ("“早上好”用英语怎么说?", 'translate("早上好", "英语")'),
        ("translate into German: the train is late", 'translate("the train is late", "German")'),
    ],
)
def test_a_text_in_quotes_is_translated_without_asking_the_model(request_: str, call: str) -> None:
    assert str(write_plan(request_, Scripted())) == f'text = {call}\nsave(text, "text.md")\n'
