"""pjdfstest itself: PJDFSTEST=FOLDER names where it was built.  Takes minutes, most of them asleep.

It presumes that everything can be made everywhere, so most of its assertions cannot hold here.  What must
hold: each of its calls ends with an errno that means something here, and none hangs.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

GROUPS = ("open", "unlink", "rename", "mkdir", "rmdir", "truncate", "symlink", "chmod", "utimensat")
PLACES = ("saved", "jobs/every")
ERRNOS = {  # what a call may end with that pjdfstest expects to succeed
    *(
        "EPERM",
        "EACCES",
        "EEXIST",
        "ENOENT",
        "EISDIR",
        "ENOTDIR",
        "ENAMETOOLONG",
        "EINVAL",
        "ESTALE",
        "E2BIG",
    ),
    *("EADDRINUSE", "ETXTBSY", "ENXIO", "ELOOP", "ECONNREFUSED"),
}
LONGEST_S = 120  # a file of assertions
BUILT = os.environ.get("PJDFSTEST", "")

pytestmark = pytest.mark.skipif(
    not BUILT, reason="pjdfstest is in no package: build github.com/pjd/pjdfstest and name it in PJDFSTEST"
)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("group", GROUPS)
def test_every_call_ends_as_it_may(mnt: Path, place: str, group: str) -> None:
    counted: dict[str, int] = {}
    for file in sorted(Path(BUILT, "tests", group).glob("*.t")):
        done = subprocess.run(
            ["sh", str(file)], cwd=mnt / place, capture_output=True, text=True, timeout=LONGEST_S
        )
        for errno in re.findall(r"^not ok .* got (?:.*,)?(E[A-Z0-9]+)$", done.stdout, re.M):
            counted[errno] = counted.get(errno, 0) + 1
    assert set(counted) <= ERRNOS
