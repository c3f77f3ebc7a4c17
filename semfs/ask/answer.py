"""Answer a question from the best passages, streamed, each statement with its source.

The model reads one passage at a time, best first, and never sees two together: what one document
says, or orders, cannot change what is said from another, the first word comes after one short
passage, and the source of a statement is known rather than guessed.

An `Asker` may be used from any thread; each answer is one generator, to be used from one
thread.  Closing the generator stops the model.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from semfs.ask.evidence import Evidence, clean, statements
from semfs.ask.prompt import Quoted, prompt, quote
from semfs.engine.client import Engine
from semfs.model import FileRow, Passage, Priority, Prompt, Sampling, cited, shown_line
from semfs.search.searcher import Searcher

REFUSAL: Final = "The files do not say."
PASSAGES: Final = 6  # that are looked at
SAMPLING: Final = Sampling(max_tokens=96, stop=("\n", "<passage", "Question:"))
_NEAR: Final = 0.9  # once there is an answer, only passages that match nearly as well may add to it
_MOST: Final = 3  # statements

Record = Callable[[str, Sequence[FileRow]], None]
Write = Callable[[Prompt], Iterator[str]]  # asks the model


def nowhere(question: str, files: Sequence[FileRow]) -> None:
    """Be the `record` of an asker whose questions nobody keeps."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, and the passage that bears it out."""

    text: str
    source: Quoted


def read(question: str, found: Sequence[tuple[Passage, FileRow, float]], write: Write) -> Iterator[Statement]:
    """Yield what the passages say about the question, each statement once; nothing if they say nothing."""
    quoted = quote(found)
    evidence = Evidence(question, [f"{_about(item)}\n{item.text}" for item in quoted])
    told: list[str] = []
    enough = 0.0
    for place, item in enumerate(quoted):
        if len(told) >= _MOST or item.score < enough:
            return
        if not evidence.worth_reading(place):
            continue
        for statement in _written(write(prompt(question, item))):
            if statement in told or not evidence.bears_out(statement, place):
                break
            told.append(statement)
            enough = enough or _NEAR * item.score
            yield Statement(statement, item)


def _about(item: Quoted) -> str:
    """Return what else is known of a passage: the file's name and title, and its headings."""
    return f"{item.file.path.rpartition('/')[2]} {item.file.title} {item.passage.heading}"


def _written(pieces: Iterator[str]) -> Iterator[str]:
    """Yield sentences as the model ends them; stops the model when nobody wants more."""
    held = ""
    try:
        for piece in pieces:
            done, held = statements(held + piece)
            yield from done
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    if last := clean(held):
        yield last


class Asker:
    """Answer questions from the files."""

    def __init__(self, searcher: Searcher, engine: Engine, *, record: Record = nowhere) -> None:
        """`record` is told of each question, with the files whose passages may be read for it."""
        self._searcher = searcher
        self._engine = engine
        self._record = record

    def ask(self, question: str, *, cancelled: Callable[[], bool]) -> Iterator[str]:
        """Yield the answer as Markdown, and then its sources.

        Raises what `Engine.generate` raises.
        """

        def write(asked: Prompt) -> Iterator[str]:
            return self._engine.generate(asked, SAMPLING, priority=Priority.HIGH, cancelled=cancelled)

        found = self._searcher.passages(question, limit=PASSAGES)
        self._record(question, list({row.id: row for _, row, _ in found}.values()))
        numbers: dict[str, int] = {}  # where -> number
        for statement in read(question, found, write):
            where = _where(statement.source)
            yield " " * bool(numbers) + f"{statement.text} [{numbers.setdefault(where, len(numbers) + 1)}]"
        if numbers:
            yield "\n\nSources:\n" + _listed(numbers)
        elif found:
            yield f"{REFUSAL}\n\nLooked at:\n" + _listed(dict.fromkeys(map(_where, quote(found))))
        else:
            yield f"{REFUSAL} No passage is related to the question.\n"


def _where(item: Quoted) -> str:
    return shown_line(", ".join(filter(None, (item.file.path, cited(item.file, item.passage)))))


def _listed(places: dict[str, int] | dict[str, None]) -> str:
    return "".join(f"[{number}] {where}\n" for number, where in enumerate(places, 1))
