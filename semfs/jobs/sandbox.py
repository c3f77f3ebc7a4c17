"""Run a model-written Python program where it can harm nothing.  The only file that knows bubblewrap.

No network, no view of the home directory or of any other process, an empty environment,
a read-only system, limits on time, memory, output, files and processes.  Without bubblewrap
nothing is run.  May be called from any thread; each call owns its child process.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from semfs.errors import Interrupted, MissingPart, StepFailed
from semfs.jobs import exact, launch, seccomp

log = logging.getLogger(__name__)

REMEDY = "install it (apt install bubblewrap); programs that a model wrote are never run without it"
MOST_FILES = 1000  # that one program may leave
KILLED = "killed"  # in the place of an exception's name
LONGEST_KIND = 60  # characters of an exception's name
TICK_S = 0.05
TRY_S = 120  # until a sandbox with nothing in it has begun and ended; a busy machine has taken 20
BUSIEST = 5  # times the time of a program, at most, where others use the processors
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use."""

    seconds: int
    memory: int  # bytes of address space
    output: int  # bytes, printed and written together


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended."""

    text: str  # what it printed
    error: str = ""  # one line, "" if it ended well
    kind: str = ""  # the exception's name
    line: int = 0  # of the program, 0 if not known
    on_purpose: bool = False  # the program itself said that the input is wrong


def run_python(
    program: str,
    variables: Mapping[str, Any],
    out: Path,
    *,
    limits: Limits,
    cancelled: Callable[[], bool],
) -> Outcome:
    """Run a program; its files are then in `out`, which must be empty and the caller's own, as its parent.

    Raises MissingPart without bubblewrap, StepFailed if a limit was passed, Interrupted.
    """
    if reason := trouble():
        raise MissingPart("bubblewrap", reason)
    with tempfile.TemporaryDirectory(dir=out.parent) as place:
        inside = Path(place)
        (inside / "program.py").write_text(program, "utf-8", "replace")
        (inside / "variables.json").write_text(json.dumps(variables), "utf-8", "replace")
        return _outcome(*_Child(_command(inside, out, limits), out, limits, cancelled).run())


def trouble() -> str:
    """Return why programs cannot be sandboxed here and what to do, "" if they can.

    Tried until one has been, twice each time: a trial that was killed, or that a busy machine did not end in
    time, says nothing about the next program.
    """
    if shutil.which("bwrap") is None:
        return REMEDY
    if _proved.is_set():
        return ""
    if reason := _tried() and _tried():
        return reason
    _proved.set()
    return ""


_proved = threading.Event()  # a program has been sandboxed by this process


def _tried() -> str:
    try:
        with _filter() as (descriptor, extra):
            command = ["bwrap", *_walls(), *extra, "--", *_python(), "-c", "pass"]
            done = subprocess.run(command, capture_output=True, timeout=TRY_S, pass_fds=descriptor)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it cannot be started: {error}"
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.returncode}"]
    return f"it does not work here ({said[-1]}); unprivileged user namespaces must be allowed"


def _walls() -> list[str]:
    """Return what every sandbox has: the system read-only, nothing else, small places to write."""
    words = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    words += ["--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/work", "--setenv", "LANG", "C.UTF-8"]
    words += ["--setenv", "OPENBLAS_NUM_THREADS", "1", "--hostname", "sandbox"]
    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            words += ["--ro-bind", path, path]
    prefix = os.path.realpath(sys.base_prefix)
    if not prefix.startswith("/usr"):
        words += ["--ro-bind", prefix, prefix]
    for package in _packages():
        words += ["--ro-bind", str(package), f"/packages/{package.name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(1 << 20), "--tmpfs", "/dev/shm"]
    return [*words, "--remount-ro", "/dev", "--size", str(16 << 20), "--tmpfs", "/tmp"]


def _command(inside: Path, out: Path, limits: Limits) -> list[str]:
    given = {"seconds": limits.seconds, "memory": limits.memory, "output": limits.output}
    words = ["bwrap", *_walls(), "--ro-bind", str(inside), "/in"]
    words += ["--ro-bind", launch.__file__, "/launch.py", "--ro-bind", exact.__file__, launch.EXACT]
    words += ["--size", str(16 << 20), "--tmpfs", "/work"]
    words += ["--bind", str(out), "/work/out", "--remount-ro", "/", "--chdir", "/work"]
    return [*words, "{filter}", "--", *_python(), "/launch.py", json.dumps(given)]


def _python() -> list[str]:
    return [os.path.realpath(sys.executable), "-I", "-S", "-B", "-X", "utf8"]


@cache
def _packages() -> tuple[Path, ...]:
    """Return the folders of numpy, which programs may import: models like to."""
    spec = importlib.util.find_spec("numpy")
    if spec is None or not spec.origin:
        return ()
    package = Path(spec.origin).parent
    return tuple(folder for folder in (package, package.with_name("numpy.libs")) if folder.is_dir())


class _filter:
    """An open file with the system call filter, and the words that hand it to bubblewrap."""

    def __enter__(self) -> tuple[tuple[int, ...], list[str]]:
        self._file: IO[bytes] | None = None
        program = seccomp.program(platform.machine())
        if not program:
            return (), []
        self._file = tempfile.TemporaryFile()
        self._file.write(program)
        self._file.seek(0)
        return (self._file.fileno(),), ["--seccomp", str(self._file.fileno())]

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


class _Child:
    """One sandboxed process, watched until it ends."""

    def __init__(self, command: list[str], out: Path, limits: Limits, cancelled: Callable[[], bool]) -> None:
        self.command = command
        self.out = out
        self.limits = limits
        self.cancelled = cancelled
        self.streams: dict[str, bytes] = {}
        self.full = threading.Event()

    def run(self) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        with _filter() as (descriptor, extra):
            place = self.command.index("{filter}")
            command = [*self.command[:place], *extra, *self.command[place + 1 :]]
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=descriptor,
                start_new_session=True,
            )
        readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("out", process.stdout), ("err", process.stderr))
            if stream is not None
        ]
        for reader in readers:
            reader.start()
        try:
            self._watch(process)
        finally:
            _end(process)
            for reader in readers:
                reader.join()
        if self.full.is_set():
            raise self._too_much()
        out, err = (self.streams[name].decode("utf-8", "replace") for name in ("out", "err"))
        return process.returncode, out, err

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end, or for a limit to be passed."""
        deadline = time.monotonic() + self.limits.seconds * _share()
        while process.poll() is None:
            if self.cancelled():
                raise Interrupted("cancelled")
            if time.monotonic() > deadline:
                raise StepFailed(f"the program was stopped: it took more than {self.limits.seconds} seconds")
            if self.full.is_set() or _written(self.out) > self.limits.output:
                raise self._too_much()
            with suppress(subprocess.TimeoutExpired):
                process.wait(TICK_S)
        if _written(self.out) > self.limits.output:
            raise self._too_much()

    def _too_much(self) -> StepFailed:
        return StepFailed(f"the program was stopped: it wrote more than {self.limits.output >> 20} MB")

    def _read(self, name: str, stream: IO[bytes]) -> None:
        """Take what the child prints, up to the limit."""
        most = min(self.limits.output, 16 << 20)
        data = stream.read(most + 1)
        if len(data) > most:
            self.full.set()
            while stream.read(1 << 20):
                pass
        self.streams[name] = data
        stream.close()


def _share() -> float:
    """Return how many times longer a program takes because others wait for the processors too."""
    return min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), BUSIEST)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what still runs; the process namespace goes with its first process.

    So is what one that was killed left: before its walls stand, its child waits for it for ever.
    """
    if process.poll() is None or process.returncode < 0:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _written(out: Path) -> int:
    """Return how many bytes lie below `out`; too many files count as too much."""
    total = count = 0
    for folder, _, names in os.walk(out):
        count += len(names) + 1
        if count > MOST_FILES:
            return sys.maxsize
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(folder, name).lstat().st_size
    return total


def _outcome(code: int, out: str, err: str) -> Outcome:
    """Say how a program ended; what it left on standard error is not trusted to be JSON."""
    if code == 0:
        return Outcome(out)
    try:
        said = json.loads(err.strip().splitlines()[-1])
        kind, message, line = str(said["kind"]), str(said["message"]), int(said["line"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return Outcome(out, _last_words(code, err), KILLED)
    if not (kind.isidentifier() and len(kind) <= LONGEST_KIND):
        kind = "Exception"  # the model is told the kind, and data may have been printed in its place
    on_purpose = code == launch.REFUSED
    return Outcome(out, message if on_purpose else f"{kind}: {message}", kind, line, on_purpose)


def _last_words(code: int, err: str) -> str:
    number = -code if code < 0 else code - 128
    if number == signal.SIGXCPU or number == signal.SIGKILL:
        return "the program was stopped: it used too much time or memory"
    if number == signal.SIGXFSZ:
        return "the program was stopped: it wrote too much"
    lines = err.strip().splitlines()
    return lines[-1][:500] if lines else f"the program ended with exit code {code}"
