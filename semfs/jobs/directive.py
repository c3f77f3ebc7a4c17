"""Read what was written into `run`: bytes to a request, its first line perhaps a directive.  Pure.

#!semfs hold priority=low model=NAME      then the request
#!semfs adapter=/path/to/lora.gguf        a LoRA adapter for the model
#!semfs seconds=600                       the job is given up after that
#!semfs plan                              then a plan, not a request
#!semfs every="weekdays 8:00"             only in jobs/every/
"""

from __future__ import annotations

import difflib
import shlex
import unicodedata
from dataclasses import dataclass

from semfs.errors import BadRequest, RequestTooLong
from semfs.model import Priority, Weights

MARK = "#!semfs"
FLAGS = ("hold", "plan")
OPTIONS = ("priority", "model", "adapter", "seconds", "every")
LONGEST = 7 * 86_400  # seconds that a job may be given


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was understood."""

    given: str  # all of it
    text: str  # without the directive line
    hold: bool = False
    is_plan: bool = False
    priority: Priority = Priority.NORMAL
    weights: Weights = Weights()
    seconds: int = 0  # that the job may take; 0 is as long as it needs
    every: str = ""  # when it is to run, in words


def read(data: bytes, *, longest: int) -> Request:
    """Decode and check a request; raise RequestTooLong or BadRequest with what is wrong."""
    if len(data) > longest:
        raise RequestTooLong(f"the request has {len(data)} bytes; at most {longest} are allowed")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the request is not text: byte {error.start + 1} is not UTF-8") from None
    return understand(text)


def understand(text: str) -> Request:
    """Split a request into its directive and its words."""
    for letter in text:
        if unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n\r":
            raise BadRequest(f"the request is not text: it holds the character U+{ord(letter):04X}")
    stripped = text.strip()
    first, _, rest = stripped.partition("\n")
    request = _directed(first, text, rest.strip()) if first.startswith(MARK) else Request(text, stripped)
    if not request.text:
        raise BadRequest("the request is empty: write what is to be done, in words")
    return request


def _directed(first: str, given: str, text: str) -> Request:
    marker, *words = _words(first)
    if marker != MARK:
        raise BadRequest(f"unknown directive '{marker}': did you mean '{MARK}'?")
    flags = {word for word in words if "=" not in word}
    options = dict(word.split("=", 1) for word in words if "=" in word)
    for word in flags:
        _known(word, FLAGS, "word")
    for word in options:
        _known(word, OPTIONS, "option")
    return Request(
        given,
        text,
        hold="hold" in flags,
        is_plan="plan" in flags,
        priority=priority(options.get("priority", Priority.NORMAL)),
        weights=Weights(options.get("model", ""), options.get("adapter", "")),
        seconds=_seconds(options["seconds"]) if "seconds" in options else 0,
        every=options.get("every", ""),
    )


def _words(line: str) -> list[str]:
    """Split as a shell does, so that an option may have several words."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise BadRequest(f"the first line cannot be read: {str(error).lower()}") from None


def _seconds(word: str) -> int:
    if word.isascii() and word.isdigit() and 0 < int(word[:9]) <= LONGEST:
        return int(word)
    raise BadRequest(f"seconds='{word}' is no whole number of seconds from 1 to {LONGEST}")


def priority(word: str) -> Priority:
    """Return the priority of that name; raise BadRequest with the names there are."""
    try:
        return Priority(word)
    except ValueError:
        raise BadRequest(f"unknown priority '{word}': use high, normal or low") from None


def _known(word: str, known: tuple[str, ...], what: str) -> None:
    if word in known:
        return
    close = difflib.get_close_matches(word, (*FLAGS, *OPTIONS), n=1)
    hint = (
        f"did you mean '{close[0]}'?"
        if close
        else "known are hold, plan, priority=, model=, adapter=, seconds=, every="
    )
    raise BadRequest(f"unknown {what} '{word}' in the first line: {hint}")
