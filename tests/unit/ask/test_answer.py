from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    """Write the next answer of the script at each request, and remember what was asked.

    Asked for another answer than one, it has `other`; after a passage with these words it
    `expects` the question, in natural logarithms.
    """

    context = 4096

    def __init__(
        self, *script: str | Exception, other: str = "", expects: Mapping[str, float] | None = None
    ) -> None:
        self.script = list(script)
        self.other = other
        self.expects = expects or {}
        self.asked: list[Prompt] = []
        self.priorities: list[Priority] = []
        self.samplings: list[Sampling] = []

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
        if sampling.other_than:
            yield self.other
            return
        if sampling.weighed:
            yield next((str(odds) for words, odds in self.expects.items() if words in prompt.user), "")
            return
        self.asked.append(prompt)
        self.samplings.append(sampling)
        self.priorities.append(priority)
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield answer


QUESTION = "The council at lunch?"
RIGHT, DOUBTFUL, WRONG = "-4\nyes", "-0.8\nyes", "-0.1\nyes"  # of a check: how likely "no" was
FIVE = "-8\nfive members"
NOON = "-8\nfrom noon"
NOTHING = "-0.05\nThe council"  # the way out was all but certain
FIRST = {"five members": -20.0, "noon": -40.0}
SOURCE = '[1] /d/pep 13.rst, line 12: "The council has five members."\n'


def ask(engine: ScriptedEngine, found: list[tuple[Passage, FileRow, float]] = PASSAGES) -> str:
    asker = Asker(FoundPassages(found), engine)  # type: ignore[arg-type]
    return "".join(asker.ask(QUESTION, cancelled=lambda: False))


def test_an_answer_can_only_be_words_of_its_passage() -> None:
    ask(engine := ScriptedEngine(FIVE, RIGHT))
    answering, checking = engine.samplings
    assert (answering.copied_from, checking.copied_from) == (PASSAGES[0][0].text, "")


def test_an_answer_is_followed_by_its_source_and_the_sentence_there() -> None:
    assert ask(ScriptedEngine(FIVE, RIGHT)) == f"five members [1]\n\nSources:\n{SOURCE}"


def test_an_answer_is_written_as_its_passage_writes_it() -> None:
    assert ask(ScriptedEngine("-8\nFive  Members.", RIGHT)).startswith("five members [1]")


def test_what_is_not_in_the_passage_is_not_told() -> None:
    assert ask(ScriptedEngine("-8\nfive members, lunch", RIGHT)).startswith("five members [1]")
    assert ask(ScriptedEngine("-8\nmembers five", NOTHING)).startswith("The files do not say.")


def test_the_model_never_sees_two_passages_together() -> None:
    engine = ScriptedEngine(NOTHING, NOTHING)
    ask(engine)
    assert ["five members" in asked.user for asked in engine.asked] == [True, False]
    assert ["Lunch" in asked.user for asked in engine.asked] == [False, True]


def test_after_a_sure_answer_no_further_passage_is_read() -> None:
    engine = ScriptedEngine(FIVE, RIGHT)
    ask(engine)
    assert ["Lunch" in asked.user for asked in engine.asked] == [False, False]


def test_after_a_doubt_the_passage_comes_next_after_which_the_model_expects_the_question() -> None:
    third = (Passage(PassageId(3), FileId(1), 2, "The council has soup."), ROW, 8.2)
    expects = {"five members": -40.0, "noon": -40.0, "soup": -20.0}
    engine = ScriptedEngine(NOTHING, "-8\nsoup", RIGHT, expects=expects)
    assert ask(engine, [*PASSAGES, third]).startswith("soup [1]")
    assert ["soup" in asked.user for asked in engine.asked] == [False, True, True]


def test_an_answer_is_likelier_once_its_passage_is_known_to_be_meant() -> None:
    doubtful = "-1.7\nyes"
    assert ask(ScriptedEngine(FIVE, doubtful, NOTHING, other="-8")).startswith("The files do not say.")
    assert ask(ScriptedEngine(FIVE, doubtful, other="-8", expects=FIRST)).startswith("five members [1]")


def test_a_passage_that_is_hardly_meant_is_not_read() -> None:
    engine = ScriptedEngine(NOTHING, expects=FIRST)
    assert ask(engine).startswith("The files do not say.")
    assert len(engine.asked) == 1


def test_where_search_is_sure_the_model_is_not_asked_for_the_order() -> None:
    (first, row, _), second = PASSAGES
    engine = ScriptedEngine(FIVE, RIGHT, expects={"five members": -40.0, "noon": -20.0})
    assert ask(engine, [(first, row, 20.0), second]).startswith("five members [1]")


def test_of_doubtful_answers_the_likeliest_is_given() -> None:
    sure = "-6\nyes"
    assert ask(ScriptedEngine("-0.9\nfive members", DOUBTFUL, NOON, sure)).startswith("from noon [1]")


def test_an_answer_that_is_found_wrong_when_read_again_is_not_given() -> None:
    assert ask(ScriptedEngine("-0.9\nfive members", WRONG, NOTHING)).startswith("The files do not say.")


def test_a_doubtful_answer_gives_way_to_a_better_one_of_the_same_passage() -> None:
    engine = ScriptedEngine("-8\nfive", "-1\nyes", "-5\nyes", other="-8\nfive members")
    assert ask(engine).startswith("five members [1]")
    engine = ScriptedEngine(FIVE, "-1.8\nyes", "-0.5\nyes", other="-8\nfive", expects=FIRST)
    assert ask(engine).startswith("five members [1]")


def test_an_answer_is_checked_against_the_sentences_that_it_is_from() -> None:
    engine = ScriptedEngine(FIVE, RIGHT)
    passage = replace(PASSAGES[0][0], text=f"The council meets. {PASSAGES[0][0].text} Lunch is at noon.")
    ask(engine, [(passage, ROW, 9.0)])
    assert "The council meets. The council has five members.\n" in engine.asked[1].user
    assert "noon" not in engine.asked[1].user
    assert engine.asked[1].user.endswith("Question: The council at lunch? Answer: five members")


def test_somebody_waits_so_the_request_goes_first() -> None:
    engine = ScriptedEngine(FIVE, RIGHT)
    ask(engine)
    assert set(engine.priorities) == {Priority.HIGH}


@pytest.mark.parametrize("said", [NOTHING, "", "-8\nElephants upon marble floors", "-8\n7 members"])
def test_when_the_files_do_not_say_it_says_so_and_what_was_looked_at(said: str) -> None:
    assert ask(ScriptedEngine(said, said)) == (
        "The files do not say.\n\nLooked at:\n[1] /d/pep 13.rst, line 12\n[2] /d/pep 13.rst\n"
    )


def test_without_a_related_passage_no_model_is_asked() -> None:
    engine = ScriptedEngine()
    assert ask(engine, []).startswith("The files do not say.")
    assert engine.asked == []


def test_a_passage_without_the_question_s_words_is_not_read() -> None:
    engine = ScriptedEngine(FIVE, RIGHT)
    other = (Passage(PassageId(3), FileId(1), 2, "The river rises in spring."), ROW, 9.5)
    ask(engine, [other, PASSAGES[0]])
    assert ["river" in asked.user for asked in engine.asked] == [False, False]


def test_an_engine_that_is_lost_is_an_error() -> None:
    with pytest.raises(EngineLost):
        ask(ScriptedEngine(EngineLost("gone")))


def test_a_name_with_a_line_break_is_no_further_source() -> None:
    row = replace(ROW, path="/d/a\n[2] /d/forged")
    answer = ask(ScriptedEngine(FIVE, RIGHT), [(PASSAGES[0][0], row, 9.0)])
    assert 'Sources:\n[1] /d/a\ufffd[2] /d/forged, line 12: "' in answer


def test_a_source_inside_of_an_archive_names_the_member_and_its_page() -> None:
    row = replace(ROW, path="/d/reports.zip", kind=Kind.ARCHIVE)
    passage = replace(PASSAGES[0][0], heading="2023/q1.pdf", page=3, line=None)
    answer = ask(ScriptedEngine(FIVE, RIGHT), [(passage, row, 9.0)])
    assert "[1] /d/reports.zip, 2023/q1.pdf, page 3: " in answer
