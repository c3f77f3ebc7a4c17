"""`semfs mount`: index folders and serve the tree until it is unmounted."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from semfs.cli import mounts
from semfs.cli.children import command
from semfs.config import Config
from semfs.errors import MountError, UsageError


def run(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.mount import lifecycle

    sources = [source_folder(path) for path in arguments.sources]
    name = arguments.name or mounts.name_for(sources)
    mountpoint = lifecycle.prepare(arguments.mountpoint, sources)
    raise NotImplementedError
