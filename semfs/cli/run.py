"""`semfs run`: carry out a request, show how far it is, print what it made."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from semfs.cli import mounts
from semfs.cli.search import read_text
from semfs.config import Config
from semfs.errors import BadRequest, SemfsError
from semfs.model import shown

ENDED = {"done", "failed", "cancelled", "held"}
SHOWN = 4096  # characters of a result that are printed
POLL_S = 0.2


def run(arguments: argparse.Namespace, config: Config) -> int:
    mount = mounts.choose(arguments.mount)
    given = sys.stdin.buffer.read() if arguments.words == ["-"] else os.fsencode(" ".join(arguments.words))
    number = submit(mount.path("run"), given)
    if arguments.no_wait:
        print(number)
        return 0
    job = mount.path("jobs", number)
    print(f"job {number}: {job}", file=sys.stderr)
    status = _follow(job)
    if status == "failed":
        raise SemfsError(f"job {number} failed: {read_text(job / 'error').strip()}")
    _print_results(job)
    return 0 if status == "done" else 1


def submit(run_file: Path, request: bytes) -> str:
    """Write a request and return the number that is read back on the same open file."""
    if not request.strip():
        raise BadRequest("the request is empty")
    try:
        descriptor = os.open(run_file, os.O_RDWR)
        try:
            whole = memoryview(request if request.endswith(b"\n") else request + b"\n")
            while whole:
                whole = whole[os.write(descriptor, whole) :]
            return os.read(descriptor, 64).decode().strip()
        finally:
            os.close(descriptor)
    except OSError as error:
        raise BadRequest(f"the request was refused: {error.strerror}") from error


def _follow(job: Path) -> str:
    """Show the progress on a terminal until the job ends or is held; return its status."""
    last = ""
    while (status := read_text(job / "status").strip()) not in ENDED:
        progress = read_text(job / "progress").strip()
        if progress != last and sys.stderr.isatty():
            print(f"\r\033[K{status}: {progress}", end="", file=sys.stderr, flush=True)
        last = progress
        time.sleep(POLL_S)
    if sys.stderr.isatty():
        print(f"\r\033[K{status}", file=sys.stderr)
    return status


def _print_results(job: Path) -> None:
    for file in sorted(path for path in (job / "out").rglob("*") if path.is_file()):
        print(f"==> {shown(str(file))} <==")
        text = file.read_bytes()[:SHOWN]
        print("(not text)" if b"\0" in text else text.decode("utf-8", "replace").rstrip())
