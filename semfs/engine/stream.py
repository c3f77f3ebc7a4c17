"""One request while it is served: its tokens, its sampler and the text that it sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from semfs.engine.grammar import Grammar
from semfs.engine.llama import Llama
from semfs.engine.protocol import End, Generate, Piece
from semfs.engine.sampler import Sampler
from semfs.engine.text import TextStream
from semfs.engine.weighing import Weighing
from semfs.errors import SemfsError

Sink = Callable[[Piece | End | SemfsError], None]


@dataclass(slots=True)
class Stream:
    """The words of one sequence on their way out; for the loop's thread only."""

    request: Generate
    sink: Sink
    tokens: list[int]  # the prompt and what was written
    prompt: int  # how many of them are the prompt
    left: int  # tokens that may still be written
    sampler: Sampler
    text: TextStream
    grammar: Grammar | None = None
    weighing: Weighing | None = None  # then nothing is written
    cached: int = 0
    unsent: list[int] = field(default_factory=list)

    @classmethod
    def open(cls, request: Generate, prompt: list[int], llama: Llama, sink: Sink) -> Stream:
        """Prepare a request; one that is resumed is brought to where it was lost.

        What its grammar makes it begin with is written and sent already.
        Raises ModelError for a grammar that cannot be used.
        """
        sampling = request.sampling
        stream = cls(
            request=request,
            sink=sink,
            tokens=[*prompt, *request.resume],
            prompt=len(prompt),
            left=sampling.max_tokens - len(request.resume),
            sampler=Sampler(
                sampling,
                way_out=llama.beginnings(sampling.way_out),
                other_than=llama.beginnings(sampling.other_than),
            ),
            text=TextStream(sampling.stop),
        )
        for token in request.resume:
            stream.sampler.accept(token)
            stream.text.feed(llama.piece(token))
        stream.attach(llama)
        if not sampling.way_out:
            stream._send(stream._forced(llama))
        return stream

    def attach(self, llama: Llama) -> None:
        """Go on with this model's tokens, after what was written."""
        sampling = self.request.sampling
        if sampling.copied_from:
            self.grammar = Grammar.copying(llama.vocabulary, sampling.copied_from)
        elif sampling.grammar:
            self.grammar = Grammar(llama.vocabulary, sampling.grammar)
        else:
            return
        self.sampler.constraint = self.grammar
        for token in self.tokens[self.prompt :]:
            self.grammar.accept(token)

    def detach(self) -> None:
        """Let the model's tokens go: it is dropped."""
        self.grammar = self.sampler.constraint = None

    def write(self, token: int, llama: Llama) -> int:
        """Go on by a token and by those that must follow it, and send the text; return how many these are."""
        before = len(self.tokens)
        text = self._add(token, llama)
        if len(self.tokens) == self.prompt + 1 and self.sampler.out is not None:
            text = f"{self.sampler.out:.4f}\n{text}"
        self._send(text + self._forced(llama))
        return len(self.tokens) - before

    def _forced(self, llama: Llama) -> str:
        """Go on by what the grammar leaves no choice about; return the text."""
        text = ""
        while self.grammar is not None and (tokens := self.grammar.forced()[: self.left]):
            text += "".join(self._add(token, llama) for token in tokens)
        return text

    def _add(self, token: int, llama: Llama) -> str:
        self.sampler.accept(token)
        self.tokens.append(token)
        self.unsent.append(token)
        self.left -= 1
        return self.text.feed(llama.piece(token))

    @property
    def ended(self) -> str:
        """Return why nothing more is written, "" if it goes on."""
        if self.text.stopped or (self.grammar is not None and self.grammar.ended):
            return "stop"
        return "length" if self.left <= 0 else ""

    def finish(self, reason: str) -> None:
        """Send the end, with what was held back."""
        written = len(self.tokens) - self.prompt
        text = f"{self.weighing.total:.4f}" if self.weighing else self.text.close()
        self.sink(End(reason, self.prompt, self.cached, written, text))

    def _send(self, text: str) -> None:
        if text:
            self.sink(Piece(text, tuple(self.unsent)))
            self.unsent.clear()
