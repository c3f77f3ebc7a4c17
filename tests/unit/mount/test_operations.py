"""The tree in terms of FUSE's operations, asked as the binding asks."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from semfs.caller import Process
from semfs.errors import BadRequest, NotPermitted
from semfs.mount.operations import Operations
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


def nobody() -> bool:
    return False


@pytest.fixture
def operations(tree: Tree) -> Operations:
    return Operations(tree, calling=lambda: Process(1000, 0), interrupted=nobody)


def test_an_opened_directory_lists_what_was_there_when_it_was_first_read(
    operations: Operations, service: FakeService
) -> None:
    service.jobs.add("sum up", "done")
    opened = operations.opendir("/jobs")
    before = [name for name, _ in operations.readdir("/jobs", opened)]
    service.jobs.add("sum up", "done")

    assert [name for name, _ in operations.readdir("/jobs", opened)] == before
    assert before[:2] == [".", ".."]
    again = operations.opendir("/jobs")
    assert "2" in [name for name, _ in operations.readdir("/jobs", again)]


def test_the_kernel_keeps_a_result_as_long_as_it_is_the_same(
    operations: Operations, service: FakeService
) -> None:
    result = service.jobs.output_dir(service.jobs.add("sum up", "done")) / "sums.csv"
    result.write_text("a,1\n")
    kept = []
    for text in ("", "", "b,20\n"):
        if text:
            result.write_text(text)
        opened = SimpleNamespace(flags=os.O_RDONLY)
        operations.open("/jobs/1/out/sums.csv", opened)
        kept.append(opened.keep_cache)
        operations.release("/jobs/1/out/sums.csv", opened)

    assert kept == [False, True, False]


def test_what_is_written_is_written_for_who_opened_it(tree: Tree, service: FakeService) -> None:
    callers = iter([Process(1000, 0), Process(1001, 0)])
    operations = Operations(tree, calling=lambda: next(callers), interrupted=nobody)
    opened = SimpleNamespace(flags=os.O_WRONLY)
    operations.open("/run", opened)
    operations.open("/README", SimpleNamespace(flags=os.O_RDONLY))
    operations.write("/run", b"sum up", 0, opened)
    operations.flush("/run", opened)

    assert service.callers == ["uid 1000, process 0"]


@pytest.mark.parametrize("ask", [Operations.getattr, lambda operations, path: operations.chmod(path, 0o600)])
def test_what_is_open_still_and_removed_has_no_path(
    operations: Operations, ask: Callable[[Operations, None], object]
) -> None:
    with pytest.raises(OSError) as raised:
        ask(operations, None)
    assert raised.value.errno == errno.ESTALE


def test_nothing_is_linked_given_away_or_exchanged(operations: Operations) -> None:
    for refused in (
        lambda: operations.link("/jobs/x", "/README"),
        lambda: operations.mknod("/jobs/x", 0o600, 0),
        lambda: operations.chown("/README", 0, 0),
    ):
        with pytest.raises(NotPermitted):
            refused()
    with pytest.raises(BadRequest):
        operations.rename("/README", "/run", 2)
