"""Answer a question from the best passages, streamed, each statement with its source.

An `Asker` may be used from any thread; each answer is one generator, to be used from one
thread.  Closing the generator stops the model.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Final

from semfs.ask.citations import Citer
from semfs.ask.prompt import REFUSAL, Quoted, prompt, quote
from semfs.engine.client import Engine
from semfs.model import Priority, Sampling, shown
from semfs.search.searcher import Searcher

_PASSAGES: Final = 6
_SAMPLING: Final = Sampling(max_tokens=256, stop=("\n<passage", "\nQuestion:"))


class Asker:
    """Answer questions from the files."""

    def __init__(self, searcher: Searcher, engine: Engine) -> None:
        self._searcher = searcher
        self._engine = engine

    def ask(self, question: str, *, cancelled: Callable[[], bool]) -> Iterator[str]:
        """Yield the answer as Markdown, and then its sources.

        Raises what `Engine.generate` raises.
        """
        found = self._searcher.passages(question, limit=_PASSAGES)
        if not found:
            yield f"{REFUSAL} No passage is related to the question.\n"
            return
        quoted = quote(found, count_tokens=self._engine.count_tokens)
        citer = Citer(question, [f"{item.passage.heading}\n{item.text}" for item in quoted])
        end = ""
        for statement in self._statements(question, quoted, citer, cancelled):
            yield statement
            end = statement[-1]
        if not citer.cited:
            yield f"{REFUSAL}\n\nLooked at:\n{_sources(quoted, range(len(quoted)))}"
            return
        yield ("\n" if end == "\n" else "\n\n") + f"Sources:\n{_sources(quoted, citer.cited)}"

    def _statements(
        self, question: str, quoted: Sequence[Quoted], citer: Citer, cancelled: Callable[[], bool]
    ) -> Iterator[str]:
        """Yield statements until the model ends or says that the files do not say."""
        asked = prompt(question, quoted)
        pieces = self._engine.generate(asked, _SAMPLING, priority=Priority.HIGH, cancelled=cancelled)
        try:
            for piece in pieces:
                yield from citer.feed(piece)
                if citer.refused:
                    return
        finally:
            if isinstance(pieces, Generator):
                pieces.close()  # at once: it stops the model
        yield from citer.finish()


def _sources(quoted: Sequence[Quoted], passages: Sequence[int]) -> str:
    lines = []
    for number, place in enumerate(passages, 1):
        item = quoted[place]
        where = item.passage.place()
        lines.append(f"[{number}] {shown(item.file.path)}{', ' + where if where else ''}\n")
    return "".join(lines)
