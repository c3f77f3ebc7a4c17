"""Mount points: what is refused, what a crash leaves, and how a mount ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.errors import MountError
from semfs.mount import lifecycle

PROGRAM = ("-m", "tests.mount.serve_fake")
ROOT = Path(__file__).parents[2]


class Served:
    """A mount in a process of its own."""

    def __init__(self, point: Path, directory: Path) -> None:
        self.point = point
        self.process = subprocess.Popen(
            [sys.executable, *PROGRAM, str(point), str(directory)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def end(self) -> tuple[int, str]:
        _, words = self.process.communicate(timeout=5)
        return self.process.returncode, words


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    point = tmp_path / "mnt"
    lifecycle.prepare(str(point), [])
    one = Served(point, tmp_path)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait(5)
        subprocess.run(["fusermount3", "-u", "-z", "-q", str(point)], check=False, timeout=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_unmounts_cleanly(served: Served, number: signal.Signals) -> None:
    served.process.send_signal(number)

    assert served.end() == (0, "")
    assert lifecycle.mounted_at(str(served.point)) is None


def test_a_signal_unmounts_even_with_a_blocked_reader_and_a_visitor(served: Served) -> None:
    with (
        subprocess.Popen(["cat", f"{served.point}/ask/why?"], stderr=subprocess.DEVNULL) as cat,
        subprocess.Popen(["sleep", "60"], cwd=served.point) as visitor,
    ):
        time.sleep(0.3)
        served.process.terminate()
        assert served.end() == (0, "")
        visitor.kill()
        cat.wait(5)
    assert lifecycle.mounted_at(str(served.point)) is None


def test_unmounting_ends_the_process(served: Served) -> None:
    lifecycle.unmount(str(served.point))

    assert served.end() == (0, "")
    assert os.listdir(served.point) == []


def test_a_busy_mount_says_who_holds_it_unless_lazy(served: Served) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=served.point) as visitor:
        with pytest.raises(MountError, match=rf"sleep \(process {visitor.pid}\).*--lazy"):
            lifecycle.unmount(str(served.point))
        lifecycle.unmount(str(served.point), lazy=True)
        assert lifecycle.mounted_at(str(served.point)) is None
        visitor.kill()


def test_a_stale_mount_is_recognised_and_replaced(served: Served, tmp_path: Path) -> None:
    served.process.kill()
    served.process.wait(5)
    assert lifecycle.is_stale(str(served.point))

    assert lifecycle.prepare(str(served.point), []) == str(served.point)
    again = Served(served.point, tmp_path)
    assert "README" in os.listdir(served.point)
    again.process.terminate()
    assert again.end() == (0, "")


def test_a_stale_mount_can_be_unmounted(served: Served) -> None:
    served.process.kill()
    served.process.wait(5)

    lifecycle.unmount(str(served.point))
    assert lifecycle.mounted_at(str(served.point)) is None


def test_a_living_mount_is_not_replaced(served: Served) -> None:
    with pytest.raises(MountError, match="semfs umount"):
        lifecycle.prepare(str(served.point), [])


def test_what_is_not_mounted_cannot_be_unmounted(tmp_path: Path) -> None:
    with pytest.raises(MountError, match="no semfs is mounted"):
        lifecycle.unmount(str(tmp_path))


def test_a_missing_mount_point_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    point = lifecycle.prepare(str(tmp_path / "new" / "mnt"), [str(tmp_path / "docs")])

    assert os.stat(point).st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ("docs/mnt", "inside"),
        ("docs", "choose another"),
        (".", "hide"),
        ("full", "not empty"),
        ("file", "not a dir"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused(tmp_path: Path, point: str, reason: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()

    with pytest.raises(MountError, match=reason):
        lifecycle.prepare(str(tmp_path / point), [str(tmp_path / "docs")])


def test_a_link_into_the_indexed_folder_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "docs" / "mnt").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "docs" / "mnt")

    with pytest.raises(MountError, match="inside"):
        lifecycle.prepare(str(tmp_path / "link"), [str(tmp_path / "docs")])


def test_the_mount_table_is_read_with_its_escapes() -> None:
    table = (
        b"36 35 98:0 / /mnt\\040two rw,noatime master:1 - fuse.semfs semfs rw\n"
        b"37 35 0:5 / /proc rw - proc proc rw\n"
    )

    assert lifecycle.parse_mountinfo(table) == [
        lifecycle.Mounted("/mnt two", "fuse.semfs"),
        lifecycle.Mounted("/proc", "proc"),
    ]


def daemonised(tmp_path: Path, child_does: str) -> subprocess.CompletedProcess[str]:
    program = f"""
from pathlib import Path
from semfs.mount.daemon import Child, daemonise
from semfs.errors import MountError
side = daemonise(Path({str(tmp_path / "log")!r}))
if isinstance(side, Child):
    print("to the log", flush=True)
    {child_does}
else:
    try:
        side.wait("/mnt")
        print("answers")
    except MountError as error:
        print(error)
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10)


def test_a_daemons_parent_returns_when_it_is_ready(tmp_path: Path) -> None:
    assert daemonised(tmp_path, "side.ready()").stdout == "answers\n"
    assert (tmp_path / "log").read_text() == "to the log\n"


def test_a_daemons_parent_tells_why_it_failed(tmp_path: Path) -> None:
    assert daemonised(tmp_path, "side.failed('no room')").stdout == "/mnt: no room\n"
    assert daemonised(tmp_path, "side.failed('/mnt: no room')").stdout == "/mnt: no room\n"


def test_a_daemons_parent_tells_that_it_died(tmp_path: Path) -> None:
    assert "ended before the mount answered" in daemonised(tmp_path, "raise SystemExit(3)").stdout
