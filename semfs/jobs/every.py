"""Requests with a time: keep them, and write each into `run` when its time has come.

Owns one thread, which looks at the clock of the wall every TICK_S: the time that a machine
sleeps is on no other clock.  A time that passed while nobody looked, because the machine was off or the
clock was set, is made up for by one run, whatever the number of times.  `state.db` knows up to which
time each has been dealt with, and learns it in the transaction that makes the job: no run is lost or
made twice.  Every method may be called from any thread.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import unicodedata
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

from dateutil import tz

from semfs.caller import acting_for
from semfs.errors import BadRequest, NoSuchEntry, QueueFull, RequestError, StoreError
from semfs.jobs import directive
from semfs.jobs.when import When
from semfs.jobs.when_words import EXAMPLES, understand
from semfs.model import JobId, JobStatus
from semfs.store.schedules import ScheduleRow, Schedules
from semfs.store.state import State

log = logging.getLogger(__name__)

TICK_S = 15.0
WRONG_S = 86_400.0  # what was dealt with so far ahead of now was so by a clock that was wrong
BUSY = (JobStatus.QUEUED, JobStatus.PLANNING, JobStatus.RUNNING)
_SAID = re.compile(rb"^# (?:next|last|refused): .*\n?", re.MULTILINE)  # what `text` adds


class Submit(Protocol):
    """What takes requests; `also` happens in the transaction that makes the job."""

    def __call__(self, data: bytes, *, also: Callable[[JobId], None]) -> JobId: ...


def local_zone() -> tzinfo:
    """Return the zone of the machine, which may travel."""
    return tz.gettz.nocache(None) or tz.UTC


def due(when: When, *, reached: float, seen: float, now: float, zone: tzinfo) -> float | None:
    """Return the latest time that has come and was not dealt with, None if there is none.

    `seen` is when somebody looked last.  A clock that was set back a little runs nothing again; where
    it was far ahead, only what comes after `seen` counts.  Pure.
    """
    since = reached if reached <= now + WRONG_S else min(seen, now)
    return when.latest(now, zone) if when.after(since, zone) <= now else None


class Every:
    """The scheduled requests of one mount."""

    def __init__(
        self,
        state: State,
        submit: Submit,
        *,
        longest: int,
        clock: Callable[[], float] = time.time,
        zone: Callable[[], tzinfo] = local_zone,
    ) -> None:
        self._state = state
        self._schedules = Schedules(state)
        self._submit = submit
        self._longest = longest
        self._clock = clock
        self._zone = zone
        self._seen = clock()
        self._refused: dict[str, tuple[str, str]] = {}  # name -> what was written, what is wrong with it
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look at the clock."""
        self._thread = threading.Thread(target=self._watch, name="every", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    # -- the requests

    def names(self) -> dict[str, float]:
        """Return the names with the times at which they were written; what was refused is among them."""
        kept = {row.name: row.changed for row in self._schedules.all()}
        return dict.fromkeys(self._refused, self._seen) | kept

    def text(self, name: str) -> str:
        """Return a request as it was written, then its next run and its last; raises NoSuchEntry."""
        row = self._schedules.get(name)
        written, refusal = self._refused.get(name, ("", ""))
        if row is None and not refusal:
            raise NoSuchEntry(f"there is no scheduled request {name}")
        text = row.request if row else written
        lines = [*self._said(row), *([f"refused: {refusal}"] if refusal else [])]
        return text.rstrip("\n") + "\n" + "".join(f"# {line}\n" for line in lines)

    def check(self, data: bytes) -> None:
        """Raise BadRequest if none with a time begins so, StoreBusy while none can be kept."""
        self._state.require_writable()
        first = data.partition(b"\n")[0].decode("utf-8", "replace")
        when_of(directive.understand(f"{first}\n."))

    def put(self, name: str, data: bytes) -> None:
        """Keep a request; one that is not valid is shown with what is wrong, and BadRequest raised."""
        name = unicodedata.normalize("NFC", name)
        data = _SAID.sub(b"", data)
        try:
            request = directive.read(data, longest=self._longest)
            when_of(request)
        except RequestError as error:
            self._refused[name] = data.decode("utf-8", "replace"), str(error)
            raise
        self._schedules.put(name, request.given, now=self._clock())
        self._refused.pop(name, None)
        self._wake.set()

    def remove(self, name: str) -> None:
        """Forget a request; its jobs stay."""
        refused = self._refused.pop(name, None)
        if self._schedules.get(name) is not None or refused is None:
            self._schedules.remove(name)

    def rename(self, old: str, new: str) -> None:
        """Give a request another name; one that was refused stays so."""
        new = unicodedata.normalize("NFC", new)
        refused = self._refused.pop(old, None)
        if self._schedules.get(old) is not None or refused is None:
            self._schedules.rename(old, new)
            self._refused.pop(new, None)
        if refused is not None:
            self._refused[new] = refused

    def runs(self, name: str) -> dict[str, JobId]:
        """Return the jobs that a request made, by the local time that they were meant for."""
        zone, found = self._zone(), dict[str, JobId]()
        for run in self._schedules.runs(name):
            label = f"{datetime.fromtimestamp(run.due, zone):%Y-%m-%dT%H:%M}"
            found[label if label not in found else f"{label}-{run.job}"] = run.job
        return found

    def _said(self, row: ScheduleRow | None) -> list[str]:
        if row is None:
            return []
        zone = self._zone()
        when = when_of(directive.understand(row.request))
        following = datetime.fromtimestamp(when.after(max(row.reached, self._clock()), zone), zone)
        lines = [f"next: {following:%A %Y-%m-%d %H:%M} ({when})"]
        if run := self._schedules.last_run(row.name):
            job = self._state.job(run.job)
            day = datetime.fromtimestamp(run.due, zone)
            lines.append(f"last: {day:%A %Y-%m-%d %H:%M}, job {run.job}, {job.status if job else 'removed'}")
        return lines

    # -- the clock

    def _watch(self) -> None:
        while not self._closed:
            try:
                self.tick()
            except StoreError as trouble:  # a full disk, say: what is due stays due
                log.info("requests with a time wait: %s", trouble)
            self._wake.wait(TICK_S)
            self._wake.clear()

    def tick(self) -> None:
        """Run what is due; what cannot be taken now is tried again at the next look."""
        now = self._clock()
        for row in self._schedules.all():
            try:
                self._look_at(row, now)
            except (QueueFull, StoreError) as trouble:
                log.info("every/%s waits: %s", row.name, trouble)
            except RequestError as error:  # what was valid once is not any more
                log.warning("every/%s is refused: %s", row.name, error)
                self._refused[row.name] = row.request, str(error)
                self._schedules.reach(row.name, now)
        self._seen = now

    def _look_at(self, row: ScheduleRow, now: float) -> None:
        when = when_of(directive.understand(row.request))
        moment = due(when, reached=row.reached, seen=self._seen, now=now, zone=self._zone())
        if moment is None or self._busy(row.name):
            return

        def also(job: JobId) -> None:
            self._schedules.ran(row.name, moment, job, now=now)

        with acting_for(f"every/{row.name}"):
            self._submit(row.request.encode(), also=also)

    def _busy(self, name: str) -> bool:
        """Whether the last run has not ended yet; the next one waits for it."""
        last = self._schedules.last_run(name)
        job = self._state.job(last.job) if last else None
        return job is not None and job.status in BUSY


def when_of(request: directive.Request) -> When:
    """Return when a request is to run; raises BadRequest."""
    if not request.every:
        raise BadRequest(f'its first line must say when, #!semfs every="…", with {EXAMPLES}')
    return understand(request.every)
