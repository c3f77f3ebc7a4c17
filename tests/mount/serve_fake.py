"""Serve a scripted tree as a process of its own: MNT DIRECTORY; prints "ready" when it answers."""

from __future__ import annotations

import sys
from pathlib import Path

from semfs.config import Config
from semfs.mount.session import serve
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


def main(mountpoint: str, directory: str) -> None:
    tree = Tree(FakeService(Path(directory)), Config(), mountpoint=mountpoint)
    serve(tree, mountpoint, on_ready=lambda: sys.stdout.write("ready\n") and sys.stdout.flush())


main(*sys.argv[1:])
