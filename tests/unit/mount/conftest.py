"""The tree over a scripted service, without a mount."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.config import Config
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    return FakeService(tmp_path)


@pytest.fixture
def tree(service: FakeService) -> Tree:
    return Tree(service, Config(), mountpoint="/mnt/semfs")
