"""Tell programs that watch (inotify) what has changed without their doing: FUSE sends them nothing.

What changes through the mount the kernel tells itself.  For the rest a child sets the time of last change
through the mount, `touch -m`, of which the kernel tells IN_MODIFY.  It is a child because the mount must
never wait for itself.

Owns one thread, which is woken by jobs, looks every RUNNING_S at those that run, and every INDEX_S whether
the index has changed: only then is looked, at the pace of ingest and never for longer than SHARE of the time,
what the saved queries find.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from semfs.errors import NoSuchEntry, SemfsError
from semfs.model import JobId
from semfs.mount.ports import Jobs, JobView, Service

log = logging.getLogger(__name__)

RUNNING_S: Final = 0.5
TOGETHER_S: Final = 0.05  # is told at once, so that one request after another is not held up by it
INDEX_S: Final = 2.0
SHARE: Final = 0.05
TOUCH_S: Final = 5.0  # until a child is given up
TOUCH: Final = ("touch", "-m", "-c", "-h", "--")
MOST: Final = 1000  # names that a child is given

ENDED: Final = frozenset(["done", "failed", "cancelled"])
WORKING: Final = frozenset(["planning", "running"])

Look = Mapping[str, object]  # path below the mount -> something that differs when what is there does

FILES: Final[dict[str, Callable[[JobView], object]]] = {
    "": lambda view: view.status,
    "/status": lambda view: view.status,
    "/progress": lambda view: view.progress,
    "/log": lambda view: view.log_size,
    "/error": lambda view: view.error,
    "/plan": lambda view: view.plan,
    "/explain": lambda view: (view.plan, view.status),
    "/usage.json": lambda view: view.usage,
    "/cells.csv": lambda view: view.cells_size,
    "/wait": lambda view: view.status in ENDED or view.status == "held",
}


def changed(before: Look, after: Look) -> list[str]:
    """Return the paths that are there and were not, or not so; a directory comes before what is in it."""
    return [path for path, seen in after.items() if path not in before or before[path] != seen]


def look_at(id: JobId, jobs: Jobs) -> Look:
    """Return how a job is now; raises NoSuchEntry."""
    view, base = jobs.get(id), f"jobs/{id}"
    found: dict[str, object] = {base + name: render(view) for name, render in FILES.items()}
    found[f"{base}/sources"] = jobs.source(id, 1)[1]
    out = jobs.output_dir(id)
    for folder, _, names in os.walk(out):
        below = os.path.relpath(folder, out)
        for name in names:
            where = os.path.normpath(f"{base}/out/{below}/{name}")
            found[where] = _stamp(f"{folder}/{name}")
    return found


def _stamp(path: str) -> object:
    try:
        about = os.lstat(path)
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size


class Herald:
    """Watches for watchers; a context manager."""

    def __init__(self, service: Service, mountpoint: str, outdate: Callable[[str], None]) -> None:
        """`outdate` is told which saved query has other hits than were listed."""
        self._service = service
        self._mountpoint = mountpoint
        self._outdate = outdate
        self._woken = threading.Condition()
        self._told: set[JobId] = set()
        self._closing = False
        self._jobs: dict[JobId, Look] = {}  # that have not ended
        self._requests: Look = {}
        self._hits: dict[str, tuple[str, ...]] = {}
        self._generation: object = None
        self._search_at = 0.0
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="herald", daemon=True)

    def __enter__(self) -> Herald:
        self._requests = self._look_at_requests()
        self._service.jobs.listen(self._tell)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._woken:
            self._closing = True
            self._woken.notify_all()
            if self._child is not None:
                self._child.kill()
        self._thread.join()

    def _tell(self, id: JobId) -> None:
        with self._woken:
            self._told.add(id)
            self._woken.notify_all()

    def _run(self) -> None:
        while True:
            told = self._wait()
            if told is None:
                return
            try:
                self._touch([*self._jobs_changed(told), *self._queries_changed()])
            except (SemfsError, OSError) as trouble:  # the next look makes up for it
                log.info("watchers were not told: %s", trouble)

    def _wait(self) -> set[JobId] | None:
        """Return whose state has changed, perhaps nobody's, None at the end."""
        with self._woken:
            self._woken.wait_for(
                lambda: self._told or self._closing, RUNNING_S if self._working() else INDEX_S
            )
            if self._told:
                self._woken.wait_for(lambda: self._closing, TOGETHER_S)
            told, self._told = self._told, set()
            return None if self._closing else told

    def _working(self) -> set[JobId]:
        return {id for id, look in self._jobs.items() if look[f"jobs/{id}"] in WORKING}

    def _jobs_changed(self, told: set[JobId]) -> list[str]:
        paths: list[str] = []
        for id in sorted(told | self._working()):
            paths += self._job_changed(id)
        if told:
            before, self._requests = self._requests, self._look_at_requests()
            paths += changed(before, self._requests)
        return paths

    def _job_changed(self, id: JobId) -> list[str]:
        before = self._jobs.pop(id, {})
        try:
            after = look_at(id, self._service.jobs)
        except NoSuchEntry:
            return []  # removed, through the mount
        if after[f"jobs/{id}"] not in ENDED:
            self._jobs[id] = after
        return changed(before, after)

    def _look_at_requests(self) -> Look:
        """Return what is told about the newest job and about requests with a time."""
        every = self._service.every
        found: dict[str, object] = {"jobs/last": max(self._service.jobs.ids(), default=None)}
        for name in every.names():
            runs = tuple(every.runs(name))
            found[f"jobs/every/{name}"] = every.text(name)
            found |= {f"jobs/every/{name}.runs": runs} if runs else {}
        return found

    def _queries_changed(self) -> list[str]:
        names, generation = list(self._service.saved.names()), self._service.generation()
        new = [name for name in names if name not in self._hits]
        if time.monotonic() < self._search_at or (generation == self._generation and not new):
            return []
        began = time.monotonic()
        found = [name for name in names if self._has_changed(name)]
        self._generation = generation
        self._search_at = time.monotonic() + (time.monotonic() - began) / SHARE
        self._hits = {name: self._hits[name] for name in names}
        return [f"saved/{name}" for name in found]

    def _has_changed(self, name: str) -> bool:
        before, hits = self._hits.get(name), tuple(self._service.hits_of(name))
        self._hits[name] = hits
        if before is None or before == hits:
            return False
        self._outdate(name)
        return True

    def _touch(self, paths: list[str]) -> None:
        for first in range(0, len(paths), MOST):
            self._run_touch([f"{self._mountpoint}/{path}" for path in paths[first : first + MOST]])

    def _run_touch(self, paths: list[str]) -> None:
        nowhere = subprocess.DEVNULL
        with self._woken:
            if self._closing:
                return
            self._child = subprocess.Popen([*TOUCH, *paths], stdin=nowhere, stdout=nowhere, stderr=nowhere)
        try:
            self._child.wait(TOUCH_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            log.info("watchers were not told: the mount did not answer within %g s", TOUCH_S)
