"""`semfs completion`: print a completion script made from the parser."""

from __future__ import annotations

import argparse

from semfs.config import Config
from semfs.errors import MissingPart


def run(arguments: argparse.Namespace, config: Config) -> int:
    print(script(arguments.shell))
    return 0


def script(shell: str) -> str:
    """Return the script for bash, zsh or fish."""
    try:
        import shtab
    except ImportError as error:
        raise MissingPart("the Python package shtab", "pip install shtab") from error
    from semfs.cli.main import build_parser

    return str(shtab.complete(build_parser(), shell))
