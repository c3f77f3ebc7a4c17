"""`semfs mount`: index folders and serve the tree until it is unmounted."""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from io import BufferedWriter
from pathlib import Path

from semfs import log, notify
from semfs.cli import mounts
from semfs.cli.children import command
from semfs.config import Config, data_dir
from semfs.errors import MountError, SemfsError, StoreError, UsageError
from semfs.index.mounts import MOUNTINFO, made_up
from semfs.index.mounts import mounts as mounts_of
from semfs.index.patience import listed, resolved
from semfs.mount import daemon, lifecycle

Ready = Callable[[], None]

PREDECESSOR_S = 15.0  # how long a mount that was told to end may take to let go of its index
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def run(arguments: argparse.Namespace, config: Config) -> int:
    sources = [source_folder(path) for path in arguments.sources]
    name = index_name(arguments.name, sources)
    folder = make_folder(data_dir(name))
    with ExitStack() as held:
        held.enter_context(lock(folder, arguments.mountpoint))
        mountpoint = lifecycle.prepare(arguments.mountpoint, sources)
        running = mounts.Running(name, mountpoint, tuple(sources), os.getpid())
        if not arguments.daemon:
            log.start(verbose=arguments.verbose, file=folder / "semfs.log", terminal=True)
            return serve(running, config, arguments, ready=lambda: None)
        side = daemon.daemonise(folder / "semfs.out")
        if isinstance(side, daemon.Parent):
            side.wait(mountpoint)
            return 0
        log.start(verbose=arguments.verbose, file=folder / "semfs.log")
        running = mounts.Running(name, mountpoint, tuple(sources), os.getpid())
        try:
            return serve(running, config, arguments, ready=side.ready)
        except SemfsError as error:
            side.failed(str(error))
            return error.exit_code


def serve(running: mounts.Running, config: Config, arguments: argparse.Namespace, *, ready: Ready) -> int:
    """Serve until somebody unmounts or a signal ends it; the children start once the mount answers."""
    from semfs.mount import session
    from semfs.mount.tree import Tree
    from semfs.service import Commands, Service

    given: Path | None = arguments.config
    commands = Commands(
        ingest=command("_ingest", "--name", running.name, "--", *running.sources, config=given),
        engine=lambda socket: command(
            "_engine", "--socket", str(socket), "--model", config.engine.model, config=given
        ),
    )
    service = Service(name=running.name, sources=running.sources, config=config, commands=commands)
    tree = Tree(service, config, mountpoint=running.mountpoint)
    records: list[Path] = []
    manager = notify.manager()

    def answered() -> None:
        records.append(mounts.record(running))
        ready()
        service.start()
        manager.ready(lambda: os.listdir(running.mountpoint))

    try:
        session.serve(tree, running.mountpoint, on_ready=answered, on_stop=manager.stopping)
    finally:
        for record in records:
            record.unlink(missing_ok=True)
        tree.close()
        service.close()
    return 0


def source_folder(given: str) -> str:
    """Return a source as an absolute path without links; UsageError if it cannot be listed.

    One that does not answer is taken all the same: what is known of its files can be found meanwhile.
    """
    path = resolved(os.path.expanduser(given))
    try:
        if not listed(path):
            print(f"semfs: {given} does not answer; it is asked again from time to time", file=sys.stderr)
    except FileNotFoundError:
        raise UsageError(f"{given}: there is no such folder") from None
    except NotADirectoryError:
        raise UsageError(f"{given}: it is not a folder") from None
    except OSError as error:
        raise UsageError(f"{given}: it cannot be read: {error.strerror}") from error
    if made_up(mounts_of(MOUNTINFO.read_text("utf-8", "surrogateescape")), path):
        raise UsageError(f"{given}: its files are made up by the kernel or by semfs when somebody looks")
    return path


def index_name(given: str | None, sources: list[str]) -> str:
    """Return the name of the index; UsageError if the given one cannot be a directory's name."""
    if given is None:
        return mounts.name_for(sources)
    if not NAME.fullmatch(given):
        raise UsageError(f"--name {given!r}: use letters, digits, '.', '_' and '-', at most 64 of them")
    return given


def make_folder(folder: Path) -> Path:
    """Make the index's directory, for the owner alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(str(folder), f"it cannot be made: {error.strerror}") from error
    return folder


def lock(folder: Path, mountpoint: str) -> BufferedWriter:
    """Hold the index for one mount; MountError says where it is mounted already.

    The lock goes with the process that holds it, however that ends, and is inherited by the daemon.
    """
    held = open(folder / "lock", "ab")  # noqa: SIM115 - held as long as the mount
    end = time.monotonic() + PREDECESSOR_S
    while not _locked(held):
        where = next((one.mountpoint for one in mounts.running() if one.name == folder.name), "")
        if where:
            held.close()
            raise MountError(
                mountpoint, f"these folders are mounted already at {where}; `semfs umount {where}` ends that"
            )
        if time.monotonic() > end:
            held.close()
            raise MountError(mountpoint, "an earlier mount of these folders is still ending; try again")
        time.sleep(0.05)
    return held


def _locked(file: BufferedWriter) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
