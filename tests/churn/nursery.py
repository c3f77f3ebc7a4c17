"""Start ingest processes quickly: one process has everything imported, and forks.

As a program it reads a JSON object a line, forks a process that indexes what it says, and
answers with its number.  What it forks is a process like any other: it has its own lock,
watches and children, and is killed by its number.  Where it is root it gives up root's right to read
everything, so that permissions mean something.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EMBEDDER = "hashes"
_MAY_READ_ALL = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_CAPABILITIES = 0x20080522  # version 3 of capset(2)
_DROP = 24  # PR_CAPBSET_DROP


class Nursery:
    """The process that forks, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            },
        )
        self._lock = threading.Lock()

    def fork(self, **given: object) -> int:
        """Start an ingest process; return its number."""
        assert self._process.stdin
        assert self._process.stdout
        with self._lock:
            self._process.stdin.write(json.dumps(given) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def give_up_reading_all() -> None:
    """Have permissions bind, as root and in what it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _MAY_READ_ALL:
        libc.prctl(_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    sets = (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    for place in range(3):  # effective, permitted, inheritable, each in two halves
        for capability in _MAY_READ_ALL:
            sets[place] &= ~(1 << capability)
    libc.capset(header, sets)


def _index(given: dict[str, Any]) -> None:
    """Be an ingest process, to the end."""
    from semfs.config import Config, Index
    from semfs.index.ingest import run
    from semfs.model import Kind

    log = os.open(given["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(message)s")
    if os.geteuid() == 0:
        give_up_reading_all()
    run(
        name=given["name"],
        sources=given["sources"],
        reader_command=[sys.executable, str(HERE / "reader.py"), given["slow"]],
        embed_command=given.get("embed_command")
        or [sys.executable, str(HERE / "embedder.py"), given["embedded"]],
        config=Config(
            index=Index(
                workers=1,
                embedder=given.get("embedder", EMBEDDER),
                pause_on_battery=False,
                pause_on_load=False,
            )
        ),
        kind_of=lambda path: Kind.TEXT,
        fewest_words=1,
    )


def main() -> None:
    import tantivy

    import semfs.index.ingest

    assert semfs.index.ingest
    assert tantivy
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            try:
                _index(json.loads(line))
            except BaseException:
                logging.exception("ended")
                os._exit(1)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
