from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from semfs.ask.answer import Asker
from semfs.errors import EngineLost
from semfs.model import FileId, FileRow, FileStatus, Kind, Passage, PassageId, Priority, Prompt, Sampling

ROW = FileRow(FileId(1), "/d/pep 13.rst", Kind.TEXT, 1, 0.0, FileStatus.INDEXED)
PASSAGES = [
    (Passage(PassageId(1), FileId(1), 0, "The council has five members.", line=12), ROW, 9.0),
    (Passage(PassageId(2), FileId(1), 1, "Lunch is served from noon."), ROW, 8.0),
]


class FoundPassages:
    """A searcher that has these passages for every question."""

    def __init__(self, found: list[tuple[Passage, FileRow, float]]) -> None:
        self.found = found

    def passages(self, question: str, *, limit: int) -> list[tuple[Passage, FileRow, float]]:
        return self.found[:limit]


class ScriptedEngine:
    """Write what the script says, and remember what was asked."""

    context = 4096

    def __init__(self, *script: str | Exception) -> None:
        self.script = script
        self.asked: list[Prompt] = []
        self.priorities: list[Priority] = []
        self.closed = False

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
            for piece in self.script:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed = True


def ask(engine: ScriptedEngine, found: list[tuple[Passage, FileRow, float]] = PASSAGES) -> str:
    asker = Asker(FoundPassages(found), engine)  # type: ignore[arg-type]
    return "".join(asker.ask("How many?", cancelled=lambda: False))


def test_an_answer_is_followed_by_the_sources_that_it_cites() -> None:
    assert ask(ScriptedEngine("The council has ", "five members. [1]")) == (
        "The council has five members. [1]\n\nSources:\n[1] /d/pep 13.rst, line 12\n"
    )


def test_only_cited_sources_are_listed() -> None:
    answer = ask(ScriptedEngine("Lunch is served from noon [2]."))
    assert answer.endswith("[1]\n\nSources:\n[1] /d/pep 13.rst\n")


def test_somebody_waits_so_the_request_goes_first() -> None:
    engine = ScriptedEngine("The council has five members. [1]")
    ask(engine)
    assert engine.priorities == [Priority.HIGH]


@pytest.mark.parametrize(
    "script", ["The files do not say.", "", "Elephants dance upon marble floors at midnight."]
)
def test_when_the_files_do_not_say_it_says_so_and_what_was_looked_at(script: str) -> None:
    assert ask(ScriptedEngine(script)) == (
        "The files do not say.\n\nLooked at:\n[1] /d/pep 13.rst, line 12\n[2] /d/pep 13.rst\n"
    )


def test_without_a_related_passage_no_model_is_asked() -> None:
    engine = ScriptedEngine("never")
    assert ask(engine, []).startswith("The files do not say.")
    assert engine.asked == []


def test_after_a_refusal_the_model_is_stopped() -> None:
    engine = ScriptedEngine(
        "The files do not say. ", "But I", " think that ", "the council has five members. [1]"
    )
    assert ask(engine).startswith("The files do not say.")
    assert engine.closed


def test_an_answer_that_nobody_reads_on_stops_the_model() -> None:
    engine = ScriptedEngine("The council has five members. [1] Lunch", " is served from noon. [2] ", "More")
    answer = Asker(FoundPassages(PASSAGES), engine).ask("How many?", cancelled=lambda: False)  # type: ignore[arg-type]
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert engine.closed


def test_an_engine_that_is_lost_is_an_error() -> None:
    with pytest.raises(EngineLost):
        ask(ScriptedEngine("The council", EngineLost("gone")))
