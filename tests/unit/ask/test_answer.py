from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from semfs.ask.answer import Asker
from semfs.errors import EngineLost
from semfs.model import FileId, FileRow, FileStatus, Kind, Passage, PassageId, Priority, Prompt, Sampling

ROW = FileRow(FileId(1), "/d/pep 13.rst", Kind.TEXT, 1, 0.0, FileStatus.INDEXED)
PASSAGES = [
    (Passage(PassageId(1), FileId(1), 0, "The council has five members.", line=12), ROW, 9.0),
    (Passage(PassageId(2), FileId(1), 1, "Lunch is served from noon."), ROW, 8.5),
]


class FoundPassages:
    """A searcher that has these passages for every question."""

    def __init__(self, found: list[tuple[Passage, FileRow, float]]) -> None:
        self.found = found

    def passages(self, question: str, *, limit: int) -> list[tuple[Passage, FileRow, float]]:
        return self.found[:limit]


class ScriptedEngine:
    """Write the next answer of the script at each request, and remember what was asked."""

    context = 4096

    def __init__(self, *script: list[str | Exception]) -> None:
        self.script = list(script)
        self.asked: list[Prompt] = []
        self.priorities: list[Priority] = []
        self.closed = 0

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = Sampling(),  # noqa: B008
        *,
        priority: Priority = Priority.NORMAL,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        self.asked.append(prompt)
        self.priorities.append(priority)
        try:
            for piece in self.script.pop(0):
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed += 1


QUESTION = "The council at lunch?"


def ask(engine: ScriptedEngine, found: list[tuple[Passage, FileRow, float]] = PASSAGES) -> str:
    asker = Asker(FoundPassages(found), engine)  # type: ignore[arg-type]
    return "".join(asker.ask(QUESTION, cancelled=lambda: False))


FIVE: list[str | Exception] = ["The council has ", "five members."]
NOON: list[str | Exception] = ["Lunch is served from noon."]
NEITHER: list[str | Exception] = ["The passage does not say so."]


def test_an_answer_is_followed_by_its_source() -> None:
    assert ask(ScriptedEngine(FIVE, NEITHER)) == (
        "The council has five members. [1]\n\nSources:\n[1] /d/pep 13.rst, line 12\n"
    )


def test_each_statement_names_the_passage_that_it_was_read_from() -> None:
    assert ask(ScriptedEngine(FIVE, NOON)) == (
        "The council has five members. [1] Lunch is served from noon. [2]\n\n"
        "Sources:\n[1] /d/pep 13.rst, line 12\n[2] /d/pep 13.rst\n"
    )


def test_the_model_never_sees_two_passages_together() -> None:
    engine = ScriptedEngine(NEITHER, NEITHER)
    ask(engine)
    assert ["five members" in asked.user for asked in engine.asked] == [True, False]
    assert ["Lunch" in asked.user for asked in engine.asked] == [False, True]


def test_after_an_answer_only_passages_that_match_nearly_as_well_are_read() -> None:
    engine = ScriptedEngine(FIVE)
    far = [PASSAGES[0], (*PASSAGES[1][:2], 2.0)]
    assert ask(engine, far).startswith("The council has five members. [1]\n")
    assert len(engine.asked) == 1


def test_what_two_passages_say_alike_is_told_once() -> None:
    twice = [PASSAGES[0], (PASSAGES[0][0], ROW, 8.5)]
    assert ask(ScriptedEngine(FIVE, FIVE), twice).count("five members") == 1


def test_somebody_waits_so_the_request_goes_first() -> None:
    engine = ScriptedEngine(FIVE, NOON)
    ask(engine)
    assert set(engine.priorities) == {Priority.HIGH}


@pytest.mark.parametrize(
    "said",
    ["The passage does not say.", "", "Elephants dance upon marble floors.", "The council has 7 members."],
)
def test_when_the_files_do_not_say_it_says_so_and_what_was_looked_at(said: str) -> None:
    assert ask(ScriptedEngine([said], [said])) == (
        "The files do not say.\n\nLooked at:\n[1] /d/pep 13.rst, line 12\n[2] /d/pep 13.rst\n"
    )


def test_without_a_related_passage_no_model_is_asked() -> None:
    engine = ScriptedEngine()
    assert ask(engine, []).startswith("The files do not say.")
    assert engine.asked == []


def test_a_passage_without_the_question_s_words_is_not_read() -> None:
    engine = ScriptedEngine(FIVE)
    other = (Passage(PassageId(3), FileId(1), 2, "The river rises in spring."), ROW, 9.5)
    ask(engine, [other, PASSAGES[0]])
    assert ["river" in asked.user for asked in engine.asked] == [False]


def test_a_statement_that_is_not_borne_out_stops_the_model() -> None:
    engine = ScriptedEngine(["It has 99 of them, honestly. ", "And ", "more"], NEITHER)
    ask(engine)
    assert engine.closed == 2


def test_an_answer_that_nobody_reads_on_stops_the_model() -> None:
    engine = ScriptedEngine(["The council has five members. And", " more", " words."])
    answer = Asker(FoundPassages(PASSAGES), engine).ask(QUESTION, cancelled=lambda: False)  # type: ignore[arg-type]
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert engine.closed == 1


def test_an_engine_that_is_lost_is_an_error() -> None:
    with pytest.raises(EngineLost):
        ask(ScriptedEngine(["The council", EngineLost("gone")]))


def test_a_name_with_a_line_break_is_no_further_source() -> None:
    row = replace(ROW, path="/d/a\n[2] /d/forged")
    engine = ScriptedEngine(["The council has five members."])
    asker = Asker(FoundPassages([(PASSAGES[0][0], row, 9.0)]), engine)  # type: ignore[arg-type]
    answer = "".join(asker.ask("How many members has the council?", cancelled=lambda: False))
    assert answer.endswith("Sources:\n[1] /d/a\ufffd[2] /d/forged, line 12\n")


def test_a_source_inside_of_an_archive_names_the_member_and_its_page() -> None:
    row = replace(ROW, path="/d/reports.zip", kind=Kind.ARCHIVE)
    passage = replace(PASSAGES[0][0], heading="2023/q1.pdf", page=3, line=None)
    engine = ScriptedEngine(["The council has five members."])
    assert ask(engine, [(passage, row, 9.0)]).endswith("[1] /d/reports.zip, 2023/q1.pdf, page 3\n")
