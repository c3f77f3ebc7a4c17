"""What a grammar lets follow in a text, and what must follow; the only file that imports llguidance.

llguidance (MIT, Rust; vLLM, SGLang and llama.cpp build on it too) finds within a millisecond which of
all tokens may follow, and which must: those need not be computed one by one.  llama.cpp's own
grammars can only be asked about one token after another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from semfs.errors import ModelError

if TYPE_CHECKING:
    from llguidance import LLTokenizer

Numbers = npt.NDArray[np.int32]
Logits = npt.NDArray[np.float32]

WORD = 32  # bits of one number of a mask
# Writing without spaces between words, of which a part of a line is a word: Thai to Khmer, kana, Han, Hangul.
_NO_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


class Vocabulary:
    """A model's tokens, prepared once for all grammars: a second for 150,000 of them."""

    def __init__(
        self, pieces: Sequence[bytes], *, ends: Sequence[int], tokenise: Callable[[bytes], list[int]]
    ) -> None:
        """`pieces` are the tokens' bytes, empty for those that are no text; `ends` end a turn."""
        from llguidance import LLTokenizer, TokenizerWrapper

        wrapper = TokenizerWrapper(_Tokens(pieces, ends[0], tokenise))
        self.tokenizer: LLTokenizer = LLTokenizer(wrapper, eos_token=list(ends))


class _Tokens:
    """The tokens with the names by which llguidance asks for them."""

    bos_token_id = None

    def __init__(self, pieces: Sequence[bytes], end: int, tokenise: Callable[[bytes], list[int]]) -> None:
        self.tokens = [piece or b"<%d>" % token for token, piece in enumerate(pieces)]
        self.special_token_ids = [token for token, piece in enumerate(pieces) if not piece]
        self.eos_token_id = end
        self._tokenise = tokenise

    def __call__(self, text: bytes) -> list[int]:
        return self._tokenise(text)


class Grammar:
    """How far one sequence has come in its grammar."""

    def __init__(self, vocabulary: Vocabulary, text: str, *, form: Literal["gbnf", "lark"] = "gbnf") -> None:
        """Prepare a grammar in GBNF whose start is `root`; raises ModelError if it is not valid.

        `form` is the name of another notation that llguidance reads.
        """
        from llguidance import LLMatcher, grammar_from

        try:
            self._matcher = LLMatcher(vocabulary.tokenizer, grammar_from(form, text), log_level=0)
        except ValueError as error:
            raise ModelError(f"the grammar cannot be parsed: {error}") from error
        if self._matcher.is_error():
            raise ModelError(f"the grammar cannot be used: {self._matcher.get_error()}")
        self._tokenizer = vocabulary.tokenizer
        self._mask: npt.NDArray[np.uint32] | None = None

    @classmethod
    def copying(cls, vocabulary: Vocabulary, text: str) -> Grammar:
        """Let only words follow that stand in a text one after the other, with one space between them."""
        pieces = "substring_chars" if _NO_SPACES.search(text) else "substring_words"
        words = json.dumps(" ".join(text.split()), ensure_ascii=False)
        return cls(vocabulary, f'start: %regex {{ "{pieces}": {words} }}', form="lark")

    def allow(
        self, tokens: npt.NDArray[np.int32], logits: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Return the logits with minus infinity for tokens that the grammar does not let follow."""
        if self._matcher.is_error():  # a grammar too complex to go on with: nothing follows
            return np.full(len(tokens), -np.inf, np.float32)
        if self._mask is None:
            self._mask = np.frombuffer(self._matcher.compute_bitmask(), np.uint32)
        bits = self._mask[tokens // WORD] >> (tokens % WORD).astype(np.uint32) & 1
        return np.where(bits.astype(bool), logits, np.float32(-np.inf))

    def accept(self, token: int) -> None:
        """Go on by a token, which must be one that `allow` lets through."""
        self._mask = None
        self._matcher.consume_token(token)

    def forced(self) -> list[int]:
        """Return the tokens that follow whatever the model thinks; `accept` must be told of each."""
        tokens = self._matcher.compute_ff_tokens()
        # Tokenisers that begin each text with a space cannot write what stands in the middle of one.
        text = self._tokenizer.decode_bytes(tokens)
        return tokens if self._matcher.compute_ff_bytes().startswith(text) else []

    @property
    def ended(self) -> bool:
        """Whether nothing may follow but the end."""
        return self._matcher.is_stopped()
