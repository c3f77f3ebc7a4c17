"""What a mount says of itself: `sys/status` in words, `sys/status.json` for programs.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from semfs.model import Coverage, shown, shown_line

MINUTE, HOUR, DAY = 60, 3600, 86400
STARTING_S = 15.0  # in which the process that indexes has said its first word

ACTIVITIES = {
    "scanning": "scanning the folders for what is new",
    "embedding": "embedding, so that files are found by meaning",
    "recognising": "recognising the text in pictures",
    "watching": "watching for changes",
}


@dataclass(frozen=True, slots=True)
class Status:
    """The facts of one moment."""

    version: str
    name: str  # of the index
    process: int
    up_s: float
    folders: tuple[str, ...]
    coverage: Coverage
    notices: tuple[str, ...]
    engine: str  # in brief
    jobs: Mapping[str, int]  # how many are in each state
    started: float = 0.0  # seconds since the epoch
    deaths: Mapping[str, int] = field(default_factory=dict)  # of child processes, by name

    def text(self) -> str:
        """Return one fact a line, a word and what there is to say about it."""
        return "".join(f"{word:<9}{shown_line(text)}\n" for word, text in self._facts())

    def _facts(self) -> Iterator[tuple[str, str]]:
        covered = self.coverage
        up = f"{self.version}, index {self.name}, process {self.process}, up {span(self.up_s)}"
        yield "semfs", up
        yield from (("folder", folder) for folder in self.folders)
        yield "files", _files(covered)
        yield (
            "meaning",
            f"{covered.embedded:,} of {covered.passages:,} passages can be found by meaning{_whole(covered)}",
        )
        if covered.scans or covered.scanned:
            every = covered.scans + covered.scanned
            yield (
                "pictures",
                f"{covered.scanned:,} of {every:,} pictures and scanned pages have been looked at",
            )
        if speed := _speed(covered):
            yield "speed", speed
        yield "now", self.now()
        yield from (("notice", notice) for notice in self.notices)
        yield "engine", self.engine
        yield "jobs", ", ".join(f"{count} {word}" for word, count in self.jobs.items()) or "none yet"

    def now(self) -> str:
        """Return what is done to the index."""
        covered = self.coverage
        if covered.activity:
            return f"{ACTIVITIES.get(covered.activity, covered.activity)} {covered.current}".strip()
        if self.up_s < STARTING_S and not self.deaths.get("ingest"):
            return "starting"
        return "the process that indexes is not running; it is started again by itself (see sys/log)"

    def json(self) -> str:
        """Return the same as one JSON object on one line."""
        facts = asdict(self) | {"coverage": asdict(self.coverage) | {"complete": self.coverage.complete}}
        return shown(json.dumps(facts, ensure_ascii=False)) + "\n"


def building(covered: Coverage) -> str:
    """Return a sentence on how far the index is, "" once nothing waits."""
    if not covered.activity or (
        covered.files and not covered.pending and covered.embedded >= covered.passages
    ):
        return ""
    words = f"{covered.indexed:,} of {covered.files:,} files can be found by words"
    found = f"{words}, {covered.meaning:,} by meaning"
    return f"{found}; {left(covered)}" if left(covered) else found


def left(covered: Coverage) -> str:
    """Return how long it will take, "" where nothing is being done."""
    progress = covered.progress
    if not covered.working:
        return ""
    if covered.pending:
        words = progress.words_left_s
        return f"{about(words)} left for the words" if words is not None else "how long is not known yet"
    meaning = progress.meaning_left_s
    return f"{about(meaning)} left" if meaning is not None else "how long is not known yet"


def about(seconds: float) -> str:
    """Return a time as one guesses it: two digits would be a promise."""
    for unit, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit * 0.95:
            count = max(round(seconds / unit), 1)
            return f"about {count} {word}{'s' if count > 1 else ''}"
    return "less than a minute"


def span(seconds: float) -> str:
    """Return how long something has lasted."""
    minutes = int(seconds) // MINUTE
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "d"), (hours, "h"), (minutes % 60, "min")]
    told = [part for part in parts if part[0]] or parts[-1:]
    return " ".join(f"{count} {unit}" for count, unit in told[:2])


def _files(covered: Coverage) -> str:
    parts = [f"{covered.indexed:,} indexed"]
    parts += [f"{covered.pending:,} to be read"] if covered.pending else []
    parts += [f"{covered.failed:,} could not be read (see sys/errors)"] if covered.failed else []
    parts += [f"{covered.skipped:,} found by name only"] if covered.skipped else []
    return f"{covered.files:,}: {', '.join(parts)}" if covered.files else "none found so far"


def _whole(covered: Coverage) -> str:
    if covered.embedded >= covered.passages:
        return ""
    return f", all of them in {covered.meaning:,} of {covered.indexed:,} files"


def _speed(covered: Coverage) -> str:
    if not covered.working:
        return ""
    rates = (
        (covered.progress.files_per_s, "files/s"),
        (covered.progress.passages_per_s, "passages/s"),
    )
    told = [f"{rate:,.0f} {what}" if rate >= 10 else f"{rate:.1f} {what}" for rate, what in rates if rate]
    return ", ".join([*told, left(covered)]) if told else "not known yet"
