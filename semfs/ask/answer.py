"""Answer a question from the best passage that says it, with its source.

The model reads one passage at a time and never sees two together: what one document says, or
orders, cannot change what is said from another, and the source of an answer is known rather than
guessed.  Where search is not sure and its first passage gives no likely answer, they are read in the
order of how well the model expects the question after them (`order`).  Each answer is read a second
time with its passage, and counts only if all that is known of it speaks for it (`doubt`).

An `Asker` may be used from any thread; each answer is one generator, to be used from one
thread.  Closing the generator stops the model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from semfs.ask.citation import holds
from semfs.ask.doubt import HOPELESS, LIKELY, NO_USE, SURE, Signs, probability, signs
from semfs.ask.evidence import Evidence
from semfs.ask.order import chances, close, without
from semfs.ask.prompt import (
    ANSWERING,
    CHECKING,
    Quoted,
    check,
    headline,
    prompt,
    quote,
    read_likelihood,
    read_odds,
    weighing,
)
from semfs.ask.spans import bare, copied, dated, support
from semfs.engine.client import Engine
from semfs.model import FileRow, Priority, Prompt, Sampling, cited, shown_line
from semfs.search.searcher import Searcher

REFUSAL: Final = "The files do not say."
PASSAGES: Final = 6  # that are looked at
WEIGHED: Final = 4  # of these, at most, whose order the model is asked about
READ: Final = 3  # of these, at most: the answer stands in one of the first three in 95 of 100 cases
UNLIKELY: Final = -3.5  # chance (natural logarithm) below which only the first is read

Record = Callable[[str, Sequence[FileRow]], None]
Write = Callable[[Prompt, Sampling], str]  # asks the model


def nowhere(question: str, files: Sequence[FileRow]) -> None:
    """Be the `record` of an asker whose questions nobody keeps."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An answer, and the sentence of a passage that bears it out."""

    text: str
    source: Quoted
    quote: str
    signs: Signs

    @property
    def probability(self) -> float:
        """Return how likely it is that the passage says what was asked."""
        return probability(self.signs)

    def given(self, chance: float) -> Statement:
        """Return it with another chance that its passage is the one asked about."""
        return replace(self, signs=replace(self.signs, chance=chance))


def read(question: str, quoted: Sequence[Quoted], write: Write) -> Statement | None:
    """Return the first answer that is likely, None if none is.

    The model is asked for the order of the passages only where search's first one does not give it.
    """
    evidence = Evidence(question, [f"{_about(item)}\n{item.text}" for item in quoted])
    places = [place for place in range(len(quoted)) if evidence.worth_reading(place)][:WEIGHED]
    scores = [quoted[place].score for place in places]

    def said(place: int, chance: float) -> Statement | None:
        borne_out = partial(evidence.bears_out, place=place)
        return _Reading(question, quoted[place], chance, borne_out, write).statement()

    if not places:
        return None
    first = said(places[0], chances(scores, [None] * len(scores))[0])
    if first is not None and first.probability >= LIKELY:
        return first
    found = chances(scores, _likelihoods(question, [quoted[place] for place in places], write))
    gone = 0.0  # the chances of those that say nothing
    for rank, at in enumerate(sorted(range(len(places)), key=lambda at: -found[at])[:READ]):
        if rank and found[at] < UNLIKELY:
            break
        chance = without(found[at], gone)
        statement = said(places[at], chance) if at else first and first.given(chance)
        if statement is not None and statement.probability >= LIKELY:
            return statement
        if statement is None or statement.probability < HOPELESS:
            gone += math.exp(found[at])
    return None


def _likelihoods(question: str, quoted: Sequence[Quoted], write: Write) -> list[float | None]:
    """Return how likely the model finds the question after each passage that is close to the best."""
    heard: list[float | None] = [None] * len(quoted)
    for at in close([item.score for item in quoted]):
        heard[at] = read_likelihood(write(prompt(question, quoted[at]), weighing(question)))
    return heard


def _likelier(*statements: Statement | None) -> Statement | None:
    return max(filter(None, statements), key=lambda one: one.probability, default=None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One passage that is read for a question."""

    question: str
    item: Quoted
    chance: float  # that it is this passage, as a natural logarithm
    borne_out: Callable[[str], bool]
    write: Write

    def statement(self) -> Statement | None:
        """Return what the model says, or what it says instead if that is likelier; None if it is nothing."""
        answering = replace(ANSWERING, copied_from=self.item.text)
        way_out, said = self._asked(answering)
        if way_out > NO_USE or not said:
            return None
        first = self._checked(said, way_out)
        if first is not None and not HOPELESS <= first.probability < SURE:
            return first
        _, other = self._asked(replace(answering, other_than=said))
        return _likelier(first, self._checked(other, way_out))

    def _asked(self, sampling: Sampling) -> tuple[float, str]:
        return read_odds(self.write(prompt(self.question, self.item), sampling))

    def _checked(self, said: str, way_out: float) -> Statement | None:
        """Return what was said as it stands in the passage; None if it does not, or is not borne out."""
        item = self.item
        # Of a list that the model made up of several places, the first words that stand there.
        text = copied(said, item.text) or copied(said.partition(",")[0], item.text)
        if not text or not self.borne_out(text):
            return None
        found = support(text, self.question, item.text)
        # Marks of a chat that stand in the passage were broken up; a quote without the answer shows nothing.
        if not holds(found.quote, item.passage.text) or not copied(text, found.quote):
            return None
        wrong, _ = read_odds(self.write(check(self.question, text, item, found.context), CHECKING))
        seen = f"{_about(item)} {headline(item.text)} {found.context}"
        known = signs(self.question, found.quote, seen, chance=self.chance, way_out=way_out, wrong=wrong)
        told = bare(" ".join(dated(text, self.question, found.quote).split()), self.question)
        return Statement(told, item, found.quote, known)


def _about(item: Quoted) -> str:
    """Return what else is known of a passage: the file's name and title, and its headings."""
    return f"{item.file.path.rpartition('/')[2]} {item.file.title} {item.passage.heading}"


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

        def write(asked: Prompt, sampling: Sampling) -> str:
            pieces = self._engine.generate(asked, sampling, priority=Priority.HIGH, cancelled=cancelled)
            return "".join(pieces)

        quoted = quote(self._searcher.passages(question, limit=PASSAGES))
        self._record(question, list({item.file.id: item.file for item in quoted}.values()))
        statement = read(question, quoted, write)
        if statement is not None:
            yield f"{statement.text} [1]"
            yield f'\n\nSources:\n[1] {_where(statement.source)}: "{shown_line(statement.quote)}"\n'
        elif quoted:
            yield f"{REFUSAL}\n\nLooked at:\n" + _listed(dict.fromkeys(map(_where, quoted)))
        else:
            yield f"{REFUSAL} No passage is related to the question.\n"


def _where(item: Quoted) -> str:
    return shown_line(", ".join(filter(None, (item.file.path, cited(item.file, item.passage)))))


def _listed(places: dict[str, None]) -> str:
    return "".join(f"[{number}] {where}\n" for number, where in enumerate(places, 1))
