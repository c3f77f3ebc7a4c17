"""`semfs model`: list, pull, quantise and measure models."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from semfs.cli.children import command
from semfs.config import Config

EVERY_S = 5.0


def run(arguments: argparse.Namespace, config: Config) -> int:
    actions = {"list": _list, "pull": _pull, "quantize": _quantize, "bench": _bench}
    return actions[arguments.action](arguments, config)


def _list(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine import models

    for row in models.rows():
        print(f"{row.name:<26} {row.state:<10} {row.size / 1e6:>8,.0f} MB  {row.licence:<11} {row.what}")
    return 0


def _pull(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine.pull import pull

    for name in arguments.names:
        progress = _Progress()
        path = pull(name, progress=progress)
        progress.end()
        print(f"{name}: {path}")
    return 0


def _quantize(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine.quantise import quantise

    def child(source: Path, target: Path, type: int) -> list[str]:
        return command("_quantise", "--source", str(source), "--target", str(target), "--type", str(type))

    progress = _Progress()
    try:
        made = quantise(arguments.source, arguments.type, name=arguments.name, child=child, progress=progress)
    finally:
        progress.end()
    print(f"{made.name}: {made.path()} ({made.bytes / 1e6:,.0f} MB)")
    print(f'use it with model = "{made.name}" in [engine]')
    return 0


def _bench(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine.bench import bench

    def child(model: Path, build: str) -> list[str]:
        return command("_bench", "--model", str(model), "--build", build)

    progress = _Progress()
    name = arguments.name or config.engine.model
    try:
        entry = bench(name, child=child, quick=arguments.quick, progress=progress)
    finally:
        progress.end()
    print("\n".join(entry.told))
    return 0


class _Progress:
    """Show how far it is: one line that changes on a terminal, elsewhere a line now and then."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._said = 0.0

    def __call__(self, words: str) -> None:
        if self._terminal:
            print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._said > EVERY_S:
            self._said = time.monotonic()
            print(words, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
