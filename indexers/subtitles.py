"""Subtitles (SRT, WebVTT, ASS): what is said, under the minute at which it is said.

Read line by line rather than by pysubs2, which does not tell the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from semfs.indexers.outline import placed_sections
from semfs.indexers.source import load_lines
from semfs.model import Document, Kind

TIMING = re.compile(r"\s*(?:(\d{1,3}):)?(\d\d):(\d\d)[.,]\d{1,3}\s+-->\s")
ASS_TIME = re.compile(r"\s*(\d{1,3}):(\d\d):(\d\d)")
STYLE = re.compile(r"<[^<>]{1,80}>|\{\\[^{}]{1,200}\}")
ASS_FIELDS = 9  # commas before the text of a line of dialogue
Said = tuple[int, str, str]  # line from 1, minute, text


class Subtitles:
    """Read what is said in a film."""

    name = "subtitles"
    kind = Kind.TEXT

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        ass = any(line.startswith("[Script Info]") for line in lines[:20])
        return Document(
            placed_sections(_dialogue(lines) if ass else _cues(lines)), title=_title(lines, ass=ass)
        )


def _cues(lines: list[str]) -> Iterator[Said]:
    """Yield the lines below a timing, up to an empty one."""
    minute: str | None = None
    for number, line in enumerate(lines, start=1):
        if timing := TIMING.match(line):
            minute = _minute(int(timing[1] or 0), int(timing[2]))
        elif not line.strip():
            minute = None
        elif minute is not None and (said := STYLE.sub("", line).strip()):
            yield number, minute, said


def _dialogue(lines: list[str]) -> Iterator[Said]:
    for number, line in enumerate(lines, start=1):
        if line.startswith("Dialogue:"):
            fields = line.split(",", ASS_FIELDS)
            time = ASS_TIME.match(fields[1]) if len(fields) > ASS_FIELDS else None
            if time:
                said = STYLE.sub("", fields[-1]).replace("\\N", " ").replace("\\n", " ").strip()
                if said:
                    yield number, _minute(int(time[1]), int(time[2])), said


def _minute(hours: int, minutes: int) -> str:
    return f"{hours}:{minutes:02}:00"


def _title(lines: list[str], *, ass: bool) -> str:
    if ass:
        return next((line[6:].strip() for line in lines[:50] if line.startswith("Title:")), "")
    return lines[0].removeprefix("WEBVTT - ") if lines[0].startswith("WEBVTT - ") else ""
