"""From the bytes of tokens to text that can be shown; pure."""

from __future__ import annotations

import codecs


class TextStream:
    """Turn the bytes of successive tokens into text.

    Characters that are not complete yet are held back, and so is what may become a stop
    string; bytes that are no UTF-8 become U+FFFD.  The same tokens always give the same
    pieces, which is what a resumed request relies on.
    """

    def __init__(self, stop: tuple[str, ...] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(word for word in stop if word)
        self._held = ""
        self.stopped = False

    def feed(self, data: bytes) -> str:
        """Return what can be shown now; after a stop string, nothing any more."""
        return self._show(self._decoder.decode(data))

    def close(self) -> str:
        """Return what was held back."""
        text = self._show(self._decoder.decode(b"", True))
        if self.stopped:
            return text
        rest, self._held = self._held, ""
        return text + rest

    def _show(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        ends = [at for word in self._stop if (at := text.find(word)) >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)]
        keep = max((_overlap(text, word) for word in self._stop), default=0)
        cut = len(text) - keep
        self._held = text[cut:]
        return text[:cut]


def _overlap(text: str, word: str) -> int:
    """Return the length of the longest end of `text` that begins `word`."""
    for length in range(min(len(word) - 1, len(text)), 0, -1):
        if text.endswith(word[:length]):
            return length
    return 0
