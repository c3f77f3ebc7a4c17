"""A real mount over a scripted service, taken away whatever happens."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.config import Config
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    return FakeService(tmp_path)


@pytest.fixture
def tree(tmp_path: Path, service: FakeService) -> Tree:
    """Give what `mnt` shows."""
    return Tree(service, Config(), mountpoint=str(tmp_path / "mnt"))


@pytest.fixture
def mnt(tmp_path: Path, service: FakeService, tree: Tree) -> Iterator[Path]:
    """Mount inside this process; every access to it must release the interpreter's lock."""
    from semfs.mount.session import Session

    point = tmp_path / "mnt"
    point.mkdir()
    session = Session(tree, str(point), lambda: None)
    assert session.answers.wait(5)
    assert session.failure is None
    try:
        with tree.herald():
            yield point
    finally:
        service.may_go_on.set()
        tree.close()
        subprocess.run(["fusermount3", "-u", "-z", str(point)], check=False, timeout=5)
        assert session.ended.wait(5)
