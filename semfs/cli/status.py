"""`semfs status`: show what mounts are doing, once or until Ctrl-C."""

from __future__ import annotations

import argparse

from semfs.cli import mounts
from semfs.cli.search import read_text
from semfs.config import Config


def run(arguments: argparse.Namespace, config: Config) -> int:
    if arguments.watch:
        from semfs.cli import watch

        return watch.follow(arguments.mount, json=arguments.json)
    chosen = [mounts.choose(arguments.mount)] if arguments.mount else mounts.running()
    if not chosen:
        print("no semfs mount is running")
        return 1
    for mount in chosen:
        print(read_text(mount.path("sys", "status.json" if arguments.json else "status")), end="")
    return 0
