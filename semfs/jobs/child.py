"""Do one piece of work on data in a child process with limits: a request as JSON in, one as JSON out.

`converse` is called by a step, in any thread; the child (`python -m MODULE`) calls `serve`.
What ends the child ends nothing else, and it dies with the process that started it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from semfs.errors import Interrupted, StepFailed
from semfs.jobs.sandbox import Limits
from semfs.supervise import die_with_parent

TICK_S = 0.05
# Address space beyond what a child may use for its data: with DuckDB, 880 MB are mapped before the
# first row.  DuckDB's own limit does not hold for a single long value: repeat('x', 3000000000) took
# 9 GB under a limit of 256 MB.
MAPPED = 1 << 30


def converse(
    module: str,
    request: dict[str, Any],
    *,
    what: str,
    place: Path,
    limits: Limits,
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Return the child's answer; `what` is what an error says was stopped.

    `place` is a folder of the caller's own, which is left with what was needed on the way.
    Raises StepFailed with the child's words or the limit that was passed, and Interrupted.
    """
    given, said, wrong = (place / name for name in ("request", "answer", "error"))
    request = {**request, "seconds": limits.seconds, "memory": limits.memory}
    given.write_text(json.dumps(request), "utf-8")
    with given.open("rb") as stdin, said.open("wb") as stdout, wrong.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(place)], stdin=stdin, stdout=stdout, stderr=stderr
        )
        _watch(process, what, limits.seconds, cancelled)
    if process.returncode:
        lines = wrong.read_text("utf-8", "replace").strip().splitlines()
        raise StepFailed(f"{what} was stopped: {lines[-1] if lines else 'too much memory or time'}")
    answer: dict[str, Any] = json.loads(said.read_bytes())
    if "error" in answer:
        raise StepFailed(f"{what} failed: {answer['error']}")
    return answer


def _watch(process: subprocess.Popen[bytes], what: str, seconds: int, cancelled: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None:
            if cancelled():
                raise Interrupted("cancelled")
            if time.monotonic() > deadline:
                raise StepFailed(f"{what} was stopped: it took more than {seconds} seconds")
            with suppress(subprocess.TimeoutExpired):
                process.wait(TICK_S)
    finally:
        process.kill()
        process.wait()


def serve(work: Callable[[dict[str, Any], Path], dict[str, Any]]) -> None:
    """Be the child: answer the one request on standard input, within its limits."""
    die_with_parent()
    request = json.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"] * 2,) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"] + MAPPED,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(work(request, Path(sys.argv[1])), sys.stdout)
