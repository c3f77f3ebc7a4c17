"""`run`, `ctl` and `wait` from the programs that people write in: what each sends arrives as one request."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mount.fake_service import FakeService

ONE = b"sum up the notes\n"
OPEN_END = b"sum up the notes"
LINES = b"#!semfs hold priority=low\nsum up the notes\nand list them\n"
WORDS = ["cancel", "go", "retry", "priority high"]

# How each is called with a program's text, and where it comes from.
PROGRAMS = {
    "bash": (["bash", "-c"], "bash"),
    "dash": (["dash", "-c"], "dash"),
    "zsh": (["zsh", "-fc"], "zsh"),
    "fish": (["fish", "-Nc"], "fish"),
    "python": (["python3", "-c"], "python3"),
    "perl": (["perl", "-we"], "perl"),
    "node": (["node", "-e"], "nodejs"),
}
SHELLS = ("bash", "dash", "zsh")  # one way to write it for all of them
HERE = "cat > run <<'END'\n" + LINES.decode() + "END"

LINE = {
    **dict.fromkeys(SHELLS, 'echo "sum up the notes" > run'),
    "fish": 'echo "sum up the notes" > run',
    "python": "open('run', 'w').write('sum up the notes\\n')",
    "perl": 'open(my $f, ">", "run") or die $!; print $f "sum up the notes\\n"; close $f or die $!',
    "node": 'require("fs").writeFileSync("run", "sum up the notes\\n")',
}
APPENDED = {
    **dict.fromkeys(SHELLS, 'echo "sum up the notes" >> run'),
    "fish": 'echo "sum up the notes" >> run',
    "python": "open('run', 'a').write('sum up the notes\\n')",
    "perl": 'open(my $f, ">>", "run") or die $!; print $f "sum up the notes\\n"; close $f or die $!',
    "node": 'require("fs").appendFileSync("run", "sum up the notes\\n")',
}
WITHOUT_NEWLINE = {
    **dict.fromkeys(SHELLS, 'printf "sum up the notes" > run'),
    "fish": 'printf "sum up the notes" > run',
    "python": "open('run', 'w').write('sum up the notes')",
    "perl": 'open(my $f, ">", "run") or die $!; print $f "sum up the notes"; close $f or die $!',
    "node": 'require("fs").writeFileSync("run", "sum up the notes")',
}
SEVERAL = {
    **dict.fromkeys(SHELLS, HERE),
    "fish": 'printf "%s\\n" "#!semfs hold priority=low" "sum up the notes" "and list them" > run',
    "python": f"open('run', 'w').writelines({LINES.decode().splitlines(keepends=True)!r})",
    "perl": 'open(my $f, ">", "run") or die $!; $f->autoflush(1);'
    ' print $f "$_\\n" for ("#!semfs hold priority=low", "sum up the notes", "and list them");'
    " close $f or die $!",
    "node": 'const fs = require("fs"), f = fs.openSync("run", "w");'
    'for (const l of ["#!semfs hold priority=low", "sum up the notes", "and list them"])'
    ' fs.writeSync(f, l + "\\n"); fs.closeSync(f)',
}
READ_BACK = {
    **dict.fromkeys(SHELLS, 'exec 3<>run; echo "sum up the notes" >&3; read -r job <&3; echo "$job"'),
    # fish opens nothing to read and write, and its own `read` takes no other descriptor than 0
    "fish": """bash -c 'exec 3<>run; exec fish -Nc "echo sum up the notes >&3; head -n 1 <&3"'""",
    "python": "f = open('run', 'r+'); f.write('sum up the notes\\n'); f.flush();"
    " f.seek(0); print(f.read(), end='')",
    "perl": 'open(my $f, "+<", "run") or die $!; $f->autoflush(1); print $f "sum up the notes\\n";'
    " seek($f, 0, 1); print scalar <$f>",
    "node": 'const fs = require("fs"), f = fs.openSync("run", "r+"), b = Buffer.alloc(20);'
    ' fs.writeSync(f, "sum up the notes\\n"); process.stdout.write(b.toString("utf8", 0, fs.readSync(f, b)))',
}
CONTROL = {
    **dict.fromkeys(SHELLS, "".join(f'echo "{word}" > jobs/1/ctl; ' for word in WORDS)),
    "fish": "".join(f'echo "{word}" > jobs/1/ctl; ' for word in WORDS),
    "python": f"for word in {WORDS}: open('jobs/1/ctl', 'w').write(word)",
    "perl": 'for ("cancel", "go", "retry", "priority high")'
    ' { open(my $f, ">", "jobs/1/ctl") or die $!; print $f $_; close $f or die $! }',
    "node": f'for (const word of {WORDS}) require("fs").writeFileSync("jobs/1/ctl", word + "\\n")',
}
REFUSED = {
    **dict.fromkeys(SHELLS, "echo dance > jobs/1/ctl"),
    "fish": "echo dance > jobs/1/ctl",
    "python": "with open('jobs/1/ctl', 'w') as file: file.write('dance\\n')",
    "perl": 'open(my $f, ">", "jobs/1/ctl") or die $!; $f->autoflush(1); print $f "dance\\n" or die $!',
    "node": 'require("fs").writeFileSync("jobs/1/ctl", "dance\\n")',
}
WAIT = {
    **dict.fromkeys(SHELLS, "read word < jobs/1/wait; echo $word"),
    "fish": "exec cat jobs/1/wait",  # its own `read` takes up a read that was interrupted again
    "python": "print(open('jobs/1/wait').read(), end='')",
    "perl": 'open(my $f, "<", "jobs/1/wait") or die $!; print scalar <$f>',
    "node": 'process.stdout.write(require("fs").readFileSync("jobs/1/wait", "utf8"))',
}


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    words, package = PROGRAMS[name]
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not here: sudo apt install {package}")
    return name


def command(program: str, text: str) -> list[str]:
    return [*PROGRAMS[program][0], text]


def run(mnt: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=mnt, capture_output=True, text=True, timeout=30, check=False)


def out(mnt: Path, *words: str) -> str:
    done = run(mnt, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def requests(service: FakeService) -> list[bytes]:
    return [request for request, _ in service.submitted]


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [(LINE, ONE), (APPENDED, ONE), (WITHOUT_NEWLINE, OPEN_END), (SEVERAL, LINES)],
    ids=["line", "appended", "without-newline", "several-lines"],
)
def test_what_a_program_writes_is_one_request(
    mnt: Path, service: FakeService, program: str, texts: dict[str, str], wanted: bytes
) -> None:
    out(mnt, *command(program, texts[program]))
    assert requests(service) == [wanted]


def test_a_program_reads_back_the_number(mnt: Path, service: FakeService, program: str) -> None:
    assert out(mnt, *command(program, READ_BACK[program])) == "1\n"
    assert requests(service) == [ONE]


def test_a_program_controls_a_job(mnt: Path, service: FakeService, program: str) -> None:
    service.jobs.add("sum up", "running")
    out(mnt, *command(program, CONTROL[program]))
    assert service.jobs.said == [(1, word) for word in WORDS]


def test_a_program_is_told_what_is_refused(mnt: Path, service: FakeService, program: str) -> None:
    service.jobs.add("sum up", "running")
    done = run(mnt, *command(program, REFUSED[program]))
    assert done.returncode != 0
    assert any(words in done.stderr for words in ("nvalid argument", "EINVAL", "I/O error")), done.stderr


def test_a_program_waits_for_a_job(mnt: Path, service: FakeService, program: str) -> None:
    service.jobs.add("sum up", "running")
    with waiting(mnt, *command(program, WAIT[program])) as reader:
        service.jobs.change(1, status="done")
        assert reader.communicate(timeout=20)[0] == "done\n"


def test_ctrl_c_ends_a_program_that_waits(mnt: Path, service: FakeService, program: str) -> None:
    service.jobs.add("sum up", "running")
    with waiting(mnt, *command(program, WAIT[program])) as reader:
        os.killpg(reader.pid, signal.SIGINT)  # as a terminal does
        reader.wait(20)
    assert reader.returncode != 0


@contextmanager
def waiting(mnt: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Give a program, in a group of its own, that has come to the read of `wait`."""
    with subprocess.Popen(
        words, cwd=mnt, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as program:
        try:
            end = time.monotonic() + 20
            while not any("request_wait_answer" in task.read_text() for task in tasks(program.pid)):
                assert program.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield program
        finally:
            program.kill()


def tasks(pid: int) -> list[Path]:
    """Return where the kernel says what each thread of a process sleeps in."""
    return list(Path(f"/proc/{pid}/task").glob("*/wchan"))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("echo 'sum up the notes' | dd of=run status=none", [ONE]),
        ("echo 'sum up the notes' | dd of=run status=none conv=notrunc oflag=append", [ONE]),
        ("printf 'sum up the notes' | dd of=run status=none bs=4", [OPEN_END]),
        ("echo 'sum up the notes' | dd of=run status=none bs=1", [ONE]),
        ("echo 'sum up the notes' | tee run > /dev/null", [ONE]),
        ("echo 'sum up the notes' | tee -a run run > /dev/null", [ONE, ONE]),
        ("set -o noclobber; echo 'sum up the notes' >| run", [ONE]),
        ("cat <<< 'sum up the notes' > run", [ONE]),
        ("cp /dev/stdin run <<< 'sum up the notes'", [ONE]),
        ("sed p > run <<< 'sum up the notes'", [ONE + ONE]),
        (
            "{ echo '#!semfs hold priority=low'; echo 'sum up the notes'; echo 'and list them'; } > run",
            [LINES],
        ),
        ("exec 3>run; echo 'sum up the notes' >&3; sleep 0.5; echo 'sum up the notes' >&3", [ONE, ONE]),
    ],
)
def test_what_is_written_in_any_other_way_arrives_too(
    mnt: Path, service: FakeService, words: str, wanted: list[bytes]
) -> None:
    out(mnt, "bash", "-c", words)
    assert requests(service) == wanted


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_with_noclobber_a_shell_refuses_to_write_over_what_is_there(
    mnt: Path, service: FakeService, shell: str
) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not here: sudo apt install {shell}")
    done = run(mnt, shell, "-c", "set -o noclobber; echo 'sum up the notes' > run")
    assert done.returncode != 0
    assert requests(service) == []
    out(mnt, shell, "-c", "set -o noclobber; echo 'sum up the notes' >| run; echo 'sum up the notes' >> run")
    assert requests(service) == [ONE, ONE]
