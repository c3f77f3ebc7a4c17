"""One request while it is served: its tokens, its sampler and the text that it sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from semfs.engine.llama import Grammar, Llama
from semfs.engine.protocol import End, Generate, Piece
from semfs.engine.sampler import Sampler
from semfs.engine.text import TextStream
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
    grammar: Grammar | None
    cached: int = 0
    unsent: list[int] = field(default_factory=list)

    @classmethod
    def open(cls, request: Generate, prompt: list[int], llama: Llama, sink: Sink) -> Stream:
        """Prepare a request; one that is resumed is brought to where it was lost.

        Raises ModelError for a grammar that cannot be used.
        """
        sampling = request.sampling
        grammar = llama.grammar(sampling.grammar) if sampling.grammar else None
        stream = cls(
            request=request,
            sink=sink,
            tokens=[*prompt, *request.resume],
            prompt=len(prompt),
            left=sampling.max_tokens - len(request.resume),
            sampler=Sampler(sampling, grammar, way_out=llama.beginnings(sampling.way_out)),
            text=TextStream(sampling.stop),
            grammar=grammar,
        )
        for token in request.resume:
            stream.sampler.accept(token)
            stream.text.feed(llama.piece(token))
        return stream

    def write(self, token: int, data: bytes) -> None:
        """Go on by a token and send the text that it completes."""
        self.sampler.accept(token)
        self.tokens.append(token)
        self.unsent.append(token)
        self.left -= 1
        first = len(self.tokens) == self.prompt + 1
        line = f"{self.sampler.out:.4f}\n" if first and self.sampler.out is not None else ""
        self._send(line + self.text.feed(data))

    def finish(self, reason: str) -> None:
        """Send what was held back, and the end."""
        self._send(self.text.close())
        self.sink(End(reason, self.prompt, self.cached, len(self.tokens) - self.prompt))

    def close(self) -> None:
        if self.grammar is not None:
            self.grammar.close()

    def _send(self, text: str) -> None:
        if text:
            self.sink(Piece(text, tuple(self.unsent)))
            self.unsent.clear()
