"""Serve one folder as `semfs mount` does, with an engine that follows phases: MNT SRC FOLDER PHASE...

Prints "ready" when the mount answers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from semfs import log
from semfs.cli.children import command
from semfs.config import Config
from semfs.mount import lifecycle
from semfs.mount.session import serve
from semfs.mount.tree import Tree
from semfs.service import Commands, Service

NAME = "faults"


def main(mountpoint: str, source: str, folder: str, *phases: str) -> None:
    log.start(verbose=False, file=Path(folder, "semfs.log"))
    lifecycle.prepare(mountpoint, [source])
    config = Config()
    engine = (sys.executable, "-P", str(Path(__file__).parents[1] / "fakes" / "engine.py"))
    commands = Commands(
        ingest=command("_ingest", "--name", NAME, "--", source),
        engine=lambda socket: [*engine, str(socket), folder, *phases],
    )
    service = Service(name=NAME, sources=(source,), config=config, commands=commands)

    def ready() -> None:
        service.start()
        print("ready", flush=True)

    tree = Tree(service, config, mountpoint=mountpoint)
    try:
        serve(tree, mountpoint, on_ready=ready)
    finally:
        tree.close()
        service.close()


main(*sys.argv[1:])
