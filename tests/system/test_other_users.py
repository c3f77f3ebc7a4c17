"""Other users of the machine see nothing of a mount and can ask it for nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Shell, shell, unmount

OTHER = 65534  # nobody
LOOKS = ("ls", "stat run", "cat README", "cat sys/status", "ls search/boat", "cat ask/where")
WRITES = ("echo 'count the files' > run", "mkdir saved/boats", "rm -r jobs/1", "echo cancel > jobs/1/ctl")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can act as another user: run the tests as root, with util-linux, to try this",
)


def as_other(sh: Shell, command: str, *, uid: int = OTHER) -> subprocess.CompletedProcess[str]:
    as_user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return subprocess.run(
        [*as_user, "bash", "-c", f"cd {sh.mnt} && {command}"], capture_output=True, text=True, timeout=30
    )


@pytest.fixture(scope="module", params=["", "allow_other = true\n"], ids=["owner", "allow_other"])
def mounted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A mount of root's at a place that everybody can reach."""
    base = tmp_path_factory.mktemp("users")
    for folder in (base, *base.parents[:2]):
        folder.chmod(0o755)
    sh = shell(base)
    with (sh.home / ".config/semfs/semfs.conf").open("a") as config:
        config.write(f"[mount]\n{request.param}")
    sh.src.mkdir()
    (sh.src / "boat.txt").write_text("The boat lies in Kappeln harbour, berth 12.\n")
    try:
        sh('semfs mount "$SRC" "$MNT" --daemon')
        sh('printf "#!semfs hold plan\\nsave(find(\\"boat\\"), \\"list.txt\\")\\n" > "$MNT/run"')
        sh.until('cat "$MNT/jobs/1/status"', lambda text: text == "held\n")
        yield sh
    finally:
        unmount(sh)


@pytest.mark.parametrize("command", [*LOOKS, *WRITES])
def test_another_user_is_refused(mounted: Shell, command: str) -> None:
    refused = as_other(mounted, command)
    assert refused.returncode != 0
    assert "ermission denied" in refused.stderr
    assert refused.stdout == ""


def test_nothing_happened_for_another_user(mounted: Shell) -> None:
    for command in WRITES:
        as_other(mounted, command)
    assert mounted('cat "$MNT/jobs/1/status"; ls "$MNT/saved" "$MNT/jobs"') == "held\n" + mounted(
        'ls "$MNT/saved" "$MNT/jobs"'
    )
    assert "uid 65534" not in mounted('cat "$MNT/sys/audit.log"')


def test_a_descriptor_of_the_owner_does_not_become_anothers(mounted: Shell, tmp_path: Path) -> None:
    """Who opened a file is who asks, whoever writes to it then."""
    other = f"setpriv --reuid={OTHER} --regid={OTHER} --clear-groups sh -c 'echo x > /proc/self/fd/3/../run'"
    assert mounted.run(f'exec 3<"$MNT"; {other}').returncode != 0
