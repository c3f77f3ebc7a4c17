"""fsx itself: FSX=PROGRAM names what was built from ltp/fsx.c of xfstests.

Left out is what the mount does not have: mappings (its files are read and written directly), fallocate, and
copies and exchanges of ranges.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from semfs.mount import control
from tests.mount.fake_service import FakeService

PROGRAM = os.environ.get("FSX", "")
WITHOUT = ("-R", "-W", "-F", "-H", "-z", "-C", "-I", "-E", "-K", "-J", "-B", "-0", "-a")
OPERATIONS = "5000"
ROOM = 1 << 20  # it tries a length that a plan may not have

pytestmark = pytest.mark.skipif(
    not PROGRAM,
    reason="fsx is in no package: build ltp/fsx.c of github.com/kdave/xfstests and name it in FSX",
)


@pytest.fixture
def here(mnt: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mount that takes whatever bytes are in the two files that can be written anywhere."""
    monkeypatch.setattr(control, "LONGEST_PLAN", ROOM)
    monkeypatch.setattr(service.jobs, "set_plan", lambda id, plan: None)
    monkeypatch.setattr(service.every, "check", lambda data: None)
    monkeypatch.setattr(service.every, "put", lambda name, data: None)
    service.jobs.add("sum up", "held")
    service.every.kept = {"report": b'#!semfs every="daily 8:00"\n'}
    return mnt


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", ["1", "2", "3"])
@pytest.mark.parametrize("path", ["jobs/1/plan", "jobs/every/report"])
def test_every_operation_leaves_what_it_should(here: Path, tmp_path: Path, path: str, seed: str) -> None:
    size = ("-l", "60000", "-o", "20000")
    words = [
        PROGRAM,
        "-q",
        *WITHOUT,
        "-N",
        OPERATIONS,
        *size,
        "-S",
        seed,
        "-P",
        str(tmp_path),
        str(here / path),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"All {OPERATIONS} operations completed A-OK!\n")
