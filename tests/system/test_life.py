"""Mounting and unmounting, as a user would from a shell."""

from __future__ import annotations

import signal
import socket
import subprocess
import time

import pytest

from .conftest import Shell


def mounted(sh: Shell) -> bool:
    return f" {sh.mnt} " in sh("cat /proc/self/mountinfo")


def ended(sh: Shell, pid: int, limit_s: float = 10) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if sh.run(f"kill -0 {pid}").returncode:
            return True
        time.sleep(0.05)
    return False


def test_the_daemon_returns_when_the_mount_answers(fresh: Shell) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    assert fresh('ls "$MNT"').split() == [
        *("README", "ask", "jobs", "run", "saved", "search", "similar", "sys")
    ]
    fresh('semfs umount "$MNT"')
    assert not mounted(fresh)


def test_the_foreground_is_the_default_and_both_signals_unmount_cleanly(fresh: Shell) -> None:
    for sign in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen(
            ["semfs", "mount", str(fresh.src), str(fresh.mnt)], env=fresh.environment, stderr=subprocess.PIPE
        )
        fresh.until('cat "$MNT/README"', bool)
        process.send_signal(sign)
        _, errors = process.communicate(timeout=15)
        assert (process.returncode, errors, mounted(fresh)) == (0, b"", False)


def test_a_mount_that_was_killed_is_recognised_and_replaced(fresh: Shell) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    pid = fresh.pid()
    fresh(f"kill -9 {pid}")
    assert ended(fresh, pid)
    assert mounted(fresh)  # the kernel still holds it
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    assert "search" in fresh('ls "$MNT"')


def test_the_children_end_with_the_mount(fresh: Shell) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    ingest = fresh.pid("_ingest")
    fresh(f"kill -9 {fresh.pid()}")
    assert ended(fresh, ingest)


def test_mounting_inside_the_indexed_folder_is_refused(fresh: Shell) -> None:
    refused = fresh.run('semfs mount "$SRC" "$SRC/sem"')
    assert refused.returncode == 73
    assert "inside" in refused.stderr
    assert not (fresh.src / "sem").exists()


def test_mounting_twice_is_refused_with_a_reason(fresh: Shell) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    refused = fresh.run('semfs mount "$SRC" "$MNT" --daemon')
    assert refused.returncode == 73
    assert "semfs umount" in refused.stderr
    assert "search" in fresh('ls "$MNT"')


def test_a_folder_that_is_not_there_is_named(fresh: Shell) -> None:
    refused = fresh.run('semfs mount "$SRC/none" "$MNT"')
    assert refused.returncode == 2
    assert f"{fresh.src}/none: there is no such folder" in refused.stderr


@pytest.mark.parametrize("make", ("mkfifo it", "touch it", "ln -s /dev/null it", "ln -s /dev/full it"))
def test_what_is_no_folder_is_refused_at_once(fresh: Shell, make: str) -> None:
    refused = fresh.run(f'cd "$SRC" && {make} && semfs mount "$SRC/it" "$MNT"', timeout=20)
    assert (refused.returncode, f"{fresh.src}/it: it is not a folder" in refused.stderr) == (2, True)


def test_what_the_kernel_answers_is_no_folder_of_files(fresh: Shell) -> None:
    for folder in ("/proc", "/proc/self/fd", "/sys/class"):
        refused = fresh.run(f'semfs mount {folder} "$MNT"')
        assert (refused.returncode, "its files are made up" in refused.stderr) == (2, True)


def test_a_busy_mount_says_who_holds_it_and_lazy_detaches(fresh: Shell) -> None:
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    holder = subprocess.Popen(["sleep", "60"], cwd=fresh.mnt)
    try:
        refused = fresh.run('semfs umount "$MNT"')
        assert refused.returncode == 73
        assert str(holder.pid) in refused.stderr
        fresh('semfs umount --lazy "$MNT"')
        assert not mounted(fresh)
    finally:
        holder.kill()
        holder.wait()


def test_a_mistake_in_the_configuration_is_named(fresh: Shell) -> None:
    (fresh.home / ".config/semfs/semfs.conf").write_text("[engine]\nthread = 2\n")
    refused = fresh.run('semfs mount "$SRC" "$MNT"')
    assert refused.returncode == 78
    assert "did you mean 'threads'?" in refused.stderr


def test_status_names_the_mount(fresh: Shell) -> None:
    assert fresh.run("semfs status").stdout == "no semfs mount is running\n"
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    assert str(fresh.src) in fresh("semfs status")


def test_without_the_fuse_device_the_error_says_what_to_do(fresh: Shell) -> None:
    hidden = fresh.run('bwrap --dev-bind / / --tmpfs /dev semfs mount "$SRC" "$MNT"')
    assert hidden.returncode == 69
    assert "/dev/fuse" in hidden.stderr


def test_saved_queries_and_what_was_decided_in_them_outlive_a_restart(fresh: Shell) -> None:
    (fresh.src / "rent.txt").write_text("The rent is due on the first of the month.\n")
    (fresh.src / "tax.txt").write_text("The tax is due, and the rent with it.\n")
    (fresh.src / "cat.txt").write_text("A cat sleeps on the mat.\n")
    fresh('semfs mount "$SRC" "$MNT" --daemon && mkdir "$MNT/saved/rent"')
    fresh.until('ls "$MNT/saved/rent"', lambda listed: "rent.txt" in listed and "tax.txt" in listed)
    fresh('rm "$MNT"/saved/rent/*_tax.txt && ln -s "$SRC/cat.txt" "$MNT/saved/rent/"')
    fresh('semfs umount "$MNT" && mv "$SRC/cat.txt" "$SRC/puss.txt" && semfs mount "$SRC" "$MNT" --daemon')

    fresh.until('ls "$MNT/saved/rent"', lambda listed: listed.split() == ["01_puss.txt", "02_rent.txt"])
    assert fresh('cat "$MNT/saved/rent/.query/excluded"').endswith("/tax.txt\n")
    fresh.until('ls "$MNT/similar/rent.txt"', lambda listed: listed.startswith("01_tax.txt"))
    fresh('rm -r "$MNT/saved/rent" && ls "$SRC" && semfs umount "$MNT"')
    assert {"puss.txt", "rent.txt", "tax.txt"} <= {path.name for path in fresh.src.iterdir()}


def test_a_service_manager_hears_when_the_mount_serves_lives_and_ends(fresh: Shell) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(fresh.home / "notify"))
        manager.settimeout(30)
        process = subprocess.Popen(
            ["semfs", "mount", str(fresh.src), str(fresh.mnt)],
            env={
                **fresh.environment,
                "NOTIFY_SOCKET": str(fresh.home / "notify"),
                "WATCHDOG_USEC": "400000",
            },
        )
        assert manager.recv(99) == b"READY=1"
        assert fresh('cat "$MNT/README"')
        assert [manager.recv(99) for _ in range(2)] == [b"WATCHDOG=1"] * 2
        process.terminate()
        while (words := manager.recv(99)) == b"WATCHDOG=1":
            pass
        assert words == b"STOPPING=1"
        assert process.wait(timeout=20) == 0
