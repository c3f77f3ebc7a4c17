"""Planning with a scripted model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from semfs.errors import PlanningFailed
from semfs.model import Priority, Prompt, Sampling
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
    engine = Scripted('r = python("x")\nsave(r, "r.txt")\n')
    plan = write_plan(request_text, engine)
    assert plan.calls[0].setting("task") == request_text
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
        "how many emails mention Anna?",
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
    ("request_", "call"),
    [
        ('translate "Good night" into Italian', 'translate("Good night", "Italian")'),
        ("Übersetze den Satz „Guten Tag“ ins Englische.", 'translate("Guten Tag", "Englische")'),
        ('把"我喜欢读书"翻译成英文', 'translate("我喜欢读书", "英文")'),
    ],
)
def test_a_text_in_quotes_is_translated_without_asking_the_model(request_: str, call: str) -> None:
    assert str(write_plan(request_, Scripted())) == f'text = {call}\nsave(text, "text.md")\n'
