"""Whoever wants to change a file waits for who reads it, and that one is told."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from semfs.store.leases import Lease

WAYS: tuple[Callable[[Path], object], ...] = (
    lambda path: os.truncate(path, 1),
    lambda path: path.write_bytes(b"x"),
    lambda path: path.open("r+b").close(),
)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_stays_as_it_is_until_the_lease_is_given_back(
    tmp_path: Path, way: Callable[[Path], object]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"whole")
    lease: Lease | None = Lease(file)
    assert lease
    if not lease.held:
        pytest.skip("this file system gives no leases: run the tests with another TMPDIR to try this")
    assert lease.whole()
    writing = threading.Thread(target=way, args=(file,))
    writing.start()
    writing.join(0.2)
    assert (writing.is_alive(), lease.whole(), file.read_bytes()) == (True, False, b"whole")
    lease = None
    writing.join(10)
    assert not writing.is_alive()


def test_a_file_that_is_being_written_is_known_by_its_size(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("wb") as writing:
        writing.write(b"whole")
        writing.flush()
        lease = Lease(file)
        assert (lease.held, lease.whole()) == (False, True)
        writing.truncate(1)
        assert not lease.whole()


def test_a_file_that_is_taken_away_stays_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"whole")
    lease = Lease(file)
    file.unlink()
    assert lease.whole()
