"""What steps are said to have used."""

from __future__ import annotations

import json
import time

import pytest

from semfs.errors import DeadlinePassed
from semfs.jobs.context import Usage, timed
from semfs.jobs.jobs import Jobs

TWO = b"""#!semfs plan
notes = find("note")
kinds = classify(notes, "cat, dog")
told = summarize(notes)
save(kinds, "kinds.csv")
save(told, "told.md")
"""


def used(*tokens: int) -> list[Usage]:
    usages = [Usage(prompt_tokens=count, answer_tokens=count) for count in tokens]
    with timed(usages):
        time.sleep(0.02)
    return usages


def test_steps_that_ran_together_share_their_time_by_their_tokens() -> None:
    first, second = used(30, 10)
    assert first.seconds >= 0.015
    assert first.seconds == pytest.approx(3 * second.seconds)


def test_steps_without_tokens_share_it_equally() -> None:
    first, second = used(0, 0)
    assert first.seconds == second.seconds >= 0.01


def test_the_total_of_a_job_is_no_longer_than_it_took(house, jobs: Jobs, finish) -> None:
    for number in range(4):
        house.add(f"note{number}.txt", "The cat is black. " * 20)

    def slow(prompt) -> str:
        time.sleep(0.05)
        return "cat"

    house.engine.script = [("", slow)]
    began = time.monotonic()
    id = jobs.submit(TWO)
    assert finish(jobs, id) == "done", jobs.get(id)
    took = time.monotonic() - began
    usage = json.loads(jobs.get(id).usage)
    seconds = {step["operator"]: step["seconds"] for step in usage["steps"]}
    assert min(seconds["classify"], seconds["summarize"]) > 0.02
    assert usage["total"]["seconds"] <= took


def test_a_file_whose_answer_is_late_is_left_out(house, jobs: Jobs, finish) -> None:
    for name in ("note1.txt", "note2.txt"):
        house.add(name, "The cat is black.")
    house.engine.script = [("note2", DeadlinePassed("not answered within the 9 s")), ("", "cat")]
    id = jobs.submit(b'#!semfs plan\nsave(classify(find("note"), "cat, dog"), "kinds.csv")\n')
    assert finish(jobs, id) == "done", jobs.get(id)
    assert "1 of 2 files read, 1 skipped (not answered within the 9 s: 1)" in jobs.get(id).log


def test_a_job_whose_time_is_over_fails_and_goes_on_when_it_is_tried_again(house, jobs: Jobs, finish) -> None:
    house.add("note1.txt", "The cat is black.")
    house.engine.script = [("", "cat")]
    house.engine.gate.clear()
    id = jobs.submit(b'#!semfs plan seconds=1\nsave(classify(find("note"), "cat, dog"), "kinds.csv")\n')
    assert finish(jobs, id) == "failed"
    assert "not done within the 1 s that its first line gives it" in jobs.get(id).error
    house.engine.gate.set()
    jobs.control(id, "retry")
    assert finish(jobs, id) == "done", jobs.get(id)
