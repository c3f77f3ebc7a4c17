"""Requests with a time under the programs that people use."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from semfs.model import JobId
from tests.mount.fake_service import FakeService

REPORT = b'#!semfs every="weekdays 8:00"\nsummarize the mail\n'


def sh(mnt: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], cwd=mnt / "jobs/every", capture_output=True, text=True, timeout=20
    )


def out(mnt: Path, script: str) -> str:
    done = sh(mnt, script)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


WRITTEN = f"cat > report <<'.'\n{REPORT.decode()}.\n"


def test_a_request_is_written_listed_shown_and_removed(mnt: Path, service: FakeService) -> None:
    out(mnt, WRITTEN)
    assert service.every.kept == {"report": REPORT}
    assert out(mnt, "ls; cat report; rm report; ls") == f"report\n{REPORT.decode()}# next: soon\n"


@pytest.mark.parametrize(
    "edit",
    [
        "sed -i s/8:00/9:00/ report",
        "perl -pi -e 's/8:00/9:00/' report",
        "sed s/8:00/9:00/ report > new; chmod 600 new; exec 3< report; mv new report; exec 3<&-",
        "sed s/8:00/9:00/ report > /tmp/$$; install -m 600 /tmp/$$ report; rm /tmp/$$",
        "sed s/8:00/9:00/ report > /tmp/$$; cp /tmp/$$ report; rm /tmp/$$",
        "sed s/8:00/9:00/ report > new; mv new report",
        'text=$(sed s/8:00/9:00/ report); echo "$text" | tee report > /dev/null',
        "python3 -c \"f = open('report', 'r+'); t = f.read(); f.seek(0); f.write(t.replace('8', '9', 1))\"",
    ],
)
def test_a_request_is_edited_in_place(mnt: Path, service: FakeService, edit: str) -> None:
    service.every.kept = {"report": REPORT}
    done = sh(mnt, edit)
    assert done.returncode == 0, done.stderr
    assert service.every.kept == {"report": REPORT.replace(b"8:00", b"9:00")}


@pytest.mark.parametrize("edit", ["sed -i.bak s/8:00/9:00/ report", "perl -pi.orig -e 's/8:00/9:00/' report"])
def test_an_edit_that_would_leave_a_copy_to_be_run_is_refused(
    mnt: Path, service: FakeService, edit: str
) -> None:
    service.every.kept = {"report": REPORT}
    assert "cannot rename" in sh(mnt, edit).stderr.replace("Can't", "cannot")
    assert service.every.kept["report"] == REPORT
    assert not [name for name in service.every.kept if name.endswith((".bak", ".orig"))]


def test_what_is_removed_while_it_is_open_is_gone(mnt: Path, service: FakeService) -> None:
    service.every.kept = {"report": REPORT}
    assert out(mnt, "exec 3< report; rm report; ls; exec 3<&-") == ""
    assert service.every.kept == {}


def test_what_is_written_to_a_request_that_was_removed_meanwhile_goes_nowhere(
    mnt: Path, service: FakeService
) -> None:
    out(mnt, f"exec 3> report; echo '{REPORT.decode().strip()}' >&3; rm report; exec 3>&-; ls")
    assert service.every.kept == {}


def test_what_is_written_to_a_request_that_was_renamed_meanwhile_goes_there(
    mnt: Path, service: FakeService
) -> None:
    service.every.kept = {"old": REPORT}
    out(mnt, "exec 3>> old; mv old new; echo 'and the news' >&3; exec 3>&-")
    assert list(service.every.kept) == ["new"]
    assert service.every.kept["new"].endswith(b"and the news\n")


def test_what_cannot_be_a_request_is_refused_at_the_write(mnt: Path, service: FakeService) -> None:
    refused = sh(mnt, "echo 'summarize the mail' > report")
    assert (refused.returncode, service.every.kept) == (1, {})
    assert "Invalid argument" in refused.stderr


def test_an_empty_file_is_no_request_and_does_not_stay(mnt: Path, service: FakeService) -> None:
    sh(mnt, ": > report")
    assert (out(mnt, "ls"), service.every.kept) == ("", {})


@pytest.mark.parametrize("name", [".hidden", "a.swp", "a~", "a.bak", "a.orig", "x.runs", "n" * 252])
def test_some_names_are_no_names_of_requests(mnt: Path, service: FakeService, name: str) -> None:
    assert sh(mnt, f"touch {name}").returncode == 1
    assert sh(mnt, "mkdir a").returncode == 1


def test_its_runs_are_links_to_jobs_by_the_time_that_they_were_meant_for(
    mnt: Path, service: FakeService
) -> None:
    service.every.kept = {"report": REPORT}
    service.every.made = {"2026-11-23T08:00": service.jobs.add("summarize", "done")}
    assert service.every.made == {"2026-11-23T08:00": JobId(1)}
    assert out(mnt, "ls; ls report.runs; cat report.runs/2026*/status") == (
        "report\nreport.runs\n2026-11-23T08:00\ndone\n"
    )
    assert out(mnt, "rm -r report*; ls; cat ../1/status") == "done\n"
