"""`semfs _quantise`: the process that writes a model in another quantisation."""

from __future__ import annotations

import argparse

from semfs.config import Config
from semfs.supervise import die_with_parent


def run(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine.llama import quantise

    die_with_parent()
    quantise(arguments.source, arguments.target, arguments.type, threads=config.engine.threads)
    return 0
