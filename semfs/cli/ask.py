"""`semfs ask`: print the answer to a question as it is written."""

from __future__ import annotations

import argparse
import os
import sys

from semfs.cli import mounts
from semfs.cli.search import component
from semfs.config import Config
from semfs.errors import SemfsError

PIECE = 65536  # bytes asked for at once; the mount gives what there is


def run(arguments: argparse.Namespace, config: Config) -> int:
    path = mounts.choose(arguments.mount).path("ask", component(arguments.words))
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            while piece := os.read(descriptor, PIECE):
                sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SemfsError(f"cannot ask: {error.strerror}") from error
    return 0
