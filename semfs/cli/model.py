"""`semfs model list` and `semfs model pull`."""

from __future__ import annotations

import argparse
import sys

from semfs.config import Config


def run(arguments: argparse.Namespace, config: Config) -> int:
    return {"list": _list, "pull": _pull}[arguments.action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from semfs.engine import models

    for row in models.rows():
        print(f"{row.name:<20} {row.state:<10} {row.size / 1e6:>8,.0f} MB  {row.licence:<11} {row.what}")
    return 0


def _pull(arguments: argparse.Namespace) -> int:
    from semfs.engine.pull import pull

    for name in arguments.names:
        path = pull(name, progress=_progress)
        if sys.stderr.isatty():
            print(file=sys.stderr)
        print(f"{name}: {path}")
    return 0


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
