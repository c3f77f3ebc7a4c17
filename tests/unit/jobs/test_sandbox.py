"""What a model-written program can do, and all that it cannot."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from semfs.errors import Interrupted, MissingPart, StepFailed
from semfs.jobs import sandbox
from semfs.jobs.sandbox import Limits, Outcome, run_python

LIMITS = Limits(seconds=10, memory=512 << 20, output=1 << 20)
Run = Callable[[str], Outcome]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return lambda program: run_python(
        program, {"x": [1, 2]}, tmp_path, limits=LIMITS, cancelled=lambda: False
    )


def test_what_it_prints_is_the_result(run: Run) -> None:
    assert run("print(sum(x))") == Outcome("3\n")


def test_files_that_it_writes_stay(run: Run, tmp_path: Path) -> None:
    run("open('out/a.txt', 'w').write('hello')")
    assert (tmp_path / "a.txt").read_text() == "hello"


def test_an_error_raised_on_purpose_is_told_from_a_mistake(run: Run) -> None:
    meant = run("raise ValueError('A is 2x3, B is 2x2')")
    assert (meant.error, meant.on_purpose) == ("A is 2x3, B is 2x2", True)
    mistake = run("y = 1\nint('x' * 3)")
    assert (mistake.kind, mistake.line, mistake.on_purpose) == ("ValueError", 2, False)


def test_matrices_are_multiplied_exactly_and_wrong_sizes_refused(run: Run) -> None:
    assert run("print(matmul([[1, 2], [3, 4]], [[5, 6], [7, 8]]))").text == "[[19, 22], [43, 50]]\n"
    refused = run("matmul([[1, 2, 3], [4, 5, 6]], [[5, 6], [7, 8]])")
    assert refused.on_purpose
    assert refused.error.endswith("the first matrix is 2x3, the second is 2x2")


def test_an_exit_with_words_is_on_purpose(run: Run) -> None:
    assert run("import sys; sys.exit('no rows')") == Outcome("", "no rows", "SystemExit", 0, True)


def test_a_program_that_is_no_python_is_a_mistake(run: Run) -> None:
    assert run("def (").kind == "SyntaxError"


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("open('/etc/passwd')", "FileNotFoundError"),
        ("open('/usr/x', 'w')", "OSError"),
        ("open('/x', 'w')", "OSError"),
        ("open('/dev/x', 'w')", "OSError"),
        ("open('/in/program.py', 'w')", "OSError"),
        ("import socket; socket.create_connection(('1.1.1.1', 53), 2)", "OSError"),
        ("import os\nwhile True: os.fork()", "PermissionError"),
        ("import subprocess; subprocess.run(['/bin/true'])", "PermissionError"),
        ("a = 'x' * (10 << 30)", "MemoryError"),
        ("open('/dev/shm/a', 'w').write('x' * (8 << 20))", "OSError"),
        ("open('out/a', 'w').write('x' * (8 << 20))", "OSError"),
        ("import os; os.listdir(os.path.expanduser('~root/.ssh'))", "FileNotFoundError"),
    ],
)
def test_it_cannot_reach_out(run: Run, program: str, kind: str) -> None:
    assert run(program).kind == kind


def test_its_environment_is_empty(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    assert run("import os; print(os.environ.get('SECRET'))").text == "None\n"


def test_it_sees_no_process_of_the_host(run: Run) -> None:
    assert int(run("import os; print(sum(n.isdigit() for n in os.listdir('/proc')))").text) <= 2


def test_endless_output_is_stopped(run: Run) -> None:
    with pytest.raises(StepFailed, match="wrote more than 1 MB"):
        run("while True: print('x' * 10000)")


def test_many_files_are_stopped(run: Run) -> None:
    with pytest.raises(StepFailed, match="wrote more than"):
        run("for n in range(3000): open(f'out/{n}', 'w')")


def test_endless_work_is_stopped(tmp_path: Path) -> None:
    limits = Limits(seconds=1, memory=512 << 20, output=1 << 20)
    with pytest.raises(StepFailed, match="more than 1 seconds"):
        run_python("import time; time.sleep(60)", {}, tmp_path, limits=limits, cancelled=lambda: False)


def test_it_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Interrupted):
        run_python("import time; time.sleep(60)", {}, tmp_path, limits=LIMITS, cancelled=stop.is_set)


def test_without_bubblewrap_nothing_runs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingPart, match="apt install bubblewrap"):
        run("open('out/a', 'w')")


def test_what_a_killed_program_printed_is_not_taken_for_an_error_name() -> None:
    said = '{"kind": "ignore this; import os", "message": "m", "line": 1}'
    assert sandbox._outcome(1, "", said).kind == "Exception"


def test_what_a_sandbox_that_was_killed_leaves_is_killed_too() -> None:
    """Killed before its walls stand, bubblewrap leaves a child that waits for it for ever."""
    process = subprocess.Popen(["sh", "-c", "sleep 60 & kill -9 $$"], start_new_session=True)
    process.wait()
    sandbox._end(process)
    until = time.monotonic() + 5
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(process.pid, 0)
            time.sleep(0.01)


@pytest.mark.parametrize("said", ["[" * 100_000, '{"kind": "E", "message": "m", "line": Infinity}'])
def test_what_a_killed_program_printed_is_no_fault_of_ours(said: str) -> None:
    assert sandbox._outcome(1, "", said).kind == sandbox.KILLED


def test_a_fork_bomb_ends_by_itself(run: Run) -> None:
    assert run("import os\nfor _ in range(10_000): os.fork()").kind == "PermissionError"


@pytest.mark.parametrize(
    "program",
    [
        "import threading\nwhile True: threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "x = []\nwhile True: x.append(bytearray(64 << 20))",
        "import mmap\nm = [mmap.mmap(-1, 256 << 20) for _ in range(40)]",
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1)); x = bytearray(10 << 30)",
    ],
)
def test_more_than_is_allowed_is_not_given(run: Run, program: str) -> None:
    assert run(program).error


@pytest.mark.parametrize(
    "program",
    [
        "import socket; socket.socket(socket.AF_INET6).connect(('::1', 22))",
        "import socket; socket.socket().connect(('127.0.0.1', 22))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://1.1.1.1', timeout=2)",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
        "import os; print(open('/proc/1/environ').read(), open('/proc/1/root/etc/passwd').read())",
        "import os; os.kill(os.getppid(), 0); open('/sys/class/net/eth0/address')",
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None): raise OSError(ctypes.get_errno(), 'mount')",
        "import os; os.symlink('/etc/passwd', 'out/a'); print(open('out/a').read())",
    ],
)
def test_no_way_leads_out(run: Run, program: str) -> None:
    outcome = run(program)
    assert outcome.kind, outcome


def test_what_it_leaves_behind_dies_with_it(tmp_path: Path) -> None:
    """Also a program that is ended in the middle of its work leaves no process."""
    own = (512 << 20) + time.monotonic_ns() % (1 << 20)  # to be known by among others
    limits = Limits(seconds=1, memory=own, output=1 << 20)
    with pytest.raises(StepFailed):
        run_python("import time; time.sleep(60)", {}, tmp_path, limits=limits, cancelled=never)
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if b'"memory": %d' % own in _read(p)]


def never() -> bool:
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
