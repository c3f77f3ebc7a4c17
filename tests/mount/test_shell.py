"""The mount under the programs that people use."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mount.fake_service import FakeService, row

SHELLS = [shell for shell in ("bash", "dash", "zsh") if shutil.which(shell)]
READ_BACK = """exec 3<>run; echo "sum up the notes" >&3; read -r job <&3; echo "job $job" """


def sh(mnt: Path, script: str, *, shell: str = "bash") -> subprocess.CompletedProcess[str]:
    return subprocess.run([shell, "-c", script], cwd=mnt, capture_output=True, text=True, timeout=20)


def out(mnt: Path, script: str, *, shell: str = "bash") -> str:
    done = sh(mnt, script, shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


@pytest.fixture
def budget(service: FakeService) -> Path:
    file = service.directory / "Budget 2024.txt"
    file.write_text("rent 1,200\n")
    service.files = {"budget": [str(file)]}
    return file


def test_a_query_lists_links_that_lead_to_the_files(mnt: Path, budget: Path) -> None:
    assert out(mnt, "ls search/budget") == "01_Budget 2024.txt\n"
    assert out(mnt, "cat search/budget/01*") == "rent 1,200\n"
    assert out(mnt, "readlink search/budget/01*") == f"{budget}\n"
    assert f"-> {budget}" in out(mnt, "ls -la search/budget")


def test_an_editor_edits_the_real_file(mnt: Path, budget: Path) -> None:
    out(mnt, "echo 'rent 1,300' > search/budget/01*")

    assert budget.read_text() == "rent 1,300\n"


def test_a_cold_listing_searches_once(mnt: Path, service: FakeService, budget: Path) -> None:
    out(mnt, "ls -l search/budget")

    assert service.searched == [("budget",)]


def test_nothing_is_changed_through_a_search(mnt: Path, budget: Path) -> None:
    for command in (
        "rm search/budget/01*",
        "rmdir search/budget",
        "touch search/budget/.hidden",
        "mv search/budget/01* search/budget/02",
        "ln -s /etc search/budget/.link",
        "echo x > ask/why",
        "mkdir new",
        "rm README",
        "echo x > README",
        "chmod 600 README",
    ):
        done = sh(mnt, command)
        assert done.returncode != 0, command
        assert "Operation not permitted" in done.stderr, command
    assert budget.exists()


def test_walkers_come_to_an_end_and_start_nothing(mnt: Path, service: FakeService) -> None:
    job = service.jobs.add("sum up", "running")
    (service.jobs.output_dir(job) / "totals.csv").write_text("a,b\n")
    service.failed = [row("/a/x.pdf", reason="broken")]

    found = out(mnt, "find .").splitlines()
    assert "./jobs/1/out/totals.csv" in found and "./sys/errors/x.pdf.txt" in found
    out(mnt, "du -s .")
    assert "jobs/1/out/totals.csv:a,b" in out(mnt, "grep -r 'a,b' .")
    out(mnt, "tar cf /dev/null . ")

    assert (service.searched, service.asked, service.submitted) == ([], [], [])


def test_a_copy_of_a_jobs_results_is_an_ordinary_directory(
    mnt: Path, service: FakeService, tmp_path: Path
) -> None:
    job = service.jobs.add("sum up", "done")
    (service.jobs.output_dir(job) / "totals.csv").write_text("a,b\n")

    out(mnt, f"cp -r jobs/1/out {tmp_path}/copy && echo c,d >> {tmp_path}/copy/totals.csv")
    assert (tmp_path / "copy" / "totals.csv").read_text() == "a,b\nc,d\n"


def test_an_answer_streams(mnt: Path, service: FakeService) -> None:
    with subprocess.Popen(["cat", f"{mnt}/ask/what deposit?"], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        assert os.read(cat.stdout.fileno(), 100) == b"The deposit "
        assert cat.poll() is None
        service.may_go_on.set()
        assert cat.stdout.read() == b"was 2,400 euros [1].\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_blocked_reader_can_be_stopped(mnt: Path, service: FakeService, number: signal.Signals) -> None:
    with subprocess.Popen(["cat", f"{mnt}/ask/what deposit?"], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        os.read(cat.stdout.fileno(), 100)
        time.sleep(0.1)
        cat.send_signal(number)
        assert cat.wait(1) == -number


def test_a_wait_can_be_interrupted_and_ends_with_the_job(mnt: Path, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    with subprocess.Popen(["cat", f"{mnt}/jobs/1/wait"]) as cat:
        time.sleep(0.2)
        assert cat.poll() is None
        cat.send_signal(signal.SIGINT)
        assert cat.wait(1) == -signal.SIGINT
    with subprocess.Popen(["cat", f"{mnt}/jobs/1/wait"], stdout=subprocess.PIPE) as cat:
        time.sleep(0.1)
        service.jobs.change(1, status="done")
        assert cat.communicate(timeout=5)[0] == b"done\n"


def test_a_crowd_of_blocked_readers_leaves_the_mount_free(mnt: Path, service: FakeService) -> None:
    nowhere = subprocess.DEVNULL
    cats = [
        subprocess.Popen(["cat", f"{mnt}/ask/question {number}"], stdout=nowhere, stderr=nowhere)
        for number in range(60)
    ]
    try:
        until(lambda: sum(cat.poll() is not None for cat in cats) == 12)
        done = subprocess.run(["stat", f"{mnt}/sys/status"], capture_output=True, timeout=2)
        assert done.returncode == 0  # 48 wait; the other 12 were told EAGAIN
    finally:
        for cat in cats:
            cat.kill()
        for cat in cats:
            cat.wait(5)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_reads_back_the_number(mnt: Path, service: FakeService, shell: str) -> None:
    assert out(mnt, READ_BACK, shell=shell) == "job 1\n"
    assert service.submitted == [(b"sum up the notes\n", ())]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("redirect", [">", ">>", "1<>"])
def test_a_shell_writes_a_request(mnt: Path, service: FakeService, shell: str, redirect: str) -> None:
    out(mnt, f'echo "sum up the notes" {redirect} run; printf "and list them" {redirect} run', shell=shell)

    assert service.submitted == [(b"sum up the notes\n", ()), (b"and list them", ())]


@pytest.mark.parametrize("shell", SHELLS)
def test_several_lines_are_one_request(mnt: Path, service: FakeService, shell: str) -> None:
    out(mnt, 'echo "#!semfs hold\nmultiply\n[[1,2]]" > run', shell=shell)
    out(mnt, "cat > run <<END\na plan\nin lines\nEND", shell=shell)

    assert [request for request, _ in service.submitted] == [
        b"#!semfs hold\nmultiply\n[[1,2]]\n",
        b"a plan\nin lines\n",
    ]


def test_python_reads_back_the_number(mnt: Path) -> None:
    program = "f = open('run', 'r+'); f.write('sum up\\n'); f.flush(); f.seek(0); print(f.read(), end='')"
    assert out(mnt, f'{sys.executable} -c "{program}"') == "1\n"
    descriptor = os.open(mnt / "run", os.O_RDWR)
    os.write(descriptor, b"again\n")
    assert os.read(descriptor, 100) == b"2\n"
    os.close(descriptor)


def test_dd_and_tee_write_requests(mnt: Path, service: FakeService) -> None:
    out(mnt, "echo one | dd of=run status=none conv=notrunc; echo two | tee run >/dev/null")

    assert [request for request, _ in service.submitted] == [b"one\n", b"two\n"]


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (b"\n", errno.EINVAL),
        (b"a\0b\n", errno.EINVAL),
        (b"\xff\n", errno.EINVAL),
        (b"a" * 2**20, errno.E2BIG),
    ],
)
def test_bad_requests_end_the_write_with_an_errno(
    mnt: Path, service: FakeService, data: bytes, number: int
) -> None:
    descriptor = os.open(mnt / "run", os.O_WRONLY)
    try:
        with pytest.raises(OSError) as caught:
            os.write(descriptor, data)
    finally:
        os.close(descriptor)

    assert caught.value.errno == number
    assert service.submitted == []


def test_a_full_queue_is_eagain(mnt: Path, service: FakeService) -> None:
    service.full = True
    descriptor = os.open(mnt / "run", os.O_WRONLY)
    os.write(descriptor, b"sum up\n")
    with pytest.raises(BlockingIOError):
        os.close(descriptor)


def test_a_question_without_a_model_says_what_to_do(mnt: Path, service: FakeService) -> None:
    service.missing = True

    assert "run `semfs model pull qwen`" in out(mnt, "cat 'ask/who?'")


def test_tail_follows_a_log(mnt: Path, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    command = ["tail", "-n", "+1", "-s", "0.1", "-f", f"{mnt}/jobs/1/log"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tail:
        assert tail.stdout is not None
        assert tail.stdout.readline() == b"began\n"
        service.jobs.change(1, log="began\nplanned\n")
        assert tail.stdout.readline() == b"planned\n"
        tail.terminate()


def test_a_job_is_controlled_and_removed(mnt: Path, service: FakeService) -> None:
    service.jobs.add("sum up", "running")
    service.jobs.add("list", "held")

    out(mnt, "echo cancel > jobs/1/ctl; echo go > jobs/2/ctl")
    out(mnt, "printf \"save(find('y'), 'y.csv')\\n\" > jobs/2/plan")
    assert service.jobs.said == [(1, "cancel"), (2, "go")]
    assert service.jobs.views[2].plan.startswith("save(find('y')")
    assert "Invalid argument" in sh(mnt, "echo dance > jobs/1/ctl").stderr
    assert "Operation not permitted" in sh(mnt, "echo x > jobs/1/plan").stderr

    out(mnt, "exec 3< jobs/1/log; cat <&3 > /dev/null; rm -r jobs/1; exec 3<&-")  # somebody follows its log
    assert list(service.jobs.views) == [2]
    assert out(mnt, "ls jobs") == "2\nevery\nlast\n"


def test_names_that_are_not_utf8_are_found_and_opened(mnt: Path, service: FakeService) -> None:
    file = os.fsdecode(os.fsencode(service.directory) + b"/caf\xe9.txt")
    with open(file, "w") as opened:
        opened.write("coffee\n")
    service.files = {"cafe": [file]}

    assert out(mnt, "cat search/cafe/01_*") == "coffee\n"


def test_ten_thousand_hits_are_listed_once_each(mnt: Path, service: FakeService) -> None:
    service.files = {"all": [f"/folder/file {number}.txt" for number in range(10_000)]}

    listed = out(mnt, "ls -l search/all | tail -n +2 | sort -u").splitlines()
    assert len(listed) == 10_000


def test_probing_programs_see_no_repository(mnt: Path, service: FakeService, budget: Path) -> None:
    assert "not a git repository" in sh(mnt, "git -C search/budget status").stderr
    assert service.searched == []


def test_the_audit_trail_can_be_read_from_anywhere(mnt: Path) -> None:
    assert out(mnt, "cat sys/audit.log; tail -c 6 sys/audit.log") == '{"line": 1, "what": "ask"}\nask"}\n'


def test_what_is_asked_is_asked_for_the_process_that_did(mnt: Path, service: FakeService) -> None:
    service.may_go_on.set()
    sh(mnt, "echo 'count the files' > run; sleep 0.1; cat 'ask/who?'")

    assert [who.rpartition(" ")[0] for who in service.callers] == [
        f"uid {os.getuid()}, {name}" for name in ("bash", "cat")
    ]


def test_a_request_that_is_taken_at_a_pause_is_asked_for_its_writer(mnt: Path, service: FakeService) -> None:
    sh(mnt, "exec 3>run; echo 'count the files' >&3; sleep 0.3")

    assert [who.rpartition(" ")[0] for who in service.callers] == [f"uid {os.getuid()}, bash"]
