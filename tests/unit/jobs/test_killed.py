"""A job whose process is killed, wherever that is, ends as it would have and does nothing twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from semfs.jobs import sandbox

ROOT = Path(__file__).parents[3]
DYING = ROOT / "tests" / "fakes" / "dying.py"


@pytest.mark.skipif(bool(sandbox.trouble()), reason=f"bubblewrap is missing: {sandbox.trouble()}")
def test_a_job_that_was_killed_anywhere_ends_as_it_would_have(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    done = subprocess.run(
        [sys.executable, str(DYING), str(tmp_path), str(seed)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    whole, *rest = [json.loads(line) for line in done.stdout.splitlines()]
    assert [status for status, _ in whole["jobs"].values()] == ["done", "done"], whole
    assert set(whole["jobs"]["1"][1]) == {"counted.csv", "sum.txt", "told.md"}
    assert len(rest) >= 16
    expected = {"ended": 0, "again": [], "jobs": whole["jobs"]}
    for one in rest:
        found = {name: one[name] for name in expected}
        assert found == expected, f"seed {seed}, killed at {one['deaths']}"
