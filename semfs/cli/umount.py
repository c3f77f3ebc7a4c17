"""`semfs umount`: unmount, and say who is in the way if somebody is."""

from __future__ import annotations

import argparse
import time

from semfs.cli import mounts
from semfs.config import Config
from semfs.mount.lifecycle import absolute, unmount

ENDING_S = 15.0  # a mount process has children to end and an index to save


def run(arguments: argparse.Namespace, config: Config) -> int:
    path = absolute(arguments.mountpoint)
    served = [one for one in mounts.running() if one.mountpoint == path]
    unmount(arguments.mountpoint, lazy=arguments.lazy)
    end = time.monotonic() + ENDING_S
    while not arguments.lazy and time.monotonic() < end and any(mounts.alive(one.pid) for one in served):
        time.sleep(0.02)
    return 0
