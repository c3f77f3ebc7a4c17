"""Keep a child process alive: start it, restart it with backoff, say how it died.

A `Supervised` owns one child and one monitoring thread.  The thread starts the child
and outlives it, because the kernel sends the death signal of `die_with_parent` when the
*thread* that forked ends.  All methods may be called from any thread.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0  # a child that lived so long has not died of what ailed the one before
LAST_BYTES = 400  # of a log in which its last line is looked for
LOG_BYTES = 4_000_000  # a longer log is set aside as `.1` when the child is started

_PARENT = "SEMFS_PARENT"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Make the kernel kill this process when the one that supervises it is gone.

    To be called first thing in a child.  It ends the process at once if the parent died
    before the call.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    expected = os.environ.get(_PARENT, "")
    if expected and os.getppid() != int(expected):
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended."""

    name: str
    pid: int
    status: int  # exit status, or minus the number of the signal
    lived: float  # seconds

    @property
    def clean(self) -> bool:
        return self.status == 0

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid}) {ending(self.status)} after {self.lived:.1f} s"


def ending(status: int) -> str:
    """Say in words how a process ended: "ended", "failed with status 3", "was killed by SIGKILL"."""
    if status >= 0:
        return f"failed with status {status}" if status else "ended"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


class Backoff:
    """Decide how long to wait before the next start; pure."""

    def __init__(self) -> None:
        self._next = FIRST_DELAY

    def after(self, death: Death) -> float:
        """Return the delay in seconds; it doubles with each early death."""
        if death.clean:
            self._next = FIRST_DELAY
            return 0.0
        if death.lived >= STEADY_SECONDS:
            self._next = FIRST_DELAY
        delay, self._next = self._next, min(self._next * 2, LONGEST_DELAY)
        return delay


class Supervised:
    """One child process that is kept alive.

    It is started again when it fails or is killed; one that ends by itself with status 0
    rests until `start` is called again.  What it writes goes to `log`.  `nice` is how far it
    stands back for everything else on the machine.  `on_death` is called on the monitoring
    thread.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        name: str,
        log: Path | None = None,
        nice: int = 0,
        environment: Mapping[str, str] | None = None,
        on_death: Callable[[Death], None] | None = None,
    ) -> None:
        self.name = name
        self.deaths = 0
        self._command = list(command)
        self._log = log
        self._nice = nice
        self._environment = dict(environment or {})
        self._on_death = on_death
        self._backoff = Backoff()
        self._wanted = False
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def alive(self) -> bool:
        return self.pid is not None

    def last_words(self) -> str:
        """Return the last line of its log."""
        try:
            with open(self._log or os.devnull, "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_BYTES))
                lines = file.read().decode("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1] if lines else ""

    def start(self) -> None:
        """Ask for the child to run and return at once; harmless if it does, without effect after `stop`."""
        with self._changed:
            self._wanted = not self._stopped  # who is sent away at the end may still ask for it
            if self._wanted and self._thread is None:
                self._thread = threading.Thread(
                    target=self._monitor, name=f"supervise-{self.name}", daemon=True
                )
                self._thread.start()

    def dismiss(self) -> None:
        """Ask the child to end, never to be started again, and return at once; `stop` waits for it."""
        with self._changed:
            self._wanted = False
            self._stopped = True
            self._changed.notify_all()
            if self._process is not None:
                self._process.terminate()

    def stop(self, timeout: float = 5.0) -> None:
        """End the child, SIGTERM first and SIGKILL after `timeout` seconds, and never start it again."""
        self.dismiss()
        with self._changed:
            process, thread = self._process, self._thread
        if process is not None:
            _wait(process, timeout)
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def kill(self) -> None:
        """Kill the child, which stands still; it is started again as after any death."""
        process = self._process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    def _monitor(self) -> None:
        # A child begins with the signal mask of the thread that starts it, and whoever asked for this
        # one may be a thread of libfuse, which blocks what ends a process.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        delay = 0.0
        while self._keep_on(delay):
            process = self._spawn()
            if process is None:
                delay = LONGEST_DELAY
                continue
            began = time.monotonic()
            death = Death(self.name, process.pid, process.wait(), time.monotonic() - began)
            delay = self._bury(death)

    def _keep_on(self, delay: float) -> bool:
        """Wait for `delay` unless stopped, and say whether to start the child."""
        with self._changed:
            self._changed.wait_for(lambda: not self._wanted, timeout=delay)
            if not self._wanted:
                self._process = self._thread = None
            return self._wanted

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._changed:
            if not self._wanted:
                return None
            try:
                self._process = self._popen()
            except OSError as error:
                logger.warning("%s cannot be started: %s", self.name, error)
                return None
            if self._nice:
                _stand_back(self._process.pid, self._nice)
            logger.info("%s started (pid %d)", self.name, self._process.pid)
            return self._process

    def _popen(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self._environment, _PARENT: str(os.getpid())}
        output = _open_log(self._log) if self._log else os.open(os.devnull, os.O_WRONLY)
        try:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent to deal with
            )
        finally:
            os.close(output)

    def _bury(self, death: Death) -> float:
        """Note a death and return the delay before the next start."""
        delay = self._backoff.after(death)
        with self._changed:
            stopped = not self._wanted
            if death.clean:
                self._wanted = False
        if stopped or death.clean:
            logger.info("%s", death)
        else:
            self.deaths += 1
            logger.warning("%s; it is started again in %g s", death, delay)
        if self._on_death is not None:
            self._on_death(death)
        return delay


def _stand_back(pid: int, nice: int) -> None:
    """Give a process less of the processor, also where the kernel shares it out by session.

    Each child has a session of its own, and with CONFIG_SCHED_AUTOGROUP a nice value counts
    only inside of one (sched(7)).
    """
    try:
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        group = Path(f"/proc/{pid}/autogroup")
        if group.exists():
            group.write_text(str(nice))
    except OSError as error:
        logger.info("pid %d keeps its priority: %s", pid, error)


def _wait(process: subprocess.Popen[bytes], timeout: float) -> None:
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        logger.warning("pid %d did not end within %g s and is killed", process.pid, timeout)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _open_log(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
