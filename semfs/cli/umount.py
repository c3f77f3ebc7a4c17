"""`semfs umount`: unmount, and say who is in the way if somebody is."""

from __future__ import annotations

import argparse

from semfs.config import Config
from semfs.mount.lifecycle import unmount


def run(arguments: argparse.Namespace, config: Config) -> int:
    unmount(arguments.mountpoint, lazy=arguments.lazy)
    return 0
